//! Ending a component: asked for, a last backup seen, confirmed by another person of the customer's, and by the provider
//! where something goes out of scope by it.

use std::collections::{BTreeMap, HashMap};

use domain::change_request::Requester;
use domain::component::Component;
use domain::contract::{Contract, Side};
use domain::decommission::{
    Confirmation, Confirmed, Decommission, Ending, FinalBackup, Open, Refused, State, StateName, Wish, confirmed_by,
};
use domain::hold::{Held, HoldForm, Target, today};
use domain::id::{ComponentId, DecommissionId, TenantId};
use domain::restore::RecoveryPoint;
use domain::scope_change::FormProblem;
use domain::sow::{self, MechanismName, Scope};
use domain::tenant::{Tenant, TenantScope};
use serde_json::{Value, json};
use store::{Connection, StoreError, Tx};

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::page::ROWS;
use crate::recovery_point::CHOICES;
use crate::{Actor, AppError, Cx, Decision, Page, audit, contract, hold, lifecycle, status, tenant};

/// A component and its end, with all that the page shows.
#[derive(Debug, Clone)]
pub struct View {
    /// The component.
    pub component: Component,
    /// Its end, if it was ever asked for: the newest.
    pub end: Option<Decommission>,
    /// The sides whose confirmations it needs.
    pub needed: Vec<Side>,
    /// What is under way and keeps it from ending.
    pub open: Open,
    /// Its recovery points, newest first.
    pub points: Vec<RecoveryPoint>,
    /// The holds that stand on any of them, or on all.
    pub held: Vec<Held>,
    /// Why no new backup of it will be seen; `None`: one can be waited for.
    pub no_new_backup: Option<String>,
    /// Whether the reader may ask; otherwise why not.
    pub may_ask: Result<(), String>,
    /// Whether the reader may confirm what was asked; otherwise why not.
    pub may_confirm: Result<(), String>,
    /// Whether the reader may take it back.
    pub may_withdraw: bool,
}

impl View {
    /// Whether an end was asked for and is not confirmed yet.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.end.as_ref().is_some_and(Decommission::is_asked)
    }

    /// The sides that still have to confirm it.
    #[must_use]
    pub fn outstanding(&self) -> Vec<Side> {
        self.end
            .as_ref()
            .map_or_else(Vec::new, |end| end.outstanding(&self.needed))
    }
}

/// An end as lists have it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The end.
    pub end: Decommission,
    /// The component.
    pub component: Component,
    /// The sides that still have to confirm it.
    pub outstanding: Vec<Side>,
}

impl From<Refused> for AppError {
    fn from(refused: Refused) -> Self {
        Self::NotNow(refused.to_string())
    }
}

/// The component and its end.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn view(cx: &Cx, actor: &Actor, tenant: TenantId, component: ComponentId) -> Result<View, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    let component = store::component::get(&mut tx, &scope, component)
        .await?
        .ok_or(AppError::NotFound)?;
    let end = store::decommission::newest(&mut tx, tenant, component.id).await?;
    let open = open_of(&mut tx, tenant, &component).await?;
    let points = store::recovery_point::list(&mut tx, tenant, component.id, CHOICES).await?;
    let held = store::hold::standing(&mut tx, tenant, component.id, today(cx.now())).await?;
    let contract = contract::of(&mut tx, tenant).await?;
    let line = store::sow::current_scope(&mut tx, tenant, component.id).await?;
    let needed = needed(&contract, &component, line);
    Ok(View {
        may_ask: authz::check(actor, Action::RequestChange, tenant)
            .and_then(|()| Ok(may_be_asked(&component, end.as_ref(), &open)?))
            .map_err(|error| error.to_string()),
        may_confirm: may_confirm(actor, tenant, end.as_ref(), &needed, &open, &points),
        may_withdraw: end.as_ref().is_some_and(Decommission::is_asked)
            && authz::may(actor, Action::RequestChange, tenant),
        no_new_backup: no_new_backup(&mut tx, tenant, component.id).await?,
        component,
        end,
        needed,
        open,
        points,
        held,
    })
}

/// The tenant's ends, newest first, each with its component, a page from the one after `before`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    state: Option<StateName>,
    before: Option<DecommissionId>,
) -> Result<Page<Listed>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    let ends = Page::of(store::decommission::page(&mut tx, tenant, state, before, ROWS).await?);
    let ids: Vec<_> = ends.items.iter().map(|end| end.component).collect();
    let components = store::component::those(&mut tx, &scope, &ids).await?;
    let components: HashMap<_, _> = components.into_iter().map(|one| (one.id, one)).collect();
    let contract = contract::of(&mut tx, tenant).await?;
    let mut lines = HashMap::new();
    for end in ends.items.iter().filter(|end| end.is_asked()) {
        if let Some(line) = store::sow::current_scope(&mut tx, tenant, end.component).await? {
            lines.insert(end.component, line);
        }
    }
    Ok(ends.filter_map(|end| {
        let component = components.get(&end.component)?.clone();
        let needed = needed(&contract, &component, lines.remove(&end.component));
        let outstanding = end.outstanding(&needed);
        Some(Listed {
            end,
            component,
            outstanding,
        })
    }))
}

/// Asks for the end of a component.
///
/// # Errors
/// [`AppError::Invalid`] with every problem, also when a new backup is wanted of what no mechanism backs up;
/// [`AppError::NotNow`] while something of it is open or when it was asked
/// already; [`AppError::Forbidden`]; [`AppError::NotFound`]; [`AppError::KeyReused`].
pub async fn ask(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    component: ComponentId,
    fields: &BTreeMap<String, String>,
    key: Option<&Idempotency>,
) -> Result<Decommission, AppError> {
    authz::check(actor, Action::RequestChange, tenant.id)?;
    let scope = TenantScope::one(tenant.id);
    let mut tx = cx.db.begin(&scope).await?;
    let component = store::component::get(&mut tx, &scope, component)
        .await?
        .ok_or(AppError::NotFound)?;
    let newest = store::decommission::newest(&mut tx, tenant.id, component.id).await?;
    if idempotency::earlier(&mut tx, actor, key).await?.is_some() {
        return newest.ok_or(AppError::NotFound);
    }
    lifecycle::takes_requests(&mut tx, tenant.id).await?;
    let now = cx.now();
    let bounds = contract::bounds(&mut tx, tenant.id).await?;
    let wish = Wish::from_fields(fields, tenant::today(cx, tenant), &bounds).map_err(AppError::Invalid)?;
    may_be_asked(
        &component,
        newest.as_ref(),
        &open_of(&mut tx, tenant.id, &component).await?,
    )?;
    if wish.final_backup == FinalBackup::Awaited
        && let Some(why) = no_new_backup(&mut tx, tenant.id, component.id).await?
    {
        let why = format!("a new backup of it would be waited for in vain. {why} Choose one that exists, or none.");
        let problem = FormProblem::new(&domain::decommission::FINAL_BACKUP, Some("awaited"), why);
        return Err(AppError::Invalid(vec![problem]));
    }
    if let FinalBackup::Existing { point } = wish.final_backup {
        let points = store::recovery_point::list(&mut tx, tenant.id, component.id, CHOICES).await?;
        if !points.iter().any(|one| one.id == point) {
            let why = "this component has no such recovery point; choose one of those that are listed";
            let problem = FormProblem::new(&domain::decommission::RECOVERY_POINT, Some(&point.to_string()), why);
            return Err(AppError::Invalid(vec![problem]));
        }
    }
    let end = Decommission {
        id: DecommissionId::at(now),
        tenant: tenant.id,
        component: component.id,
        reason: wish.reason,
        requester: Requester {
            user: Some(actor.user),
            name: actor.email.clone(),
        },
        final_backup: wish.final_backup,
        fate: wish.fate,
        state: State::Asked {
            confirmations: Vec::new(),
        },
        asked_at: now,
        updated_at: now,
        revision: 1,
    };
    store::decommission::insert(&mut tx, &end)
        .await
        .map_err(|error| match error {
            StoreError::Exists { .. } => AppError::from(Refused::AlreadyAsked),
            other => other.into(),
        })?;
    let detail = json!({ "component": component.name, "final_backup": end.final_backup, "recovery_points": end.fate });
    record(cx, &mut tx, actor, "component.decommission-asked", &component, detail).await?;
    idempotency::remember(cx, &mut tx, actor, key, end.id.0).await?;
    tx.commit().await?;
    Ok(end)
}

/// Confirms it for the side that the person belongs to. When every side that has to has confirmed, the component is no
/// more: its line leaves the scope of work, and nothing is configured for it from now on. Where its recovery points are to
/// be kept until a day, a hold on all of them records that. Nothing is touched at the outside. `typed` is the component's
/// name as the confirmer typed it.
///
/// # Errors
/// [`AppError::NotNow`] by whom it was asked, before the final backup was seen, while something of the component is open,
/// or where the person's side need not confirm or has; [`AppError::Forbidden`]; [`AppError::NotFound`];
/// [`AppError::Changed`].
pub async fn confirm(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    on: impl Into<Decision<ComponentId>>,
    typed: &str,
) -> Result<Decommission, AppError> {
    let side = authz::approving_side(actor, tenant, true)?;
    let (tx, component, end) = lock(cx, actor, tenant, on.into()).await?;
    let Some(mut tx) = tx else { return Ok(end) };
    store::tenant::lock(&mut tx, tenant).await?;
    let open = open_of(&mut tx, tenant, &component).await?;
    let points = store::recovery_point::list(&mut tx, tenant, component.id, CHOICES).await?;
    let contract = contract::of(&mut tx, tenant).await?;
    let line = store::sow::current_scope(&mut tx, tenant, component.id).await?;
    let needed = needed(&contract, &component, line);
    let said = Confirmation {
        side,
        by: actor.user,
        name: actor.display_name.clone(),
        at: cx.now(),
    };
    let confirmed = end.confirm(said, &needed, (typed, &component.name), &points, open)?;
    let detail = json!({ "component": component.name, "side": side });
    record(
        cx,
        &mut tx,
        actor,
        "component.decommission-confirmed",
        &component,
        detail,
    )
    .await?;
    let end = match confirmed {
        Confirmed::InPart(mut end) => {
            store::decommission::save(&mut tx, &mut end).await?;
            end
        }
        Confirmed::ByAll(ending) => complete(cx, &mut tx, actor, &component, ending).await?,
    };
    tx.commit().await?;
    Ok(end)
}

/// What all have confirmed happens.
async fn complete(
    cx: &Cx,
    tx: &mut Tx,
    actor: &Actor,
    component: &Component,
    ending: Ending,
) -> Result<Decommission, AppError> {
    let (tenant, now) = (component.tenant, cx.now());
    let names = ending.confirmed_by();
    let version = store::sow::remove_line(tx, tenant, component.id, &names, now)
        .await
        .map_err(|error| match error {
            StoreError::Exists { .. } => AppError::Conflict,
            other => other.into(),
        })?;
    store::component::decommission(tx, tenant, component.id, now).await?;
    let hold = match ending.keep_until().filter(|day| *day >= today(now)) {
        Some(day) => {
            let keep = HoldForm {
                component: None,
                case: None,
                until: Some(day),
                reason: format!(
                    "{} was decommissioned, and its recovery points are to be kept: asked for by {}, confirmed by {}.",
                    component.name,
                    ending.requester(),
                    names.join(" and ")
                ),
            };
            let target = Target::Component(component.id);
            Some(hold::add(cx, tx, actor, tenant, target, keep).await?.number)
        }
        None => None,
    };
    let mut end = ending.done(version, hold);
    store::decommission::save(tx, &mut end).await?;
    status::refresh(tx, tenant, Some(&[component.id])).await?;
    let detail = json!({ "component": component.name, "confirmed_by": names, "sow_version": version, "recovery_points": end.fate, "hold": hold });
    record(cx, tx, actor, "component.decommissioned", component, detail).await?;
    Ok(end)
}

/// Takes it back before it was confirmed.
///
/// # Errors
/// [`AppError::NotNow`] once it is confirmed; [`AppError::Forbidden`]; [`AppError::NotFound`]; [`AppError::Changed`].
pub async fn withdraw(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    on: impl Into<Decision<ComponentId>>,
) -> Result<Decommission, AppError> {
    authz::check(actor, Action::RequestChange, tenant)?;
    let (tx, component, end) = lock(cx, actor, tenant, on.into()).await?;
    let Some(mut tx) = tx else { return Ok(end) };
    let mut end = end.withdraw(actor.display_name.clone(), cx.now())?;
    store::decommission::save(&mut tx, &mut end).await?;
    let detail = json!({ "component": component.name });
    record(
        cx,
        &mut tx,
        actor,
        "component.decommission-withdrawn",
        &component,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(end)
}

/// Without a transaction when the same post has decided before.
async fn lock(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    decision: Decision<ComponentId>,
) -> Result<(Option<Tx>, Component, Decommission), AppError> {
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    let component = store::component::get(&mut tx, &scope, decision.on)
        .await?
        .ok_or(AppError::NotFound)?;
    let end = store::decommission::lock(&mut tx, tenant, component.id).await?;
    let end = end.ok_or_else(|| AppError::from(Refused::NotAwaiting { was: "not asked for" }))?;
    let new = decision.is_new(cx, &mut tx, actor, end.id.0, end.revision).await?;
    Ok((new.then_some(tx), component, end))
}

/// Says in the audit log what became of a component.
async fn record(
    cx: &Cx,
    tx: &mut Tx,
    actor: &Actor,
    action: &str,
    component: &Component,
    detail: Value,
) -> Result<(), StoreError> {
    audit::record(cx, tx, &actor.by(), component.tenant, action, component.id.0, detail).await
}

/// The sides that have to confirm the end of a component whose line is `line`.
fn needed(contract: &Contract, component: &Component, line: Option<Scope>) -> Vec<Side> {
    let in_force = sow::in_force(component.kind, line, &contract.bounds);
    confirmed_by(&contract.approval, in_force.as_ref())
}

async fn open_of(tx: &mut Connection, tenant: TenantId, component: &Component) -> Result<Open, StoreError> {
    Ok(Open {
        changes: store::change_request::open_of(tx, tenant, component).await?,
        restores: store::restore::open_of(tx, tenant, component.id).await?,
    })
}

/// Why no new backup of the component will be seen: no mechanism makes any, and none goes on by itself.
async fn no_new_backup(
    tx: &mut Connection,
    tenant: TenantId,
    component: ComponentId,
) -> Result<Option<String>, AppError> {
    let Some(of) = status::load(tx, tenant, Some(&[component])).await?.pop() else {
        return Ok(None);
    };
    let kept = of.observed.and_then(|reading| reading.retention_days);
    if kept.is_some_and(|days| days > 0) {
        return Ok(None);
    }
    Ok(match of.contracted {
        None => Some("Nobody has decided yet whether it is backed up.".to_owned()),
        Some((Scope::Out, _)) => Some("It is out of scope.".to_owned()),
        Some((Scope::In(_), choice)) => Some(choice.reason).filter(|_| choice.mechanism == MechanismName::None),
    })
}

fn may_be_asked(component: &Component, newest: Option<&Decommission>, open: &Open) -> Result<(), Refused> {
    if component.decommissioned_at.is_some() {
        Err(Refused::Gone)
    } else if newest.is_some_and(Decommission::is_asked) {
        Err(Refused::AlreadyAsked)
    } else if open.is_empty() {
        Ok(())
    } else {
        Err(Refused::Busy(open.clone()))
    }
}

fn may_confirm(
    actor: &Actor,
    tenant: TenantId,
    end: Option<&Decommission>,
    needed: &[Side],
    open: &Open,
    points: &[RecoveryPoint],
) -> Result<(), String> {
    let Some(end) = end.filter(|end| end.is_asked()) else {
        return Err("Nothing waits for confirmation.".to_owned());
    };
    let Ok(side) = authz::approving_side(actor, tenant, true) else {
        let who = if end.outstanding(needed) == [Side::Provider] {
            "An approver of the provider has to confirm this."
        } else {
            "An approver of the customer has to confirm this."
        };
        return Err(who.to_owned());
    };
    end.may_confirm(actor.user, side, needed)
        .map_err(|refused| refused.to_string())?;
    if !open.is_empty() {
        return Err(Refused::Busy(open.clone()).to_string());
    }
    end.last_point(points)
        .map(|_| ())
        .map_err(|refused| refused.to_string())
}
