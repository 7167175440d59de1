//! Holds on recovery points: asked for by either side, released by one person of each.

use std::collections::BTreeMap;

use domain::hold::{Hold, HoldForm, Said, Target, release_reason, today};
use domain::id::{ComponentId, HoldId, RecoveryPointId, TenantId};
use domain::scope_change::FormProblem;
use domain::tenant::TenantScope;
use serde_json::{Value, json};
use store::Tx;

pub use store::hold::{Filter, HeldPoint, OfTarget};

use crate::audit::Event;
use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::page::ROWS;
use crate::{Actor, AppError, Cx, Decision, Page, audit};

/// What a hold is to be on, where it is known by its id.
#[derive(Debug, Clone, Copy)]
pub enum On {
    /// All of a component.
    Component(ComponentId),
    /// One recovery point.
    Point(RecoveryPointId),
}

/// A hold with all that its page shows.
#[derive(Debug, Clone)]
pub struct View {
    /// The hold.
    pub hold: OfTarget,
    /// What happened, oldest first.
    pub timeline: Vec<Event>,
    /// Whether the reader may ask to release it.
    pub may_ask_release: bool,
    /// Whether the reader may confirm the release that was asked for; otherwise why not.
    pub may_release: Result<(), String>,
    /// Whether the reader may turn the release down, or take it back.
    pub may_keep: bool,
}

/// Asks that recovery points be kept. `given` are the answers of [`HoldForm`]; `on` stands for a component or a recovery
/// point that was named by its id. Holds nothing by itself: no mechanism can.
///
/// # Errors
/// [`AppError::Invalid`]; [`AppError::Forbidden`]; [`AppError::NotFound`]; [`AppError::KeyReused`].
pub async fn ask(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    on: Option<On>,
    given: &BTreeMap<String, String>,
    key: Option<&Idempotency>,
) -> Result<OfTarget, AppError> {
    authz::check(actor, Action::AskHold, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    if let Some(made) = idempotency::earlier(&mut tx, actor, key).await? {
        let made = store::hold::get(&mut tx, &scope, HoldId(made)).await?;
        return made.ok_or(AppError::NotFound);
    }
    let now = cx.now();
    let form = HoldForm::from_fields(given, today(now)).map_err(AppError::Invalid)?;
    let target = target(&mut tx, tenant, on, &form).await?;
    let hold = add(cx, &mut tx, actor, tenant, target, form).await?;
    idempotency::remember(cx, &mut tx, actor, key, hold.id.0).await?;
    let made = store::hold::get(&mut tx, &scope, hold.id).await?;
    tx.commit().await?;
    made.ok_or(AppError::NotFound)
}

/// Adds a hold in the transaction of what it is asked for, and says so in the audit log.
///
/// # Errors
/// [`AppError::Store`].
pub(crate) async fn add(
    cx: &Cx,
    tx: &mut Tx,
    actor: &Actor,
    tenant: TenantId,
    target: Target,
    form: HoldForm,
) -> Result<Hold, AppError> {
    let hold = Hold {
        id: HoldId::at(cx.now()),
        tenant,
        number: store::tenant::next_number(tx, tenant, "hold").await?,
        target,
        case: form.case,
        reason: form.reason,
        until: form.until,
        asked: said(cx, actor, tenant),
        release: None,
        released: None,
        revision: 1,
    };
    store::hold::insert(tx, &hold).await?;
    let detail = json!({ "number": hold.number, "case": hold.case, "component": target.component(), "recovery_point": target.point() });
    let by = actor.by();
    audit::record(cx, tx, &by, tenant, "recovery-point-hold.asked", hold.id.0, detail).await?;
    Ok(hold)
}

async fn target(tx: &mut Tx, tenant: TenantId, on: Option<On>, form: &HoldForm) -> Result<Target, AppError> {
    let scope = TenantScope::one(tenant);
    let unknown = |field: &str, label: &str, given: String, why: &str| {
        AppError::Invalid(vec![FormProblem {
            field: field.to_owned(),
            label: label.to_owned(),
            given: Some(given),
            why: why.to_owned(),
        }])
    };
    match (on, &form.component) {
        (Some(On::Point(id)), _) => match store::recovery_point::get(tx, &scope, id).await? {
            Some((component, _)) => Ok(Target::Point(component, id)),
            None => Err(unknown(
                "recovery_point_id",
                "Recovery point",
                id.to_string(),
                "no such recovery point was observed: choose one of those that are listed",
            )),
        },
        (Some(On::Component(id)), _) => match store::component::get(tx, &scope, id).await? {
            Some(component) => Ok(Target::Component(component.id)),
            None => Err(unknown(
                "component_id",
                "Component",
                id.to_string(),
                "the inventory has no such component",
            )),
        },
        (None, Some((environment, name))) => {
            let found = store::component::by_name(tx, tenant, *environment, name).await?;
            let missing = || AppError::Invalid(vec![HoldForm::unknown_component(*environment, name)]);
            found
                .map(|component| Target::Component(component.id))
                .ok_or_else(missing)
        }
        (None, None) if form.case.is_none() => Err(AppError::Invalid(vec![HoldForm::case_is_missing()])),
        (None, None) => Ok(Target::Everything),
    }
}

/// Asks, for the side that the person belongs to, that a hold be released.
///
/// # Errors
/// [`AppError::Hold`], [`AppError::Invalid`], [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::Changed`].
pub async fn ask_release(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<HoldId>>,
    reason: &str,
) -> Result<OfTarget, AppError> {
    let (tx, held) = lock(cx, actor, on.into(), Action::AskHold).await?;
    let Some(tx) = tx else { return Ok(held) };
    let reason = release_reason(reason).map_err(AppError::Invalid)?;
    let said = said(cx, actor, held.hold.tenant);
    let detail = json!({ "side": said.side, "reason": reason });
    let hold = held.hold.ask_release(said, reason)?;
    save(cx, tx, actor, hold, "recovery-point-hold.release-asked", detail).await
}

/// Confirms, for the other side, that a hold is released.
///
/// # Errors
/// [`AppError::Hold`], [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::Changed`].
pub async fn release(cx: &Cx, actor: &Actor, on: impl Into<Decision<HoldId>>) -> Result<OfTarget, AppError> {
    let (tx, held) = lock(cx, actor, on.into(), Action::ReleaseHold).await?;
    let Some(tx) = tx else { return Ok(held) };
    let said = said(cx, actor, held.hold.tenant);
    let detail = json!({ "side": said.side });
    let hold = held.hold.release(said)?;
    save(cx, tx, actor, hold, "recovery-point-hold.released", detail).await
}

/// Turns down the release that was asked for, or takes it back: the hold stands.
///
/// # Errors
/// [`AppError::Hold`], [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::Changed`].
pub async fn keep(cx: &Cx, actor: &Actor, on: impl Into<Decision<HoldId>>) -> Result<OfTarget, AppError> {
    let (tx, held) = lock(cx, actor, on.into(), Action::AskHold).await?;
    let Some(tx) = tx else { return Ok(held) };
    let hold = held.hold.keep(cx.now())?;
    save(cx, tx, actor, hold, "recovery-point-hold.kept", json!({})).await
}

/// The tenant's holds that the filter wants, newest first, a page from its cursor.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list(cx: &Cx, actor: &Actor, tenant: TenantId, filter: &Filter) -> Result<Page<OfTarget>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(Page::of(
        store::hold::list(&mut tx, tenant, filter, today(cx.now()), ROWS).await?,
    ))
}

/// The hold with that id, in whichever tenant of the person's it is.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn by_id(cx: &Cx, actor: &Actor, id: HoldId) -> Result<OfTarget, AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    let hold = store::hold::get(&mut tx, actor.scope(), id).await?;
    hold.ok_or(AppError::NotFound)
}

/// The hold with that number, with all that its page shows.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn by_number(cx: &Cx, actor: &Actor, tenant: TenantId, number: i32) -> Result<View, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    let held = store::hold::by_number(&mut tx, tenant, number)
        .await?
        .ok_or(AppError::NotFound)?;
    let mut timeline = store::audit::list(&mut tx, &scope, Some(held.hold.id.0), None, 200).await?;
    timeline.reverse();
    let (hold, now) = (&held.hold, cx.now());
    let may_ask = authz::may(actor, Action::AskHold, tenant);
    let may_release = may_release(cx, actor, hold).map_err(|error| error.to_string());
    Ok(View {
        may_ask_release: may_ask && hold.clone().ask_release(said(cx, actor, tenant), String::new()).is_ok(),
        may_keep: may_ask && hold.clone().keep(now).is_ok(),
        may_release,
        timeline,
        hold: held,
    })
}

/// The holds, of any living tenant of the person's, whose release the person may confirm; those that were asked for
/// longest ago first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn waiting(cx: &Cx, actor: &Actor) -> Result<Vec<OfTarget>, AppError> {
    let living = actor.living();
    let mut tx = cx.db.begin(&living).await?;
    let mut asked = store::hold::release_asked(&mut tx, &living, today(cx.now())).await?;
    asked.retain(|held| may_release(cx, actor, &held.hold).is_ok());
    Ok(asked)
}

fn may_release(cx: &Cx, actor: &Actor, hold: &Hold) -> Result<(), AppError> {
    authz::check(actor, Action::ReleaseHold, hold.tenant)?;
    hold.clone().release(said(cx, actor, hold.tenant))?;
    Ok(())
}

fn said(cx: &Cx, actor: &Actor, tenant: TenantId) -> Said {
    Said {
        by: actor.user,
        name: actor.display_name.clone(),
        side: authz::side_of(actor, tenant),
        at: cx.now(),
    }
}

/// Without a transaction when the same post has decided before.
async fn lock(
    cx: &Cx,
    actor: &Actor,
    decision: Decision<HoldId>,
    action: Action,
) -> Result<(Option<Tx>, OfTarget), AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    let held = store::hold::lock(&mut tx, actor.scope(), decision.on)
        .await?
        .ok_or(AppError::NotFound)?;
    authz::check(actor, action, held.hold.tenant)?;
    let new = decision
        .is_new(cx, &mut tx, actor, held.hold.id.0, held.hold.revision)
        .await?;
    Ok((new.then_some(tx), held))
}

async fn save(
    cx: &Cx,
    mut tx: Tx,
    actor: &Actor,
    mut hold: Hold,
    action: &str,
    detail: Value,
) -> Result<OfTarget, AppError> {
    store::hold::save(&mut tx, &mut hold).await?;
    audit::record(cx, &mut tx, &actor.by(), hold.tenant, action, hold.id.0, detail).await?;
    let saved = store::hold::get(&mut tx, actor.scope(), hold.id).await?;
    tx.commit().await?;
    saved.ok_or(AppError::NotFound)
}
