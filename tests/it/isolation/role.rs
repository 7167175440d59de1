//! What the application's role may do: no more than its work needs.

use sqlx::PgConnection;
use testkit::TestDatabase;

use crate::samples::connect;

/// Postgres' code for "permission denied".
const DENIED: &str = "42501";

async fn application(database: &TestDatabase) -> PgConnection {
    connect(&database.app_url()).await
}

#[tokio::test]
async fn the_application_owns_nothing_and_is_bound_by_row_security() {
    let database = TestDatabase::new().await;
    let mut application = application(&database).await;
    let above: Vec<String> = sqlx::query_scalar(
        "SELECT unnest(array_remove(ARRAY[
           CASE WHEN rolsuper THEN 'superuser' END, CASE WHEN rolbypassrls THEN 'bypassrls' END,
           CASE WHEN rolcreaterole THEN 'createrole' END, CASE WHEN rolcreatedb THEN 'createdb' END,
           CASE WHEN rolreplication THEN 'replication' END], NULL))
         FROM pg_roles WHERE rolname = current_user
         UNION ALL SELECT 'member of ' || roleid::regrole FROM pg_auth_members WHERE member = current_user::regrole
         UNION ALL SELECT 'owner of ' || pg_describe_object(classid, objid, 0) FROM pg_shdepend
           WHERE refclassid = 'pg_authid'::regclass AND refobjid = current_user::regrole AND deptype = 'o'
         UNION ALL SELECT 'creates in ' || oid::regnamespace FROM pg_namespace WHERE has_schema_privilege(oid, 'CREATE')",
    )
    .fetch_all(&mut application)
    .await
    .unwrap();
    assert_eq!(above, [""; 0]);
}

#[tokio::test]
async fn its_privileges_are_those_that_its_work_needs() {
    let database = TestDatabase::new().await;
    let lines: Vec<String> = sqlx::query_scalar(
        "SELECT c.oid::regclass || ': ' || coalesce(string_agg(p, ' ' ORDER BY position) FILTER (WHERE has_table_privilege(c.oid, p)), 'nothing')
         FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) WITH ORDINALITY AS x (p, position)
         WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace IN ('public'::regnamespace, 'apalis'::regnamespace)
         GROUP BY c.oid, c.relname ORDER BY c.relnamespace::regnamespace::text DESC, c.relname",
    )
    .fetch_all(&mut application(&database).await)
    .await
    .unwrap();
    insta::assert_snapshot!(lines.join("\n"), @r"
    _sqlx_migrations: nothing
    acknowledgement: SELECT INSERT UPDATE
    api_idempotency: SELECT INSERT DELETE
    api_token: SELECT INSERT UPDATE DELETE
    app_user: SELECT INSERT UPDATE
    attestation: SELECT INSERT
    audit_event: SELECT INSERT
    aws_account: SELECT INSERT UPDATE
    bulk_change: SELECT INSERT
    bulk_change_item: SELECT INSERT
    change_request: SELECT INSERT UPDATE
    component: SELECT INSERT UPDATE
    component_status: SELECT INSERT UPDATE DELETE
    contact: SELECT INSERT UPDATE DELETE
    contract_version: SELECT INSERT
    decommission: SELECT INSERT UPDATE
    export: SELECT INSERT UPDATE
    export_piece: SELECT INSERT DELETE
    github_entitlement: SELECT INSERT UPDATE
    github_repository: SELECT INSERT UPDATE
    held_job: SELECT INSERT DELETE
    import: SELECT INSERT
    issue_comment: SELECT INSERT UPDATE
    observation: SELECT INSERT UPDATE DELETE
    plan: SELECT INSERT
    platform_audit_event: SELECT INSERT
    policy: SELECT INSERT UPDATE
    policy_revision: SELECT INSERT
    receipt: SELECT INSERT
    reconcile_scope: SELECT INSERT UPDATE
    recovery_point: SELECT INSERT UPDATE
    recovery_point_hold: SELECT INSERT UPDATE
    responsibility: SELECT INSERT UPDATE
    restore_request: SELECT INSERT UPDATE
    role_grant: SELECT INSERT DELETE
    scope_decision: SELECT
    scope_item: SELECT INSERT UPDATE
    session: SELECT INSERT UPDATE DELETE
    sign_in_failure: SELECT INSERT UPDATE DELETE
    sow_version: SELECT INSERT
    tenant: SELECT INSERT UPDATE
    tenant_counter: SELECT INSERT UPDATE
    tenant_rollup: SELECT INSERT DELETE
    tenant_summary: SELECT INSERT UPDATE
    webhook_delivery: SELECT INSERT UPDATE
    apalis._sqlx_migrations: nothing
    apalis.jobs: SELECT INSERT UPDATE
    apalis.workers: SELECT INSERT UPDATE
    ");
}

#[tokio::test]
async fn history_cannot_be_changed_and_tables_cannot_be_emptied() {
    let database = TestDatabase::new().await;
    let mut application = application(&database).await;
    for statement in [
        "UPDATE audit_event SET actor_name = 'nobody'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "TRUNCATE component",
        "DELETE FROM recovery_point",
        "DELETE FROM apalis.jobs",
        "SELECT FROM _sqlx_migrations",
        "ALTER TABLE component DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON component",
        "CREATE TABLE mine ()",
        "SELECT protect_tenant_table('session', 'TRUNCATE')",
    ] {
        let refused = sqlx::raw_sql(statement).execute(&mut application).await.unwrap_err();
        let code = refused
            .as_database_error()
            .and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some(DENIED), "{statement}: {refused}");
    }
}
