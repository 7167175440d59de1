//! Tiers and the terms that they stand for (features E48-E50).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::retention::RetentionDays;
use crate::schedule::Schedule;

/// One recovery point of each month, kept for years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archive {
    /// For how long each is kept.
    pub years: u8,
}

/// How much a workload matters; chosen by the customer.
/// Ordered from the one that matters most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Customer-facing, payments: RPO 5 min, RTO 1 h, continuous, 30 days (and 7 years monthly, see decisions.md).
    Tier1,
    /// Production cluster state, internal databases: RPO 1 h, RTO 4 h, hourly, 30 days.
    Tier2,
    /// Development, staging, analytics: RPO 24 h, RTO 24 h, daily, 14 days.
    Tier3,
}

impl Tier {
    /// Every tier, the one that matters most first.
    pub const ALL: [Self; 3] = [Self::Tier1, Self::Tier2, Self::Tier3];

    /// The schedule for which "tier default" stands.
    #[must_use]
    pub const fn schedule(self) -> Schedule {
        match self {
            Self::Tier1 => Schedule::Continuous,
            Self::Tier2 => Schedule::Hourly,
            Self::Tier3 => Schedule::Daily,
        }
    }

    /// The recovery point objective: the most that may be lost.
    #[must_use]
    pub fn rpo(self) -> SignedDuration {
        self.schedule().interval()
    }

    /// What is kept beyond the retention. AWS keeps continuous backups for 35 days at most, so that tier 1's
    /// "30 days and 7 years" is continuous for 30 days and a copy of each month for seven years (decisions.md).
    #[must_use]
    pub const fn archive(self) -> Option<Archive> {
        match self {
            Self::Tier1 => Some(Archive { years: 7 }),
            Self::Tier2 | Self::Tier3 => None,
        }
    }

    /// The retention for which "tier default" stands.
    #[must_use]
    pub const fn retention(self) -> RetentionDays {
        const THIRTY: RetentionDays = match RetentionDays::parse(30) {
            Ok(days) => days,
            Err(_) => unreachable!(),
        };
        const FOURTEEN: RetentionDays = match RetentionDays::parse(14) {
            Ok(days) => days,
            Err(_) => unreachable!(),
        };
        match self {
            Self::Tier1 | Self::Tier2 => THIRTY,
            Self::Tier3 => FOURTEEN,
        }
    }

    /// The recovery time objective. An objective, not a promise, unless the contract has the DR/BC add-on.
    #[must_use]
    pub const fn rto(self) -> SignedDuration {
        match self {
            Self::Tier1 => SignedDuration::from_hours(1),
            Self::Tier2 => SignedDuration::from_hours(4),
            Self::Tier3 => SignedDuration::from_hours(24),
        }
    }

    /// 1, 2 or 3.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Tier1 => 1,
            Self::Tier2 => 2,
            Self::Tier3 => 3,
        }
    }

    /// The tier with that number, if there is one.
    #[must_use]
    pub const fn from_number(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Tier1),
            2 => Some(Self::Tier2),
            3 => Some(Self::Tier3),
            _ => None,
        }
    }
}
