//! What is stored of where components stand is what can be reckoned anew at any time: in the transactions that change it,
//! and by the migration.

use domain::protection::{OBSERVATION_MAX_AGE, Standing};
use domain::role::Role;
use jiff::{SignedDuration, Timestamp};
use sqlx::{PgConnection, Row as _};
use testkit::TestApp;
use testkit::github::answers;

use crate::samples::{self, connect};

/// The sums as they are stored.
const STORED: &str = "SELECT r::text FROM tenant_rollup r ORDER BY 1";

/// The sums over the components as they would be reckoned anew.
const RECKONED: &str = "SELECT r::text FROM (
    SELECT tenant_id, standing, coalesce(observed_at, 'epoch'), count(*)::integer,
      (count(*) FILTER (WHERE effective_days < contracted_days))::integer, min(contracted_days), max(contracted_days),
      min(effective_days), max(effective_days), min(oldest_recovery_point_at)
    FROM component_status GROUP BY 1, 2, 3) AS r ORDER BY 1";

/// What is stored of each component beside what its line and its reading say.
const COMPONENTS: &str = "SELECT c.name, s.standing, s.observed_at = o.observed_at AND s.effective_days IS NOT DISTINCT FROM o.retention_days
      AND s.newest_recovery_point_at IS NOT DISTINCT FROM o.newest_recovery_point_at
      AND s.oldest_recovery_point_at IS NOT DISTINCT FROM o.oldest_recovery_point_at
      AND s.contracted_days IS NOT DISTINCT FROM (i.scope->>'retention')::integer AS in_step
    FROM tenant t JOIN component c ON c.tenant_id = t.tenant_id JOIN component_status s ON s.tenant_id = c.tenant_id AND s.component_id = c.id
    LEFT JOIN observation o ON o.tenant_id = c.tenant_id AND o.component_id = c.id
    LEFT JOIN scope_item i ON i.tenant_id = c.tenant_id AND i.component_id = c.id AND i.to_version IS NULL
    ORDER BY t.slug, c.name";

async fn rows(owner: &mut PgConnection, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(owner).await.unwrap()
}

/// The components' standings, after asserting that all that is stored is in step.
async fn standings(owner: &mut PgConnection) -> Vec<(String, String)> {
    assert_eq!(rows(owner, STORED).await, rows(owner, RECKONED).await);
    let components = sqlx::query(COMPONENTS).fetch_all(owner).await.unwrap();
    let standing = |row: &sqlx::postgres::PgRow| {
        let (name, standing): (String, String) = (row.get("name"), row.get("standing"));
        assert_ne!(row.get::<Option<bool>, _>("in_step"), Some(false), "{name}");
        (name, standing)
    };
    components.iter().map(standing).collect()
}

fn named(standings: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, standing): &(&str, &str)| ((*name).to_owned(), (*standing).to_owned());
    standings.iter().map(owned).collect()
}

#[tokio::test]
async fn where_a_component_stands_changes_with_what_is_decided_and_read() {
    let t = TestApp::new().await;
    let acme = t.acme();
    let mut owner = connect(&t.database.owner_url()).await;
    let both = [("prod-pg", "undecided"), ("prod-pg", "undecided")];
    assert_eq!(standings(&mut owner).await, named(&both));

    t.protect(acme).await;
    let both = [("prod-pg", "fresh"), ("prod-pg", "undecided")];
    assert_eq!(standings(&mut owner).await, named(&both));

    let issue = t.file_and_plan(acme, &answers(&[("scope", "Out of scope")])).await;
    let planned = t.request_of(acme, issue).await;
    t.approve(acme, Role::Approver, &planned).await.unwrap();
    t.run_jobs().await;
    let both = [("prod-pg", "out"), ("prod-pg", "undecided")];
    assert_eq!(standings(&mut owner).await, named(&both));
}

#[tokio::test]
async fn the_migration_reckons_what_was_there_before() {
    let database = samples::database().await;
    let mut owner = connect(&database.owner_url()).await;
    let expected = [
        ("prod-pg", "fresh"),
        ("thumbnails", "out"),
        ("events", "undecided"),
        ("exports", "out"),
        ("orders-db", "no-point"),
    ];
    assert_eq!(standings(&mut owner).await, named(&expected));
}

#[tokio::test]
async fn the_database_and_the_domain_read_a_standing_alike() {
    let t = TestApp::new().await;
    let mut owner = connect(&t.database.owner_url()).await;
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let stale = now - OBSERVATION_MAX_AGE;
    let readings = [None, Some(now), Some(stale), Some(stale - SignedDuration::from_secs(1))];
    for standing in Standing::ALL {
        for observed_at in readings {
            let never_read =
                matches!(standing, Standing::NoPoint | Standing::Late | Standing::Fresh) && observed_at.is_none();
            if never_read {
                continue;
            }
            let sql: String =
                sqlx::query_scalar("SELECT protection_state($1, $2::text::timestamptz, $3::text::timestamptz)")
                    .bind(standing.as_str())
                    .bind(observed_at.map(|at| at.to_string()))
                    .bind(stale.to_string())
                    .fetch_one(&mut owner)
                    .await
                    .unwrap();
            let state = standing.state(observed_at, now);
            let named = state.map_or(standing.as_str(), |state| state.as_str());
            assert_eq!(sql, named, "{standing:?} read at {observed_at:?}");
        }
    }
}
