//! Tiers and the terms that they stand for (features E48-E50).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::frequency::Frequency;
use crate::retention::RetentionDays;

/// How much a workload matters; chosen by the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// The frequency for which "tier default" stands.
    #[must_use]
    pub const fn frequency(self) -> Frequency {
        match self {
            Self::Tier1 => Frequency::Continuous,
            Self::Tier2 => Frequency::Hourly,
            Self::Tier3 => Frequency::Daily,
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
