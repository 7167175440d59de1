//! How often a recovery point is made.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How often recovery points are contracted to appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Frequency {
    /// Any point in time; recovery points at most five minutes old.
    Continuous,
    /// Once an hour.
    Hourly,
    /// Once a day.
    Daily,
    /// Once a week.
    Weekly,
}

impl Frequency {
    /// The recovery point objective that the frequency stands for: the most that may be lost.
    #[must_use]
    pub const fn rpo(self) -> SignedDuration {
        match self {
            Self::Continuous => SignedDuration::from_mins(5),
            Self::Hourly => SignedDuration::from_hours(1),
            Self::Daily => SignedDuration::from_hours(24),
            Self::Weekly => SignedDuration::from_hours(7 * 24),
        }
    }

    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Continuous => "continuous",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }
}

impl std::fmt::Display for Frequency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
