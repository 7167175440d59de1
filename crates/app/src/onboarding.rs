//! A new customer: contract, linked account, repository, inventory and the first scope of work, in one
//! transaction. Called by the command line, the demo and the tests.

use domain::account::AwsAccount;
use domain::component::Component;
use domain::contract::Contract;
use domain::id::{ReconcileScopeId, TenantId, UserId};
use domain::sow::{MechanismChoice, Scope};
use domain::tenant::{Tenant, TenantScope};
use serde_json::json;
use store::github::{Entitlement, Repository};
use store::sow::NewItem;

pub use store::github::{Entitlement as GithubEntitlement, Repository as GithubRepository};

use crate::import::{self, Offered};
use crate::{AppError, By, Cx, audit, status, tenant};

/// What the signed onboarding document says.
#[derive(Debug, Clone)]
pub struct Onboarding {
    /// The customer with its contract.
    pub tenant: Tenant,
    /// Its AWS account, if it has one.
    pub account: Option<AwsAccount>,
    /// The repository of its issues, if it has one.
    pub repository: Option<Repository>,
    /// Who may ask there.
    pub entitlements: Vec<Entitlement>,
    /// The inventory; what is decided about a component stands beside it, `None`: nobody decided.
    pub components: Vec<(Component, Option<(Scope, MechanismChoice)>)>,
    /// Names of those who signed.
    pub signed_by: Vec<String>,
    /// A document with more of the inventory, signed by itself.
    pub inventory: Option<Offered>,
}

/// Takes a customer on.
///
/// # Errors
/// [`AppError::Store`] when the name, the account or the repository belongs to a customer already, [`AppError::Invalid`]
/// when the contract cannot be or with everything that is wrong with the document of the inventory; nothing is stored then.
pub async fn onboard(cx: &Cx, document: &Onboarding) -> Result<TenantId, AppError> {
    let (id, now) = (document.tenant.id, cx.now());
    let mut tx = cx.db.begin(&TenantScope::one(id)).await?;
    let contract = Contract::of_summary(&document.tenant.contract).map_err(AppError::Invalid)?;
    tenant::add(cx, &mut tx, &document.tenant, contract, &By::holdfast()).await?;
    if let Some(account) = &document.account {
        store::account::insert(&mut tx, account, ReconcileScopeId::at(now)).await?;
    }
    if let Some(repository) = &document.repository {
        store::github::upsert(&mut tx, repository).await?;
    }
    for entitlement in &document.entitlements {
        store::github::entitle(&mut tx, id, entitlement).await?;
    }
    let mut items = Vec::new();
    for (component, decided) in &document.components {
        let account = document
            .account
            .as_ref()
            .filter(|_| component.aws.is_some())
            .map(|account| account.id);
        store::component::insert(&mut tx, component, account).await?;
        if let Some((scope, choice)) = decided {
            items.push(NewItem {
                component: component.id,
                scope: scope.clone(),
                choice: choice.clone(),
            });
        }
    }
    if !items.is_empty() {
        store::sow::add_version(&mut tx, id, None, &document.signed_by, &items, now).await?;
    }
    if let Some(offered) = &document.inventory {
        import::first(cx, &mut tx, &document.tenant, offered).await?;
    }
    status::refresh(&mut tx, id, None).await?;
    let detail = json!({ "slug": document.tenant.slug, "components": document.components.len() });
    audit::record(cx, &mut tx, &By::holdfast(), id, "tenant.onboarded", id.0, detail).await?;
    tx.commit().await?;
    Ok(id)
}

/// Says which person a GitHub account is: until then what it asks for cannot be approved for the customer, who might
/// be the same person.
///
/// # Errors
/// [`AppError::NotFound`] when the account may ask for nothing at that customer.
pub async fn link_github(cx: &Cx, tenant: TenantId, login: &str, user: UserId) -> Result<(), AppError> {
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    if !store::github::link(&mut tx, tenant, login, user).await? {
        return Err(AppError::NotFound);
    }
    let detail = json!({ "login": login, "user": user });
    audit::record(cx, &mut tx, &By::holdfast(), tenant, "github.linked", tenant.0, detail).await?;
    Ok(tx.commit().await?)
}
