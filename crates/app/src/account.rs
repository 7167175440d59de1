//! Linked AWS accounts.

use domain::id::TenantId;
use domain::tenant::TenantScope;

pub use store::account::LinkedAccount;

use crate::authz::{self, Action};
use crate::{Actor, AppError, Cx};

/// The tenant's linked accounts, each with whether its roles work.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list(cx: &Cx, actor: &Actor, tenant: TenantId) -> Result<Vec<LinkedAccount>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    Ok(store::account::list(&mut tx, &scope).await?)
}
