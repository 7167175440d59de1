//! Ending a component: asking, confirming, and what became of it.

pub(crate) mod decide;
pub(crate) mod list;
pub(crate) mod show;

use domain::decommission::{Decommission, Fate, State as Stage};

use crate::view::{Badge, Tone, words};

fn badge(end: &Decommission) -> Badge {
    match end.state {
        Stage::Asked { .. } => Badge::new(Tone::Warn, "Waiting"),
        Stage::Decommissioned { .. } => Badge::new(Tone::Unknown, "Decommissioned"),
        Stage::Withdrawn { .. } => Badge::new(Tone::Unknown, "Withdrawn"),
    }
}

/// Who has confirmed, and for whom.
fn confirmers(end: &Decommission) -> String {
    let said = end.confirmations().into_iter();
    let said: Vec<_> = said
        .map(|one| format!("{} for {}", one.name, words::side(one.side)))
        .collect();
    said.join(" and ")
}

fn fate(end: &Decommission) -> String {
    match end.fate {
        Fate::Expire => "they expire by their own retention".to_owned(),
        Fate::KeepUntil { on } => format!("to be kept until {}", on.strftime("%-d %b %Y")),
    }
}
