//! What is contracted beside what is really there, judged.

use domain::id::TenantId;
use domain::protection::{self, LastSeen, ProtectionState};
use domain::sow::{MechanismName, Scope};
use domain::tenant::{Tenant, TenantScope};
use jiff::Timestamp;

pub use store::status::{ComponentStatus, LastReading};

use crate::authz::{self, Action};
use crate::{Actor, AppError, Cx};

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

/// How many components are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// A recovery point inside the RPO was observed.
    pub protected: usize,
    /// The newest one is too old.
    pub at_risk: usize,
    /// None was observed.
    pub unprotected: usize,
    /// Not observed, or too long ago.
    pub unknown: usize,
    /// Decided to be out of scope.
    pub out_of_scope: usize,
    /// Nobody decided.
    pub undecided: usize,
}

impl Tally {
    /// Those that are in scope.
    #[must_use]
    pub const fn in_scope(&self) -> usize {
        self.protected + self.at_risk + self.unprotected + self.unknown
    }

    fn count(components: &[Judged]) -> Self {
        let mut tally = Self::default();
        for judged in components {
            let slot = match (judged.protection, &judged.status.contracted) {
                (Some(ProtectionState::Protected), _) => &mut tally.protected,
                (Some(ProtectionState::AtRisk), _) => &mut tally.at_risk,
                (Some(ProtectionState::Unprotected), _) => &mut tally.unprotected,
                (Some(ProtectionState::Unknown), _) => &mut tally.unknown,
                (None, Some(_)) => &mut tally.out_of_scope,
                (None, None) => &mut tally.undecided,
            };
            *slot += 1;
        }
        tally
    }
}

/// A customer's status.
#[derive(Debug, Clone)]
pub struct TenantStatus {
    /// The customer.
    pub tenant: Tenant,
    /// In numbers.
    pub tally: Tally,
    /// Its components, worst first.
    pub components: Vec<Judged>,
    /// The oldest of the newest readings of components in scope; `None`: some was never read, or none is in scope.
    pub observed_at: Option<Timestamp>,
}

/// One customer's status.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn of(cx: &Cx, actor: &Actor, tenant: &Tenant) -> Result<TenantStatus, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let scope = TenantScope::one(tenant.id);
    let mut tx = cx.db.begin(&scope).await?;
    let rows = store::status::list(&mut tx, &scope).await?;
    Ok(judge(
        tenant.clone(),
        rows.into_iter().map(|(_, status)| status),
        cx.now(),
    ))
}

/// The status of every customer that the person may see, worst first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn fleet(cx: &Cx, actor: &Actor) -> Result<Vec<TenantStatus>, AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    let tenants = store::tenant::list(&mut tx, actor.scope()).await?;
    let rows = store::status::list(&mut tx, actor.scope()).await?;
    let mut by_tenant: std::collections::HashMap<TenantId, Vec<ComponentStatus>> = std::collections::HashMap::new();
    for (tenant, status) in rows {
        by_tenant.entry(tenant).or_default().push(status);
    }
    let now = cx.now();
    let mut fleet: Vec<TenantStatus> = tenants
        .into_iter()
        .map(|tenant| {
            let rows = by_tenant.remove(&tenant.id).unwrap_or_default();
            judge(tenant, rows.into_iter(), now)
        })
        .collect();
    fleet.sort_by_key(|one| std::cmp::Reverse((one.tally.unprotected, one.tally.at_risk, one.tally.unknown)));
    Ok(fleet)
}

fn judge(tenant: Tenant, rows: impl Iterator<Item = ComponentStatus>, now: Timestamp) -> TenantStatus {
    let mut components: Vec<Judged> = rows.map(|status| judge_one(status, now)).collect();
    components.sort_by_key(|judged| (judged.protection.is_none(), judged.protection));
    let in_scope: Vec<&Judged> = components.iter().filter(|judged| judged.protection.is_some()).collect();
    let readings = in_scope
        .iter()
        .map(|judged| judged.status.observed.as_ref().map(|reading| reading.at));
    let observed_at = readings
        .collect::<Option<Vec<_>>>()
        .and_then(|all| all.into_iter().min());
    TenantStatus {
        tenant,
        tally: Tally::count(&components),
        components,
        observed_at,
    }
}

/// Judges one component. Nothing is called protected without an observed recovery point inside the RPO.
#[must_use]
pub fn judge_one(status: ComponentStatus, now: Timestamp) -> Judged {
    let (protection, why) = match &status.contracted {
        None => (None, "Nobody has decided yet whether this is backed up.".to_owned()),
        Some((Scope::Out, choice)) => (None, choice.reason.clone()),
        Some((Scope::In(_), choice)) if choice.mechanism == MechanismName::None => {
            (Some(ProtectionState::Unprotected), choice.reason.clone())
        }
        Some((Scope::In(terms), _)) => {
            let seen = status.observed.as_ref().map(|reading| LastSeen {
                observed_at: reading.at,
                newest_recovery_point_at: reading.newest_recovery_point_at,
            });
            let state = protection::assess(terms.schedule.interval(), seen, now);
            (Some(state), words(state, status.observed.as_ref()).to_owned())
        }
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
