//! Deciding: approving exactly what was shown, rejecting, taking back.

use domain::change_request::{Approval, ChangeRequest, State};
use domain::digest::Digest;
use domain::id::ChangeRequestId;
use domain::scope_change::normalise;
use serde_json::json;
use store::Tx;

use super::progress::owe_and_sync;
use super::words;
use crate::authz::{self, Action};
use crate::work::Work;
use crate::{Actor, AppError, Cx, Decision, audit};

/// Approves the plan with the digest that was shown, for the side that the person belongs to. When every side
/// that the contract asks has agreed, a worker carries it out.
///
/// # Errors
/// [`AppError::Refused`] when another plan stands by now, [`AppError::Forbidden`], [`AppError::NotFound`],
/// [`AppError::Changed`].
pub async fn approve(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<ChangeRequestId>>,
    shown: Digest,
) -> Result<ChangeRequest, AppError> {
    let (tx, request) = lock(cx, actor, on.into()).await?;
    let Some(mut tx) = tx else { return Ok(request) };
    let weakens = request.state.plan().is_some_and(|plan| plan.weakens);
    let side = authz::approving_side(actor, request.tenant, weakens)?;
    let tenant = store::tenant::get(&mut tx, actor.scope(), request.tenant)
        .await?
        .ok_or(AppError::NotFound)?;
    let approval = Approval {
        side,
        by: actor.user,
        name: actor.display_name.clone(),
        digest: shown,
        at: cx.now(),
    };
    let contract = store::contract::in_force(&mut tx, &tenant).await?.contract;
    let after = request.resolved.as_ref().map(|resolved| &resolved.scope);
    let rule = contract.approval.for_change(after, weakens);
    let mut request = request.approve(rule, approval)?;
    store::change_request::save(&mut tx, &mut request).await?;
    let detail = json!({ "side": side, "plan_digest": shown });
    audit::record(
        cx,
        &mut tx,
        &actor.by(),
        request.tenant,
        "change-request.approved",
        request.id.0,
        detail,
    )
    .await?;
    if matches!(request.state, State::Approved { .. }) {
        jobs::enqueue(
            &mut tx,
            &Work::ApplyChange {
                tenant: request.tenant,
                change: request.id,
            },
        )
        .await?;
    }
    tx.commit().await?;
    Ok(request)
}

/// Refuses a request, for a reason that the requester reads.
///
/// # Errors
/// [`AppError::Refused`] once it is approved or decided, [`AppError::Forbidden`], [`AppError::NotFound`],
/// [`AppError::Changed`].
pub async fn reject(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<ChangeRequestId>>,
    reason: &str,
) -> Result<ChangeRequest, AppError> {
    let (tx, request) = lock(cx, actor, on.into()).await?;
    let Some(mut tx) = tx else { return Ok(request) };
    authz::approving_side(actor, request.tenant, false)?;
    let reason = normalise(reason);
    let mut request = request.reject(reason.clone(), cx.now())?;
    store::change_request::save(&mut tx, &mut request).await?;
    audit::record(
        cx,
        &mut tx,
        &actor.by(),
        request.tenant,
        "change-request.rejected",
        request.id.0,
        json!({ "reason": reason }),
    )
    .await?;
    owe_and_sync(
        cx,
        &mut tx,
        &request,
        &words::ended(request.number, "was rejected", Some(&reason)),
    )
    .await?;
    tx.commit().await?;
    Ok(request)
}

/// Takes a request back, as long as no worker has begun.
///
/// # Errors
/// [`AppError::Refused`], [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::Changed`].
pub async fn withdraw(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<ChangeRequestId>>,
) -> Result<ChangeRequest, AppError> {
    let (tx, request) = lock(cx, actor, on.into()).await?;
    let Some(mut tx) = tx else { return Ok(request) };
    authz::check(actor, Action::RequestChange, request.tenant)?;
    let mut request = request.withdraw(cx.now())?;
    store::change_request::save(&mut tx, &mut request).await?;
    audit::record(
        cx,
        &mut tx,
        &actor.by(),
        request.tenant,
        "change-request.withdrawn",
        request.id.0,
        json!({}),
    )
    .await?;
    owe_and_sync(
        cx,
        &mut tx,
        &request,
        &words::ended(request.number, "was withdrawn", None),
    )
    .await?;
    tx.commit().await?;
    Ok(request)
}

/// Without a transaction when the same post has decided before.
async fn lock(
    cx: &Cx,
    actor: &Actor,
    decision: Decision<ChangeRequestId>,
) -> Result<(Option<Tx>, ChangeRequest), AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    let request = store::change_request::lock(&mut tx, actor.scope(), decision.on)
        .await?
        .ok_or(AppError::NotFound)?;
    let new = decision
        .is_new(cx, &mut tx, actor, request.id.0, request.revision)
        .await?;
    Ok((new.then_some(tx), request))
}
