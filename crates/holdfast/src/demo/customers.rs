//! Who the demo's customers are, and what they own before Holdfast has seen it (feature E52).

use std::collections::BTreeMap;

use uuid::Uuid;

use super::aws_seed::{SeedAccount, SeedInstance};

/// The region of the demo's customers.
pub const REGION: &str = "eu-west-1";
/// The provider's own account.
pub const PROVIDER_ACCOUNT: &str = "100000000001";

/// A customer of the demo.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Name in addresses.
    pub slug: &'static str,
    /// For people.
    pub name: &'static str,
    /// `owner/name` of the repository of its issues.
    pub repository: &'static str,
    /// Its AWS account with its databases; `None`: it has none.
    pub account: Option<SeedAccount>,
}

/// The customers; the first is the one whose request the main job follows. ExternalIds are new each time.
pub fn customers() -> Vec<Customer> {
    let customer = |slug, name, repository, account| Customer {
        slug,
        name,
        repository,
        account,
    };
    vec![
        customer(
            "nordlicht",
            "Nordlicht Handel",
            "nordlicht/backup-requests",
            Some(account(
                "200000000001",
                &[
                    ("prod-pg", "postgres", 50, "production"),
                    ("orders-db", "postgres", 120, "production"),
                    ("reports-pg", "postgres", 20, "analytics"),
                    ("dev-pg", "postgres", 20, "development"),
                ],
            )),
        ),
        customer(
            "almhaus",
            "Almhaus Reisen",
            "almhaus/betrieb",
            Some(account(
                "200000000002",
                &[
                    ("booking-db", "mysql", 80, "production"),
                    ("booking-staging", "mysql", 20, "staging"),
                ],
            )),
        ),
        customer(
            "seeblick",
            "Seeblick Kliniken",
            "seeblick/it-backup",
            Some(account(
                "200000000003",
                &[("patients-db", "postgres", 200, "production")],
            )),
        ),
        customer("kontor", "Kontor Werkzeuge", "kontor/ops", None),
    ]
}

fn account(id: &str, instances: &[(&str, &str, u32, &str)]) -> SeedAccount {
    let instance =
        |&(name, engine, gigabytes, environment): &(&str, &str, u32, &str)| SeedInstance {
            name: name.to_owned(),
            engine: engine.to_owned(),
            gigabytes,
            tags: BTreeMap::from([("environment".to_owned(), environment.to_owned())]),
        };
    let external_id = format!("holdfast-{}", Uuid::new_v4().simple());
    SeedAccount {
        id: id.to_owned(),
        external_id,
        instances: instances.iter().map(instance).collect(),
    }
}
