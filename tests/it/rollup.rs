//! What is stored of where components stand is what can be reckoned anew at any time: in the transactions that change it,
//! and by the migration.

use domain::protection::{OBSERVATION_MAX_AGE, ProtectionState, Standing};
use domain::role::Role;
use domain::tenant::TenantScope;
use jiff::{SignedDuration, Timestamp};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use store::rollup::{self, Fleet};
use store::status::{self, Filter, Order, Shown};
use testkit::TestApp;
use testkit::github::answers;
use uuid::Uuid;

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
      AND s.contracted_days IS NOT DISTINCT FROM (i.scope->>'retention')::integer AND s.decided_until IS NOT DISTINCT FROM d.due_on AS in_step
    FROM tenant t JOIN component c ON c.tenant_id = t.tenant_id JOIN component_status s ON s.tenant_id = c.tenant_id AND s.component_id = c.id
    LEFT JOIN observation o ON o.tenant_id = c.tenant_id AND o.component_id = c.id
    LEFT JOIN scope_item i ON i.tenant_id = c.tenant_id AND i.component_id = c.id AND i.to_version IS NULL
    LEFT JOIN scope_decision d ON d.tenant_id = c.tenant_id AND d.component_id = c.id
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

    let issue = t
        .file_and_plan(
            acme,
            &answers(&[("scope", "Out of scope"), ("further_needs", "It is rebuilt.")]),
        )
        .await;
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
        ("archive", "undecided"),
        ("made-again-41", "undecided"),
        ("prod-pg", "fresh"),
        ("thumbnails", "out"),
        ("archive", "undecided"),
        ("events", "undecided"),
        ("exports", "out"),
        ("made-again-41", "undecided"),
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

/// Components of two customers, in every standing, read at three moments, kept for three lengths: as the database has them.
const MANY: &str = "WITH drawn AS (
    SELECT t.tenant_id, gen_random_uuid() AS id, n, standing, moment FROM tenant t,
      unnest(ARRAY['out', 'undecided', 'no-mechanism', 'unread', 'no-point', 'late', 'fresh']) WITH ORDINALITY AS s (standing, place),
      unnest(ARRAY['2026-11-21T10:00:00Z', '2026-11-21T11:00:00Z', '2026-11-21T12:00:00Z']::timestamptz[]) AS m (moment),
      generate_series(1, 3) AS n
    -- One customer has no reading at the first moment, so that they differ.
    WHERE (t.slug = 'acme' OR moment > '2026-11-21T10:00:00Z') AND (n < 3 OR place % 2 = 0)
  ), made AS (
    INSERT INTO component (tenant_id, id, name, kind, environment) SELECT tenant_id, id, 'c-' || id, 's3-bucket', 'staging' FROM drawn
    RETURNING id
  )
  INSERT INTO component_status (tenant_id, component_id, standing, observed_at, name, environment, kind, search, contracted_days,
    effective_days, oldest_recovery_point_at)
  SELECT tenant_id, id, standing, CASE WHEN standing IN ('no-point', 'late', 'fresh') THEN moment END, 'c-' || id, 'staging', 's3-bucket',
    'c-' || id, CASE WHEN standing NOT IN ('out', 'undecided') THEN 14 END,
    CASE WHEN standing IN ('no-point', 'late', 'fresh') THEN 7 * n END,
    CASE WHEN standing IN ('late', 'fresh') THEN moment - n * interval '7 days' END
  FROM drawn";

/// What the retention of a customer would be, reckoned from its components: too short, without any, unknown, effective, oldest.
const KEPT: &str = "SELECT concat_ws(' ',
      count(*) FILTER (WHERE observed_at >= $2::text::timestamptz AND effective_days < contracted_days),
      count(*) FILTER (WHERE protection_state(standing, observed_at, $2::text::timestamptz) = 'unprotected'),
      count(*) FILTER (WHERE protection_state(standing, observed_at, $2::text::timestamptz) = 'unknown'),
      min(effective_days) FILTER (WHERE observed_at >= $2::text::timestamptz), max(effective_days) FILTER (WHERE observed_at >= $2::text::timestamptz),
      extract(epoch FROM min(oldest_recovery_point_at) FILTER (WHERE observed_at >= $2::text::timestamptz))::bigint)
    FROM component_status WHERE tenant_id = $1 AND standing NOT IN ('out', 'undecided')";

#[tokio::test]
async fn one_row_a_customer_says_what_all_its_components_say_however_old_their_readings() {
    let t = TestApp::new().await;
    let both = TenantScope::of([t.acme().tenant.id, t.globex().tenant.id]);
    let mut owner = connect(&t.database.owner_url()).await;
    sqlx::raw_sql(MANY).execute(&mut owner).await.unwrap();
    let mut tx = t.cx.db.begin(&both).await.unwrap();
    for tenant in both.tenants() {
        rollup::refresh(&mut tx, *tenant).await.unwrap();
    }
    let everything = Fleet::default();
    for stale in ["09:00", "10:30", "11:30", "12:00", "13:00"] {
        let stale: Timestamp = format!("2026-11-21T{stale}:00Z").parse().unwrap();
        let (total, fleet) = rollup::fleet(&mut tx, &both, stale, &everything, 50).await.unwrap();
        assert_eq!((total.tenants, fleet.len()), (2, 2));
        let numbers = |tally: &rollup::Tally| {
            let rollup::Tally {
                protected,
                at_risk,
                unprotected,
                unknown,
                out_of_scope,
                undecided,
            } = *tally;
            [protected, at_risk, unprotected, unknown, out_of_scope, undecided]
        };
        let sums = fleet.iter().map(|one| numbers(&one.tally));
        let sums = sums.reduce(|one, other| std::array::from_fn(|state| one[state] + other[state]));
        assert_eq!(Some(numbers(&total.tally)), sums, "the fleet, stale before {stale}");
        for one in &fleet {
            let (tally, _) = rollup::tally(&mut tx, one.tenant, stale).await.unwrap();
            assert_eq!(one.tally, tally, "{}, stale before {stale}", one.tenant);
        }
        let rank = |one: &rollup::Summary| (one.tally.unprotected, one.tally.at_risk, one.tally.unknown);
        assert!(rank(&fleet[0]) >= rank(&fleet[1]), "worst first, stale before {stale}");

        for line in rollup::retention(&mut tx, &both, stale, &everything, 50).await.unwrap() {
            let kept: String = sqlx::query_scalar(KEPT)
                .bind(line.tenant.id.0)
                .bind(stale.to_string())
                .fetch_one(&mut *tx)
                .await
                .unwrap();
            let mut told = vec![line.short, line.without, line.unknown];
            let days = |days: i32| usize::try_from(days).unwrap();
            told.extend(
                line.effective
                    .iter()
                    .flat_map(|(least, most)| [days(*least), days(*most)]),
            );
            let told: Vec<_> = told.iter().map(ToString::to_string).collect();
            let oldest = line.oldest_recovery_point_at.map(|at| at.as_second().to_string());
            let told = told.into_iter().chain(oldest).collect::<Vec<_>>().join(" ");
            assert_eq!(told, kept, "{}, stale before {stale}", line.tenant.slug);
        }
    }
}

#[tokio::test]
async fn a_list_goes_on_where_its_page_ended_in_any_order_however_old_its_readings() {
    let t = TestApp::new().await;
    let acme = t.acme().tenant.id;
    let mut owner = connect(&t.database.owner_url()).await;
    sqlx::raw_sql(MANY).execute(&mut owner).await.unwrap();
    let mut tx = t.cx.db.begin(&TenantScope::one(acme)).await.unwrap();
    rollup::refresh(&mut tx, acme).await.unwrap();
    let orders = [
        (Order::Name, "standing IS NULL"),
        (
            Order::Worst,
            "array_position(ARRAY['unprotected', 'at-risk', 'unknown', 'undecided', 'protected', 'out'], state)",
        ),
        (Order::Retention, "coalesce(contracted_days, 1000000)"),
        (Order::Oldest, "coalesce(oldest_recovery_point_at, 'epoch')"),
    ];
    let filters = [
        (None, "true"),
        (Some(Shown::InScope), "state NOT IN ('out', 'undecided')"),
        (Some(Shown::State(ProtectionState::Unknown)), "state = 'unknown'"),
        (
            Some(Shown::TooShort),
            "observed_at >= $2::text::timestamptz AND effective_days < contracted_days",
        ),
    ];
    for stale in ["09:00", "10:30", "13:00"] {
        let stale: Timestamp = format!("2026-11-21T{stale}:00Z").parse().unwrap();
        for (order, rank) in orders {
            for (state, condition) in filters {
                let sql = format!(
                    "SELECT component_id FROM component_status, LATERAL (SELECT protection_state(standing, observed_at, $2::text::timestamptz)) AS s (state)
                     WHERE tenant_id = $1 AND {condition} ORDER BY {rank}, name, environment, component_id"
                );
                let expected: Vec<Uuid> = sqlx::query_scalar(AssertSqlSafe(sql))
                    .bind(acme.0)
                    .bind(stale.to_string())
                    .fetch_all(&mut *tx)
                    .await
                    .unwrap();
                let filter = Filter {
                    state,
                    ..Filter::default()
                };
                let (mut walked, mut after) = (Vec::new(), None);
                loop {
                    let page = status::ids(&mut tx, acme, &filter, order, stale, after, 4)
                        .await
                        .unwrap();
                    walked.extend(page.iter().map(|id| id.0));
                    after = page.last().copied();
                    if page.len() < 4 {
                        break;
                    }
                }
                assert_eq!(walked, expected, "{order:?}, {state:?}, stale before {stale}");
            }
        }
    }
}
