//! Who the demo's customers are, what they own, and what was agreed when they signed (feature E52).

use std::collections::BTreeMap;

use domain::component::{ComponentKind, Environment};
use domain::contract::{ApprovalRule, ServiceLevel};
use domain::retention::RetentionDays;
use domain::schedule::Schedule;
use domain::sow::{Location, Scope, Terms, ValueSource};
use domain::tier::Tier;
use uuid::Uuid;

use super::aws_seed::{SeedAccount, SeedInstance};

/// The region of the demo's customers.
pub const REGION: &str = "eu-west-1";
/// The provider's own account.
pub const PROVIDER_ACCOUNT: &str = "100000000001";
/// The database that the main job brings into scope and restores.
pub const PROD_PG: &str = "prod-pg";

/// A customer of the demo.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Name in addresses.
    pub slug: &'static str,
    /// For people.
    pub name: &'static str,
    /// What its contract includes.
    pub service_level: ServiceLevel,
    /// Whose approvals its changes need.
    pub approval_rule: ApprovalRule,
    /// `owner/name` of the repository of its issues.
    pub repository: &'static str,
    /// Who may ask there.
    pub github_login: &'static str,
    /// Its AWS account before Holdfast has seen it; `None`: it has none. The ExternalId is new each time.
    pub account: Option<SeedAccount>,
    /// Its inventory.
    pub holdings: Vec<Holding>,
}

/// Something that holds data.
#[derive(Debug, Clone)]
pub struct Holding {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: ComponentKind,
    /// Where it serves.
    pub environment: Environment,
    /// As the customer states it.
    pub engine: &'static str,
    /// Size, in GiB, as the customer states it.
    pub gibibytes: Option<u32>,
    /// What was agreed; `None`: nobody decided.
    pub agreed: Option<Scope>,
}

impl Customer {
    /// The cluster that serves its production.
    pub fn cluster(&self) -> Option<&'static str> {
        let mut holdings = self.holdings.iter();
        let serves = |holding: &&Holding| {
            holding.kind == ComponentKind::Kubernetes && holding.environment == Environment::Production
        };
        holdings.find(serves).map(|holding| holding.name)
    }

    /// The RDS instances whose agreed terms RDS itself serves, each with the days that backups are kept.
    pub fn native_backups(&self) -> impl Iterator<Item = (&'static str, u16)> + '_ {
        let rds = |holding: &&Holding| holding.kind == ComponentKind::RdsInstance;
        self.holdings.iter().filter(rds).filter_map(|holding| {
            let terms = holding.agreed.as_ref()?.terms()?;
            Some((holding.name, terms.retention.get()))
        })
    }
}

/// The customers; the first is the one whose request the main job follows.
pub fn customers() -> Vec<Customer> {
    vec![acme(), globex(), initech()]
}

fn acme() -> Customer {
    use ComponentKind::{AuroraCluster, Kubernetes, RdsInstance, S3Bucket};
    use Environment::{Analytics, Development, Production};
    use Location::{AnotherRegion, SameAccountAndRegion};
    let orders = agreed(Tier::Tier1, Schedule::Continuous, 35, AnotherRegion);
    let uploads = agreed(Tier::Tier1, Schedule::Continuous, 35, AnotherRegion);
    let internal = agreed(Tier::Tier2, Schedule::Hourly, 30, SameAccountAndRegion);
    let dev = agreed(Tier::Tier3, Schedule::Daily, 14, SameAccountAndRegion);
    let billing = agreed(Tier::Tier2, Schedule::Hourly, 30, SameAccountAndRegion);
    let holdings = vec![
        holding(PROD_PG, RdsInstance, Production, "PostgreSQL 16", 50, None),
        holding("billing-pg", RdsInstance, Production, "PostgreSQL 16", 80, billing),
        holding("reports-pg", RdsInstance, Analytics, "PostgreSQL 16", 20, None),
        holding(
            "dev-pg",
            RdsInstance,
            Development,
            "PostgreSQL 16",
            20,
            Some(Scope::Out),
        ),
        holding("orders", AuroraCluster, Production, "Aurora PostgreSQL 16", 120, orders),
        holding("acme-uploads", S3Bucket, Production, "S3", 1536, uploads),
        holding("acme-thumbnails", S3Bucket, Production, "S3", 512, Some(Scope::Out)),
        unsized_holding(
            "internal",
            Kubernetes,
            Production,
            "EKS, 6 of 12 namespaces stateful",
            internal,
        ),
        unsized_holding("dev", Kubernetes, Development, "EKS", dev),
    ];
    Customer {
        slug: "acme",
        name: "Acme Retail",
        service_level: ServiceLevel::Baseline,
        approval_rule: ApprovalRule::Provider,
        repository: "acme/platform",
        github_login: "acme-dev",
        account: Some(account("200000000001", &holdings)),
        holdings,
    }
}

fn globex() -> Customer {
    use ComponentKind::{Elasticache, Msk, RdsInstance};
    use Environment::{Production, Staging};
    let booking = agreed(Tier::Tier2, Schedule::Hourly, 30, Location::SameAccountAndRegion);
    let sessions = agreed(Tier::Tier3, Schedule::Daily, 14, Location::SameAccountAndRegion);
    let holdings = vec![
        holding("booking-db", RdsInstance, Production, "MySQL 8.0", 80, booking),
        holding(
            "booking-staging",
            RdsInstance,
            Staging,
            "MySQL 8.0",
            20,
            Some(Scope::Out),
        ),
        holding("sessions", Elasticache, Production, "Valkey 8", 4, sessions),
        unsized_holding("events", Msk, Production, "Kafka 3.8", None),
    ];
    Customer {
        slug: "globex",
        name: "Globex Travel",
        service_level: ServiceLevel::DrBc,
        approval_rule: ApprovalRule::Both,
        repository: "globex/platform",
        github_login: "globex-dev",
        account: Some(account("200000000002", &holdings)),
        holdings,
    }
}

fn initech() -> Customer {
    // An objective of 24 h until its binlogs are streamed.
    let erp = agreed(Tier::Tier2, Schedule::Daily, 30, Location::AnotherAccount);
    let kind = ComponentKind::SelfManagedDatabase;
    Customer {
        slug: "initech",
        name: "Initech Tools",
        service_level: ServiceLevel::Baseline,
        approval_rule: ApprovalRule::Customer,
        repository: "initech/operations",
        github_login: "initech-dev",
        account: None,
        holdings: vec![holding(
            "erp-mysql",
            kind,
            Environment::Production,
            "MySQL 8.0",
            60,
            erp,
        )],
    }
}

fn holding(
    name: &'static str,
    kind: ComponentKind,
    environment: Environment,
    engine: &'static str,
    gibibytes: u32,
    agreed: Option<Scope>,
) -> Holding {
    Holding {
        gibibytes: Some(gibibytes),
        ..unsized_holding(name, kind, environment, engine, agreed)
    }
}

fn unsized_holding(
    name: &'static str,
    kind: ComponentKind,
    environment: Environment,
    engine: &'static str,
    agreed: Option<Scope>,
) -> Holding {
    Holding {
        name,
        kind,
        environment,
        engine,
        gibibytes: None,
        agreed,
    }
}

/// In scope: what equals the tier's default comes from the tier, all else from the document that was signed.
fn agreed(tier: Tier, schedule: Schedule, days: u16, location: Location) -> Option<Scope> {
    let retention = RetentionDays::parse(days).expect("days of the demo are a retention");
    let from = |is_default| match is_default {
        true => ValueSource::Tier,
        false => ValueSource::Sow,
    };
    let sources = [
        ("in_scope", ValueSource::Sow),
        ("tier", ValueSource::Sow),
        ("retention_days", from(retention == tier.retention())),
        ("schedule", from(schedule == tier.schedule())),
        ("window", ValueSource::Default),
        ("location", ValueSource::Sow),
    ];
    Some(Scope::In(Terms {
        tier: Some(tier),
        schedule,
        retention,
        window: None,
        location,
        sources: BTreeMap::from(sources.map(|(field, source)| (field.to_owned(), source))),
    }))
}

fn account(id: &str, holdings: &[Holding]) -> SeedAccount {
    let instance = |holding: &Holding| SeedInstance {
        name: holding.name.to_owned(),
        engine: if holding.engine.starts_with("MySQL") {
            "mysql"
        } else {
            "postgres"
        }
        .to_owned(),
        gigabytes: holding.gibibytes.unwrap_or(20),
        tags: BTreeMap::from([("environment".to_owned(), holding.environment.as_str().to_owned())]),
    };
    SeedAccount {
        id: id.to_owned(),
        external_id: format!("holdfast-{}", Uuid::new_v4().simple()),
        instances: holdings
            .iter()
            .filter(|holding| holding.kind == ComponentKind::RdsInstance)
            .map(instance)
            .collect(),
    }
}
