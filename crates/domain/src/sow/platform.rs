//! The Kubernetes platform's own backups (feature B14): cluster state and EBS volume snapshots. They are always on; only
//! their retention can be set.

use std::collections::BTreeMap;

use super::{Location, Scope, Terms, ValueSource};
use crate::component::ComponentKind;
use crate::retention::RetentionDays;
use crate::schedule::Schedule;
use crate::scope_change::{self, Field, FormProblem, ScopeWish, Wish};

/// The retention where nobody set one (feature E47).
const RETENTION: RetentionDays = match RetentionDays::parse(14) {
    Ok(days) => days,
    Err(_) => unreachable!(),
};

/// The terms where nobody set a retention: daily, 14 calendar days, all of it the mechanism's default.
#[must_use]
pub fn platform_terms() -> Terms {
    terms(RETENTION, ValueSource::Default)
}

/// What holds for a component of that kind: what was decided, or the platform's defaults where nobody decided.
#[must_use]
pub fn in_force(kind: ComponentKind, decided: Option<Scope>) -> Option<Scope> {
    match kind {
        ComponentKind::KubernetesPlatform => Some(decided.unwrap_or_else(|| Scope::In(platform_terms()))),
        _ => decided,
    }
}

/// What a wish makes of a platform's line. No tier can be chosen for it, so "tier default" is the mechanism's.
///
/// # Errors
/// Everything that is asked beside the retention.
pub(super) fn resolve(wish: &ScopeWish) -> Result<Scope, Vec<FormProblem>> {
    const ONLY_RETENTION: &str = "the backups of a Kubernetes platform are made daily, when the provider makes them, in the same account and region: only their retention can be set";
    let ScopeWish::In(wish) = wish else {
        let why = "the backups of a Kubernetes platform are always on and cannot go out of scope: only their retention can be set";
        return Err(vec![FormProblem::new(&scope_change::SCOPE, Some("Out of scope"), why)]);
    };
    let mut problems = Vec::new();
    let mut refuse =
        |field: &Field, given: String| problems.push(FormProblem::new(field, Some(&given), ONLY_RETENTION));
    match &wish.schedule {
        Wish::TierDefault | Wish::Exactly(Schedule::Daily) => {}
        Wish::Exactly(other) => refuse(&scope_change::FREQUENCY, other.to_string()),
    }
    if let Some(window) = wish.backup_window {
        refuse(&scope_change::BACKUP_WINDOW, window.to_string());
    }
    if let Some(tier) = wish.tier {
        refuse(&scope_change::TIER, format!("Tier {}", tier.number()));
    }
    if let Some(location) = wish
        .location
        .filter(|location| *location != Location::SameAccountAndRegion)
    {
        refuse(&scope_change::LOCATION, location.as_str().to_owned());
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Scope::In(match wish.retention {
        Wish::Exactly(days) => terms(days, ValueSource::Change),
        Wish::TierDefault => platform_terms(),
    }))
}

fn terms(retention: RetentionDays, source: ValueSource) -> Terms {
    let default =
        ["in_scope", "tier", "schedule", "window", "location"].map(|field| (field.to_owned(), ValueSource::Default));
    let mut sources = BTreeMap::from(default);
    sources.insert("retention_days".to_owned(), source);
    Terms {
        tier: None,
        schedule: Schedule::Daily,
        retention,
        window: None,
        location: Location::SameAccountAndRegion,
        sources,
    }
}
