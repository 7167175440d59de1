//! Who a person is to a tenant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A role, held for one tenant, for assigned tenants, or (staff) for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Reads the own tenant.
    CustomerViewer,
    /// Asks for changes and restores.
    CustomerRequester,
    /// Approves on the customer's side.
    CustomerApprover,
    /// Operates; approves restores and changes that only tighten.
    Engineer,
    /// Approves changes that weaken as well.
    Approver,
    /// Reads contracts and retention.
    AccountManager,
    /// Reads everything assigned, changes nothing.
    Auditor,
    /// Manages users, links and settings.
    Admin,
}

impl Role {
    /// Every role, in the order in which the matrix prints them.
    pub const ALL: [Self; 8] = [
        Self::CustomerViewer,
        Self::CustomerRequester,
        Self::CustomerApprover,
        Self::Engineer,
        Self::Approver,
        Self::AccountManager,
        Self::Auditor,
        Self::Admin,
    ];

    /// Whether the role belongs to the provider's staff.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        !matches!(
            self,
            Self::CustomerViewer | Self::CustomerRequester | Self::CustomerApprover
        )
    }

    /// The name used in settings, the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerViewer => "customer-viewer",
            Self::CustomerRequester => "customer-requester",
            Self::CustomerApprover => "customer-approver",
            Self::Engineer => "engineer",
            Self::Approver => "approver",
            Self::AccountManager => "account-manager",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no role.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no role; the roles are customer-viewer, customer-requester, customer-approver, engineer, approver, account-manager, auditor, admin"
)]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}
