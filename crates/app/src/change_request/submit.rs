//! Asking by the web form or the API.

use std::collections::BTreeMap;

use domain::change_request::{ChangeRequest, Requester, Source, State};
use domain::component::Component;
use domain::digest::Digest;
use domain::id::{ChangeRequestId, TenantId};
use domain::scope_change::{FormProblem, ScopeChangeForm, ScopeWish};
use domain::sow::{self, Scope};
use domain::tenant::TenantScope;
use serde_json::json;
use store::Connection;

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::work::Work;
use crate::{Actor, AppError, By, Cx, audit, contract, lifecycle};

/// Asks for a change with the fields of the form, by their ids. Incomplete forms are refused here, since the
/// person is still there to complete them.
///
/// # Errors
/// [`AppError::Invalid`] with every problem; [`AppError::Forbidden`]; [`AppError::KeyReused`]; [`AppError::NotNow`] while
/// the customer is suspended.
pub async fn submit(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    source: Source,
    fields: &BTreeMap<String, String>,
    key: Option<&Idempotency>,
) -> Result<ChangeRequest, AppError> {
    authz::check(actor, Action::RequestChange, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    if let Some(made) = idempotency::earlier(&mut tx, actor, key).await? {
        return store::change_request::get(&mut tx, &scope, ChangeRequestId(made))
            .await?
            .ok_or(AppError::NotFound);
    }
    lifecycle::takes_requests(&mut tx, tenant).await?;
    let form = ScopeChangeForm::from_fields(fields).map_err(AppError::Invalid)?;
    let component = store::component::by_name(&mut tx, tenant, form.environment, &form.component).await?;
    let component = component.ok_or_else(|| AppError::Invalid(vec![unknown_component(&form)]))?;
    if let Some(problem) = gone(&form, &component) {
        return Err(AppError::Invalid(vec![problem]));
    }
    resolve(&mut tx, &component, &form.scope).await?;
    let request = make(cx, &mut tx, actor, tenant, source, form).await?;
    idempotency::remember(cx, &mut tx, actor, key, request.id.0).await?;
    tx.commit().await?;
    Ok(request)
}

/// Makes the request of a person here, and causes its plan.
pub(crate) async fn make(
    cx: &Cx,
    tx: &mut Connection,
    actor: &Actor,
    tenant: TenantId,
    source: Source,
    form: ScopeChangeForm,
) -> Result<ChangeRequest, AppError> {
    let now = cx.now();
    let request = ChangeRequest {
        id: ChangeRequestId::at(now),
        tenant,
        number: store::tenant::next_number(tx, tenant, "change").await?,
        title: title(&form),
        source,
        issue: None,
        requester: Requester {
            user: Some(actor.user),
            name: actor.email.clone(),
        },
        request_digest: Digest::of(&form),
        form: Some(form),
        resolved: None,
        state: State::Submitted,
        approvals: Vec::new(),
        created_at: now,
        updated_at: now,
        revision: 1,
    };
    insert(cx, tx, &actor.by(), &request).await?;
    jobs::enqueue(
        tx,
        &Work::PlanChange {
            tenant,
            change: request.id,
        },
    )
    .await?;
    Ok(request)
}

/// What is in force for a component now, and what a wish makes of its line, within the bounds of the contract in force.
///
/// # Errors
/// [`AppError::Invalid`] with what has to be asked back; [`AppError::Store`].
pub async fn resolve(
    tx: &mut Connection,
    component: &Component,
    wish: &ScopeWish,
) -> Result<(Option<Scope>, Scope), AppError> {
    let bounds = contract::bounds(tx, component.tenant).await?;
    let current = store::sow::current_scope(tx, component.tenant, component.id).await?;
    let wanted = sow::resolve(wish, current.as_ref(), component, &bounds).map_err(AppError::Invalid)?;
    Ok((sow::in_force(component.kind, current, &bounds), wanted))
}

/// Stores a new request with its audit line.
pub(super) async fn insert(cx: &Cx, tx: &mut Connection, by: &By, request: &ChangeRequest) -> Result<(), AppError> {
    store::change_request::insert(tx, request).await?;
    let detail = json!({ "number": request.number, "source": request.source, "digest": request.request_digest });
    audit::record(
        cx,
        tx,
        by,
        request.tenant,
        "change-request.submitted",
        request.id.0,
        detail,
    )
    .await?;
    Ok(())
}

/// The problem of a form whose component the inventory does not have.
pub fn unknown_component(form: &ScopeChangeForm) -> FormProblem {
    let [component, ..] = &ScopeChangeForm::FIELDS;
    let why = format!(
        "The inventory has no component of this name in {}. Check the name, or ask your provider to add it.",
        form.environment
    );
    FormProblem::new(component, Some(&form.component), why)
}

/// The problem of a form whose component is no more.
#[must_use]
pub fn gone(form: &ScopeChangeForm, component: &Component) -> Option<FormProblem> {
    let [field, ..] = &ScopeChangeForm::FIELDS;
    let at = component.decommissioned_at?.strftime("%-d %b %Y");
    let why = format!("This component was decommissioned on {at}: nothing is configured for it any more.");
    Some(FormProblem::new(field, Some(&form.component), why))
}

/// A request in a few words.
fn title(form: &ScopeChangeForm) -> String {
    let verb = match form.scope {
        ScopeWish::In(_) => "Back up",
        ScopeWish::Out => "Take out of scope:",
    };
    format!("{verb} {} ({})", form.component, form.environment)
}
