//! How a tenant stands: suspended, on its way out, or neither.

use domain::id::TenantId;
use domain::lifecycle::Lifecycle;
use domain::tenant::TenantScope;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;
use crate::row::{json, to_json};

/// The tenant's lifecycle, which nobody else changes until the transaction ends; `None`: the scope does not have it.
///
/// # Errors
/// [`StoreError`].
pub async fn lock(
    conn: &mut PgConnection,
    scope: &TenantScope,
    tenant: TenantId,
) -> Result<Option<Lifecycle>, StoreError> {
    if !scope.contains(tenant) {
        return Ok(None);
    }
    let body = sqlx::query_scalar!("SELECT lifecycle FROM tenant WHERE tenant_id = $1 FOR UPDATE", tenant.0);
    let body = body.fetch_optional(conn).await?;
    body.map(|body| json("lifecycle", body)).transpose()
}

/// The same for those who only look: several may at once.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_shared(conn: &mut PgConnection, tenant: TenantId) -> Result<Option<Lifecycle>, StoreError> {
    let body = sqlx::query_scalar!("SELECT lifecycle FROM tenant WHERE tenant_id = $1 FOR SHARE", tenant.0);
    let body = body.fetch_optional(conn).await?;
    body.map(|body| json("lifecycle", body)).transpose()
}

/// Stores a lifecycle that was locked, and counts its revision.
///
/// # Errors
/// [`StoreError::Stale`] when the tenant is not there.
pub async fn save(conn: &mut PgConnection, tenant: TenantId, lifecycle: &mut Lifecycle) -> Result<(), StoreError> {
    lifecycle.revision += 1;
    let done = sqlx::query!(
        "UPDATE tenant SET lifecycle = $2, suspended = $3, offboarded_at = $4 WHERE tenant_id = $1",
        tenant.0,
        to_json(lifecycle),
        lifecycle.is_stopped(),
        lifecycle.ended_at().map(|at| at.to_sqlx()) as _
    );
    StoreError::expect_rows(done.execute(conn).await?.rows_affected(), 1)
}
