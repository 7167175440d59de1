//! How long a recovery point stays restorable.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Days that a recovery point stays restorable: 1..=3650.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct RetentionDays(u16);

/// The number of days is outside 1..=3650.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{days} days is not a retention: 1 to 3650 days are allowed")]
pub struct InvalidRetention {
    /// What was given.
    pub days: u16,
}

impl RetentionDays {
    /// # Errors
    /// [`InvalidRetention`] outside 1..=3650.
    pub const fn parse(days: u16) -> Result<Self, InvalidRetention> {
        if days >= 1 && days <= 3650 {
            Ok(Self(days))
        } else {
            Err(InvalidRetention { days })
        }
    }

    /// The number of days.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for RetentionDays {
    type Error = InvalidRetention;
    fn try_from(days: u16) -> Result<Self, InvalidRetention> {
        Self::parse(days)
    }
}

impl From<RetentionDays> for u16 {
    fn from(days: RetentionDays) -> Self {
        days.0
    }
}

impl fmt::Display for RetentionDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { "day" } else { "days" })
    }
}
