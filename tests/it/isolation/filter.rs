//! Two walls, each of which holds without the other: the filter in every query, and row-level security behind it.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use domain::component::{Component, Environment, Facts};
use domain::contract::Bounds;
use domain::id::{
    AcknowledgementId, BulkChangeId, ChangeRequestId, ComponentId, ContactId, ExportId, HoldId, ImportId, PlanId,
    ReconcileScopeId, RecoveryPointId, RestoreRequestId, TenantId,
};
use domain::plan::IdempotencyKey;
use domain::tenant::TenantScope;
use jiff::Timestamp;
use jiff::civil::Date;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{AssertSqlSafe, Row as _};
use store::status::Order;
use store::{
    Db, StoreError, Tx, account, acknowledgement, attestation, audit, bulk_change, change_request, comment, component,
    contact, contract, decommission, duty, expiring, export, github, held, hold, import, lifecycle, observation, plan,
    receipt, recovery_point, restore, rollup, sow, status, tenant, waiting,
};

use crate::samples::{self, A, B, id};

/// Later than everything in the samples.
const LATER: Timestamp = Timestamp::MAX;
/// A day on which the samples' holds stand.
const TODAY: Date = Date::constant(2026, 3, 3);
/// The beginning of that day.
const NOW: Timestamp = Timestamp::constant(1_772_496_000, 0);

fn tenant_id(tenant: u32) -> TenantId {
    TenantId(id(tenant, 0))
}

async fn begin(url: &SecretString, tenant: u32) -> Tx {
    let db = Db::connect(url.expose_secret(), 1).await.unwrap();
    db.begin(&TenantScope::one(tenant_id(tenant))).await.unwrap()
}

fn shown<T: Debug>(result: Result<T, StoreError>) -> String {
    format!("{:?}", result.unwrap())
}

/// Whether nothing was found.
fn is_nothing(shown: &str) -> bool {
    ["None", "[]", "0"].contains(&shown)
}

/// The tenant's components in numbers; `None` when it has none.
async fn tallied(conn: &mut Tx, tenant: TenantId) -> Result<Option<rollup::Tally>, StoreError> {
    let (tally, _) = rollup::tally(conn, tenant, LATER).await?;
    Ok(Some(tally).filter(|tally| *tally != rollup::Tally::default()))
}

/// How many decisions the tenant has; `None` when it has none.
async fn decided(conn: &mut Tx, tenant: TenantId) -> Result<Option<attestation::Tally>, StoreError> {
    let tally = attestation::tally(conn, tenant, Date::MAX).await?;
    Ok(Some(tally).filter(|tally| *tally != attestation::Tally::default()))
}

/// The versions of which lines were found.
fn changed(lines: HashMap<i32, i64>) -> Vec<(i32, i64)> {
    lines.into_iter().filter(|(_, lines)| *lines > 0).collect()
}

/// Bounds that nothing keeps to.
fn nowhere() -> Bounds {
    Bounds {
        residency: ["ap-south-1".parse().unwrap()].into(),
        ..Bounds::default()
    }
}

/// Each function of the store that lists a tenant's things, with what it gives.
async fn lists(conn: &mut Tx, tenant: u32) -> Vec<(&'static str, String)> {
    let one = tenant_id(tenant);
    let scope = &TenantScope::one(one);
    let all = change_request::Filter::default();
    let everything = status::Filter::default();
    let (any_version, any_line) = (sow::Range::default(), sow::LineFilter::default());
    vec![
        ("tenant::list", shown(tenant::list(conn, scope).await)),
        ("account::list", shown(account::list(conn, scope).await)),
        ("account::page", shown(account::page(conn, one, None, 100).await)),
        ("audit::list", shown(audit::list(conn, scope, None, None, 100).await)),
        (
            "change_request::list",
            shown(change_request::list(conn, one, &all, 100).await),
        ),
        (
            "change_request::awaiting",
            shown(change_request::awaiting(conn, scope).await),
        ),
        (
            "change_request::overdue",
            shown(change_request::overdue(conn, one, LATER).await),
        ),
        (
            "acknowledgement::list",
            shown(acknowledgement::list(conn, one, None, 100).await),
        ),
        (
            "acknowledgement::newest",
            shown(acknowledgement::newest(conn, one).await),
        ),
        ("contact::list", shown(contact::list(conn, one, None, 100).await)),
        (
            "contract::versions",
            shown(contract::versions(conn, one, None, 100).await),
        ),
        (
            "contract::outside",
            shown(contract::outside(conn, one, &nowhere(), 100).await),
        ),
        ("duty::agreed", shown(duty::agreed(conn, one).await)),
        ("component::list", shown(component::list(conn, scope).await)),
        ("export::list", shown(export::list(conn, one, None, 100).await)),
        ("export::rows", export_rows(conn, one).await),
        ("export::sheets", shown(export::sheets(conn, one).await)),
        ("export::remaining", shown(export::remaining(conn, one).await)),
        (
            "component::claimed_restore_tests",
            shown(component::claimed_restore_tests(conn, one, None).await),
        ),
        (
            "decommission::page",
            shown(decommission::page(conn, one, None, None, 100).await),
        ),
        ("import::page", shown(import::page(conn, one, None, 100).await)),
        (
            "sow::current",
            shown(sow::current(conn, one).await.map(BTreeMap::from_iter)),
        ),
        ("github::list", shown(github::list(conn, scope).await)),
        ("github::people", shown(github::people(conn, one).await)),
        ("held::count", shown(held::count(conn, one).await)),
        ("github::requesters", shown(github::requesters(conn, one).await)),
        (
            "recovery_point::page",
            shown(recovery_point::page(conn, one, &recovery_point::Filter::default(), TODAY, 100).await),
        ),
        (
            "hold::list",
            shown(hold::list(conn, one, &hold::Filter::default(), TODAY, 100).await),
        ),
        (
            "hold::release_asked",
            shown(hold::release_asked(conn, scope, TODAY).await),
        ),
        (
            "component::is_without_platform",
            shown(component::is_without_platform(conn, one).await),
        ),
        (
            "hold::standing",
            shown(hold::standing(conn, one, ComponentId(id(tenant, 6)), TODAY).await),
        ),
        ("restore::list", shown(restore::list(conn, one, None, None, 100).await)),
        ("restore::awaiting", shown(restore::awaiting(conn, scope).await)),
        ("restore::overdue", shown(restore::overdue(conn, one, LATER).await)),
        ("sow::has_tier_1", shown(sow::has_tier_1(conn, one).await)),
        (
            "sow::versions",
            shown(sow::versions(conn, one, &any_version, 100).await),
        ),
        ("sow::lines", shown(sow::lines(conn, one, &[1]).await.map(changed))),
        (
            "sow::items",
            shown(sow::items(conn, one, 1, &any_line, None, 100).await),
        ),
        ("sow::touched", shown(sow::touched(conn, one, 1, None, 100).await)),
        (
            "attestation::page",
            shown(attestation::page(conn, one, None, Date::MAX, None, 100).await),
        ),
        ("attestation::tally", shown(decided(conn, one).await)),
        (
            "sow::others_in_scope",
            shown(sow::others_in_scope(conn, one, ComponentId(id(0, 0))).await),
        ),
        ("bulk_change::page", shown(bulk_change::page(conn, one, None, 10).await)),
        ("rollup::tally", shown(tallied(conn, one).await)),
        (
            "rollup::fleet",
            shown(rollup::fleet(conn, scope, LATER, &rollup::Fleet::default(), 100).await),
        ),
        (
            "rollup::retention",
            shown(rollup::retention(conn, scope, LATER, &rollup::Fleet::default(), 100).await),
        ),
        ("waiting::of", shown(waiting::of(conn, scope, LATER, LATER, NOW).await)),
        (
            "expiring::contracts",
            shown(expiring::contracts(conn, scope, Date::MAX).await),
        ),
        (
            "expiring::acknowledgements",
            shown(expiring::acknowledgements(conn, scope, Date::MAX).await),
        ),
        (
            "expiring::decisions",
            shown(expiring::decisions(conn, scope, Date::MAX).await),
        ),
        (
            "expiring::holds",
            shown(expiring::holds(conn, scope, Timestamp::UNIX_EPOCH, Date::MAX).await),
        ),
        (
            "expiring::tokens",
            shown(expiring::tokens(conn, scope, false, Timestamp::UNIX_EPOCH, Date::MAX).await),
        ),
        ("status::those", shown(status::those(conn, one, None).await)),
        (
            "status::ids",
            shown(status::ids(conn, one, &everything, Order::Worst, LATER, None, 100).await),
        ),
        (
            "status::page",
            shown(status::page(conn, one, &everything, Order::Worst, LATER, None, 100).await),
        ),
    ]
}

/// What a hand-over has of every table.
async fn export_rows(conn: &mut Tx, tenant: TenantId) -> String {
    let mut rows = Vec::new();
    for table in export::tables(conn).await.unwrap() {
        let each = |row: &str| {
            rows.push(format!("{}: {row}", table.name));
            Ok::<_, StoreError>(())
        };
        export::rows(conn, tenant, &table, each).await.unwrap();
    }
    rows.join("\n")
}

/// Each function of the store that gets one thing or what hangs on it: asked by one tenant for a thing of `owner`.
async fn lookups(conn: &mut Tx, tenant: u32, owner: u32) -> Vec<(&'static str, String)> {
    let one = tenant_id(tenant);
    let scope = &TenantScope::one(one);
    let (slug, name, environment, number, key) = match owner {
        A => ("acme", "prod-pg", Environment::Production, 1, 1),
        _ => ("bolt", "orders-db", Environment::Staging, 2, 2),
    };
    let component_id = ComponentId(id(owner, 6));
    let out = ComponentId(id(owner, 0x20));
    let request = ChangeRequestId(id(owner, 0x10));
    let plan_id = PlanId(id(owner, 0x11));
    let hold_id = HoldId(id(owner, 0x20));
    let restore_id = RestoreRequestId(id(owner, 0x12));
    let reconcile = ReconcileScopeId(id(owner, 4));
    let export_id = ExportId(id(owner, 0x20));
    let receipts = [IdempotencyKey::for_step(plan_id, 0)];
    let theirs = TenantScope::one(tenant_id(owner));
    let named = component::get(conn, &theirs, component_id).await.unwrap().unwrap();
    let arn = named.aws.as_ref().unwrap().arn.clone();
    let of_one = Component {
        tenant: one,
        ..named.clone()
    };
    let issue = change_request::lock_by_issue(conn, one, 1000 + key, 10 + key).await;
    vec![
        ("tenant::get", shown(tenant::get(conn, scope, tenant_id(owner)).await)),
        ("tenant::by_slug", shown(tenant::by_slug(conn, scope, slug).await)),
        (
            "account::backup_scope",
            shown(account::backup_scope(conn, scope, reconcile).await),
        ),
        (
            "account::scope_of_component",
            shown(account::scope_of_component(conn, one, component_id).await),
        ),
        (
            "audit::list",
            shown(audit::list(conn, scope, Some(request.0), None, 100).await),
        ),
        (
            "change_request::get",
            shown(change_request::get(conn, scope, request).await),
        ),
        (
            "change_request::lock",
            shown(change_request::lock(conn, scope, request).await),
        ),
        ("change_request::lock_by_issue", shown(issue)),
        (
            "change_request::of_component",
            shown(change_request::of_component(conn, &of_one, 100).await),
        ),
        ("attestation::those", shown(attestation::those(conn, one, &[out]).await)),
        ("attestation::lock", shown(attestation::lock(conn, one, out).await)),
        (
            "component::revision",
            shown(component::revision(conn, one, component_id, true).await),
        ),
        (
            "change_request::by_number",
            shown(change_request::by_number(conn, one, number).await),
        ),
        (
            "change_request::planned_in_scope",
            shown(change_request::planned_in_scope(conn, one, reconcile).await),
        ),
        (
            "change_request::those",
            shown(change_request::those(conn, one, &[request]).await),
        ),
        (
            "bulk_change::get",
            shown(bulk_change::get(conn, one, BulkChangeId(id(owner, 0x31))).await),
        ),
        (
            "bulk_change::by_number",
            shown(bulk_change::by_number(conn, one, number).await),
        ),
        (
            "decommission::lock",
            shown(decommission::lock(conn, one, component_id).await),
        ),
        (
            "decommission::newest",
            shown(decommission::newest(conn, one, component_id).await),
        ),
        (
            "import::get",
            shown(import::get(conn, one, ImportId(id(owner, 0x30))).await),
        ),
        ("import::by_number", shown(import::by_number(conn, one, number).await)),
        ("import::document", shown(import::document(conn, one, number).await)),
        (
            "restore::open_of",
            shown(restore::open_of(conn, one, component_id).await),
        ),
        (
            "change_request::open_of",
            shown(change_request::open_of(conn, one, &named).await),
        ),
        ("comment::owed", shown(comment::owed(conn, one, request).await)),
        (
            "acknowledgement::lock",
            shown(acknowledgement::lock(conn, one, AcknowledgementId(id(owner, 0x21))).await),
        ),
        (
            "contact::lock",
            shown(contact::lock(conn, one, ContactId(id(owner, 0x20))).await),
        ),
        ("component::get", shown(component::get(conn, scope, component_id).await)),
        (
            "component::by_name",
            shown(component::by_name(conn, one, environment, name).await),
        ),
        ("component::by_arn", shown(component::by_arn(conn, one, &arn).await)),
        ("export::get", shown(export::get(conn, one, export_id).await)),
        ("export::piece", shown(export::piece(conn, one, export_id, 0).await)),
        (
            "lifecycle::lock",
            shown(lifecycle::lock(conn, scope, tenant_id(owner)).await),
        ),
        (
            "github::entitlement",
            shown(github::entitlement(conn, one, 2000 + key).await),
        ),
        ("hold::get", shown(hold::get(conn, scope, hold_id).await)),
        ("hold::lock", shown(hold::lock(conn, scope, hold_id).await)),
        (
            "observation::get",
            shown(observation::get(conn, one, component_id).await),
        ),
        ("plan::get", shown(plan::get(conn, one, plan_id).await)),
        ("receipt::of", shown(receipt::of(conn, one, &receipts).await)),
        (
            "recovery_point::get",
            shown(recovery_point::get(conn, scope, RecoveryPointId(id(owner, 8))).await),
        ),
        (
            "recovery_point::list",
            shown(recovery_point::list(conn, one, component_id, 100).await),
        ),
        (
            "restore::of_component",
            shown(restore::of_component(conn, one, component_id, 100).await),
        ),
        ("restore::get", shown(restore::get(conn, scope, restore_id).await)),
        ("restore::lock", shown(restore::lock(conn, scope, restore_id).await)),
        ("restore::by_number", shown(restore::by_number(conn, one, number).await)),
        (
            "sow::history",
            shown(sow::history(conn, one, &[component_id], i32::MAX).await),
        ),
        (
            "sow::current_scope",
            shown(sow::current_scope(conn, one, component_id).await),
        ),
    ]
}

#[tokio::test]
async fn without_a_filter_row_security_hides_the_others() {
    let database = samples::database().await;
    let mut tx = begin(&database.app_url(), A).await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    assert!(!tables.is_empty());
    for table in tables {
        let sql = format!(
            "SELECT count(*) FILTER (WHERE tenant_id = $1), count(*) FILTER (WHERE tenant_id <> $1) FROM {table}"
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(id(A, 0))
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        let (own, others) = (row.get::<i64, _>(0), row.get::<i64, _>(1));
        assert!(own > 0 && others == 0, "{table}: {own} own rows, {others} of others");
    }
    let touched = sqlx::query("UPDATE component SET engine = 'mine'")
        .execute(&mut *tx)
        .await
        .unwrap();
    assert_eq!(touched.rows_affected(), 5, "an update without a filter");
}

#[tokio::test]
async fn without_row_security_the_filters_hide_the_others() {
    let database = samples::database().await;
    for (tenant, other) in [(A, B), (B, A)] {
        let mut behind_the_wall = begin(&database.app_url(), tenant).await;
        let guarded = lists(&mut behind_the_wall, tenant).await;
        drop(behind_the_wall);

        let mut unguarded = begin(&database.owner_url(), tenant).await;
        let all: i64 = sqlx::query_scalar("SELECT count(*) FROM tenant")
            .fetch_one(&mut *unguarded)
            .await
            .unwrap();
        assert_eq!(all, 2, "row-level security does not hold here");
        for ((name, with), (_, without)) in guarded.into_iter().zip(lists(&mut unguarded, tenant).await) {
            assert!(!is_nothing(&with), "{name} finds its own");
            assert_eq!(
                without, with,
                "{name} finds the same with and without row-level security"
            );
        }
        for (name, own) in lookups(&mut unguarded, tenant, tenant).await {
            assert!(!is_nothing(&own), "{name} finds its own");
        }
        for (name, foreign) in lookups(&mut unguarded, tenant, other).await {
            assert!(is_nothing(&foreign), "{name} found another tenant's: {foreign}");
        }
    }
}

#[tokio::test]
async fn a_guarded_write_to_another_tenants_thing_changes_nothing() {
    let database = samples::database().await;
    let mut unguarded = begin(&database.owner_url(), A).await;
    let conn = &mut unguarded;
    let theirs = ReconcileScopeId(id(B, 4));
    account::release(conn, tenant_id(B), theirs, None, None, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    assert!(!account::claim(conn, tenant_id(A), theirs, LATER).await.unwrap());
    assert!(
        account::claim(conn, tenant_id(B), theirs, LATER).await.unwrap(),
        "its own tenant can"
    );

    let scope = &TenantScope::one(tenant_id(B));
    let request = ChangeRequestId(id(B, 0x10));
    let mut change = change_request::get(conn, scope, request).await.unwrap().unwrap();
    change.tenant = tenant_id(A);
    assert!(matches!(
        change_request::save(conn, &mut change).await,
        Err(StoreError::Stale)
    ));
    let mut held = hold::get(conn, scope, HoldId(id(B, 0x20))).await.unwrap().unwrap().hold;
    held.tenant = tenant_id(A);
    assert!(matches!(hold::save(conn, &mut held).await, Err(StoreError::Stale)));
    let facts = component::set_facts(conn, tenant_id(A), ComponentId(id(B, 6)), &Facts::default()).await;
    assert!(matches!(facts, Err(StoreError::Stale)));
    let request = RestoreRequestId(id(B, 0x12));
    let mut restore = restore::get(conn, scope, request).await.unwrap().unwrap();
    restore.tenant = tenant_id(A);
    assert!(matches!(
        restore::save(conn, &mut restore).await,
        Err(StoreError::Stale)
    ));
}

#[tokio::test]
async fn a_row_cannot_point_at_or_move_to_another_tenant() {
    let database = samples::database().await;
    let both = TenantScope::of([tenant_id(A), tenant_id(B)]);
    let db = Db::connect(database.app_url().expose_secret(), 1).await.unwrap();

    // Whoever may see both tenants cannot mix them either.
    let mut tx = db.begin(&both).await.unwrap();
    let mut mixed = component::get(&mut tx, &both, ComponentId(id(A, 6)))
        .await
        .unwrap()
        .unwrap();
    (mixed.id, mixed.name) = (ComponentId(id(A, 0x99)), "mixed".to_owned());
    mixed.aws.as_mut().unwrap().arn.push_str("-mixed");
    let account_of_b = domain::id::AwsAccountLinkId(id(B, 3));
    let refused = component::insert(&mut tx, &mixed, Some(account_of_b)).await;
    assert_eq!(code(refused), "23503", "the foreign key holds within the tenant");
    drop(tx);

    for statement in [
        "UPDATE component SET tenant_id = 'bbbbbbbb-0000-7000-8000-000000000000' WHERE arn LIKE '%prod-pg'",
        "INSERT INTO tenant_counter VALUES ('bbbbbbbb-0000-7000-8000-000000000000', 'restore', 1)",
    ] {
        let mut tx = db.begin(&TenantScope::one(tenant_id(A))).await.unwrap();
        let refused = sqlx::raw_sql(statement).execute(&mut *tx).await;
        assert_eq!(code(refused.map_err(StoreError::from)), "42501", "{statement}");
    }
}

/// Postgres' code for why it refused.
fn code<T: Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Database(error)) => {
            let code = error.as_database_error().and_then(|error| error.code());
            code.map(|code| code.into_owned()).unwrap_or_default()
        }
        other => panic!("not refused by Postgres: {other:?}"),
    }
}
