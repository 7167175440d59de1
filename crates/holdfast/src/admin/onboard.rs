//! `holdfast admin onboard`: a new customer out of a file that people write.

use std::path::{Path, PathBuf};

use app::import::Offered;
use app::onboarding::{GithubEntitlement, GithubRepository, Onboarding, onboard};
use app::{AppError, Cx, StoreError};
use domain::account::{AccountRoles, AwsAccount, AwsAccountId, InvalidAccount, Region};
use domain::component::{AwsPlace, Component, ComponentKind, Environment};
use domain::contract::{ApprovalRule, ContractSummary, ServiceLevel};
use domain::id::{AwsAccountLinkId, ComponentId, TenantId};
use domain::onboarding::Format;
use domain::tenant::Tenant;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use uuid::Uuid;

/// The file: TOML. What is in scope is not said here: the document of the inventory says so, which is signed, or a change
/// request that is approved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    slug: String,
    name: String,
    service_level: ServiceLevel,
    approval_rule: ApprovalRule,
    terms_version: String,
    #[serde(default)]
    terms_reference: String,
    time_zone: String,
    contract_until: Option<Date>,
    aws: Option<Aws>,
    github: Option<Github>,
    #[serde(default)]
    components: Vec<Item>,
    inventory: Option<Inventory>,
}

/// A document with the inventory, beside this file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inventory {
    file: PathBuf,
    #[serde(default)]
    signed_by: Vec<String>,
    signed_on: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Aws {
    account: AwsAccountId,
    region: Region,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Github {
    repository: String,
    repository_id: i64,
    installation_id: i64,
    #[serde(default)]
    requesters: Vec<Requester>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Requester {
    login: String,
    id: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    name: String,
    environment: Environment,
    kind: ComponentKind,
    engine: Option<String>,
    arn: Option<String>,
}

/// The customer was not taken on; nothing is stored.
#[derive(Debug, thiserror::Error)]
pub enum OnboardError {
    /// The file cannot be read.
    #[error("reading `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file says something that is not allowed; names line and key.
    #[error("`{}` is no customer's document", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<toml::de::Error>,
    },
    /// The time zone is none.
    #[error("`time_zone`: `{0}` is no IANA time zone, such as Europe/Brussels")]
    TimeZone(String),
    /// An ARN in a file without an account, or in another one.
    #[error("component `{0}`: its ARN is not in the account and region of [aws]")]
    Place(String),
    /// The role ARNs cannot be made.
    #[error("the account's roles")]
    Role(#[from] InvalidAccount),
    /// Somebody has that name, account or repository already.
    #[error("`{0}` belongs to a customer already")]
    Taken(String),
    /// The document of the inventory is refused; every problem, a line each.
    #[error("`{}` is refused:\n{problems}", path.display())]
    Inventory {
        /// The document.
        path: PathBuf,
        /// What is wrong with it.
        problems: String,
    },
    /// The database failed.
    #[error("storing the customer")]
    App(#[source] AppError),
}

/// Takes the customer on and tells what it has to install.
///
/// # Errors
/// [`OnboardError`]; nothing is stored then.
pub(super) async fn run(cx: &Cx, path: &Path) -> Result<(), OnboardError> {
    let text = std::fs::read_to_string(path).map_err(|source| OnboardError::Read {
        path: path.to_owned(),
        source,
    })?;
    let mut document: Document = toml::from_str(&text).map_err(|source| OnboardError::Parse {
        path: path.to_owned(),
        source: Box::new(source),
    })?;
    if jiff::tz::TimeZone::get(&document.time_zone).is_err() {
        return Err(OnboardError::TimeZone(document.time_zone));
    }
    let inventory = document
        .inventory
        .take()
        .map(|inventory| offered(path, inventory))
        .transpose()?;
    let named = inventory.as_ref().map(|(path, _)| path.clone()).unwrap_or_default();
    let onboarding = Onboarding {
        inventory: inventory.map(|(_, offered)| offered),
        ..onboarding(document, cx.now())?
    };
    onboard(cx, &onboarding).await.map_err(|error| match error {
        AppError::Store(StoreError::Exists { constraint }) => OnboardError::Taken(constraint),
        AppError::Invalid(problems) => OnboardError::Inventory {
            path: named,
            problems: problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        },
        other => OnboardError::App(other),
    })?;
    println!("{} is a customer now.", onboarding.tenant.name);
    if let Some(account) = &onboarding.account {
        println!(
            "Its account {} installs deploy/customer/aws with the ExternalId {}\n\
             and the ARN of Holdfast's own principal, which deploy/customer/aws/README.md says how to find.",
            account.account, account.external_id
        );
    }
    Ok(())
}

/// The document beside `toml`; what it is written in, its name says.
fn offered(toml: &Path, inventory: Inventory) -> Result<(PathBuf, Offered), OnboardError> {
    let path = toml.parent().unwrap_or(Path::new("")).join(inventory.file);
    let bytes = std::fs::read(&path).map_err(|source| OnboardError::Read {
        path: path.clone(),
        source,
    })?;
    let yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let offered = Offered {
        format: if yaml { Format::Yaml } else { Format::Csv },
        bytes,
        signed_by: inventory.signed_by,
        signed_on: inventory.signed_on,
    };
    Ok((path, offered))
}

fn onboarding(document: Document, now: Timestamp) -> Result<Onboarding, OnboardError> {
    let tenant = TenantId::at(now);
    let account = document.aws.map(|aws| link(tenant, aws, now)).transpose()?;
    let (repository, requesters) = match document.github {
        Some(github) => {
            let repository = GithubRepository {
                tenant,
                repository_id: github.repository_id,
                installation_id: github.installation_id,
                full_name: github.repository,
            };
            (Some(repository), github.requesters)
        }
        None => (None, Vec::new()),
    };
    let entitled = |one: Requester| GithubEntitlement {
        github_user_id: one.id,
        login: one.login,
        user: None,
        may_request: true,
        may_restore: false,
    };
    let components = document
        .components
        .into_iter()
        .map(|item| Ok((component(tenant, item, account.as_ref(), now)?, None)));
    Ok(Onboarding {
        components: components.collect::<Result<_, OnboardError>>()?,
        tenant: Tenant {
            id: tenant,
            slug: document.slug,
            name: document.name,
            contract: ContractSummary {
                service_level: document.service_level,
                approval_rule: document.approval_rule,
                terms_version: document.terms_version,
                terms_reference: document.terms_reference,
                time_zone: document.time_zone,
                until: document.contract_until,
            },
            lifecycle: Default::default(),
        },
        account,
        repository,
        entitlements: requesters.into_iter().map(entitled).collect(),
        signed_by: Vec::new(),
        inventory: None,
    })
}

/// The roles are named as deploy/customer/aws names them; the ExternalId is ours and random.
fn link(tenant: TenantId, aws: Aws, now: Timestamp) -> Result<AwsAccount, OnboardError> {
    let role = |name: &str| format!("arn:aws:iam::{}:role/holdfast/{name}", aws.account).parse();
    Ok(AwsAccount {
        id: AwsAccountLinkId::at(now),
        tenant,
        external_id: Uuid::new_v4().simple().to_string(),
        roles: AccountRoles {
            observe: role("observe")?,
            configure: role("configure")?,
            tune: role("tune")?,
            restore: role("restore")?,
        },
        account: aws.account,
        region: aws.region,
    })
}

fn component(
    tenant: TenantId,
    item: Item,
    account: Option<&AwsAccount>,
    now: Timestamp,
) -> Result<Component, OnboardError> {
    let aws = match (item.arn, account) {
        (None, _) => None,
        (Some(arn), Some(account)) if arn.contains(&format!(":{}:{}:", account.region, account.account)) => {
            Some(AwsPlace {
                account: account.account.clone(),
                region: account.region.clone(),
                arn,
            })
        }
        (Some(_), _) => return Err(OnboardError::Place(item.name)),
    };
    Ok(Component {
        id: ComponentId::at(now),
        tenant,
        name: item.name,
        kind: item.kind,
        environment: item.environment,
        workload: None,
        owner: None,
        engine: item.engine,
        version: None,
        size_bytes: None,
        aws,
        stated_region: None,
        decommissioned_at: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../../../deploy/customer/customer.example.toml");

    fn read(text: &str) -> Result<Onboarding, String> {
        let document: Document = toml::from_str(text).map_err(|error| error.to_string())?;
        onboarding(document, Timestamp::UNIX_EPOCH).map_err(|error| error.to_string())
    }

    #[test]
    fn the_example_is_a_customer_whose_scope_nobody_has_decided() {
        let read = read(FILE).expect("the example is right");
        let account = read.account.expect("an account");
        assert_eq!(account.roles.tune.account(), account.account);
        assert!(
            read.components
                .iter()
                .all(|(component, decided)| component.aws.is_some() && decided.is_none())
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |from: &str, to: &str| read(&FILE.replace(from, to)).expect_err("refused");
        assert!(wrong("slug =", "slag =").contains("slag"));
        assert!(wrong("\"111122223333\"", "\"1111\"").contains("1111"));
        assert!(wrong(":111122223333:db", ":999922223333:db").contains("prod-pg"));
    }
}
