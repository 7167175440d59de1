//! Restorable copies.

use domain::component::Component;
use domain::id::{ComponentId, RecoveryPointId, TenantId};
use domain::restore::RecoveryPoint;
use domain::tenant::TenantScope;

pub use store::recovery_point::OfComponent;

use crate::authz::{self, Action};
use crate::page::ROWS;
use crate::{Actor, AppError, Cx, Page};

/// Copies of one component among which a restore can choose, the newest.
pub(crate) const CHOICES: i64 = 1000;

/// The tenant's restorable copies (of one component, when given), newest first, a page from the one after `before`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    component: Option<ComponentId>,
    before: Option<RecoveryPointId>,
) -> Result<Page<OfComponent>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(Page::of(
        store::recovery_point::page(&mut tx, tenant, component, before, ROWS).await?,
    ))
}

/// What a restore can be made from: component by component, newest first, a thousand of each at most.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn choices(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
) -> Result<Vec<(Component, Vec<RecoveryPoint>)>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    let mut all = Vec::new();
    for component in store::component::list(&mut tx, &scope).await? {
        let points = store::recovery_point::list(&mut tx, tenant, component.id, CHOICES).await?;
        if !points.is_empty() {
            all.push((component, points));
        }
    }
    Ok(all)
}
