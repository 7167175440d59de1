//! Who does something.

use domain::id::{TenantId, UserId};
use domain::role::Role;
use domain::tenant::{Tenant, TenantScope};
use store::user::Grant;

use crate::{AppError, Cx};

/// A signed-in person with their roles, and the tenants that they may see.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// Their e-mail address.
    pub email: String,
    /// For people.
    pub display_name: String,
    pub(crate) grants: Vec<Grant>,
    pub(crate) scope: TenantScope,
    /// Those of the scope that were offboarded: they can be read only.
    pub(crate) ended: Vec<TenantId>,
}

/// In whose name something is written to the audit log.
#[derive(Debug, Clone)]
pub struct By {
    /// The person; `None` for Holdfast itself and for people who are known to GitHub only.
    pub user: Option<UserId>,
    /// For people.
    pub name: String,
}

impl By {
    /// Holdfast itself.
    #[must_use]
    pub fn holdfast() -> Self {
        Self {
            user: None,
            name: "Holdfast".to_owned(),
        }
    }
}

impl Actor {
    /// The tenants that the person may see.
    #[must_use]
    pub const fn scope(&self) -> &TenantScope {
        &self.scope
    }

    /// Those of them whose contract has not ended. Elsewhere nothing can be done any more, so that nothing waits there.
    #[must_use]
    pub fn living(&self) -> TenantScope {
        self.scope.without(&self.ended)
    }

    /// The person's roles in a tenant.
    pub fn roles_in(&self, tenant: TenantId) -> impl Iterator<Item = Role> + '_ {
        self.grants
            .iter()
            .filter(move |grant| grant.tenant.is_none_or(|only| only == tenant))
            .map(|grant| grant.role)
    }

    /// Every role that the person has anywhere.
    pub fn roles(&self) -> impl Iterator<Item = Role> + '_ {
        self.grants.iter().map(|grant| grant.role)
    }

    /// Whether the person belongs to the provider.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.roles().any(Role::is_staff)
    }

    /// Whether a staff role covers every tenant.
    #[must_use]
    pub fn covers_all(&self) -> bool {
        self.grants
            .iter()
            .any(|grant| grant.tenant.is_none() && grant.role.is_staff())
    }

    pub(crate) fn by(&self) -> By {
        By {
            user: Some(self.user),
            name: self.email.clone(),
        }
    }

    /// The tenant of that name, if the person may see it.
    ///
    /// # Errors
    /// [`AppError::NotFound`], the same for one that does not exist and one that is not theirs.
    pub async fn tenant(&self, cx: &Cx, slug: &str) -> Result<Tenant, AppError> {
        let mut tx = cx.db.begin(&self.scope).await?;
        store::tenant::by_slug(&mut tx, &self.scope, slug)
            .await?
            .ok_or(AppError::NotFound)
    }
}
