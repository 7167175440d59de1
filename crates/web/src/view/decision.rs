//! Who has to agree, who has, and whether the reader may.

use domain::change_request::Approval;
use domain::contract::Side;
use domain::decommission::Confirmation;
use domain::digest::Digest;
use jiff::Timestamp;

use super::{Badge, Moment, Tone, words};

/// The approval form of a change or a restore.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) title: &'static str,
    /// What the approval stands and falls with.
    pub(crate) binding: &'static str,
    pub(crate) digest: Digest,
    pub(crate) short: String,
    pub(crate) sides: Vec<SideView>,
    /// Why the reader cannot approve; `None`: may.
    pub(crate) refused: Option<String>,
    pub(crate) may_reject: bool,
    /// What the approver has to type first, when protection is given up.
    pub(crate) typed_name: Option<String>,
}

/// One side's agreement, given or awaited.
#[derive(Debug, Clone)]
pub(crate) struct SideView {
    pub(crate) badge: Badge,
    pub(crate) words: String,
    pub(crate) at: Option<Moment>,
}

impl SideView {
    /// The sides that have to agree, with those who have.
    pub(crate) fn all(sides: &[Side], approvals: &[Approval]) -> Vec<Self> {
        let of = |side: &Side| {
            let given = approvals.iter().find(|approval| approval.side == *side);
            Self::of(*side, "Agreed", given.map(|one| (one.name.as_str(), one.at)))
        };
        sides.iter().map(of).collect()
    }

    /// The sides that have to confirm the end of a component, with those who have.
    pub(crate) fn confirming(sides: &[Side], confirmations: &[Confirmation]) -> Vec<Self> {
        let of = |side: &Side| {
            let given = confirmations.iter().find(|confirmation| confirmation.side == *side);
            Self::of(*side, "Confirmed", given.map(|one| (one.name.as_str(), one.at)))
        };
        sides.iter().map(of).collect()
    }

    fn of(side: Side, done: &'static str, given: Option<(&str, Timestamp)>) -> Self {
        let side = words::side(side);
        match given {
            Some((name, at)) => Self {
                badge: Badge::new(Tone::Ok, done),
                words: format!("{name}, for {side}"),
                at: Some(at.into()),
            },
            None => Self {
                badge: Badge::new(Tone::Unknown, "Awaited"),
                words: format!("somebody for {side}"),
                at: None,
            },
        }
    }
}
