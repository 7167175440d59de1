//! Where a line says something else than its tier stands for (feature E51): the customer's word counts, and the page says
//! what follows from it.

use jiff::SignedDuration;

use super::{Terms, ValueSource};
use crate::component::ComponentKind;
use crate::tier::{Archive, Tier};

/// A value that is not the tier's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// The field, as the sources of the values name it.
    pub field: &'static str,
    /// Whether it is less or more.
    pub direction: Direction,
    /// One sentence: what the tier stands for, what was asked for or bounds it, and what follows.
    pub words: String,
}

/// On which side of the tier a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Less than the tier stands for: its objective is not met.
    Short,
    /// More than the tier stands for.
    Beyond,
}

/// What of the terms is not what their tier stands for; empty where no tier was chosen. `kind`, where it is known, says
/// what would meet an objective that is not met.
#[must_use]
pub fn deviations(kind: Option<ComponentKind>, terms: &Terms) -> Vec<Deviation> {
    let Some(tier) = terms.tier else {
        return Vec::new();
    };
    retention(tier, terms)
        .into_iter()
        .chain(schedule(kind, tier, terms))
        .chain(archive(tier))
        .collect()
}

/// Whether retention or schedule is not what that tier stands for.
pub(super) fn departs(tier: Tier, terms: &Terms) -> bool {
    retention(tier, terms).is_some() || schedule(None, tier, terms).is_some()
}

/// No mechanism makes an archive yet.
fn archive(tier: Tier) -> Option<Deviation> {
    let Archive { years } = tier.archive()?;
    Some(Deviation {
        field: "archive",
        direction: Direction::Short,
        words: format!(
            "Tier {} stands for a copy of each month that is kept for {years} years as well: no mechanism makes one yet.",
            tier.number()
        ),
    })
}

fn retention(tier: Tier, terms: &Terms) -> Option<Deviation> {
    let (stands_for, asked) = (tier.retention(), terms.retention);
    let (direction, days, more_or_less) = match stands_for.get().checked_sub(asked.get()) {
        Some(0) => return None,
        Some(less) => (Direction::Short, less, "less"),
        None => (Direction::Beyond, asked.get() - stands_for.get(), "more"),
    };
    let unit = if days == 1 { "day" } else { "days" };
    let by = match terms.sources.get("retention_days") {
        Some(ValueSource::Regulation) => format!("the contract's regulation bounds it to {asked}"),
        _ => format!("{asked} {} asked for", was(asked.get())),
    };
    Some(Deviation {
        field: "retention_days",
        direction,
        words: format!(
            "Tier {} stands for {stands_for}; {by}: {days} {unit} {more_or_less}.",
            tier.number()
        ),
    })
}

fn schedule(kind: Option<ComponentKind>, tier: Tier, terms: &Terms) -> Option<Deviation> {
    let (objective, reached) = (tier.rpo(), terms.schedule.interval());
    let asked = format!(
        "Tier {} stands for {}; {} was asked for",
        tier.number(),
        tier.schedule(),
        terms.schedule
    );
    let (direction, follows) = if reached > objective {
        let follows = format!(
            "the objective of {} is not met, up to {} can be lost. {}",
            span(objective),
            span(reached),
            what_would_meet(kind, tier)
        );
        (Direction::Short, follows)
    } else if reached < objective {
        let follows = format!("up to {} can be lost instead of {}.", span(reached), span(objective));
        (Direction::Beyond, follows)
    } else {
        return None;
    };
    Some(Deviation {
        field: "schedule",
        direction,
        words: format!("{asked}: {follows}"),
    })
}

/// What would meet the tier's recovery point objective, in one sentence (decisions.md, tier 1 with hourly Velero).
const fn what_would_meet(kind: Option<ComponentKind>, tier: Tier) -> &'static str {
    use ComponentKind::{FileSystem, Kubernetes, KubernetesPlatform, SelfManagedDatabase};
    match (tier, kind) {
        (Tier::Tier1, Some(Kubernetes | KubernetesPlatform | FileSystem)) => {
            "Hourly is the most that can be had of volumes: a database that streams its log, as a component of its own, would meet it."
        }
        (Tier::Tier1 | Tier::Tier2, Some(SelfManagedDatabase)) => {
            "Streaming the database's log (WAL, binlog) would meet it."
        }
        (Tier::Tier1, _) => "Continuous backup (point in time) would meet it.",
        (Tier::Tier2, _) => "Hourly or more often would meet it.",
        (Tier::Tier3, _) => "Daily or more often would meet it.",
    }
}

const fn was(days: u16) -> &'static str {
    if days == 1 { "was" } else { "were" }
}

/// `5 min`, `1 h`, `24 h`, `7 days`.
pub(super) fn span(span: SignedDuration) -> String {
    match span.as_mins() {
        minutes @ ..60 => format!("{minutes} min"),
        minutes @ 60..=2880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1440),
    }
}
