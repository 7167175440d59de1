//! Holdfast in a test's own process, with a world of its own around it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use app::onboarding::{GithubEntitlement, GithubRepository, Onboarding, link_github, onboard};
use app::{Actor, Cx, Db, SystemClock};
use aws::{AccessKey, AwsMechanism, AwsSettings};
use domain::account::{AccountRoles, AwsAccount, RoleArn};
use domain::clock::Clock as _;
use domain::component::{AwsPlace, Component, ComponentKind, Environment};
use domain::contract::{ApprovalRule, ContractSummary, ServiceLevel};
use domain::id::{AwsAccountLinkId, ComponentId, TenantId, UserId};
use domain::role::Role;
use domain::tenant::Tenant;
use github::{App, GitHub};
use holdfast::demo::app_key::AppKey;
use holdfast::demo::aws_seed::{self, Principal, SeedAccount, SeedInstance};
use jiff::SignedDuration;
use jobs::Ran;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;
use uuid::Uuid;
use worker::Outside;

use crate::{TestDatabase, env};

/// Region of all test accounts.
pub const REGION: &str = "eu-west-1";
/// Signs the sandbox's webhooks.
pub const WEBHOOK_SECRET: &str = "a secret of the tests";
const APP_ID: u64 = 1;

/// A customer of the test, with an AWS account, a repository and one database, `prod-pg`, that nobody decided on.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Its records.
    pub tenant: Tenant,
    /// Its account, number and link.
    pub account: AwsAccount,
    /// `owner/name` of its repository.
    pub repository: String,
    /// Login of the one who may ask there.
    pub requester: String,
    /// Its database.
    pub prod_pg: Component,
}

/// Holdfast with a world of its own. Jobs run only when the test says so.
pub struct TestApp {
    /// The use-cases' context, as the application's role.
    pub cx: Cx,
    /// What the worker reaches.
    pub outside: Outside,
    /// AWS and GitHub.
    pub sandbox: sandbox::Running,
    /// `acme` (the provider approves) and `globex` (both sides approve).
    pub customers: Vec<Customer>,
    /// The provider's principal at AWS.
    pub principal: Principal,
    /// The PEM file of the GitHub App's private key.
    pub app_key_file: PathBuf,
    /// The database.
    pub database: TestDatabase,
    tokens: BTreeMap<(Role, Option<TenantId>), String>,
    _files: TempDir,
}

impl TestApp {
    /// Two customers, a person for each role, nothing asked yet.
    ///
    /// # Panics
    /// Without the world of `with-world`.
    pub async fn new() -> Self {
        Self::with_webhooks_to(None).await
    }

    /// The same, with GitHub's webhooks going to `url`.
    ///
    /// # Panics
    /// Without the world of `with-world`.
    pub async fn with_webhooks_to(url: Option<&str>) -> Self {
        let database = TestDatabase::new().await;
        let files = TempDir::new().expect("a temporary directory");
        let key = AppKey::generate(files.path()).expect("a key");
        let sandbox = start_sandbox(&key, url).await;
        let customers =
            [("acme", ApprovalRule::Provider), ("globex", ApprovalRule::Both)].map(|(slug, rule)| customer(slug, rule));
        let principal = seed_aws(&customers).await;

        let db = Db::connect(database.app_url().expose_secret(), 8)
            .await
            .expect("the test's database");
        let clock = Arc::new(SystemClock);
        let cx = Cx::new(db, clock.clone());
        let access = AccessKey {
            id: principal.access_key_id.clone(),
            secret: principal.secret_access_key.clone(),
        };
        let settings = AwsSettings {
            region: REGION.parse().expect("a region"),
            endpoint: Some(sandbox.url.clone()),
            principal: Some(access),
        };
        let private_key = std::fs::read_to_string(&key.private_file).expect("the key").into();
        let github = App {
            id: APP_ID,
            private_key,
            base_url: sandbox.github_url.parse().expect("an address"),
        };
        let aws = AwsMechanism::connect(settings, clock).await;
        let github = GitHub::new(&github).expect("a GitHub client");
        let outside = Outside::new(Arc::new(aws), Some(github));
        let mut app = Self {
            cx,
            outside,
            sandbox,
            customers: customers.to_vec(),
            principal,
            app_key_file: key.private_file.clone(),
            database,
            tokens: BTreeMap::new(),
            _files: files,
        };
        app.people().await;
        app
    }

    async fn people(&mut self) {
        for (index, customer) in self.customers.clone().iter().enumerate() {
            let document = Onboarding {
                tenant: customer.tenant.clone(),
                account: Some(customer.account.clone()),
                repository: Some(GithubRepository {
                    tenant: customer.tenant.id,
                    repository_id: repository_id(index),
                    installation_id: installation_id(index),
                    full_name: customer.repository.clone(),
                }),
                entitlements: vec![GithubEntitlement {
                    github_user_id: user_id(index),
                    login: customer.requester.clone(),
                    user: None,
                    may_request: true,
                    may_restore: true,
                }],
                components: vec![(customer.prod_pg.clone(), None)],
                signed_by: Vec::new(),
                inventory: None,
            };
            onboard(&self.cx, &document).await.expect("the customer is taken on");
            for role in Role::ALL.into_iter().filter(|role| !role.is_staff()) {
                let user = self.person(role, Some(customer.tenant.id)).await;
                if role == Role::CustomerRequester {
                    let linked = link_github(&self.cx, customer.tenant.id, &customer.requester, user).await;
                    linked.expect("the requester may ask");
                }
            }
        }
        for role in Role::ALL.into_iter().filter(|role| role.is_staff()) {
            self.person(role, None).await;
        }
    }

    async fn person(&mut self, role: Role, tenant: Option<TenantId>) -> UserId {
        let email = email(role, tenant);
        let user = app::user::create(&self.cx, &email, &email, PASSWORD.into(), &[(role, tenant)])
            .await
            .expect("a person");
        let token = app::user::create_token(&self.cx, &email, "test", None)
            .await
            .expect("a token");
        self.tokens.insert((role, tenant), token);
        user
    }

    /// The first customer.
    #[must_use]
    pub fn acme(&self) -> &Customer {
        &self.customers[0]
    }

    /// The second customer.
    #[must_use]
    pub fn globex(&self) -> &Customer {
        &self.customers[1]
    }

    /// The API token of the person with that role: a customer's for their tenant, staff's for all.
    ///
    /// # Panics
    /// For a customer's role without a tenant.
    #[must_use]
    pub fn token(&self, role: Role, customer: &Customer) -> &str {
        let tenant = (!role.is_staff()).then_some(customer.tenant.id);
        &self.tokens[&(role, tenant)]
    }

    /// The person with that role.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn actor(&self, role: Role, customer: &Customer) -> Actor {
        let token = self.token(role, customer);
        app::session::authenticate_token(&self.cx, token)
            .await
            .expect("the database")
            .expect("a valid token")
    }

    /// Runs every job that is due within the next hour, and those that they cause, in this process.
    ///
    /// # Panics
    /// When the queue fails.
    pub async fn run_jobs(&self) -> Vec<Ran> {
        let runner = worker::runner(&self.cx, &self.outside, 1);
        let until = self.cx.now() + SignedDuration::from_hours(1);
        runner.run_until_idle(until).await.expect("the queue")
    }

    /// Whether no job waits or runs.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn is_idle(&self) -> bool {
        let mut tx = self.cx.db.begin_global().await.expect("the database");
        let counts = jobs::stats(&mut tx).await.expect("the queue");
        counts.iter().all(|count| !count.state.is_open() || count.count == 0)
    }
}

/// E-mail address of the person with that role.
#[must_use]
pub fn email(role: Role, tenant: Option<TenantId>) -> String {
    match tenant {
        Some(tenant) => format!("{role}-{}@customer.test", tenant.0.simple()),
        None => format!("{role}@provider.test"),
    }
}

/// Password of everybody.
pub const PASSWORD: &str = "correct horse battery staple";

fn repository_id(index: usize) -> i64 {
    5000 + i64::try_from(index).expect("few")
}

fn installation_id(index: usize) -> i64 {
    7000 + i64::try_from(index).expect("few")
}

fn user_id(index: usize) -> i64 {
    9000 + i64::try_from(index).expect("few")
}

async fn start_sandbox(key: &AppKey, webhook: Option<&str>) -> sandbox::Running {
    let unsigned = |number: i64| Some(u64::try_from(number).expect("positive"));
    let config = sandbox::Config {
        ministack: Some(env::var(env::MINISTACK).parse().expect("an address")),
        webhook: webhook.map(|url| sandbox::Webhook {
            url: url.parse().expect("an address"),
            secret: WEBHOOK_SECRET.to_owned(),
        }),
        app: Some(sandbox::App {
            id: APP_ID,
            public_key_pem: std::fs::read_to_string(&key.public_file).expect("the key"),
        }),
        restore_seconds: Some(0),
        users: ["acme", "globex"]
            .iter()
            .enumerate()
            .map(|(index, slug)| sandbox::SeedUser {
                login: format!("{slug}-dev"),
                id: unsigned(user_id(index)),
                token: None,
            })
            .chain([sandbox::SeedUser {
                login: "stranger".to_owned(),
                id: None,
                token: None,
            }])
            .collect(),
        repos: ["acme", "globex"]
            .iter()
            .enumerate()
            .map(|(index, slug)| sandbox::SeedRepo {
                full_name: format!("{slug}/platform"),
                id: unsigned(repository_id(index)),
                installation_id: unsigned(installation_id(index)),
                private: false,
                collaborators: BTreeMap::new(),
            })
            .collect(),
        ..sandbox::Config::default()
    };
    sandbox::start(config).await.expect("the sandbox")
}

/// Accounts of the run's ministack are told apart by random numbers.
fn account_number() -> String {
    format!("{:012}", Uuid::new_v4().as_u128() % 1_000_000_000_000)
}

fn customer(slug: &str, rule: ApprovalRule) -> Customer {
    let now = SystemClock.now();
    let tenant = TenantId::at(now);
    let number = account_number();
    let role = |name: &str| -> RoleArn {
        format!("arn:aws:iam::{number}:role/holdfast/{name}")
            .parse()
            .expect("a role")
    };
    let account = AwsAccount {
        id: AwsAccountLinkId::at(now),
        tenant,
        account: number.parse().expect("twelve digits"),
        region: REGION.parse().expect("a region"),
        external_id: Uuid::new_v4().simple().to_string(),
        roles: AccountRoles {
            observe: role("observe"),
            configure: role("configure"),
            tune: role("tune"),
            restore: role("restore"),
        },
    };
    let prod_pg = Component {
        id: ComponentId::at(now),
        tenant,
        name: "prod-pg".to_owned(),
        kind: ComponentKind::RdsInstance,
        environment: Environment::Production,
        workload: None,
        owner: None,
        engine: Some("PostgreSQL 16".to_owned()),
        version: None,
        size_bytes: None,
        aws: Some(AwsPlace {
            account: account.account.clone(),
            region: account.region.clone(),
            arn: format!("arn:aws:rds:{REGION}:{number}:db:prod-pg"),
        }),
        stated_region: None,
        decommissioned_at: None,
    };
    Customer {
        tenant: Tenant {
            id: tenant,
            slug: slug.to_owned(),
            name: slug.to_owned(),
            contract: ContractSummary {
                service_level: ServiceLevel::Baseline,
                approval_rule: rule,
                terms_version: "2026-01".to_owned(),
                terms_reference: String::new(),
                time_zone: "Europe/Brussels".to_owned(),
                until: None,
            },
            lifecycle: Default::default(),
        },
        account,
        repository: format!("{slug}/platform"),
        requester: format!("{slug}-dev"),
        prod_pg,
    }
}

async fn seed_aws(customers: &[Customer]) -> Principal {
    let accounts: Vec<SeedAccount> = customers
        .iter()
        .map(|customer| SeedAccount {
            id: customer.account.account.to_string(),
            external_id: customer.account.external_id.clone(),
            instances: vec![SeedInstance {
                name: "prod-pg".to_owned(),
                engine: "postgres".to_owned(),
                gigabytes: 20,
                tags: BTreeMap::new(),
            }],
        })
        .collect();
    let tools = holdfast::demo::tools();
    aws_seed::seed(&tools, &env::var(env::MINISTACK), REGION, &account_number(), &accounts)
        .await
        .expect("the test's AWS accounts")
}
