//! Proof of what was made at the outside.

use domain::id::TenantId;
use domain::plan::{IdempotencyKey, Receipt};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;

/// Stores a receipt; one that is there already stays.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save(conn: &mut PgConnection, tenant: TenantId, receipt: &Receipt) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO receipt (tenant_id, key, provider_ref, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        tenant.0,
        receipt.key.0,
        receipt.provider_ref,
        receipt.at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The receipts of some steps, in no order.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of(
    conn: &mut PgConnection,
    tenant: TenantId,
    keys: &[IdempotencyKey],
) -> Result<Vec<Receipt>, StoreError> {
    let keys: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
    let rows = sqlx::query!(
        "SELECT key, provider_ref, at FROM receipt WHERE tenant_id = $1 AND key = ANY($2)",
        tenant.0,
        &keys
    );
    let rows = rows.fetch_all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| Receipt {
            key: IdempotencyKey(row.key),
            provider_ref: row.provider_ref,
            at: row.at.to_jiff(),
        })
        .collect())
}
