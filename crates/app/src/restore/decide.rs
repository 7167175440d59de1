//! Deciding on a restore, taking it back, and saying that the data is right.

use domain::change_request::Approval;
use domain::contract::Side;
use domain::digest::Digest;
use domain::id::RestoreRequestId;
use domain::restore::RestoreRequest;
use domain::scope_change::normalise;
use serde_json::{Value, json};
use store::Tx;

use crate::authz::{self, Action};
use crate::work::ExecuteRestore;
use crate::{Actor, AppError, Cx, Decision, audit};

/// Approves exactly what was shown; a worker then restores it.
///
/// # Errors
/// [`AppError::Refused`], [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::Changed`].
pub async fn approve(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<RestoreRequestId>>,
    shown: Digest,
) -> Result<RestoreRequest, AppError> {
    let (tx, request) = lock(cx, actor, on.into(), Action::ApproveRestore).await?;
    let Some(mut tx) = tx else { return Ok(request) };
    let approval = Approval {
        side: Side::Provider,
        by: actor.user,
        name: actor.display_name.clone(),
        digest: shown,
        at: cx.now(),
    };
    let request = request.approve(approval)?;
    jobs::enqueue(
        &mut tx,
        &ExecuteRestore {
            tenant: request.tenant,
            restore: request.id,
        },
    )
    .await?;
    save(
        cx,
        tx,
        actor,
        request,
        "restore-request.approved",
        json!({ "digest": shown }),
    )
    .await
}

/// Refuses it, for a reason that the requester reads.
///
/// # Errors
/// [`AppError::Refused`], [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::Changed`].
pub async fn reject(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<RestoreRequestId>>,
    reason: &str,
) -> Result<RestoreRequest, AppError> {
    let (tx, request) = lock(cx, actor, on.into(), Action::ApproveRestore).await?;
    let Some(tx) = tx else { return Ok(request) };
    let reason = normalise(reason);
    let request = request.reject(reason.clone(), cx.now())?;
    save(
        cx,
        tx,
        actor,
        request,
        "restore-request.rejected",
        json!({ "reason": reason }),
    )
    .await
}

/// Takes it back, as long as no worker has begun.
///
/// # Errors
/// [`AppError::Refused`], [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::Changed`].
pub async fn cancel(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<RestoreRequestId>>,
) -> Result<RestoreRequest, AppError> {
    let (tx, request) = lock(cx, actor, on.into(), Action::RequestRestore).await?;
    let Some(tx) = tx else { return Ok(request) };
    let request = request.cancel(cx.now())?;
    save(cx, tx, actor, request, "restore-request.cancelled", json!({})).await
}

/// The customer has looked at the restored data and found it right.
///
/// # Errors
/// [`AppError::Refused`], [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::Changed`].
pub async fn verify(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<RestoreRequestId>>,
) -> Result<RestoreRequest, AppError> {
    let (tx, request) = lock(cx, actor, on.into(), Action::VerifyRestore).await?;
    let Some(tx) = tx else { return Ok(request) };
    let request = request.verify(cx.now())?;
    save(cx, tx, actor, request, "restore-request.closed", json!({})).await
}

/// The customer has looked at the restored data and found it wrong; the provider reads what is wrong with it.
///
/// # Errors
/// [`AppError::Refused`], [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::Changed`].
pub async fn dispute(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<RestoreRequestId>>,
    reason: &str,
) -> Result<RestoreRequest, AppError> {
    let (tx, request) = lock(cx, actor, on.into(), Action::VerifyRestore).await?;
    let Some(tx) = tx else { return Ok(request) };
    let reason = normalise(reason);
    let request = request.dispute(&reason, cx.now())?;
    save(
        cx,
        tx,
        actor,
        request,
        "restore-request.disputed",
        json!({ "reason": reason }),
    )
    .await
}

/// Without a transaction when the same post has decided before.
async fn lock(
    cx: &Cx,
    actor: &Actor,
    decision: Decision<RestoreRequestId>,
    action: Action,
) -> Result<(Option<Tx>, RestoreRequest), AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    let request = store::restore::lock(&mut tx, actor.scope(), decision.on)
        .await?
        .ok_or(AppError::NotFound)?;
    authz::check(actor, action, request.tenant)?;
    let new = decision
        .is_new(cx, &mut tx, actor, request.id.0, request.revision)
        .await?;
    Ok((new.then_some(tx), request))
}

async fn save(
    cx: &Cx,
    mut tx: Tx,
    actor: &Actor,
    mut request: RestoreRequest,
    action: &str,
    detail: Value,
) -> Result<RestoreRequest, AppError> {
    store::restore::save(&mut tx, &mut request).await?;
    audit::record(cx, &mut tx, &actor.by(), request.tenant, action, request.id.0, detail).await?;
    tx.commit().await?;
    Ok(request)
}
