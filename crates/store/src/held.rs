//! Jobs of a suspended tenant, which wait until it is resumed.

use domain::id::TenantId;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use sqlx::PgConnection;

use crate::StoreError;

/// Puts a job aside; one that is there already stays as it is.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put(conn: &mut PgConnection, tenant: TenantId, job: &Value, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO held_job (tenant_id, job, held_at) VALUES ($1, $2, $3) ON CONFLICT (tenant_id, job) DO NOTHING",
        tenant.0,
        job,
        at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes every job of the tenant out: the caller queues them in the same transaction.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn take_all(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<Value>, StoreError> {
    let jobs = sqlx::query_scalar!("DELETE FROM held_job WHERE tenant_id = $1 RETURNING job", tenant.0);
    Ok(jobs.fetch_all(conn).await?)
}

/// How many jobs wait.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count(conn: &mut PgConnection, tenant: TenantId) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM held_job WHERE tenant_id = $1"#,
        tenant.0
    );
    Ok(count.fetch_one(conn).await?)
}
