//! What every table promises, read from Postgres' catalogue.

use sqlx::{AssertSqlSafe, PgConnection};
use testkit::TestDatabase;

use crate::samples::connect;

/// Tables that belong to no tenant.
const GLOBAL: &[&str] = &[
    "_sqlx_migrations",
    // People and how they sign in: a person may be of several tenants.
    "api_idempotency",
    "api_token",
    "app_user",
    // What was done to people.
    "platform_audit_event",
    // The provider's own, for all its customers.
    "policy",
    "policy_revision",
    "session",
    "sign_in_failure",
    // Deliveries are stored before their tenant is known.
    "webhook_delivery",
];

/// Where a missing tenant means every tenant, and which is read while signing in, before there is one.
const GRANTS: &[&str] = &["role_grant"];

/// Unique over all tenants on purpose: an address, an account and a repository belong to exactly one tenant.
const UNIQUE_OVER_TENANTS: &[&str] = &["aws_account_number", "github_repository_id", "tenant_slug"];

/// The tables with a tenant, to be followed by a condition on `c` (the table) and `t` (its column `tenant_id`).
const TENANT_TABLES: &str = "SELECT c.relname::text FROM pg_class c
    JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND";

/// The names that a query of the catalogue finds, in order.
async fn names(owner: &mut PgConnection, sql: String) -> Vec<String> {
    let mut names: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(owner).await.unwrap();
    names.sort();
    names
}

async fn owner(database: &TestDatabase) -> PgConnection {
    connect(&database.owner_url()).await
}

#[tokio::test]
async fn a_table_without_a_tenant_is_one_of_the_few() {
    let database = TestDatabase::new().await;
    let sql = "SELECT c.relname::text FROM pg_class c
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id')";
    assert_eq!(names(&mut owner(&database).await, sql.to_owned()).await, GLOBAL);
}

#[tokio::test]
async fn every_row_has_a_tenant() {
    let database = TestDatabase::new().await;
    let nullable = format!("{TENANT_TABLES} NOT t.attnotnull");
    assert_eq!(names(&mut owner(&database).await, nullable).await, GRANTS);
}

#[tokio::test]
async fn a_hand_over_tells_what_each_table_holds() {
    let database = TestDatabase::new().await;
    let silent = format!("{TENANT_TABLES} coalesce(obj_description(c.oid, 'pg_class'), '') = ''");
    assert_eq!(names(&mut owner(&database).await, silent).await, <[&str; 0]>::default());
}

#[tokio::test]
async fn row_security_holds_for_reading_and_writing_even_for_the_owner() {
    let database = TestDatabase::new().await;
    let mut owner = owner(&database).await;
    let off = format!("{TENANT_TABLES} NOT (c.relrowsecurity AND c.relforcerowsecurity)");
    assert_eq!(names(&mut owner, off).await, GRANTS);

    // One policy, because a second one would widen it; the same for every command and role, on both sides.
    let own = "tenant_id IN ( SELECT unnest(visible_tenants()) AS unnest)";
    let other_policy = format!(
        "{TENANT_TABLES} ARRAY[('*', true, '{{0}}', '({own})', '({own})')::text] IS DISTINCT FROM
           (SELECT array_agg((p.polcmd, p.polpermissive, p.polroles, pg_get_expr(p.polqual, c.oid),
                              pg_get_expr(p.polwithcheck, c.oid))::text) FROM pg_policy p WHERE p.polrelid = c.oid)"
    );
    assert_eq!(names(&mut owner, other_policy).await, GRANTS);
}

#[tokio::test]
async fn a_reference_between_tenant_tables_stays_in_the_tenant() {
    let database = TestDatabase::new().await;
    let sql = "SELECT f.conname::text FROM pg_constraint f
        JOIN pg_attribute here ON here.attrelid = f.conrelid AND here.attname = 'tenant_id'
        JOIN pg_attribute there ON there.attrelid = f.confrelid AND there.attname = 'tenant_id'
        WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM unnest(f.conkey, f.confkey) AS pair (one, other)
                        WHERE one = here.attnum AND other = there.attnum)";
    let across = names(&mut owner(&database).await, sql.to_owned()).await;
    assert_eq!(across, [""; 0], "foreign keys without tenant_id on both sides");
}

#[tokio::test]
async fn what_is_unique_is_so_within_the_tenant() {
    let database = TestDatabase::new().await;
    let sql = "SELECT i.indexrelid::regclass::text FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
        JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
        WHERE i.indisunique AND NOT t.attnum = ANY (i.indkey)";
    assert_eq!(
        names(&mut owner(&database).await, sql.to_owned()).await,
        UNIQUE_OVER_TENANTS
    );
}

#[tokio::test]
async fn no_view_reads_as_somebody_else() {
    let database = TestDatabase::new().await;
    // A materialised view cannot be bound by row-level security at all.
    let sql = "SELECT oid::regclass::text FROM pg_class
        WHERE relnamespace IN ('public'::regnamespace, 'apalis'::regnamespace)
        AND (relkind = 'm' OR relkind = 'v' AND NOT coalesce(reloptions, '{}') @> '{security_invoker=true}')";
    assert_eq!(names(&mut owner(&database).await, sql.to_owned()).await, [""; 0]);
}

#[tokio::test]
async fn only_five_functions_see_more_than_their_caller_and_their_search_path_is_fixed() {
    let database = TestDatabase::new().await;
    let sql = "SELECT concat_ws(' ', oid::regprocedure, proconfig, CASE WHEN has_function_privilege('public', oid, 'EXECUTE') THEN 'for everybody' END)
        FROM pg_proc WHERE prosecdef AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)";
    insta::assert_snapshot!(names(&mut owner(&database).await, sql.to_owned()).await.join("\n"), @r#"
    all_tenants() {"search_path=public, pg_temp"}
    apalis.forget_ended() {"search_path=apalis, pg_temp"}
    offboarded_tenants() {"search_path=public, pg_temp"}
    schema_version() {"search_path=public, pg_temp"}
    tenant_of_repository(bigint,bigint) {"search_path=public, pg_temp"}
    "#);
}
