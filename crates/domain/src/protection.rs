//! When "protected" may be said.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// An observation older than this says nothing any more.
pub const OBSERVATION_MAX_AGE: SignedDuration = SignedDuration::from_mins(30);

/// How far the newest recovery point may be behind the schedule before it counts as late: a run takes
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

/// Judges a component that is in scope. `interval` is the longest that its schedule leaves between two recovery points
/// ([`crate::schedule::Schedule::interval`]); `seen` is `None` where nothing was ever observed.
#[must_use]
pub fn assess(interval: SignedDuration, seen: Option<LastSeen>, now: Timestamp) -> ProtectionState {
    match seen {
        None => ProtectionState::Unknown,
        Some(seen) if now.duration_since(seen.observed_at) > OBSERVATION_MAX_AGE => ProtectionState::Unknown,
        Some(LastSeen {
            newest_recovery_point_at: None,
            ..
        }) => ProtectionState::Unprotected,
        Some(LastSeen {
            newest_recovery_point_at: Some(newest),
            observed_at,
        }) => {
            // The point can only be judged as of the reading: it may have been followed by newer ones.
            if observed_at.duration_since(newest) <= interval + GRACE {
                ProtectionState::Protected
            } else {
                ProtectionState::AtRisk
            }
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
            (seen(-31, Some(-31)), ProtectionState::Unknown),
            (seen(-31, None), ProtectionState::Unknown),
        ];
        for (seen, want) in cases {
            assert_eq!(assess(SignedDuration::from_hours(24), seen, at(0)), want, "{seen:?}");
        }
    }
}
