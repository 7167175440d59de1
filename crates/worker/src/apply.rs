//! An approved plan carried out: exactly the steps that were shown, each once, then observed.

use app::change_request::Applied;
use app::work::Work;
use app::{AppError, Cx};
use domain::account::AwsAccount;
use domain::change_request::{ChangeRequest, State};
use domain::id::{ChangeRequestId, TenantId};
use domain::plan::{IdempotencyKey, Receipt, ShownPlan, Step};
use domain::tenant::TenantScope;
use jobs::{Failure, Lease};
use mechanism::{Authority, Progress};

use crate::crash::crash_point;
use crate::look_again::look_again;
use crate::outside::{Outside, app_failure, apply_failure, goes_on, observe_failure, store_failure};
use crate::{issue, plan};

/// Carries out what was approved, if that is still what would be shown now. Changes of one component take turns:
/// each is checked against what the one before has left.
pub(crate) async fn apply(
    cx: &Cx,
    outside: &Outside,
    tenant: TenantId,
    id: ChangeRequestId,
    lease: &Lease,
) -> Result<(), Failure> {
    goes_on(cx, tenant).await?;
    let Some(request) = load(cx, tenant, id).await? else {
        return Ok(());
    };
    let Some(resolved) = &request.resolved else {
        return Ok(());
    };
    let turn = format!("component/{}", resolved.component);
    let Some(held) = store::lock::try_hold(&cx.db, &turn).await.map_err(store_failure)? else {
        return look_again(
            cx,
            tenant,
            &Work::ApplyChange { tenant, change: id },
            request.updated_at,
        )
        .await;
    };
    let done = carry_out(cx, outside, request, lease).await;
    held.release().await.map_err(store_failure)?;
    done
}

async fn carry_out(cx: &Cx, outside: &Outside, request: ChangeRequest, lease: &Lease) -> Result<(), Failure> {
    let (tenant, id) = (request.tenant, request.id);
    if matches!(request.state, State::Approved { .. }) && !still_as_approved(cx, outside, &request).await? {
        return Ok(());
    }
    if !matches!(request.state, State::Approved { .. } | State::Applying { .. }) {
        return Ok(());
    }
    let resumed = matches!(request.state, State::Applying { .. });
    crash_point!("apply-before-begin");
    let request = match app::change_request::begin(cx, tenant, id).await {
        Ok(request) => request,
        // Edited, withdrawn or decided since it was read: that stands, and this job has nothing to do.
        Err(AppError::Refused(_)) => return Ok(()),
        Err(error) => return Err(app_failure(error)),
    };
    crash_point!("apply-after-begin");
    let shown = shown_plan(cx, &request).await?;
    let authority = Authority {
        tenant,
        source: format!("change-{}", request.number),
    };
    let mut receipts = Vec::new();
    for (index, step) in shown.plan.steps.iter().enumerate() {
        let key = IdempotencyKey::for_step(shown.id, index);
        match make(cx, outside, &authority, step, &key, lease, resumed).await? {
            Some(receipt) => receipts.push(receipt),
            None => {
                return look_again(
                    cx,
                    tenant,
                    &Work::ApplyChange { tenant, change: id },
                    request.updated_at,
                )
                .await;
            }
        }
    }
    if !observe(cx, outside, tenant, &shown).await? {
        return look_again(
            cx,
            tenant,
            &Work::ApplyChange { tenant, change: id },
            request.updated_at,
        )
        .await;
    }
    let choice = choice(cx, &request).await?;
    crash_point!("apply-before-finish");
    app::change_request::finish(
        cx,
        tenant,
        id,
        &Applied {
            shown,
            receipts,
            choice,
        },
    )
    .await
    .map_err(app_failure)?;
    crash_point!("apply-after-finish");
    Ok(())
}

/// Makes one step, unless its receipt says that it was made. The receipt is stored before the next begins.
/// `resumed`: an earlier attempt may have made it and died, or lost the answer, before its receipt was stored;
/// then the effect is there, and no second call is made. `None`: the outside is still at it.
pub(crate) async fn make(
    cx: &Cx,
    outside: &Outside,
    authority: &Authority,
    step: &Step,
    key: &IdempotencyKey,
    lease: &Lease,
    resumed: bool,
) -> Result<Option<Receipt>, Failure> {
    let tenant = authority.tenant;
    if let Some(receipt) = receipt(cx, tenant, key).await? {
        return Ok(Some(receipt));
    }
    let account = account(cx, tenant, step).await?;
    let before = if resumed {
        progress(cx, outside, tenant, step, key).await?
    } else {
        Progress::NotStarted
    };
    let receipt = match before {
        Progress::Done(receipt) => receipt,
        Progress::Running { .. } => return Ok(None),
        Progress::NotStarted | Progress::Failed { .. } => {
            let aws = outside.aws(cx, tenant).await?;
            lease.check().await?;
            crash_point!("step-before-call");
            let made = aws.apply(&account, authority, step, key).await;
            crash_point!("step-after-call");
            made.map_err(|error| apply_failure(&error))?
        }
    };
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await.map_err(store_failure)?;
    store::receipt::save(&mut tx, tenant, &receipt)
        .await
        .map_err(store_failure)?;
    tx.commit().await.map_err(store_failure)?;
    crash_point!("step-after-receipt");
    Ok(Some(receipt))
}

/// Whether the effect of a step that was made is there, read at the outside.
pub(crate) async fn is_done(
    cx: &Cx,
    outside: &Outside,
    tenant: TenantId,
    step: &Step,
    key: &IdempotencyKey,
) -> Result<bool, Failure> {
    match progress(cx, outside, tenant, step, key).await? {
        Progress::Done(_) => Ok(true),
        Progress::Running { .. } | Progress::NotStarted => Ok(false),
        Progress::Failed { reason } => Err(Failure::fail(reason)),
    }
}

/// What became of a step, read at the outside.
async fn progress(
    cx: &Cx,
    outside: &Outside,
    tenant: TenantId,
    step: &Step,
    key: &IdempotencyKey,
) -> Result<Progress, Failure> {
    let account = account(cx, tenant, step).await?;
    let aws = outside.aws(cx, tenant).await?;
    aws.progress(&account, step, key)
        .await
        .map_err(|error| observe_failure(&error))
}

/// Reads the request and the live state once more: an edited issue or a drifted state voids the approval.
async fn still_as_approved(cx: &Cx, outside: &Outside, request: &ChangeRequest) -> Result<bool, Failure> {
    if let Some(of) = &request.issue {
        issue::refresh(cx, outside, request.tenant, of.repository_id, of.number).await?;
    }
    let Some(request) = load(cx, request.tenant, request.id).await? else {
        return Ok(false);
    };
    let (State::Approved { plan: approved }, Some(form)) = (&request.state, &request.form) else {
        return Ok(false);
    };
    let (approved, tenant, id, revision) = (approved.digest, request.tenant, request.id, request.revision);
    let form = form.clone();
    let again = async {
        let ground = plan::ground(cx, request, &form).await?;
        let shown = plan::against_live(cx, outside, &ground).await?;
        Ok((ground.resolved, shown))
    };
    match again.await {
        Ok((_, shown)) if shown.digest == approved => Ok(true),
        Ok((resolved, shown)) => {
            app::change_request::show_plan(cx, tenant, id, revision, resolved, shown)
                .await
                .map_err(app_failure)?;
            Ok(false)
        }
        Err(plan::Obstacle::Failure(failure)) => Err(failure),
        Err(plan::Obstacle::AskBack(problems)) => {
            let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Err(Failure::fail(words.join(" ")))
        }
    }
}

/// Every step's effect must be there before anything is called applied; whether it is.
async fn observe(cx: &Cx, outside: &Outside, tenant: TenantId, shown: &ShownPlan) -> Result<bool, Failure> {
    for (index, step) in shown.plan.steps.iter().enumerate() {
        if !is_done(cx, outside, tenant, step, &IdempotencyKey::for_step(shown.id, index)).await? {
            return Ok(false);
        }
    }
    let Some(step) = shown.plan.steps.first() else {
        return Ok(true);
    };
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await.map_err(store_failure)?;
    let scope = store::account::scope_of_component(&mut tx, tenant, step.component)
        .await
        .map_err(store_failure)?;
    drop(tx);
    if let Some(scope) = scope {
        app::reconcile::nudge(cx, tenant, scope).await.map_err(app_failure)?;
    }
    Ok(true)
}

async fn load(cx: &Cx, tenant: TenantId, id: ChangeRequestId) -> Result<Option<ChangeRequest>, Failure> {
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    store::change_request::get(&mut tx, &scope, id)
        .await
        .map_err(store_failure)
}

async fn shown_plan(cx: &Cx, request: &ChangeRequest) -> Result<ShownPlan, Failure> {
    let plan = request
        .state
        .plan()
        .ok_or_else(|| Failure::fail("The request has no plan."))?;
    let mut tx = cx
        .db
        .begin(&TenantScope::one(request.tenant))
        .await
        .map_err(store_failure)?;
    let shown = store::plan::get(&mut tx, request.tenant, plan.id)
        .await
        .map_err(store_failure)?;
    shown
        .filter(|shown| shown.digest == plan.digest)
        .ok_or_else(|| Failure::fail("The approved plan is not in the records."))
}

async fn choice(cx: &Cx, request: &ChangeRequest) -> Result<domain::sow::MechanismChoice, Failure> {
    let resolved = request
        .resolved
        .as_ref()
        .ok_or_else(|| Failure::fail("The request was never planned."))?;
    let scope = TenantScope::one(request.tenant);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    let component = store::component::get(&mut tx, &scope, resolved.component)
        .await
        .map_err(store_failure)?;
    let component = component.ok_or_else(|| Failure::fail("The component is not in the inventory any more."))?;
    Ok(planner::choose(&component, &resolved.scope))
}

async fn receipt(cx: &Cx, tenant: TenantId, key: &IdempotencyKey) -> Result<Option<Receipt>, Failure> {
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await.map_err(store_failure)?;
    Ok(store::receipt::of(&mut tx, tenant, std::slice::from_ref(key))
        .await
        .map_err(store_failure)?
        .pop())
}

async fn account(cx: &Cx, tenant: TenantId, step: &Step) -> Result<AwsAccount, Failure> {
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    let linked = store::account::list(&mut tx, &scope).await.map_err(store_failure)?;
    let account = linked
        .into_iter()
        .map(|linked| linked.account)
        .find(|account| account.account == step.account);
    account.ok_or_else(|| Failure::fail(format!("Account {} is not linked any more.", step.account)))
}
