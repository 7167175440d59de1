//! The address of every page, in one place.

use domain::component::Component;
use domain::id::ComponentId;
use domain::tenant::Tenant;
use url::form_urlencoded::Serializer;

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

    pub(crate) fn component(&self, id: ComponentId) -> String {
        format!("{}/components/{id}", self.0)
    }

    pub(crate) fn version(&self, number: i32) -> String {
        format!("{}/scope/versions/{number}", self.0)
    }

    /// The form that asks for a change of a component; `scope` is an answer that is known already.
    pub(crate) fn ask_for(&self, component: &Component, scope: Option<&str>) -> String {
        let known = [
            ("component", component.name.as_str()),
            ("environment", component.environment.as_str()),
        ];
        let known = Serializer::new(String::new())
            .extend_pairs(known)
            .extend_pairs(scope.map(|scope| ("scope", scope)))
            .finish();
        format!("{}/changes/new?{known}", self.0)
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
