//! What the worker does with a request: each step is one transaction of state, audit row and jobs.

use domain::change_request::{ChangeRequest, DECISION_TIME, PlanRef, Refused, Resolved, State};
use domain::id::{ChangeRequestId, TenantId};
use domain::plan::{Receipt, ShownPlan};
use domain::scope_change::FormProblem;
use domain::tenant::TenantScope;
use serde_json::json;
use store::{Connection, Tx};

use super::words;
use crate::authz::{self, Action};
use crate::work::{GithubWork, Work};
use crate::{Actor, AppError, By, Cx, audit, status};

/// Asks back, unless the request is no longer the one that was read.
///
/// # Errors
/// [`AppError::Conflict`]; [`AppError::Refused`] once it is approved or decided.
pub async fn ask_back(
    cx: &Cx,
    tenant: TenantId,
    id: ChangeRequestId,
    read_revision: i64,
    missing: Vec<FormProblem>,
) -> Result<(), AppError> {
    let (mut tx, request) = lock(cx, tenant, id).await?;
    if request.revision != read_revision {
        return Err(AppError::Conflict);
    }
    ask_back_in(cx, &mut tx, request, missing).await?;
    Ok(tx.commit().await?)
}

pub(super) async fn ask_back_in(
    cx: &Cx,
    tx: &mut Connection,
    request: ChangeRequest,
    missing: Vec<FormProblem>,
) -> Result<(), AppError> {
    if matches!(&request.state, State::NeedsInformation { missing: before } if *before == missing) {
        return Ok(());
    }
    let text = words::asked_back(request.number, &missing);
    let fields: Vec<&str> = missing.iter().map(|problem| problem.field.as_str()).collect();
    let detail = json!({ "fields": fields });
    let mut request = request.ask_back(missing, cx.now())?;
    store::change_request::save(tx, &mut request).await?;
    audit::record(
        cx,
        tx,
        &By::holdfast(),
        request.tenant,
        "change-request.asked-back",
        request.id.0,
        detail,
    )
    .await?;
    owe_and_sync(cx, tx, &request, &text).await
}

/// Plans a request that was asked back once more, after what stood in the way was mended elsewhere.
///
/// # Errors
/// [`AppError::Refused`] when it is not waiting for information, [`AppError::Forbidden`], [`AppError::NotFound`].
pub async fn plan_again(cx: &Cx, actor: &Actor, id: ChangeRequestId) -> Result<(), AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    let request = store::change_request::lock(&mut tx, actor.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    authz::check(actor, Action::RequestChange, request.tenant)?;
    if request.form.is_none() || !matches!(request.state, State::NeedsInformation { .. } | State::Planned { .. }) {
        return Err(Refused::NotAwaiting {
            was: request.state.name(),
        }
        .into());
    }
    jobs::enqueue(
        &mut tx,
        &Work::PlanChange {
            tenant: request.tenant,
            change: id,
        },
    )
    .await?;
    Ok(tx.commit().await?)
}

/// Shows a plan. The same plan as before changes nothing; another one voids the approvals.
///
/// # Errors
/// [`AppError::Refused`] once a worker carries it out or it is decided.
pub async fn show_plan(
    cx: &Cx,
    tenant: TenantId,
    id: ChangeRequestId,
    read_revision: i64,
    resolved: Resolved,
    shown: ShownPlan,
) -> Result<(), AppError> {
    let (mut tx, request) = lock(cx, tenant, id).await?;
    if request.revision != read_revision {
        return Err(AppError::Conflict);
    }
    if request.state.plan().is_some_and(|plan| plan.digest == shown.digest) {
        return Ok(());
    }
    let voided = request.approvals.len();
    let plan = PlanRef {
        id: shown.id,
        digest: shown.digest,
        weakens: !shown.plan.gives_up.is_empty(),
    };
    let mut request = request.plan(resolved, plan, cx.now())?;
    store::plan::insert(&mut tx, tenant, id, &shown).await?;
    store::change_request::save(&mut tx, &mut request).await?;
    let detail = json!({ "plan_digest": shown.digest, "steps": shown.plan.steps.len(), "approvals_voided": voided });
    audit::record(
        cx,
        &mut tx,
        &By::holdfast(),
        tenant,
        "change-request.planned",
        id.0,
        detail,
    )
    .await?;
    owe_and_sync(cx, &mut tx, &request, &words::planned(request.number, &shown)).await?;
    Ok(tx.commit().await?)
}

/// A worker begins, or begins again after a crash.
///
/// # Errors
/// [`AppError::Refused`] unless it is approved or being applied.
pub async fn begin(cx: &Cx, tenant: TenantId, id: ChangeRequestId) -> Result<ChangeRequest, AppError> {
    let (mut tx, request) = lock(cx, tenant, id).await?;
    let again = matches!(request.state, State::Applying { .. });
    let mut request = request.begin(cx.now())?;
    if !again {
        store::change_request::save(&mut tx, &mut request).await?;
        audit::record(
            cx,
            &mut tx,
            &By::holdfast(),
            tenant,
            "change-request.applying",
            id.0,
            json!({}),
        )
        .await?;
        jobs::enqueue(&mut tx, &GithubWork::SyncIssue { tenant, change: id }).await?;
    }
    tx.commit().await?;
    Ok(request)
}

/// What was done, for the last step.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The plan that was carried out.
    pub shown: ShownPlan,
    /// Proof of each step.
    pub receipts: Vec<Receipt>,
    /// The mechanism that now serves the component.
    pub choice: domain::sow::MechanismChoice,
}

/// Every step was made and then observed: the scope of work gets its new version.
///
/// # Errors
/// [`AppError::Refused`] unless it is being applied.
pub async fn finish(cx: &Cx, tenant: TenantId, id: ChangeRequestId, applied: &Applied) -> Result<(), AppError> {
    let (mut tx, request) = lock(cx, tenant, id).await?;
    let now = cx.now();
    let approvers: Vec<String> = request.approvals.iter().map(|approval| approval.name.clone()).collect();
    let resolved = request.resolved.clone().ok_or(AppError::Conflict)?;
    let item = store::sow::NewItem {
        component: resolved.component,
        scope: resolved.scope,
        choice: applied.choice.clone(),
    };
    let version = store::sow::add_version(&mut tx, tenant, Some(id), &approvers, &[item], now).await?;
    status::refresh(&mut tx, tenant, Some(&[resolved.component])).await?;
    let mut request = request.applied(version, now)?;
    store::change_request::save(&mut tx, &mut request).await?;
    let receipts: Vec<&str> = applied
        .receipts
        .iter()
        .map(|receipt| receipt.provider_ref.as_str())
        .collect();
    let detail = json!({ "sow_version": version, "receipts": receipts });
    audit::record(
        cx,
        &mut tx,
        &By::holdfast(),
        tenant,
        "change-request.applied",
        id.0,
        detail,
    )
    .await?;
    let done: Vec<String> = applied
        .shown
        .plan
        .steps
        .iter()
        .map(domain::plan::Step::summary)
        .collect();
    owe_and_sync(
        cx,
        &mut tx,
        &request,
        &words::applied(request.number, version, &done, &approvers),
    )
    .await?;
    Ok(tx.commit().await?)
}

/// Gives up. What was done so far stands in the receipts.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn fail(
    cx: &Cx,
    tx: &mut Connection,
    tenant: TenantId,
    id: ChangeRequestId,
    reason: &str,
) -> Result<(), AppError> {
    fail_if(cx, tx, tenant, id, reason, |state| !state.is_final()).await
}

/// Gives up planning. A plan that stands already stays: the next reading plans it again.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn fail_planning(
    cx: &Cx,
    tx: &mut Connection,
    tenant: TenantId,
    id: ChangeRequestId,
    reason: &str,
) -> Result<(), AppError> {
    let unplanned = |state: &State| matches!(state, State::Submitted | State::NeedsInformation { .. });
    fail_if(cx, tx, tenant, id, reason, unplanned).await
}

async fn fail_if(
    cx: &Cx,
    tx: &mut Connection,
    tenant: TenantId,
    id: ChangeRequestId,
    reason: &str,
    fails: impl FnOnce(&State) -> bool,
) -> Result<(), AppError> {
    let scope = TenantScope::one(tenant);
    let request = store::change_request::lock(tx, &scope, id)
        .await?
        .ok_or(AppError::NotFound)?;
    if !fails(&request.state) {
        return Ok(());
    }
    let mut request = request.fail(reason.to_owned(), cx.now())?;
    store::change_request::save(tx, &mut request).await?;
    audit::record(
        cx,
        tx,
        &By::holdfast(),
        tenant,
        "change-request.failed",
        id.0,
        json!({ "reason": reason }),
    )
    .await?;
    owe_and_sync(cx, tx, &request, &words::ended(request.number, "failed", Some(reason))).await
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
    for id in store::change_request::overdue(&mut tx, tenant, now - DECISION_TIME).await? {
        let Some(request) = store::change_request::lock(&mut tx, &scope, id).await? else {
            continue;
        };
        if !lifecycle.has_passed(request.updated_at, DECISION_TIME, now) {
            continue;
        }
        let mut request = request.expire(now)?;
        store::change_request::save(&mut tx, &mut request).await?;
        audit::record(
            cx,
            &mut tx,
            &By::holdfast(),
            tenant,
            "change-request.expired",
            id.0,
            json!({}),
        )
        .await?;
        owe_and_sync(
            cx,
            &mut tx,
            &request,
            &words::ended(request.number, "expired: nobody decided in time", None),
        )
        .await?;
    }
    Ok(tx.commit().await?)
}

/// Owes a comment to the request's issue, if it has one, and causes the job that posts it.
pub(super) async fn owe_and_sync(
    cx: &Cx,
    tx: &mut Connection,
    request: &ChangeRequest,
    text: &str,
) -> Result<(), AppError> {
    if request.issue.is_some() {
        store::comment::owe(tx, request.tenant, request.id, text, cx.now()).await?;
        jobs::enqueue(
            tx,
            &GithubWork::SyncIssue {
                tenant: request.tenant,
                change: request.id,
            },
        )
        .await?;
    }
    Ok(())
}

async fn lock(cx: &Cx, tenant: TenantId, id: ChangeRequestId) -> Result<(Tx, ChangeRequest), AppError> {
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    let request = store::change_request::lock(&mut tx, &scope, id)
        .await?
        .ok_or(AppError::NotFound)?;
    Ok((tx, request))
}
