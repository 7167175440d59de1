//! When a recovery point goes by itself (feature E55).

use jiff::{SignedDuration, Timestamp};

use crate::observation::Granularity;
use crate::restore::RecoveryPoint;

/// Until when a recovery point can be restored, as far as that can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// Removed at this moment.
    At(Timestamp),
    /// Continuous: each moment goes so many days after it was.
    Rolling {
        /// Days that a moment stays restorable.
        days: u16,
    },
    /// Kept until somebody deletes it.
    Never,
    /// Nothing that was observed tells.
    Unknown,
}

impl Expiry {
    /// Of a recovery point, from the retention that was observed where it is kept: `automated_days` are the days that
    /// automated backups are kept, 0: they are off, `None`: the resource was not there or never read.
    ///
    /// RDS names automated snapshots `rds:…` and lets nobody else use that name; AWS Backup's are named `awsbackup:…`
    /// and expire by its own rules, which are not read yet.
    #[must_use]
    pub fn of(point: &RecoveryPoint, automated_days: Option<u16>) -> Self {
        let days = automated_days.filter(|days| *days > 0);
        match point.granularity {
            Granularity::Continuous => days.map_or(Self::Unknown, |days| Self::Rolling { days }),
            Granularity::Snapshot if is_automated(&point.provider_id) => days
                .and_then(|days| {
                    point
                        .at
                        .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
                        .ok()
                })
                .map_or(Self::Unknown, Self::At),
            Granularity::Snapshot if point.provider_id.starts_with("awsbackup:") => Self::Unknown,
            Granularity::Snapshot => Self::Never,
        }
    }

    /// The name used in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::At(_) => "dated",
            Self::Rolling { .. } => "rolling",
            Self::Never => "never",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether the provider makes and removes it by itself, as the resource's retention says.
#[must_use]
pub fn is_automated(provider_id: &str) -> bool {
    provider_id.starts_with("rds:") || provider_id.starts_with("pitr:")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::id::RecoveryPointId;

    fn point(provider_id: &str, granularity: Granularity) -> RecoveryPoint {
        RecoveryPoint {
            id: RecoveryPointId(Uuid::nil()),
            provider_id: provider_id.to_owned(),
            granularity,
            at: "2026-03-01T03:10:00Z".parse().unwrap(),
            earliest: None,
            encrypted: true,
        }
    }

    #[test]
    fn only_what_was_observed_tells_when_a_recovery_point_goes() {
        let snapshot = |name: &str, days| Expiry::of(&point(name, Granularity::Snapshot), days);
        let night = "rds:prod-pg-2026-03-01-03-10";
        assert_eq!(
            snapshot(night, Some(35)),
            Expiry::At("2026-04-05T03:10:00Z".parse().unwrap())
        );
        assert_eq!(snapshot(night, None), Expiry::Unknown, "its instance is gone");
        assert_eq!(snapshot(night, Some(0)), Expiry::Unknown, "no retention holds any more");
        assert_eq!(snapshot("before-the-upgrade", Some(35)), Expiry::Never);
        assert_eq!(snapshot("awsbackup:job-1", Some(35)), Expiry::Unknown);
        let continuous = point("pitr:arn:aws:rds:eu-west-1:1:db:prod-pg", Granularity::Continuous);
        assert_eq!(Expiry::of(&continuous, Some(7)), Expiry::Rolling { days: 7 });
        assert_eq!(Expiry::of(&continuous, None), Expiry::Unknown);
    }
}
