//! The scope of work: what is contracted for each component, and where each value came from.

mod deviation;
mod diff;
mod origin;
mod platform;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::Region;
use crate::component::{Component, ComponentKind};
use crate::contract::Bounds;
use crate::id::{ChangeRequestId, ComponentId, ScopeItemId};
use crate::retention::RetentionDays;
use crate::schedule::Schedule;
use crate::scope_change::{self, Field, FormProblem, ScopeWish, Wish};
use crate::tier::Tier;
use crate::window::BackupWindow;

pub use deviation::{Deviation, Direction, deviations};
pub use diff::{FieldChange, Line, LineChange, LineDiff, diff};
pub use origin::{Origin, origins};
pub use platform::{in_force, platform_terms};

/// Where recovery points are kept (feature F59: the same account and region unless requested).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Location {
    /// Beside the source.
    SameAccountAndRegion,
    /// A copy in another region.
    AnotherRegion,
    /// A copy in another account.
    AnotherAccount,
}

impl Location {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameAccountAndRegion => "same-account-and-region",
            Self::AnotherRegion => "another-region",
            Self::AnotherAccount => "another-account",
        }
    }
}

/// Which source supplied a value, the strongest first (decisions.md); regulation caps all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueSource {
    /// The change that made this version.
    Change,
    /// An earlier version of the scope of work.
    Sow,
    /// The tier that the customer chose.
    Tier,
    /// The mechanism's default.
    Default,
    /// The contract's regulation, which caps all.
    Regulation,
}

/// In or out. A component that is in no version is not in scope either, but nobody decided so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "decision")]
pub enum Scope {
    /// No mechanism is configured.
    Out,
    /// Backed up under these terms.
    In(Terms),
}

impl Scope {
    /// The terms, when in scope.
    #[must_use]
    pub const fn terms(&self) -> Option<&Terms> {
        match self {
            Self::In(terms) => Some(terms),
            Self::Out => None,
        }
    }

    /// The same with its note: what an onboarding document says of its terms.
    #[must_use]
    pub fn noted(self, said: &str) -> Self {
        let Self::In(terms) = self else { return self };
        let said = said.trim();
        Self::In(Terms {
            note: (!said.is_empty()).then(|| said.to_owned()),
            ..terms
        })
    }

    /// The same with the note that stands once a change has brought it (feature E51). What the change says becomes the note
    /// where the terms deviate from their tier, which it explains. Otherwise the note of the line `before` stays, until the
    /// terms become what the tier stands for.
    #[must_use]
    pub fn explained(self, said: &str, before: Option<&Self>) -> Self {
        let Self::In(terms) = self else { return self };
        let before = before.and_then(Self::terms);
        let deviates = terms.tier.is_some_and(|tier| deviation::departs(tier, &terms));
        let deviated = |before: &Terms| terms.tier.is_some_and(|tier| deviation::departs(tier, before));
        let arrives = !deviates && before.is_some_and(deviated);
        let said = Some(said.trim()).filter(|said| deviates && !said.is_empty());
        let kept = before.and_then(|before| before.note.as_deref()).filter(|_| !arrives);
        let note = said.or(kept).map(str::to_owned);
        Self::In(Terms { note, ..terms })
    }

    /// The note that `after` no longer has, and the one that stands in its place, if any; `None`: nothing is lost.
    #[must_use]
    pub fn loses_note<'a>(&'a self, after: &'a Self) -> Option<(&'a str, Option<&'a str>)> {
        let note = |scope: &'a Self| scope.terms().and_then(|terms| terms.note.as_deref());
        let (before, after) = (note(self)?, note(after));
        (after != Some(before)).then_some((before, after))
    }

    /// The same as a later version has it that decides nothing anew of it: what its change said, the scope of work says.
    #[must_use]
    pub fn carried(mut self) -> Self {
        if let Self::In(terms) = &mut self {
            let said = terms.sources.values_mut();
            for source in said.filter(|source| **source == ValueSource::Change) {
                *source = ValueSource::Sow;
            }
        }
        self
    }

    /// What `after` gives up of what is contracted now, a sentence each; empty when it only tightens.
    #[must_use]
    pub fn gives_up(&self, after: &Self) -> Vec<String> {
        let Self::In(before) = self else {
            return Vec::new();
        };
        let Self::In(after) = after else {
            return vec!["It goes out of scope: from then on nobody owes the customer a backup of it.".to_owned()];
        };
        let mut given_up = Vec::new();
        if after.retention < before.retention {
            given_up.push(format!(
                "The contracted retention goes down from {} to {}.",
                before.retention, after.retention
            ));
        }
        if let (Some(was), Some(is)) = (before.tier, after.tier)
            && is > was
        {
            given_up.push(format!(
                "It goes down from tier {} to tier {}: a restore may take {} instead of {}.",
                was.number(),
                is.number(),
                deviation::span(is.rto()),
                deviation::span(was.rto())
            ));
        }
        if after.schedule.is_rarer_than(&before.schedule) {
            given_up.push(format!(
                "It is backed up less often: {} instead of {}.",
                after.schedule, before.schedule
            ));
        }
        if before.location != after.location && before.location != Location::SameAccountAndRegion {
            given_up.push("Its copies are no longer kept where they were contracted to be.".to_owned());
        }
        given_up
    }
}

/// What is contracted for a component in scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The tier that the customer chose, if any.
    pub tier: Option<Tier>,
    /// How often, and when; the stored rows call it a frequency.
    #[serde(rename = "frequency")]
    pub schedule: Schedule,
    /// For how long.
    pub retention: RetentionDays,
    /// Daily window in UTC that somebody asked for; `None`: nobody did.
    pub window: Option<BackupWindow>,
    /// Where.
    pub location: Location,
    /// Field name to the source of its value.
    pub sources: BTreeMap<String, ValueSource>,
    /// Why it is so, until when, and what would meet the tier (feature E51), in the customer's words; `None`: nothing
    /// was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Terms {
    /// The daily window in UTC: the one that was asked for, or the half hour that begins at the schedule's time of day;
    /// `None`: the provider's own.
    #[must_use]
    pub fn daily_window(&self) -> Option<BackupWindow> {
        self.window
            .or_else(|| self.schedule.daily_in_utc().map(BackupWindow::from_time))
    }
}

/// How a component in scope is backed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MechanismName {
    /// RDS automated backups.
    #[serde(rename = "native:rds")]
    NativeRds,
    /// Not at all: out of scope, or nothing that meets the terms exists yet.
    #[serde(rename = "none")]
    None,
}

impl MechanismName {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NativeRds => "native:rds",
            Self::None => "none",
        }
    }
}

/// The mechanism that was chosen, and why (feature D35).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MechanismChoice {
    /// The mechanism.
    pub mechanism: MechanismName,
    /// One sentence.
    pub reason: String,
}

/// One component's line in the scope of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeItem {
    /// Its id, new with each change of the line.
    pub id: ScopeItemId,
    /// The component.
    pub component: Component,
    /// In or out.
    pub scope: Scope,
    /// How it is backed up.
    pub choice: MechanismChoice,
}

/// A version of a tenant's scope of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SowVersion {
    /// 1, 2, 3, …; 0 before anything was agreed.
    pub version: i32,
    /// From when it holds.
    pub effective_from: Timestamp,
    /// The change that made it; `None`: an onboarding document or the end of a component did.
    pub change_request: Option<ChangeRequestId>,
    /// The number of the import that made it.
    pub import: Option<i32>,
    /// The component whose end made it.
    pub decommissioned: Option<ComponentId>,
    /// Names of the people who approved it.
    pub approved_by: Vec<String>,
}

/// What a wish makes of a component's line (decisions.md): its own values first, which make the newest version; then what
/// the version before says; then what the tier stands for; then the mechanism's default; all of it within what the contract
/// bounds. A value that the wish leaves open and nothing supplies is asked back, never guessed; a default outside the bounds
/// moves to the nearest one.
///
/// # Errors
/// The fields that say "tier default" where no tier was ever chosen, and those that the contract does not allow; for a
/// Kubernetes platform all but the retention.
pub fn resolve(
    wish: &ScopeWish,
    current: Option<&Scope>,
    component: &Component,
    bounds: &Bounds,
) -> Result<Scope, Vec<FormProblem>> {
    let region = component.region();
    resolve_at(wish, current, Some(component.kind), &component.name, region, bounds)
}

/// The same for what is not in the inventory yet: a component's kind (`None`: it is not known), its name, and the region
/// that it is in.
pub(crate) fn resolve_at(
    wish: &ScopeWish,
    current: Option<&Scope>,
    kind: Option<ComponentKind>,
    name: &str,
    region: Option<&Region>,
    bounds: &Bounds,
) -> Result<Scope, Vec<FormProblem>> {
    if kind == Some(ComponentKind::KubernetesPlatform) {
        return platform::resolve(wish, name, region, bounds);
    }
    let ScopeWish::In(wish) = wish else {
        return Ok(Scope::Out);
    };
    let before = current.and_then(Scope::terms);
    let (tier, tier_source) = match (wish.tier, before.and_then(|terms| terms.tier)) {
        (Some(tier), _) => (Some(tier), ValueSource::Change),
        (None, Some(tier)) => (Some(tier), ValueSource::Sow),
        (None, None) => (None, ValueSource::Default),
    };
    let mut problems = Vec::new();
    let retention = pick(
        wish.retention,
        tier.map(Tier::retention),
        &scope_change::RETENTION,
        &mut problems,
    );
    let retention = retention.and_then(|chosen| within(chosen, bounds, &mut problems));
    let schedule = pick(
        wish.schedule.clone(),
        tier.map(Tier::schedule),
        &scope_change::FREQUENCY,
        &mut problems,
    );
    let (location, location_source) = match (wish.location, before.map(|terms| terms.location)) {
        (Some(location), _) => (location, ValueSource::Change),
        (None, Some(location)) => (location, ValueSource::Sow),
        (None, None) => (Location::SameAccountAndRegion, ValueSource::Default),
    };
    problems.extend(bounds.check_place(name, region, location, wish.location.is_some()));
    let (Some((retention, retention_source)), Some((schedule, schedule_source)), []) =
        (retention, schedule, problems.as_slice())
    else {
        return Err(problems);
    };
    // A time of day that is asked for now puts an end to a window that was asked for before it.
    let still_fits = |window: &BackupWindow| schedule.daily_in_utc().is_none_or(|time| window.contains(time));
    let earlier_window = before.and_then(|terms| terms.window).filter(still_fits);
    let (window, window_source) = match (wish.backup_window, earlier_window) {
        (Some(window), _) => (Some(window), ValueSource::Change),
        (None, Some(window)) => (Some(window), ValueSource::Sow),
        (None, None) => (None, ValueSource::Default),
    };
    let sources = BTreeMap::from([
        ("in_scope".to_owned(), ValueSource::Change),
        ("tier".to_owned(), tier_source),
        ("retention_days".to_owned(), retention_source),
        ("schedule".to_owned(), schedule_source),
        ("window".to_owned(), window_source),
        ("location".to_owned(), location_source),
    ]);
    Ok(Scope::In(Terms {
        tier,
        schedule,
        retention,
        window,
        location,
        sources,
        note: None,
    }))
}

fn pick<T>(
    wish: Wish<T>,
    of_tier: Option<T>,
    field: &Field,
    problems: &mut Vec<FormProblem>,
) -> Option<(T, ValueSource)> {
    match (wish, of_tier) {
        (Wish::Exactly(value), _) => Some((value, ValueSource::Change)),
        (Wish::TierDefault, Some(value)) => Some((value, ValueSource::Tier)),
        (Wish::TierDefault, None) => {
            let why = "no tier was chosen for this component, so there is no default: choose a tier or a value";
            problems.push(FormProblem::new(field, Some("tier default"), why));
            None
        }
    }
}

/// The same retention where the contract allows it; a default that it does not allow moves to its bound.
fn within(
    (days, source): (RetentionDays, ValueSource),
    bounds: &Bounds,
    problems: &mut Vec<FormProblem>,
) -> Option<(RetentionDays, ValueSource)> {
    let Err(problem) = bounds.check_days(days) else {
        return Some((days, source));
    };
    if source == ValueSource::Change {
        problems.push(problem);
        return None;
    }
    Some((bounds.nearest(days), ValueSource::Regulation))
}
