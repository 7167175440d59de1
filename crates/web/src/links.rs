//! The address of every page, in one place.

use domain::id::ComponentId;
use domain::tenant::Tenant;

/// Addresses below `/customers/{slug}`.
#[derive(Debug, Clone)]
pub(crate) struct Links(String);

impl Links {
    pub(crate) fn of(tenant: &Tenant) -> Self {
        Self::slug(&tenant.slug)
    }

    /// A slug holds lower-case letters, digits and dashes: nothing to escape.
    pub(crate) fn slug(slug: &str) -> Self {
        Self(format!("/customers/{slug}"))
    }

    pub(crate) fn status(&self) -> String {
        self.0.clone()
    }

    /// A page below the status page, such as `changes`.
    pub(crate) fn page(&self, name: &str) -> String {
        format!("{}/{name}", self.0)
    }

    pub(crate) fn change(&self, number: i32) -> String {
        format!("{}/changes/{number}", self.0)
    }

    pub(crate) fn restore(&self, number: i32) -> String {
        format!("{}/restores/{number}", self.0)
    }

    pub(crate) fn bulk_change(&self, number: i32) -> String {
        format!("{}/changes/bulk/{number}", self.0)
    }

    pub(crate) fn import(&self, number: i32) -> String {
        format!("{}/imports/{number}", self.0)
    }

    pub(crate) fn decommission(&self, component: ComponentId) -> String {
        format!("{}/components/{component}/decommission", self.0)
    }

    pub(crate) fn events(&self) -> String {
        self.page("events")
    }
}
