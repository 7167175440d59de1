//! The provider's customers, their contracts, and which of them a query may see.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::id::TenantId;
use crate::lifecycle::Lifecycle;

/// What the contract includes (feature A2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceLevel {
    /// Everyday mishaps: accidental deletion, bad deploys.
    Baseline,
    /// Large-scale outages and complex failures as well.
    DrBc,
}

impl ServiceLevel {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::DrBc => "dr-bc",
        }
    }
}

/// Whose approvals a change needs (feature C29).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalRule {
    /// One of the provider's.
    Provider,
    /// One of the customer's.
    Customer,
    /// One of each, two different people.
    Both,
}

impl ApprovalRule {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Customer => "customer",
            Self::Both => "both",
        }
    }

    /// The sides that have to approve. What gives up protection the provider always has to agree to.
    #[must_use]
    pub const fn sides(self, weakens: bool) -> &'static [Side] {
        match self {
            Self::Provider => &[Side::Provider],
            Self::Customer if !weakens => &[Side::Customer],
            Self::Customer | Self::Both => &[Side::Customer, Side::Provider],
        }
    }
}

/// A side of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The customer.
    Customer,
    /// The managed service provider.
    Provider,
}

impl Side {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Provider => "provider",
        }
    }
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses: lower-case letters, digits, dashes.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The agreement.
    pub contract: Contract,
    /// How it stands: suspended or not, on its way out or not.
    pub lifecycle: Lifecycle,
}

/// The agreement with a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// What it includes.
    pub service_level: ServiceLevel,
    /// Whose approvals a change needs.
    pub approval_rule: ApprovalRule,
    /// Version of the terms and conditions that the customer accepted.
    pub terms_version: String,
    /// Time zone of the business hours, an IANA name.
    pub time_zone: String,
    /// Last day of the term; `None` when open-ended.
    pub until: Option<Date>,
}

/// The tenants that a query may see. Every tenant query takes one, and row-level security enforces it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantScope(Vec<TenantId>);

impl TenantScope {
    /// Just one tenant.
    #[must_use]
    pub fn one(tenant: TenantId) -> Self {
        Self(vec![tenant])
    }

    /// Several tenants; none sees nothing.
    #[must_use]
    pub fn of(tenants: impl IntoIterator<Item = TenantId>) -> Self {
        let mut tenants: Vec<_> = tenants.into_iter().collect();
        tenants.sort_unstable();
        tenants.dedup();
        Self(tenants)
    }

    /// The tenants.
    #[must_use]
    pub fn tenants(&self) -> &[TenantId] {
        &self.0
    }

    /// Whether the tenant is in it.
    #[must_use]
    pub fn contains(&self, tenant: TenantId) -> bool {
        self.0.contains(&tenant)
    }
}
