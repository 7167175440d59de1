//! Reading restore requests.

use domain::id::{RestoreRequestId, TenantId};
use domain::plan::{IdempotencyKey, Receipt};
use domain::restore::{RestoreRequest, State};
use domain::tenant::TenantScope;
use store::Connection;

use crate::audit::Event;
use crate::authz::{self, Action};
use crate::page::ROWS;
use crate::{Actor, AppError, Cx, Page};

/// A request with all that its page shows.
#[derive(Debug, Clone)]
pub struct View {
    /// The request.
    pub request: RestoreRequest,
    /// Proof of what was made.
    pub receipts: Vec<Receipt>,
    /// What happened, oldest first.
    pub timeline: Vec<Event>,
    /// Whether the reader may approve it; otherwise why not.
    pub may_approve: Result<(), String>,
    /// Whether the reader may reject it.
    pub may_reject: bool,
    /// Whether the reader may take it back.
    pub may_cancel: bool,
    /// Whether the reader may say that the data is right.
    pub may_verify: bool,
}

/// The request with that number.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn by_number(cx: &Cx, actor: &Actor, tenant: TenantId, number: i32) -> Result<View, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let request = store::restore::by_number(&mut tx, tenant, number)
        .await?
        .ok_or(AppError::NotFound)?;
    view(&mut tx, actor, request).await
}

/// The request with that id, in whichever tenant of the person's it is.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn by_id(cx: &Cx, actor: &Actor, id: RestoreRequestId) -> Result<View, AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    let request = store::restore::get(&mut tx, actor.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    view(&mut tx, actor, request).await
}

/// The tenant's requests, newest first, a page from the cursor `before`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    state: Option<&str>,
    before: Option<i32>,
) -> Result<Page<RestoreRequest>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(Page::of(
        store::restore::list(&mut tx, tenant, state, before, ROWS).await?,
    ))
}

/// The requests that wait for a decision, in all the person's living tenants, oldest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn waiting(cx: &Cx, actor: &Actor) -> Result<Vec<RestoreRequest>, AppError> {
    let living = actor.living();
    let mut tx = cx.db.begin(&living).await?;
    Ok(store::restore::awaiting(&mut tx, &living).await?)
}

async fn view(tx: &mut Connection, actor: &Actor, request: RestoreRequest) -> Result<View, AppError> {
    let tenant = request.tenant;
    let keys: Vec<_> = (0..request.plan.steps.len())
        .map(|index| IdempotencyKey::for_step(request.plan_id, index))
        .collect();
    let receipts = store::receipt::of(tx, tenant, &keys).await?;
    let mut timeline = store::audit::list(tx, &TenantScope::one(tenant), Some(request.id.0), None, 200).await?;
    timeline.reverse();
    let open = request.state == State::Submitted;
    let may_approve = match authz::check(actor, Action::ApproveRestore, tenant) {
        _ if !open => Err(format!("The request is {}.", request.state.name())),
        Ok(()) if request.requester.user == Some(actor.user) => {
            Err("You asked for this: another person has to approve it.".to_owned())
        }
        Ok(()) => Ok(()),
        Err(error) => Err(error.to_string()),
    };
    Ok(View {
        may_approve,
        may_reject: open && authz::may(actor, Action::ApproveRestore, tenant),
        may_cancel: (open || request.state == State::Approved) && authz::may(actor, Action::RequestRestore, tenant),
        may_verify: request.state == State::Verifying && authz::may(actor, Action::VerifyRestore, tenant),
        request,
        receipts,
        timeline,
    })
}
