//! Out-decisions: signed once by an approved version, attested each year by the customer.

use std::collections::HashMap;

use domain::attestation::{DecisionState, due_on};
use domain::component::Component;
use domain::id::{AttestationId, ComponentId, ScopeItemId, TenantId};
use domain::sow::Scope;
use domain::tenant::{Tenant, TenantScope};
use jiff::civil::Date;
use serde_json::json;
use store::Connection;
use store::attestation::Attestation;

pub use store::attestation::{Decision, Signed, Tally};

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::page::ROWS;
use crate::tenant::{today, zone};
use crate::{Actor, AppError, Cx, Page, audit, status};

/// A decision with its component, and where it stands.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The component.
    pub component: Component,
    /// What was decided of it, if anything.
    pub decision: Decision,
    /// Where that stands.
    pub state: DecisionState,
}

/// Where a decision stands today.
#[must_use]
pub fn state(decision: &Decision, today: Date) -> DecisionState {
    DecisionState::of(decision.out.as_ref().map(|signed| signed.due_on), today)
}

/// The decisions (those in one state, when given): what nobody decided first, then by the day on which they are due; a page
/// from the one after the component `after`. And how many there are in each state.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn page(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    only: Option<DecisionState>,
    after: Option<ComponentId>,
) -> Result<(Tally, Page<Listed>), AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let scope = TenantScope::one(tenant.id);
    let mut tx = cx.db.begin(&scope).await?;
    let today = today(cx, tenant);
    let tally = store::attestation::tally(&mut tx, tenant.id, today).await?;
    let page = Page::of(store::attestation::page(&mut tx, tenant.id, only, today, after, ROWS).await?);
    let ids: Vec<_> = page.items.iter().map(|decision| decision.component).collect();
    let components = store::component::those(&mut tx, &scope, &ids).await?;
    let mut components: HashMap<_, _> = components
        .into_iter()
        .map(|component| (component.id, component))
        .collect();
    let listed = page.filter_map(|decision| {
        Some(Listed {
            component: components.remove(&decision.component)?,
            state: state(&decision, today),
            decision,
        })
    });
    Ok((tally, listed))
}

/// Attests that a component stays out of scope: the decision that was shown holds for another year. Once it holds that long
/// already, nothing is added.
///
/// # Errors
/// [`AppError::NotNow`] with the decision that stands when it is another one by now, [`AppError::Forbidden`],
/// [`AppError::NotFound`], [`AppError::KeyReused`].
pub async fn attest(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    component: ComponentId,
    shown: ScopeItemId,
    key: Option<&Idempotency>,
) -> Result<Listed, AppError> {
    authz::check(actor, Action::ApproveForCustomer, tenant.id)?;
    let scope = TenantScope::one(tenant.id);
    let mut tx = cx.db.begin(&scope).await?;
    let found = store::component::get(&mut tx, &scope, component)
        .await?
        .ok_or(AppError::NotFound)?;
    if idempotency::earlier(&mut tx, actor, key).await?.is_none() {
        let stands = store::attestation::lock(&mut tx, tenant.id, component).await?;
        if stands.is_none_or(|(item, scope)| item != shown || scope != Scope::Out) {
            return Err(AppError::NotNow(standing(&mut tx, tenant.id, component).await?));
        }
        let decision = decision(&mut tx, tenant, component).await?;
        sign(cx, &mut tx, actor, tenant, &decision).await?;
        idempotency::remember(cx, &mut tx, actor, key, component.0).await?;
    }
    let decision = decision(&mut tx, tenant, component).await?;
    tx.commit().await?;
    Ok(Listed {
        component: found,
        state: state(&decision, today(cx, tenant)),
        decision,
    })
}

/// What is decided of a component now, in words.
async fn standing(tx: &mut Connection, tenant: TenantId, component: ComponentId) -> Result<String, AppError> {
    let history = store::sow::history(tx, tenant, &[component], i32::MAX).await?;
    let Some(line) = history.last().filter(|line| line.to_version.is_none()) else {
        return Ok("no decision stands by now: the component has no line in the scope of work".to_owned());
    };
    let signed = store::attestation::those(tx, tenant, &[component]).await?;
    let signed = signed.into_iter().next().and_then(|decision| decision.out);
    let (what, signed) = match (&line.line.0, signed) {
        (Scope::In(_), _) => ("in scope", String::new()),
        (Scope::Out, None) => ("out of scope", String::new()),
        (Scope::Out, Some(signed)) => ("out of scope", format!(", signed by {}", signed.by.join(", "))),
    };
    let version = line.from_version;
    let change = line
        .change
        .map(|number| format!(", by change {number}"))
        .unwrap_or_default();
    Ok(format!(
        "another decision stands by now: {what} since version {version}{change}{signed}"
    ))
}

async fn decision(tx: &mut Connection, tenant: &Tenant, component: ComponentId) -> Result<Decision, AppError> {
    let found = store::attestation::those(tx, tenant.id, &[component]).await?;
    found.into_iter().next().ok_or(AppError::Conflict)
}

async fn sign(
    cx: &Cx,
    tx: &mut Connection,
    actor: &Actor,
    tenant: &Tenant,
    decision: &Decision,
) -> Result<(), AppError> {
    let signed = decision.out.as_ref().ok_or(AppError::Conflict)?;
    let now = cx.now();
    let attestation = Attestation {
        id: AttestationId::at(now),
        component: decision.component,
        item: signed.item,
        by: actor.user,
        by_name: actor.display_name.clone(),
        at: now,
        due_on: due_on(now, &zone(tenant)),
    };
    if attestation.due_on <= signed.due_on {
        return Ok(());
    }
    store::attestation::add(tx, tenant.id, &attestation).await?;
    status::refresh(tx, tenant.id, Some(&[decision.component])).await?;
    let detail = json!({ "scope_item": signed.item, "was_due_on": signed.due_on, "due_on": attestation.due_on });
    audit::record(
        cx,
        tx,
        &actor.by(),
        tenant.id,
        "out-decision.attested",
        decision.component.0,
        detail,
    )
    .await?;
    Ok(())
}
