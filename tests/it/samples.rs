//! A database with the data of two tenants, grown as an installation's would be: each migration runs over the rows
//! that came with the earlier ones.

use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use testkit::TestDatabase;
use uuid::Uuid;

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/migrations");

/// The tenants of the samples. `tenant_id(A) = id(A, 0)`.
pub(crate) const A: u32 = 0xaaaa_aaaa;
pub(crate) const B: u32 = 0xbbbb_bbbb;

/// The id of a tenant's thing, as the samples number them.
pub(crate) fn id(tenant: u32, number: u64) -> Uuid {
    Uuid::from_fields(tenant, 0, 0x7000, &(0x8000_0000_0000_0000 | number).to_be_bytes())
}

/// A database of one test's own, with the samples.
pub(crate) async fn database() -> TestDatabase {
    let database = TestDatabase::new().await;
    let mut owner = connect(&database.owner_url()).await;
    // The template is migrated, but here the migrations are to meet rows.
    run(
        &mut owner,
        "the empty schema",
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
    )
    .await;
    for name in names(MIGRATIONS) {
        for directory in [MIGRATIONS, SAMPLES] {
            let file = Path::new(directory).join(&name);
            let sql = std::fs::read_to_string(&file)
                .unwrap_or_else(|error| panic!("{}: {error}; every migration has sample rows", file.display()));
            run(&mut owner, &file.display().to_string(), &sql).await;
        }
    }
    database
}

/// A connection past the store, to look behind the scenes.
pub(crate) async fn connect(url: &SecretString) -> PgConnection {
    let connection = PgConnection::connect(url.expose_secret()).await;
    connection.expect("the test's database")
}

/// The files of the migrations in order of application, and those with sample rows: the same names.
pub(crate) fn file_names() -> (Vec<String>, Vec<String>) {
    (names(MIGRATIONS), names(SAMPLES))
}

fn names(directory: &str) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("the checkout has it");
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

async fn run(connection: &mut PgConnection, what: &str, sql: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await;
    done.unwrap_or_else(|error| panic!("{what}: {error}"));
}
