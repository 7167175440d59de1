//! Reading requests.

use std::collections::HashMap;

use domain::change_request::{ChangeRequest, Refused, State};
use domain::component::Component;
use domain::contract::{ApprovalRule, Side};
use domain::id::{ChangeRequestId, TenantId};
use domain::plan::{Receipt, ShownPlan};
use domain::tenant::{Tenant, TenantScope};
use store::{Connection, StoreError};

pub use store::change_request::Filter;

use crate::audit::Event;
use crate::authz::{self, Action};
use crate::page::ROWS;
use crate::{Actor, AppError, Cx, Page};

/// A request with all that its page shows.
#[derive(Debug, Clone)]
pub struct View {
    /// The request.
    pub request: ChangeRequest,
    /// The plan that it stands on.
    pub plan: Option<ShownPlan>,
    /// The component, once it is known.
    pub component: Option<Component>,
    /// Proof of what was made.
    pub receipts: Vec<Receipt>,
    /// What happened, oldest first.
    pub timeline: Vec<Event>,
    /// Whose approvals it needs, as the contract in force says for its kind.
    pub rule: ApprovalRule,
    /// The sides that still have to agree.
    pub outstanding: Vec<Side>,
    /// Whether the reader may approve what stands; otherwise why not.
    pub may_approve: Result<(), String>,
    /// Whether the reader may reject it.
    pub may_reject: bool,
    /// Whether the reader may take it back.
    pub may_withdraw: bool,
}

/// The request with that number.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn by_number(cx: &Cx, actor: &Actor, tenant: &Tenant, number: i32) -> Result<View, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    let request = store::change_request::by_number(&mut tx, tenant.id, number)
        .await?
        .ok_or(AppError::NotFound)?;
    view(&mut tx, actor, tenant, request).await
}

/// The request with that id, in whichever tenant of the person's it is.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn by_id(cx: &Cx, actor: &Actor, id: ChangeRequestId) -> Result<View, AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    let request = store::change_request::get(&mut tx, actor.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    let tenant = store::tenant::get(&mut tx, actor.scope(), request.tenant)
        .await?
        .ok_or(AppError::NotFound)?;
    view(&mut tx, actor, &tenant, request).await
}

/// The tenant's requests, newest first, a page from the filter's cursor.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list(cx: &Cx, actor: &Actor, tenant: TenantId, filter: &Filter) -> Result<Page<ChangeRequest>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(Page::of(
        store::change_request::list(&mut tx, tenant, filter, ROWS).await?,
    ))
}

/// The same, each with the plan that it stands on.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list_with_plans(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    filter: &Filter,
) -> Result<Page<(ChangeRequest, Option<ShownPlan>)>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let requests = Page::of(store::change_request::list(&mut tx, tenant, filter, ROWS).await?);
    let ids: Vec<_> = requests
        .items
        .iter()
        .filter_map(|request| Some(request.state.plan()?.id))
        .collect();
    let plans = store::plan::list(&mut tx, tenant, &ids).await?;
    let mut plans: HashMap<_, _> = plans.into_iter().map(|plan| (plan.id, plan)).collect();
    Ok(requests.map(|request| {
        let plan = request.state.plan().and_then(|plan| plans.remove(&plan.id));
        (request, plan)
    }))
}

/// The requests that wait for a decision, in all the person's living tenants, oldest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn waiting(cx: &Cx, actor: &Actor) -> Result<Vec<ChangeRequest>, AppError> {
    let living = actor.living();
    let mut tx = cx.db.begin(&living).await?;
    Ok(store::change_request::awaiting(&mut tx, &living).await?)
}

async fn view(tx: &mut Connection, actor: &Actor, tenant: &Tenant, request: ChangeRequest) -> Result<View, AppError> {
    let scope = TenantScope::one(tenant.id);
    let plan = match request.state.plan() {
        Some(plan) => store::plan::get(tx, tenant.id, plan.id).await?,
        None => None,
    };
    let component = match &request.resolved {
        Some(resolved) => store::component::get(tx, &scope, resolved.component).await?,
        None => None,
    };
    let receipts = receipts(tx, tenant.id, plan.as_ref()).await?;
    let mut timeline = store::audit::list(tx, &scope, Some(request.id.0), None, 200).await?;
    timeline.reverse();
    let planned = matches!(request.state, State::Planned { .. });
    let agreed = |side: &Side| request.approvals.iter().any(|approval| approval.side == *side);
    let contract = store::contract::in_force(tx, tenant).await?.contract;
    let weakens = request.state.plan().is_some_and(|plan| plan.weakens);
    let after = request.resolved.as_ref().map(|resolved| &resolved.scope);
    let rule = contract.approval.for_change(after, weakens);
    let outstanding = rule
        .sides(weakens)
        .iter()
        .copied()
        .filter(|side| planned && !agreed(side))
        .collect();
    let undecided = matches!(
        request.state,
        State::Submitted | State::NeedsInformation { .. } | State::Planned { .. }
    );
    Ok(View {
        rule,
        outstanding,
        may_approve: may_approve(actor, &request),
        may_reject: undecided && authz::approving_side(actor, tenant.id, false).is_ok(),
        may_withdraw: (undecided || matches!(request.state, State::Approved { .. }))
            && authz::may(actor, Action::RequestChange, tenant.id),
        request,
        plan,
        component,
        receipts,
        timeline,
    })
}

pub(crate) fn may_approve(actor: &Actor, request: &ChangeRequest) -> Result<(), String> {
    let State::Planned { plan } = &request.state else {
        return Err(format!("The request is {}.", request.state.name()));
    };
    if request.requester.user == Some(actor.user) {
        return Err("You asked for this: another person has to approve it.".to_owned());
    }
    if request.approvals.iter().any(|approval| approval.by == actor.user) {
        return Err("You have approved this plan.".to_owned());
    }
    let side = authz::approving_side(actor, request.tenant, plan.weakens).map_err(|error| error.to_string())?;
    if side == Side::Customer && request.requester.user.is_none() {
        return Err(Refused::UnknownRequester.to_string());
    }
    Ok(())
}

async fn receipts(tx: &mut Connection, tenant: TenantId, plan: Option<&ShownPlan>) -> Result<Vec<Receipt>, StoreError> {
    let Some(shown) = plan else { return Ok(Vec::new()) };
    let keys: Vec<_> = (0..shown.plan.steps.len())
        .map(|index| domain::plan::IdempotencyKey::for_step(shown.id, index))
        .collect();
    store::receipt::of(tx, tenant, &keys).await
}
