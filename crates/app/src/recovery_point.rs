//! Restorable copies.

use domain::component::Component;
use domain::id::TenantId;
use domain::restore::RecoveryPoint;
use domain::tenant::TenantScope;

use crate::authz::{self, Action};
use crate::{Actor, AppError, Cx};

/// The tenant's restorable copies, component by component, newest first, 50 of each at most.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list(cx: &Cx, actor: &Actor, tenant: TenantId) -> Result<Vec<(Component, Vec<RecoveryPoint>)>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    let mut all = Vec::new();
    for component in store::component::list(&mut tx, &scope).await? {
        let points = store::recovery_point::list(&mut tx, tenant, component.id, 50).await?;
        all.push((component, points));
    }
    Ok(all)
}
