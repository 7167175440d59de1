//! Migrations run over the rows of an installation that is in use, and lose none. That the store still reads the rows,
//! `isolation::filter` shows.

use sqlx::{AssertSqlSafe, Row as _};

use crate::samples;

#[tokio::test]
async fn every_sample_row_survives_the_migrations_after_it() {
    let database = samples::database().await;
    let mut owner = samples::connect(&database.owner_url()).await;
    let tables: Vec<(String, bool)> = sqlx::query_as(
        "SELECT c.relname::text, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
         FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();

    let mut lines = Vec::new();
    for (table, of_tenants) in tables {
        let tenants = if of_tenants { "tenant_id" } else { "NULL::uuid" };
        let sql = format!("SELECT count(*), count(DISTINCT {tenants}) FROM {table}");
        let counts = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut owner).await.unwrap();
        let [rows, tenants] = [0, 1].map(|column| counts.get::<i64, _>(column));
        assert!(
            rows > 0,
            "{table} has no sample row: add some to the file of the migration that makes it"
        );
        assert!(
            !of_tenants || tenants >= 2,
            "{table} has sample rows of {tenants} tenants: two are needed"
        );
        lines.push(format!("{table} {rows}"));
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    acknowledgement 3
    api_idempotency 2
    api_token 2
    app_user 4
    attestation 2
    audit_event 2
    aws_account 2
    bulk_change 2
    bulk_change_item 2
    change_request 2
    component 11
    component_status 9
    contact 2
    contract_version 3
    decommission 2
    export 2
    export_piece 2
    github_entitlement 2
    github_repository 2
    held_job 2
    import 2
    issue_comment 3
    observation 2
    plan 2
    platform_audit_event 1
    policy 2
    policy_revision 4
    receipt 2
    reconcile_scope 2
    recovery_point 4
    recovery_point_hold 2
    responsibility 2
    restore_request 2
    role_grant 4
    scope_item 6
    session 1
    sign_in_failure 1
    sow_version 3
    tenant 2
    tenant_counter 2
    tenant_rollup 6
    tenant_summary 2
    webhook_delivery 2
    ");
}

#[test]
fn every_migration_has_sample_rows() {
    let (migrations, samples) = samples::file_names();
    assert_eq!(
        migrations, samples,
        "migrations/ and tests/data/migrations/ hold the same names"
    );
}
