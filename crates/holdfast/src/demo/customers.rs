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
    /// The engine's version, as the customer states it.
    pub version: Option<&'static str>,
    /// The business unit that it belongs to.
    pub workload: &'static str,
    /// Who answers for it at the customer.
    pub owner: &'static str,
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

/// A happy path of the field: a mid-size shop with a cluster, Aurora and buckets.
fn acme() -> Customer {
    use ComponentKind::{AuroraCluster, Kubernetes, RdsInstance, S3Bucket};
    use Environment::{Analytics, Development, Production};
    use Location::{AnotherRegion, SameAccountAndRegion};
    let orders = noted(
        agreed(Tier::Tier1, Schedule::Continuous, 35, AnotherRegion),
        "35 days with point in time, and automated backups in another region. Monthly the orders table is restored to a \
         scratch instance, target under 15 minutes.",
    );
    let uploads = noted(
        agreed(Tier::Tier1, Schedule::Continuous, 35, AnotherRegion),
        "Versioned, replicated to eu-central-1, and locked there for 35 days (Object Lock, compliance).",
    );
    let internal = noted(
        agreed(Tier::Tier2, Schedule::Hourly, 30, SameAccountAndRegion),
        "Velero hourly for the 6 stateful of 12 namespaces, and daily for the whole cluster; both kept 30 days.",
    );
    let dev = noted(
        agreed(Tier::Tier3, Schedule::Daily, 14, SameAccountAndRegion),
        "Velero daily; no copy in another region.",
    );
    let billing = agreed(Tier::Tier2, Schedule::Hourly, 30, SameAccountAndRegion);
    let postgres = |name, environment, gibibytes, agreed| Holding {
        engine: "PostgreSQL",
        version: Some("16"),
        gibibytes: Some(gibibytes),
        workload: "shop",
        owner: "Data platform",
        ..holding(name, RdsInstance, environment, agreed)
    };
    let bucket = |name, gibibytes| Holding {
        engine: "S3",
        gibibytes: Some(gibibytes),
        workload: "uploads",
        owner: "Media",
        ..holding(name, S3Bucket, Production, uploads.clone())
    };
    let cluster = |name, environment, agreed| Holding {
        engine: "EKS",
        version: Some("1.31"),
        workload: "platform",
        owner: "Platform",
        ..holding(name, Kubernetes, environment, agreed)
    };
    let holdings = vec![
        postgres(PROD_PG, Production, 50, None),
        postgres("billing-pg", Production, 80, billing),
        postgres("reports-pg", Analytics, 20, None),
        postgres("dev-pg", Development, 20, Some(Scope::Out)),
        Holding {
            engine: "Aurora PostgreSQL",
            version: Some("16"),
            gibibytes: Some(120),
            workload: "shop",
            owner: "Data platform",
            ..holding("orders", AuroraCluster, Production, orders)
        },
        bucket("acme-uploads", 1536),
        bucket("acme-thumbnails", 512),
        cluster("internal", Production, internal),
        cluster("dev", Development, dev),
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
    let mysql = |name, environment, gibibytes, agreed| Holding {
        engine: "MySQL",
        version: Some("8.0"),
        gibibytes: Some(gibibytes),
        workload: "booking",
        owner: "Booking",
        ..holding(name, RdsInstance, environment, agreed)
    };
    let holdings = vec![
        mysql("booking-db", Production, 80, booking),
        mysql("booking-staging", Staging, 20, Some(Scope::Out)),
        Holding {
            engine: "Valkey",
            version: Some("8"),
            gibibytes: Some(4),
            workload: "booking",
            owner: "Booking",
            ..holding("sessions", Elasticache, Production, sessions)
        },
        Holding {
            engine: "Kafka",
            version: Some("3.8"),
            workload: "booking",
            owner: "Integration",
            ..holding("events", Msk, Production, None)
        },
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

/// An edge case of the field: one database on the customer's own premises, and nobody who operates it.
fn initech() -> Customer {
    let erp = noted(
        agreed(Tier::Tier2, Schedule::Daily, 30, Location::AnotherAccount),
        "RPO 24 h until binlogs stream; then it can be tier 1. mysqldump nightly and xtrabackup in full weekly, encrypted \
         with age, kept in another account under Object Lock (compliance, 35 days). Monthly it is restored to a container, \
         target under 2 hours; the owner rehearses the runbook once.",
    );
    let erp_mysql = Holding {
        engine: "MySQL",
        version: Some("8.0"),
        gibibytes: Some(60),
        workload: "ERP",
        owner: "Office IT",
        ..holding(
            "erp-mysql",
            ComponentKind::SelfManagedDatabase,
            Environment::Production,
            erp,
        )
    };
    Customer {
        slug: "initech",
        name: "Initech Tools",
        service_level: ServiceLevel::Baseline,
        approval_rule: ApprovalRule::Customer,
        repository: "initech/operations",
        github_login: "initech-dev",
        account: None,
        holdings: vec![erp_mysql],
    }
}

/// Of which nothing else is stated.
fn holding(name: &'static str, kind: ComponentKind, environment: Environment, agreed: Option<Scope>) -> Holding {
    Holding {
        name,
        kind,
        environment,
        engine: "",
        version: None,
        workload: "",
        owner: "",
        gibibytes: None,
        agreed,
    }
}

/// The same with what was said of it.
fn noted(agreed: Option<Scope>, note: &str) -> Option<Scope> {
    agreed.map(|scope| scope.noted(note))
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
        note: None,
    }))
}

fn account(id: &str, holdings: &[Holding]) -> SeedAccount {
    let instance = |holding: &Holding| SeedInstance {
        name: holding.name.to_owned(),
        engine: if holding.engine == "MySQL" { "mysql" } else { "postgres" }.to_owned(),
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
