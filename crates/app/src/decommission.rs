//! Ending a component: asked for, a last backup seen, confirmed by another person of the customer's.

use std::collections::{BTreeMap, HashMap};

use domain::change_request::Requester;
use domain::component::Component;
use domain::decommission::{Decommission, FinalBackup, Open, Refused, State, StateName, Wish};
use domain::hold::{Held, HoldForm, Target, today};
use domain::id::{ComponentId, DecommissionId, TenantId};
use domain::restore::RecoveryPoint;
use domain::scope_change::FormProblem;
use domain::sow::{MechanismName, Scope};
use domain::tenant::{Tenant, TenantScope};
use serde_json::json;
use store::{Connection, StoreError, Tx};

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::page::ROWS;
use crate::recovery_point::CHOICES;
use crate::{Actor, AppError, Cx, Decision, Page, audit, hold, lifecycle, status, tenant};

/// A component and its end, with all that the page shows.
#[derive(Debug, Clone)]
pub struct View {
    /// The component.
    pub component: Component,
    /// Its end, if it was ever asked for: the newest.
    pub end: Option<Decommission>,
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
        self.end.as_ref().is_some_and(|end| end.state == State::Asked)
    }
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
    Ok(View {
        may_ask: authz::check(actor, Action::RequestChange, tenant)
            .and_then(|()| Ok(may_be_asked(&component, end.as_ref(), &open)?))
            .map_err(|error| error.to_string()),
        may_confirm: may_confirm(actor, tenant, end.as_ref(), &open, &points),
        may_withdraw: end.as_ref().is_some_and(|end| end.state == State::Asked)
            && authz::may(actor, Action::RequestChange, tenant),
        no_new_backup: no_new_backup(&mut tx, tenant, component.id).await?,
        component,
        end,
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
) -> Result<Page<(Decommission, Component)>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    let ends = Page::of(store::decommission::page(&mut tx, tenant, state, before, ROWS).await?);
    let ids: Vec<_> = ends.items.iter().map(|end| end.component).collect();
    let components = store::component::those(&mut tx, &scope, &ids).await?;
    let components: HashMap<_, _> = components.into_iter().map(|one| (one.id, one)).collect();
    Ok(ends.filter_map(|end| {
        let component = components.get(&end.component)?.clone();
        Some((end, component))
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
    let wish = Wish::from_fields(fields, tenant::today(cx, tenant)).map_err(AppError::Invalid)?;
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
        state: State::Asked,
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
    audit::record(
        cx,
        &mut tx,
        &actor.by(),
        tenant.id,
        "component.decommission-asked",
        component.id.0,
        detail,
    )
    .await?;
    idempotency::remember(cx, &mut tx, actor, key, end.id.0).await?;
    tx.commit().await?;
    Ok(end)
}

/// Confirms it: the component is no more, its line leaves the scope of work, and nothing is configured for it from now on.
/// Where its recovery points are to be kept until a day, a hold on all of them records that. Nothing is touched at the
/// outside. `typed` is the component's name as the confirmer typed it.
///
/// # Errors
/// [`AppError::NotNow`] by whom it was asked, before the final backup was seen, or while something of the component is
/// open; [`AppError::Forbidden`]; [`AppError::NotFound`]; [`AppError::Changed`].
pub async fn confirm(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    on: impl Into<Decision<ComponentId>>,
    typed: &str,
) -> Result<Decommission, AppError> {
    authz::check(actor, Action::ApproveForCustomer, tenant)?;
    let (tx, component, end) = lock(cx, actor, tenant, on.into()).await?;
    let Some(mut tx) = tx else { return Ok(end) };
    store::tenant::lock(&mut tx, tenant).await?;
    let now = cx.now();
    let open = open_of(&mut tx, tenant, &component).await?;
    let points = store::recovery_point::list(&mut tx, tenant, component.id, CHOICES).await?;
    let requester = end.requester.name.clone();
    let keep_until = end.fate.keep_until().filter(|day| *day >= today(now));
    let by = (actor.user, actor.display_name.clone());
    let confirmed = end.confirm(by, (typed, &component.name), &points, open)?;
    let approved_by = [actor.display_name.clone()];
    let version = store::sow::remove_line(&mut tx, tenant, component.id, &approved_by, now)
        .await
        .map_err(|error| match error {
            StoreError::Exists { .. } => AppError::Conflict,
            other => other.into(),
        })?;
    store::component::decommission(&mut tx, tenant, component.id, now).await?;
    let hold = match keep_until {
        Some(day) => {
            let keep = HoldForm {
                component: None,
                case: None,
                until: Some(day),
                reason: format!(
                    "{} was decommissioned, and its recovery points are to be kept: asked for by {requester}, confirmed by {}.",
                    component.name, actor.display_name
                ),
            };
            let target = Target::Component(component.id);
            Some(hold::add(cx, &mut tx, actor, tenant, target, keep).await?.number)
        }
        None => None,
    };
    let mut end = confirmed.done(version, hold, now);
    store::decommission::save(&mut tx, &mut end).await?;
    status::refresh(&mut tx, tenant, Some(&[component.id])).await?;
    let detail =
        json!({ "component": component.name, "sow_version": version, "recovery_points": end.fate, "hold": hold });
    audit::record(
        cx,
        &mut tx,
        &actor.by(),
        tenant,
        "component.decommissioned",
        component.id.0,
        detail,
    )
    .await?;
    tx.commit().await?;
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
    audit::record(
        cx,
        &mut tx,
        &actor.by(),
        tenant,
        "component.decommission-withdrawn",
        component.id.0,
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
    } else if newest.is_some_and(|end| end.state == State::Asked) {
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
    open: &Open,
    points: &[RecoveryPoint],
) -> Result<(), String> {
    let Some(end) = end.filter(|end| end.state == State::Asked) else {
        return Err("Nothing waits for confirmation.".to_owned());
    };
    if !authz::may(actor, Action::ApproveForCustomer, tenant) {
        return Err("An approver of the customer has to confirm this.".to_owned());
    }
    if end.requester.user == Some(actor.user) {
        return Err(Refused::OwnRequest.to_string());
    }
    if !open.is_empty() {
        return Err(Refused::Busy(open.clone()).to_string());
    }
    end.last_point(points)
        .map(|_| ())
        .map_err(|refused| refused.to_string())
}
