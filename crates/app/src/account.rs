//! Linked AWS accounts.

use domain::id::{AwsAccountLinkId, TenantId};
use domain::tenant::TenantScope;

pub use store::account::LinkedAccount;

use crate::authz::{self, Action};
use crate::page::ROWS;
use crate::{Actor, AppError, Cx, Page};

/// The tenant's linked accounts by number, each with whether its roles work, a page from the one after `after`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    after: Option<AwsAccountLinkId>,
) -> Result<Page<LinkedAccount>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(Page::of(store::account::page(&mut tx, tenant, after, ROWS).await?))
}
