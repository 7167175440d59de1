//! The Kubernetes platform's own backups (feature B14): cluster state and EBS volume snapshots. They are always on; only
//! their retention can be set.

use std::collections::BTreeMap;

use super::{Location, Scope, Terms, ValueSource};
use crate::account::Region;
use crate::component::ComponentKind;
use crate::contract::Bounds;
use crate::retention::RetentionDays;
use crate::schedule::Schedule;
use crate::scope_change::{self, Field, FormProblem, ScopeWish, Wish};

/// The retention where nobody set one (feature E47).
const RETENTION: RetentionDays = match RetentionDays::parse(14) {
    Ok(days) => days,
    Err(_) => unreachable!(),
};

/// The terms where nobody set a retention: daily, 14 calendar days, all of it the mechanism's default; where the contract
/// does not allow 14 days, the nearest number that it allows.
#[must_use]
pub fn platform_terms(bounds: &Bounds) -> Terms {
    let days = bounds.nearest(RETENTION);
    let source = if days == RETENTION {
        ValueSource::Default
    } else {
        ValueSource::Regulation
    };
    terms(days, source)
}

/// What holds for a component of that kind: what was decided, or the platform's defaults where nobody decided.
#[must_use]
pub fn in_force(kind: ComponentKind, decided: Option<Scope>, bounds: &Bounds) -> Option<Scope> {
    match kind {
        ComponentKind::KubernetesPlatform => Some(decided.unwrap_or_else(|| Scope::In(platform_terms(bounds)))),
        _ => decided,
    }
}

/// What a wish makes of a platform's line. No tier can be chosen for it, so "tier default" is the mechanism's.
///
/// # Errors
/// Everything that is asked beside the retention, and what the contract does not allow.
pub(super) fn resolve(
    wish: &ScopeWish,
    name: &str,
    region: Option<&Region>,
    bounds: &Bounds,
) -> Result<Scope, Vec<FormProblem>> {
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
    problems.extend(bounds.check_place(name, region, Location::SameAccountAndRegion, false));
    let asked = match wish.retention {
        Wish::Exactly(days) => bounds.check_days(days).map(|()| terms(days, ValueSource::Change)),
        Wish::TierDefault => Ok(platform_terms(bounds)),
    };
    match asked {
        Ok(terms) if problems.is_empty() => Ok(Scope::In(terms)),
        Ok(_) => Err(problems),
        Err(problem) => {
            problems.push(problem);
            Err(problems)
        }
    }
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
