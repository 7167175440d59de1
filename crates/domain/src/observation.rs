//! What is really there, as far as it could be read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::AwsAccount;
use crate::id::ReconcileScopeId;
use crate::window::BackupWindow;

/// What is observed and reconciled as one: a tenant's account in one region, and the components in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupScope {
    /// Its id.
    pub id: ReconcileScopeId,
    /// The linked account; its region is the one that is read.
    pub account: AwsAccount,
    /// ARNs of the inventory's components there. Nothing else is read in detail.
    pub resources: Vec<String>,
}

/// A reading of a scope. A resource that is missing from a [`Completeness::Complete`] reading does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// When the reading began.
    pub at: Timestamp,
    /// Whether all could be read.
    pub completeness: Completeness,
    /// By ARN.
    pub resources: BTreeMap<String, ObservedResource>,
    /// The recovery points that outlived their resource, by its ARN.
    #[serde(default)]
    pub left_behind: BTreeMap<String, Vec<ObservedRecoveryPoint>>,
}

/// Whether all of a scope could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Completeness {
    /// Everything was read.
    Complete,
    /// Something was not; what is missing is unknown, not absent.
    Partial {
        /// What could not be read and why.
        reason: String,
    },
}

/// One resource as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedResource {
    /// The provider's word for its state, such as `available`.
    pub status: String,
    /// Engine and version.
    pub engine: String,
    /// Allocated size in bytes.
    pub size_bytes: i64,
    /// Whether its storage, and so its backups, are encrypted.
    pub encrypted: bool,
    /// Days that automated backups are kept; 0 when they are off.
    pub automated_retention_days: u16,
    /// Daily window of automated backups; `None` when the provider shows none.
    pub window: Option<BackupWindow>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its restorable copies, in no order.
    pub recovery_points: Vec<ObservedRecoveryPoint>,
}

impl ObservedResource {
    /// The newest complete recovery point.
    #[must_use]
    pub fn newest(&self) -> Option<&ObservedRecoveryPoint> {
        self.restorable().max_by_key(|point| point.at)
    }

    /// The oldest moment that can be restored.
    #[must_use]
    pub fn oldest_at(&self) -> Option<Timestamp> {
        self.restorable().map(|point| point.earliest.unwrap_or(point.at)).min()
    }

    fn restorable(&self) -> impl Iterator<Item = &ObservedRecoveryPoint> {
        self.recovery_points.iter().filter(|point| point.available)
    }
}

/// How fine a restore from a recovery point can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Granularity {
    /// The moment of the copy.
    Snapshot,
    /// Any moment between the earliest and the latest (PITR).
    Continuous,
}

impl Granularity {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Continuous => "continuous",
        }
    }
}

/// One restorable copy as the provider lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedRecoveryPoint {
    /// The provider's name for it: a snapshot's identifier, or `pitr:<ARN>` for continuous backups.
    pub provider_id: String,
    /// Snapshot or continuous.
    pub granularity: Granularity,
    /// The moment that it restores; for continuous ones the latest.
    pub at: Timestamp,
    /// For continuous ones the earliest moment, where the provider tells.
    pub earliest: Option<Timestamp>,
    /// Whether it is complete and can be restored now.
    pub available: bool,
    /// Whether it is encrypted.
    pub encrypted: bool,
}
