//! When "protected" may be said.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// An observation older than this says nothing any more.
pub const OBSERVATION_MAX_AGE: SignedDuration = SignedDuration::from_mins(30);

/// How far the newest recovery point may be behind the interval before it counts as late: a run takes
/// its time, and RDS publishes its latest restorable time every five minutes.
const GRACE: SignedDuration = SignedDuration::from_mins(10);

/// Whether a component's data could be restored as contracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProtectionState {
    /// No recovery point was observed.
    Unprotected,
    /// The newest observed recovery point is older than the RPO.
    AtRisk,
    /// Not observed, or too long ago.
    Unknown,
    /// A recovery point inside the RPO was observed.
    Protected,
}

impl ProtectionState {
    /// Every state, worst first.
    pub const ALL: [Self; 4] = [Self::Unprotected, Self::AtRisk, Self::Unknown, Self::Protected];

    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::AtRisk => "at-risk",
            Self::Unprotected => "unprotected",
            Self::Unknown => "unknown",
        }
    }
}

/// What was last read of a component, as far as protection is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastSeen {
    /// When it was read.
    pub observed_at: Timestamp,
    /// The newest complete recovery point; `None`: there is none.
    pub newest_recovery_point_at: Option<Timestamp>,
}

/// Where a component stands as of its last reading. It changes only when something is decided or read, so it can be
/// stored; what it means now depends on how old the reading is: [`Standing::state`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Decided to be out of scope.
    Out,
    /// Nobody decided.
    Undecided,
    /// In scope, but no mechanism serves it.
    NoMechanism,
    /// In scope and never read.
    Unread,
    /// No recovery point was there.
    NoPoint,
    /// The newest recovery point was older than the RPO.
    Late,
    /// The newest recovery point was inside the RPO.
    Fresh,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 7] = [
        Self::Out,
        Self::Undecided,
        Self::NoMechanism,
        Self::Unread,
        Self::NoPoint,
        Self::Late,
        Self::Fresh,
    ];

    /// Of a component that a mechanism serves. `rpo`: the most that may be lost; `seen` is `None` where nothing was
    /// ever observed.
    #[must_use]
    pub fn of_served(rpo: SignedDuration, seen: Option<LastSeen>) -> Self {
        let Some(seen) = seen else {
            return Self::Unread;
        };
        match seen.newest_recovery_point_at {
            None => Self::NoPoint,
            // The point can only be judged as of the reading: it may have been followed by newer ones.
            Some(newest) if seen.observed_at.duration_since(newest) <= rpo + GRACE => Self::Fresh,
            Some(_) => Self::Late,
        }
    }

    /// What it means now; `None`: it is not in scope, so that nothing is promised. `observed_at` is the moment of the
    /// reading.
    #[must_use]
    pub fn state(self, observed_at: Option<Timestamp>, now: Timestamp) -> Option<ProtectionState> {
        let stale = observed_at.is_none_or(|at| now.duration_since(at) > OBSERVATION_MAX_AGE);
        match self {
            Self::Out | Self::Undecided => None,
            Self::NoMechanism => Some(ProtectionState::Unprotected),
            Self::Unread => Some(ProtectionState::Unknown),
            _ if stale => Some(ProtectionState::Unknown),
            Self::NoPoint => Some(ProtectionState::Unprotected),
            Self::Late => Some(ProtectionState::AtRisk),
            Self::Fresh => Some(ProtectionState::Protected),
        }
    }

    /// The name used in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Undecided => "undecided",
            Self::NoMechanism => "no-mechanism",
            Self::Unread => "unread",
            Self::NoPoint => "no-point",
            Self::Late => "late",
            Self::Fresh => "fresh",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
    }

    fn seen(observed: i64, newest: Option<i64>) -> Option<LastSeen> {
        Some(LastSeen {
            observed_at: at(observed),
            newest_recovery_point_at: newest.map(at),
        })
    }

    #[test]
    fn protected_needs_a_recent_reading_of_a_recent_point() {
        let day = 24 * 60;
        let cases = [
            (None, ProtectionState::Unknown),
            (seen(0, Some(0)), ProtectionState::Protected),
            (seen(0, Some(-day)), ProtectionState::Protected),
            (seen(0, Some(-day - 11)), ProtectionState::AtRisk),
            (seen(0, None), ProtectionState::Unprotected),
            (seen(-30, Some(-30)), ProtectionState::Protected),
            (seen(-31, Some(-31)), ProtectionState::Unknown),
            (seen(-31, None), ProtectionState::Unknown),
        ];
        for (seen, want) in cases {
            let standing = Standing::of_served(SignedDuration::from_hours(24), seen);
            let state = standing.state(seen.map(|seen| seen.observed_at), at(0));
            assert_eq!(state, Some(want), "{seen:?}");
        }
    }

    #[test]
    fn what_no_mechanism_serves_is_unprotected_however_old_the_reading() {
        let unserved = Standing::NoMechanism;
        for observed in [None, Some(at(0)), Some(at(-31))] {
            assert_eq!(unserved.state(observed, at(0)), Some(ProtectionState::Unprotected));
        }
        assert_eq!(Standing::Out.state(None, at(0)), None);
        assert_eq!(Standing::Undecided.state(None, at(0)), None);
    }
}
