//! The demo's customers taken on: their repositories at GitHub, their contracts and their people in Holdfast.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::onboarding::{GithubEntitlement, GithubRepository, Onboarding, link_github, onboard};
use app::{AppError, Cx, Db, StoreError, SystemClock};
use domain::account::{AccountRoles, AwsAccount, InvalidAccount};
use domain::component::{AwsPlace, Component, ComponentKind};
use domain::contract::ContractSummary;
use domain::id::{AwsAccountLinkId, ComponentId, TenantId, UserId};
use domain::role::Role;
use domain::tenant::Tenant;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use uuid::Uuid;

use super::customers::{Customer, Holding, REGION};
use super::facts::{ClusterFacts, CustomerFacts, Login};
use super::rest::{CallError, Rest};
use super::{agreement, clusters};

const CONNECTIONS: u32 = 4;
const GIB: i64 = 1 << 30;

/// The customers and everybody who can act in the demo.
#[derive(Debug, Default)]
pub struct Onboarded {
    /// In the order of the catalogue.
    pub customers: Vec<CustomerFacts>,
    /// By customer.
    pub clusters: BTreeMap<String, ClusterFacts>,
    /// By `role@customer` or `role@*`.
    pub logins: BTreeMap<String, Login>,
    /// By the same keys.
    pub tokens: BTreeMap<String, String>,
    /// By login.
    pub github_tokens: BTreeMap<String, String>,
}

/// A customer was not taken on.
#[derive(Debug, thiserror::Error)]
pub enum OnboardingError {
    /// The database.
    #[error("connecting to the database")]
    Connect(#[from] StoreError),
    /// Holdfast.
    #[error("taking on the demo's customers")]
    App(#[from] AppError),
    /// GitHub's control.
    #[error("making the demo's repositories")]
    GitHub(#[from] CallError),
    /// The clusters' control.
    #[error("making the demo's clusters")]
    Cluster(#[source] CallError),
    /// The control answered without what was made.
    #[error("the sandbox made a {0} without telling it")]
    Untold(&'static str),
    /// The catalogue.
    #[error("an AWS account of the demo")]
    Account(#[from] InvalidAccount),
}

/// Takes on the customers and adds a person for each role: staff for all customers, three for each customer. The
/// first customer has its whole contract, the others only the summary of theirs.
///
/// # Errors
/// [`OnboardingError`].
pub async fn take_on(
    customers: &[Customer],
    database_url: &SecretString,
    sandbox_url: &str,
) -> Result<Onboarded, OnboardingError> {
    let db = Db::connect(database_url.expose_secret(), CONNECTIONS).await?;
    let cx = Cx::new(db, Arc::new(SystemClock));
    let sandbox = Rest::open(sandbox_url);
    let mut done = Onboarded::default();
    let (staff, theirs): (Vec<_>, Vec<_>) = Role::ALL.into_iter().partition(|role| role.is_staff());
    for role in staff {
        done.add_person(&cx, role, None).await?;
    }
    for (number, customer) in (1..).zip(customers) {
        let id = TenantId::at(cx.now());
        let made = repository(&sandbox, customer, number).await?;
        done.github_tokens
            .insert(customer.github_login.to_owned(), made.token.clone());
        onboard(&cx, &document(customer, id, made, cx.now())?).await?;
        for role in &theirs {
            let user = done.add_person(&cx, *role, Some((id, customer.slug))).await?;
            if *role == Role::CustomerRequester {
                link_github(&cx, id, customer.github_login, user).await?;
            }
        }
        if number == 1 {
            agreement::complete(&cx, customer.slug, &done.tokens, &done.logins).await?;
        }
        let cluster = match customer.cluster() {
            Some(name) => {
                let made = clusters::make(&sandbox, customer.slug, name).await;
                let at = made.map_err(OnboardingError::Cluster)?;
                let at = at.ok_or(OnboardingError::Untold("cluster"))?;
                done.clusters.insert(customer.slug.to_owned(), at);
                Some(name.to_owned())
            }
            None => None,
        };
        done.customers.push(CustomerFacts {
            slug: customer.slug.to_owned(),
            id: id.0,
            github_repo: customer.repository.to_owned(),
            aws_account_id: customer.account.as_ref().map(|account| account.id.clone()),
            cluster,
        });
    }
    Ok(done)
}

impl Onboarded {
    async fn add_person(
        &mut self,
        cx: &Cx,
        role: Role,
        customer: Option<(TenantId, &str)>,
    ) -> Result<UserId, AppError> {
        let (id, slug) = customer.unzip();
        let email = match slug {
            Some(slug) => format!("{role}@{slug}.test"),
            None => format!("{role}@provider.test"),
        };
        let name = role.as_str().replace('-', " ");
        let password = Uuid::new_v4().simple().to_string();
        let user = app::user::create(cx, &email, &name, password.clone().into(), &[(role, id)]).await?;
        let token = app::user::create_token(cx, &email, "demo", None).await?;
        let key = format!("{role}@{}", slug.unwrap_or("*"));
        self.tokens.insert(key.clone(), token);
        self.logins.insert(key, Login { email, password });
        Ok(user)
    }
}

/// What exists at GitHub.
struct AtGitHub {
    user: i64,
    token: String,
    repository: i64,
    installation: i64,
}

/// Makes the customer's user and its repository, on which the App is installed.
async fn repository(sandbox: &Rest, customer: &Customer, installation: i64) -> Result<AtGitHub, OnboardingError> {
    let id = |made: &Value, what| made["id"].as_i64().ok_or(OnboardingError::Untold(what));
    let asked = json!({ "login": customer.github_login });
    let user = sandbox.post("/_sandbox/github/users", &asked).await?;
    let asked = json!({ "full_name": customer.repository, "installation_id": installation });
    let repository = sandbox.post("/_sandbox/github/repos", &asked).await?;
    let token = user["token"].as_str();
    Ok(AtGitHub {
        user: id(&user, "GitHub user")?,
        token: token.ok_or(OnboardingError::Untold("GitHub token"))?.to_owned(),
        repository: id(&repository, "GitHub repository")?,
        installation,
    })
}

fn document(
    customer: &Customer,
    id: TenantId,
    at_github: AtGitHub,
    now: Timestamp,
) -> Result<Onboarding, InvalidAccount> {
    let account = account(customer, id, now)?;
    let components = customer.holdings.iter().map(|holding| {
        let component = component(holding, id, account.as_ref(), now);
        let agreed = holding.agreed.clone().map(|scope| {
            let choice = planner::choose(&component, &scope);
            (scope, choice)
        });
        (component, agreed)
    });
    Ok(Onboarding {
        components: components.collect(),
        tenant: Tenant {
            id,
            slug: customer.slug.to_owned(),
            name: customer.name.to_owned(),
            contract: ContractSummary {
                service_level: customer.service_level,
                approval_rule: customer.approval_rule,
                terms_version: "2026-01".to_owned(),
                terms_reference: String::new(),
                time_zone: "Europe/Berlin".to_owned(),
                until: None,
            },
            lifecycle: Default::default(),
        },
        account,
        repository: Some(GithubRepository {
            tenant: id,
            repository_id: at_github.repository,
            installation_id: at_github.installation,
            full_name: customer.repository.to_owned(),
        }),
        entitlements: vec![GithubEntitlement {
            github_user_id: at_github.user,
            login: customer.github_login.to_owned(),
            user: None,
            may_request: true,
            may_restore: true,
        }],
        signed_by: vec![customer.name.to_owned(), "account manager".to_owned()],
        inventory: None,
    })
}

/// The link to the customer's account, with the roles that its template made.
fn account(customer: &Customer, tenant: TenantId, now: Timestamp) -> Result<Option<AwsAccount>, InvalidAccount> {
    let Some(seeded) = &customer.account else {
        return Ok(None);
    };
    let role = |name| format!("arn:aws:iam::{}:role/holdfast/{name}", seeded.id).parse();
    Ok(Some(AwsAccount {
        id: AwsAccountLinkId::at(now),
        tenant,
        account: seeded.id.parse()?,
        region: REGION.parse()?,
        external_id: seeded.external_id.clone(),
        roles: AccountRoles {
            observe: role("observe")?,
            configure: role("configure")?,
            tune: role("tune")?,
            restore: role("restore")?,
        },
    }))
}

fn component(holding: &Holding, tenant: TenantId, account: Option<&AwsAccount>, now: Timestamp) -> Component {
    let place = |account: &AwsAccount| {
        Some(AwsPlace {
            account: account.account.clone(),
            region: account.region.clone(),
            arn: arn(holding, account)?,
        })
    };
    Component {
        id: ComponentId::at(now),
        tenant,
        name: holding.name.to_owned(),
        kind: holding.kind,
        environment: holding.environment,
        workload: Some(holding.workload.to_owned()),
        owner: Some(holding.owner.to_owned()),
        engine: Some(holding.engine.to_owned()),
        version: holding.version.map(str::to_owned),
        size_bytes: holding.gibibytes.map(|size| i64::from(size) * GIB),
        aws: account.and_then(place),
        stated_region: None,
        decommissioned_at: None,
    }
}

/// `None` for what is no resource of AWS.
fn arn(holding: &Holding, account: &AwsAccount) -> Option<String> {
    let (service, resource) = match holding.kind {
        ComponentKind::S3Bucket => return Some(format!("arn:aws:s3:::{}", holding.name)),
        ComponentKind::RdsInstance => ("rds", format!("db:{}", holding.name)),
        ComponentKind::AuroraCluster => ("rds", format!("cluster:{}", holding.name)),
        ComponentKind::Elasticache => ("elasticache", format!("replicationgroup:{}", holding.name)),
        ComponentKind::Msk => ("kafka", format!("cluster/{0}/{0}-1", holding.name)),
        _ => return None,
    };
    Some(format!(
        "arn:aws:{service}:{}:{}:{resource}",
        account.region, account.account
    ))
}
