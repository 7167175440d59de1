//! The scope of work, as it is and as it was.

use domain::id::TenantId;
use domain::sow::{ScopeItem, SowVersion};
use domain::tenant::TenantScope;

use crate::authz::{self, Action};
use crate::{Actor, AppError, Cx};

/// The versions, newest first.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn versions(cx: &Cx, actor: &Actor, tenant: TenantId) -> Result<Vec<SowVersion>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(store::sow::versions(&mut tx, tenant).await?)
}

/// The lines as of a version.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such version.
pub async fn as_of(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    version: i32,
) -> Result<(SowVersion, Vec<ScopeItem>), AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let versions = store::sow::versions(&mut tx, tenant).await?;
    let found = versions
        .into_iter()
        .find(|one| one.version == version)
        .ok_or(AppError::NotFound)?;
    let items = store::sow::items(&mut tx, tenant, version).await?;
    Ok((found, items))
}
