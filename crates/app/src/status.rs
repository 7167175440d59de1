//! What is contracted beside what is really there, judged.

use domain::acknowledgement::Owed;
use domain::contract::Conflict;
use domain::id::{ComponentId, TenantId};
use domain::protection::{LastSeen, OBSERVATION_MAX_AGE, ProtectionState, Standing};
use domain::sow::{MechanismName, Scope};
use domain::tenant::{Tenant, TenantScope};
use jiff::Timestamp;
use store::Connection;

pub use store::rollup::Tally;
pub use store::status::{ComponentStatus, Filter, LastReading, Order, Shown};

use crate::authz::{self, Action};
use crate::page::ROWS;
use crate::{Actor, AppError, Cx, Page, acknowledgement, contract};

/// A component with its judgement.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What is contracted and what was read.
    pub status: ComponentStatus,
    /// `None`: not in scope, so that nothing is promised.
    pub protection: Option<ProtectionState>,
    /// Why, in one sentence.
    pub why: String,
}

/// A customer's status at one moment: the numbers agree with the components.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its components by state.
    pub tally: Tally,
    /// The oldest of the newest readings of components in scope; `None`: some was never read, or none is in scope.
    pub observed_at: Option<Timestamp>,
    /// A page of its living components.
    pub components: Page<Judged>,
    /// The statements that it owes, the worst first.
    pub owed: Vec<Owed>,
    /// What the scope of work holds outside the contract's bounds.
    pub conflicts: Vec<Conflict>,
}

/// One customer, and a page of its living components from the one after `after`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn report(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    filter: &Filter,
    order: Order,
    after: Option<ComponentId>,
) -> Result<Report, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let mut tx = cx.db.begin_snapshot(&TenantScope::one(tenant.id)).await?;
    let (tally, observed_at) = tally(cx, &mut tx, tenant.id).await?;
    Ok(Report {
        tally,
        observed_at,
        components: page(cx, &mut tx, tenant.id, filter, order, after).await?,
        owed: acknowledgement::owed_in(cx, &mut tx, tenant).await?,
        conflicts: contract::conflicts_in(&mut tx, tenant).await?,
    })
}

pub(crate) async fn tally(
    cx: &Cx,
    tx: &mut Connection,
    tenant: TenantId,
) -> Result<(Tally, Option<Timestamp>), AppError> {
    Ok(store::rollup::tally(tx, tenant, stale(cx)).await?)
}

pub(crate) async fn page(
    cx: &Cx,
    tx: &mut Connection,
    tenant: TenantId,
    filter: &Filter,
    order: Order,
    after: Option<ComponentId>,
) -> Result<Page<Judged>, AppError> {
    let rows = store::status::page(tx, tenant, filter, order, stale(cx), after, ROWS).await?;
    let rows = in_force(tx, tenant, rows).await?;
    Ok(Page::of(rows).map(|status| judge(status, cx.now())))
}

/// All living components of a customer, by environment and name.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn whole(cx: &Cx, actor: &Actor, tenant: TenantId) -> Result<Vec<Judged>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let rows = load(&mut tx, tenant, None).await?;
    let now = cx.now();
    Ok(rows.into_iter().map(|status| judge(status, now)).collect())
}

/// Brings what is stored of where components stand in step with what is contracted and read, in the transaction that
/// changed it. `None`: all components of the tenant.
pub(crate) async fn refresh(
    tx: &mut Connection,
    tenant: TenantId,
    components: Option<&[ComponentId]>,
) -> Result<(), AppError> {
    store::tenant::lock(tx, tenant).await?;
    let rows = load(tx, tenant, components).await?;
    let standings: Vec<_> = rows.iter().map(|status| (status, standing(status))).collect();
    store::status::save(tx, tenant, &standings).await?;
    Ok(store::rollup::refresh(tx, tenant).await?)
}

/// Those components (`None`: all that live) with what holds for each and what was read, by environment and name.
pub(crate) async fn load(
    tx: &mut Connection,
    tenant: TenantId,
    components: Option<&[ComponentId]>,
) -> Result<Vec<ComponentStatus>, AppError> {
    let rows = store::status::those(tx, tenant, components).await?;
    in_force(tx, tenant, rows).await
}

/// What nobody decided may hold all the same: the defaults of a Kubernetes platform, within the contract's bounds.
pub(crate) async fn in_force(
    tx: &mut Connection,
    tenant: TenantId,
    mut rows: Vec<ComponentStatus>,
) -> Result<Vec<ComponentStatus>, AppError> {
    if rows.iter().all(|status| status.contracted.is_some()) {
        return Ok(rows);
    }
    let bounds = contract::bounds(tx, tenant).await?;
    for status in rows.iter_mut().filter(|status| status.contracted.is_none()) {
        let scope = domain::sow::in_force(status.component.kind, None, &bounds);
        status.contracted = scope.map(|scope| {
            let choice = planner::choose(&status.component, &scope);
            (scope, choice)
        });
    }
    Ok(rows)
}

/// Where a component stands as of its last reading.
fn standing(status: &ComponentStatus) -> Standing {
    match &status.contracted {
        None => Standing::Undecided,
        Some((Scope::Out, _)) => Standing::Out,
        Some((Scope::In(_), choice)) if choice.mechanism == MechanismName::None => Standing::NoMechanism,
        Some((Scope::In(terms), _)) => {
            let seen = status.observed.as_ref().map(|reading| LastSeen {
                observed_at: reading.at,
                newest_recovery_point_at: reading.newest_recovery_point_at,
            });
            Standing::of_served(terms.schedule.interval(), seen)
        }
    }
}

/// Judges one component. Nothing is called protected without an observed recovery point inside the RPO.
#[must_use]
pub fn judge(status: ComponentStatus, now: Timestamp) -> Judged {
    let reading = status.observed.as_ref();
    let protection = standing(&status).state(reading.map(|reading| reading.at), now);
    let why = match (&status.contracted, protection) {
        (None, _) => "Nobody has decided yet whether this is backed up.".to_owned(),
        (Some((Scope::In(_), choice)), Some(state)) if choice.mechanism != MechanismName::None => {
            words(state, reading).to_owned()
        }
        (Some((_, choice)), _) => choice.reason.clone(),
    };
    Judged {
        status,
        protection,
        why,
    }
}

fn words(state: ProtectionState, reading: Option<&LastReading>) -> &'static str {
    match (state, reading) {
        (ProtectionState::Protected, _) => "A recovery point inside the objective was observed.",
        (ProtectionState::AtRisk, _) => "The newest recovery point is older than the objective.",
        (ProtectionState::Unprotected, Some(reading)) if !reading.present => "It was not found at AWS.",
        (ProtectionState::Unprotected, _) => "No recovery point was observed yet.",
        (ProtectionState::Unknown, None) => "It was never observed.",
        (ProtectionState::Unknown, Some(_)) => "The last observation is too old to say anything.",
    }
}

/// An observation from before this moment says nothing any more.
pub(crate) fn stale(cx: &Cx) -> Timestamp {
    cx.now() - OBSERVATION_MAX_AGE
}
