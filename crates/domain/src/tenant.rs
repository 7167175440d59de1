//! The provider's customers, and which of them a query may see.

use serde::{Deserialize, Serialize};

use crate::contract::ContractSummary;
use crate::id::TenantId;
use crate::lifecycle::Lifecycle;

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses: lower-case letters, digits, dashes.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The agreement in short; the versions have all of it.
    pub contract: ContractSummary,
    /// How it stands: suspended or not, on its way out or not.
    pub lifecycle: Lifecycle,
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

    /// The same without `others`.
    #[must_use]
    pub fn without(&self, others: &[TenantId]) -> Self {
        let others = Self::of(others.iter().copied());
        let stays = |tenant: &&TenantId| others.0.binary_search(tenant).is_err();
        Self(self.0.iter().filter(stays).copied().collect())
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
