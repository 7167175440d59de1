//! Plans as they were shown.

use domain::id::{ChangeRequestId, PlanId, TenantId};
use domain::plan::ShownPlan;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;
use crate::row::{json, to_json, word};

/// Stores a plan that will be shown.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(
    conn: &mut PgConnection,
    tenant: TenantId,
    request: ChangeRequestId,
    shown: &ShownPlan,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO plan (tenant_id, id, change_request_id, digest, body, made_at) VALUES ($1, $2, $3, $4, $5, $6)",
        tenant.0,
        shown.id.0,
        request.0,
        shown.digest.to_string(),
        to_json(&shown.plan),
        shown.made_at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A plan of the tenant.
///
/// # Errors
/// [`StoreError`].
pub async fn get(conn: &mut PgConnection, tenant: TenantId, id: PlanId) -> Result<Option<ShownPlan>, StoreError> {
    Ok(list(conn, tenant, &[id]).await?.pop())
}

/// Those plans of the tenant, in no order.
///
/// # Errors
/// [`StoreError`].
pub async fn list(conn: &mut PgConnection, tenant: TenantId, ids: &[PlanId]) -> Result<Vec<ShownPlan>, StoreError> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "SELECT id, digest, body, made_at FROM plan WHERE tenant_id = $1 AND id = ANY($2)",
        tenant.0,
        &ids
    );
    let plans = rows.fetch_all(conn).await?.into_iter().map(|row| {
        Ok(ShownPlan {
            id: PlanId(row.id),
            digest: word("digest", row.digest)?,
            plan: json("body", row.body)?,
            made_at: row.made_at.to_jiff(),
        })
    });
    plans.collect()
}
