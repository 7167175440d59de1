//! Readings: when they are due, and what they leave in the records.

use std::borrow::Cow;
use std::collections::HashSet;

use domain::account::AwsAccount;
use domain::id::{ReconcileScopeId, TenantId};
use domain::observation::{BackupScope, Completeness, Observed};
use domain::tenant::TenantScope;
use jiff::SignedDuration;

use crate::work::Work;
use crate::{AppError, Cx, status};

/// Queues a reading of each scope of the tenant that nobody tried to read for `interval`; at most one is queued per scope.
///
/// # Errors
/// [`AppError::Store`].
pub async fn queue_due(cx: &Cx, tenant: TenantId, interval: SignedDuration) -> Result<usize, AppError> {
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let due = store::account::claim_due(&mut tx, tenant, interval, cx.now()).await?;
    for scope in &due {
        jobs::enqueue(&mut tx, &Work::Reconcile { tenant, scope: *scope }).await?;
    }
    tx.commit().await?;
    Ok(due.len())
}

/// Queues a reading of one scope now, unless one is queued.
///
/// # Errors
/// [`AppError::Store`].
pub async fn nudge(cx: &Cx, tenant: TenantId, scope: ReconcileScopeId) -> Result<(), AppError> {
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    if store::account::claim(&mut tx, tenant, scope, cx.now()).await? {
        jobs::enqueue(&mut tx, &Work::Reconcile { tenant, scope }).await?;
    }
    Ok(tx.commit().await?)
}

/// Stores a reading: what was read of each component, and which recovery points there are. What a partial
/// reading did not show stays as it was last read, and grows old.
///
/// # Errors
/// [`AppError::Store`].
pub async fn save(cx: &Cx, scope: &BackupScope, observed: &Observed) -> Result<(), AppError> {
    let tenant = scope.account.tenant;
    let tenants = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&tenants).await?;
    let components = store::component::list(&mut tx, &tenants).await?;
    let there: HashSet<_> = scope.resources.iter().map(String::as_str).collect();
    let living = components
        .iter()
        .filter(|component| component.decommissioned_at.is_none());
    let living: HashSet<_> = living
        .filter_map(|component| Some(component.aws.as_ref()?.arn.as_str()))
        .collect();
    let (mut readings, mut points) = (Vec::new(), Vec::new());
    for component in &components {
        let Some(place) = component
            .aws
            .as_ref()
            .filter(|place| there.contains(place.arn.as_str()))
        else {
            continue;
        };
        let resource = observed.resources.get(&place.arn);
        if resource.is_none() && observed.completeness != Completeness::Complete {
            continue;
        }
        let listed = resource
            .map(|resource| &resource.recovery_points)
            .or(observed.left_behind.get(&place.arn));
        let listed = listed.map(Vec::as_slice).unwrap_or_default();
        match component.decommissioned_at {
            // A resource was made again under its ARN: of the one that is no more there is what was made before its end.
            Some(end) if living.contains(place.arn.as_str()) => {
                readings.push((component.id, None));
                points.push((
                    component.id,
                    listed.iter().filter(|point| point.at <= end).cloned().collect(),
                ));
            }
            _ => {
                readings.push((component.id, resource));
                points.push((component.id, Cow::Borrowed(listed)));
            }
        }
    }
    let points: Vec<_> = points
        .iter()
        .map(|(component, points)| (*component, points.as_ref()))
        .collect();
    store::observation::save(&mut tx, tenant, observed.at, &readings).await?;
    store::recovery_point::sync(&mut tx, tenant, observed.at, &points).await?;
    let read: Vec<_> = readings.iter().map(|(component, _)| *component).collect();
    status::refresh(&mut tx, tenant, Some(&read)).await?;
    Ok(tx.commit().await?)
}

/// Notes whether an account's link was found safe.
///
/// # Errors
/// [`AppError::Store`].
pub async fn note_link(cx: &Cx, account: &AwsAccount, problem: Option<&str>) -> Result<(), AppError> {
    let mut tx = cx.db.begin(&TenantScope::one(account.tenant)).await?;
    store::account::set_verified(&mut tx, account, problem, cx.now()).await?;
    Ok(tx.commit().await?)
}

/// The reading of a scope has ended: it can be queued again, and plans that wait for approval are made anew
/// against what was read.
///
/// # Errors
/// [`AppError::Store`].
pub async fn settle(
    cx: &Cx,
    tenant: TenantId,
    scope: ReconcileScopeId,
    outcome: Result<jiff::Timestamp, &str>,
) -> Result<(), AppError> {
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    store::account::release(&mut tx, tenant, scope, outcome.ok(), outcome.err(), cx.now()).await?;
    if outcome.is_ok() {
        for change in store::change_request::planned_in_scope(&mut tx, tenant, scope).await? {
            jobs::enqueue(&mut tx, &Work::PlanChange { tenant, change }).await?;
        }
    }
    Ok(tx.commit().await?)
}
