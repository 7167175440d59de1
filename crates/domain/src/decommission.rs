//! The end of a component (feature K121): asked for, a last backup seen, confirmed by another person of the customer's, and
//! by the provider where it takes something out of scope. Holdfast then promises nothing for it any more. What lies at the
//! outside is never touched.

mod confirmation;
mod form;

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use confirmation::{Confirmation, Confirmed, Ending, confirmed_by};
pub use form::{FINAL_BACKUP, KEEP_UNTIL, POINTS, REASON, RECOVERY_POINT, Wish};

use crate::change_request::Requester;
use crate::contract::Side;
use crate::id::{ComponentId, DecommissionId, RecoveryPointId, TenantId, UserId};
use crate::restore::RecoveryPoint;

/// Which backup stands at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "final_backup")]
pub enum FinalBackup {
    /// One that is newer than the asking: confirming waits until it was observed.
    Awaited,
    /// One that exists already.
    Existing {
        /// Which.
        point: RecoveryPointId,
    },
    /// None: the customer says that it wants none.
    None,
}

/// What becomes of the recovery points that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "fate")]
pub enum Fate {
    /// They expire by their own retention.
    Expire,
    /// They are to be kept until the end of that day.
    KeepUntil {
        /// The day.
        on: Date,
    },
}

impl Fate {
    /// The last day on which they are to be kept, if they are.
    #[must_use]
    pub const fn keep_until(self) -> Option<Date> {
        match self {
            Self::Expire => None,
            Self::KeepUntil { on } => Some(on),
        }
    }
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// Asked for; waits for the last backup, then for confirmation.
    Asked {
        /// The sides that have confirmed, where another has to as well.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        confirmations: Vec<Confirmation>,
    },
    /// Confirmed: the component is no more.
    Decommissioned {
        /// Who confirmed last.
        by: UserId,
        /// Name for people.
        name: String,
        /// Every side's confirmation, the first one first. Ends that were stored before the sides were told apart have
        /// none: [`Decommission::confirmations`] has theirs.
        #[serde(default)]
        confirmations: Vec<Confirmation>,
        /// The recovery point that stands at the end; `None`: the customer wanted none.
        last_point: Option<RecoveryPoint>,
        /// The version of the scope of work that its line left by; `None`: it had no line.
        sow_version: Option<i32>,
        /// The number of the hold that records until when its recovery points are to be kept; `None`: they need not be.
        #[serde(default)]
        hold: Option<i32>,
    },
    /// Taken back.
    Withdrawn {
        /// Who took it back.
        name: String,
    },
}

impl State {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Asked { .. } => StateName::Asked,
            Self::Decommissioned { .. } => StateName::Decommissioned,
            Self::Withdrawn { .. } => StateName::Withdrawn,
        }
        .as_str()
    }
}

/// A state by its name: what a list is filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateName {
    /// It waits for confirmation.
    Asked,
    /// Confirmed.
    Decommissioned,
    /// Taken back.
    Withdrawn,
}

impl StateName {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Decommissioned => "decommissioned",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The end of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decommission {
    /// Its id.
    pub id: DecommissionId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The component.
    pub component: ComponentId,
    /// Why, in the requester's words.
    pub reason: String,
    /// Who asked.
    pub requester: Requester,
    /// Which backup stands at the end.
    pub final_backup: FinalBackup,
    /// What becomes of the recovery points.
    pub fate: Fate,
    /// Where it stands.
    pub state: State,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes, for `If-Match` and guarded writes.
    pub revision: i64,
}

/// Why a component cannot be decommissioned now.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum Refused {
    /// Something of it is still under way.
    #[error("still open for this component: {0}; let that end, or take it back first")]
    Busy(Open),
    /// It is over, or was never asked.
    #[error("this decommissioning is {was}, so this can no longer be done")]
    NotAwaiting {
        /// The state that it is in.
        was: &'static str,
    },
    /// It was asked for already.
    #[error("decommissioning this component was asked for already: confirm that, or withdraw it")]
    AlreadyAsked,
    /// The component is no more.
    #[error("this component was decommissioned already")]
    Gone,
    /// Two people are needed.
    #[error("nobody confirms what they asked for: another approver has to")]
    OwnRequest,
    /// The two sides need two people.
    #[error("you have confirmed this already; the other side needs another person")]
    SamePerson,
    /// The side has spoken.
    #[error("{name} has confirmed this for the {} already; the other side has to as well", .side.as_str())]
    SideConfirmed {
        /// Which side.
        side: Side,
        /// Who did.
        name: String,
    },
    /// Nothing goes out of scope by it.
    #[error("nothing goes out of scope by this, so only an approver of the customer confirms it")]
    SideNotNeeded,
    /// The last backup was not seen yet.
    #[error("a final backup is wanted, and no recovery point newer than the asking was observed yet")]
    NoFinalBackup,
    /// The recovery point that was to stand at the end is gone.
    #[error("the recovery point that was named as the final one is no longer there: withdraw this, and name another")]
    PointGone,
    /// The typed name is not the component's.
    #[error("the name that was typed is not the component's")]
    OtherName,
}

/// What of a component is under way, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Open {
    /// Change requests.
    pub changes: Vec<i32>,
    /// Restore requests.
    pub restores: Vec<i32>,
}

impl Open {
    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.restores.is_empty()
    }
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |word: &str, numbers: &[i32]| {
            let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
            let plural = if numbers.len() == 1 { "" } else { "s" };
            (!numbers.is_empty()).then(|| format!("{word}{plural} {}", numbers.join(", ")))
        };
        let parts: Vec<_> = [named("change", &self.changes), named("restore", &self.restores)]
            .into_iter()
            .flatten()
            .collect();
        f.write_str(&parts.join(" and "))
    }
}

impl Decommission {
    /// The recovery point that stands at the end, among those that are there now.
    ///
    /// # Errors
    /// [`Refused::NoFinalBackup`], [`Refused::PointGone`].
    pub fn last_point(&self, points: &[RecoveryPoint]) -> Result<Option<RecoveryPoint>, Refused> {
        match self.final_backup {
            FinalBackup::None => Ok(None),
            FinalBackup::Existing { point } => points
                .iter()
                .find(|one| one.id == point)
                .map(|one| Some(one.clone()))
                .ok_or(Refused::PointGone),
            FinalBackup::Awaited => points
                .iter()
                .filter(|one| one.at > self.asked_at)
                .max_by_key(|one| one.at)
                .map(|one| Some(one.clone()))
                .ok_or(Refused::NoFinalBackup),
        }
    }

    /// Whether it was asked for and is not confirmed by all yet.
    #[must_use]
    pub const fn is_asked(&self) -> bool {
        matches!(self.state, State::Asked { .. })
    }

    /// Taken back: the component stays as it is.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] once it is confirmed or withdrawn.
    pub fn withdraw(self, name: String, at: Timestamp) -> Result<Self, Refused> {
        if !self.is_asked() {
            return Err(Refused::NotAwaiting { was: self.state.name() });
        }
        Ok(Self {
            state: State::Withdrawn { name },
            updated_at: at,
            ..self
        })
    }
}
