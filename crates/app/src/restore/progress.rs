//! What the worker does with a restore: each step is one transaction of state and audit row.

use domain::change_request::Refused;
use domain::id::{RestoreRequestId, TenantId};
use domain::restore::{DECISION_TIME, RestoreRequest, State};
use domain::tenant::TenantScope;
use serde_json::{Value, json};
use store::{Connection, Tx};

use crate::{AppError, By, Cx, audit};

/// A worker begins, or begins again after a crash.
///
/// # Errors
/// [`AppError::Refused`] unless it is approved or executing.
pub async fn begin(cx: &Cx, tenant: TenantId, id: RestoreRequestId) -> Result<RestoreRequest, AppError> {
    let (mut tx, request) = lock(cx, tenant, id).await?;
    let again = request.state == State::Executing;
    let mut request = request.begin(cx.now())?;
    if !again {
        save(cx, &mut tx, &mut request, "restore-request.executing", json!({})).await?;
    }
    tx.commit().await?;
    Ok(request)
}

/// What was approved is no longer what is there: back to asking.
///
/// # Errors
/// [`AppError::Refused`] unless it is approved and not yet begun.
pub async fn void_approval(cx: &Cx, tenant: TenantId, id: RestoreRequestId, why: &str) -> Result<(), AppError> {
    advance(
        cx,
        tenant,
        id,
        "restore-request.approval-voided",
        json!({ "why": why }),
        |request| request.void_approval(cx.now()),
    )
    .await
}

/// The restored resource was observed to be available.
///
/// # Errors
/// [`AppError::Refused`] unless it is executing.
pub async fn restored(cx: &Cx, tenant: TenantId, id: RestoreRequestId, provider_ref: &str) -> Result<(), AppError> {
    advance(
        cx,
        tenant,
        id,
        "restore-request.restored",
        json!({ "resource": provider_ref }),
        |request| request.restored(cx.now()),
    )
    .await
}

/// Gives up.
///
/// # Errors
/// [`AppError::Store`]. A request that is decided already stays as it is.
pub async fn fail(
    cx: &Cx,
    tx: &mut Connection,
    tenant: TenantId,
    id: RestoreRequestId,
    reason: &str,
) -> Result<(), AppError> {
    let request = store::restore::lock(tx, &TenantScope::one(tenant), id)
        .await?
        .ok_or(AppError::NotFound)?;
    if !matches!(request.state, State::Approved | State::Executing) {
        return Ok(());
    }
    let mut request = request.fail(reason.to_owned(), cx.now())?;
    save(
        cx,
        tx,
        &mut request,
        "restore-request.failed",
        json!({ "reason": reason }),
    )
    .await
}

/// Ends the tenant's requests that nobody decided in time; while the tenant is suspended that time does not run.
///
/// # Errors
/// [`AppError::Store`].
pub async fn expire_overdue(cx: &Cx, tenant: TenantId) -> Result<(), AppError> {
    let scope = TenantScope::one(tenant);
    let now = cx.now();
    let mut tx = cx.db.begin(&scope).await?;
    let Some(lifecycle) = store::lifecycle::lock_shared(&mut tx, tenant).await? else {
        return Ok(());
    };
    for id in store::restore::overdue(&mut tx, tenant, now - DECISION_TIME).await? {
        let Some(request) = store::restore::lock(&mut tx, &scope, id).await? else {
            continue;
        };
        if !lifecycle.has_passed(request.created_at, DECISION_TIME, now) {
            continue;
        }
        let mut request = request.expire(now)?;
        save(cx, &mut tx, &mut request, "restore-request.expired", json!({})).await?;
    }
    Ok(tx.commit().await?)
}

async fn advance(
    cx: &Cx,
    tenant: TenantId,
    id: RestoreRequestId,
    action: &str,
    detail: Value,
    transition: impl FnOnce(RestoreRequest) -> Result<RestoreRequest, Refused>,
) -> Result<(), AppError> {
    let (mut tx, request) = lock(cx, tenant, id).await?;
    let mut request = transition(request)?;
    save(cx, &mut tx, &mut request, action, detail).await?;
    Ok(tx.commit().await?)
}

async fn lock(cx: &Cx, tenant: TenantId, id: RestoreRequestId) -> Result<(Tx, RestoreRequest), AppError> {
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    let request = store::restore::lock(&mut tx, &scope, id)
        .await?
        .ok_or(AppError::NotFound)?;
    Ok((tx, request))
}

async fn save(
    cx: &Cx,
    tx: &mut Connection,
    request: &mut RestoreRequest,
    action: &str,
    detail: Value,
) -> Result<(), AppError> {
    store::restore::save(tx, request).await?;
    Ok(audit::record(cx, tx, &By::holdfast(), request.tenant, action, request.id.0, detail).await?)
}
