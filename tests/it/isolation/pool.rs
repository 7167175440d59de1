//! One connection that all tenants use in turn: nothing of one is left for the next.

use domain::id::TenantId;
use domain::tenant::TenantScope;
use secrecy::ExposeSecret as _;
use store::Db;
use testkit::TestDatabase;
use tokio::sync::Notify;

use crate::samples::{self, A, B, id};

fn scope(tenant: u32) -> TenantScope {
    TenantScope::one(TenantId(id(tenant, 0)))
}

/// A pool of one connection for the application, over the samples.
async fn pool() -> (TestDatabase, Db) {
    let database = samples::database().await;
    let db = Db::connect(database.app_url().expose_secret(), 1).await.unwrap();
    (database, db)
}

async fn sees(db: &Db, tenant: u32) -> bool {
    let mut tx = db.begin(&scope(tenant)).await.unwrap();
    let tenants: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT tenant_id FROM component GROUP BY 1")
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    tenants == [id(tenant, 0)]
}

/// What the next user of the connection sees who forgets to say for whom.
async fn rows_without_a_tenant(db: &Db) -> i64 {
    sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM tenant) + (SELECT count(*) FROM component) + (SELECT count(*) FROM audit_event)",
    )
    .fetch_one(db.pool())
    .await
    .unwrap()
}

#[tokio::test]
async fn tenants_in_turn_see_only_their_own() {
    let (_database, db) = pool().await;
    assert_eq!(rows_without_a_tenant(&db).await, 0, "before anybody was there");
    for tenant in [A, B, A, B] {
        let tx = db.begin(&scope(tenant)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(rows_without_a_tenant(&db).await, 0, "after a commit");
        assert!(sees(&db, tenant).await);
        assert_eq!(rows_without_a_tenant(&db).await, 0, "after a rollback");
    }
}

#[tokio::test]
async fn a_request_that_is_dropped_between_statements_leaves_nothing() {
    let (_database, db) = pool().await;
    let begun = Notify::new();
    let request = async {
        let _tx = db.begin(&scope(A)).await.unwrap();
        begun.notify_one();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = request => unreachable!("it never ends"),
        () = begun.notified() => {}
    }
    assert_eq!(rows_without_a_tenant(&db).await, 0);
    assert!(sees(&db, B).await);
}

#[tokio::test]
async fn a_request_that_is_dropped_within_a_statement_leaves_nothing() {
    let (_database, db) = pool().await;
    let asked = Notify::new();
    let request = async {
        let mut tx = db.begin(&scope(A)).await.unwrap();
        asked.notify_one();
        // Answered after the request is gone.
        sqlx::raw_sql("SELECT pg_sleep(0.2)").execute(&mut *tx).await.unwrap();
    };
    tokio::select! {
        biased;
        () = request => unreachable!("it is dropped first"),
        () = asked.notified() => {}
    }
    assert_eq!(rows_without_a_tenant(&db).await, 0);
    assert!(sees(&db, B).await);
}

#[tokio::test]
async fn a_request_that_panics_leaves_nothing() {
    let (_database, db) = pool().await;
    let request = tokio::spawn({
        let db = db.clone();
        async move {
            let _tx = db.begin(&scope(A)).await.unwrap();
            panic!("in mid-transaction");
        }
    });
    assert!(request.await.unwrap_err().is_panic());
    assert_eq!(rows_without_a_tenant(&db).await, 0);
    assert!(sees(&db, B).await);
}

#[tokio::test]
async fn a_statement_that_times_out_leaves_nothing() {
    let (_database, db) = pool().await;
    let mut tx = db.begin(&scope(A)).await.unwrap();
    let slow = "SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(60)";
    let error = sqlx::raw_sql(slow).execute(&mut *tx).await.unwrap_err();
    let code = error
        .as_database_error()
        .and_then(|error| error.code().map(|code| code.into_owned()));
    assert_eq!(code.as_deref(), Some("57014"), "{error}");
    drop(tx);
    assert_eq!(rows_without_a_tenant(&db).await, 0);
    assert!(sees(&db, B).await);
}
