//! Who answers for a duty where that is not as usual.

use domain::duty::Override;
use domain::id::TenantId;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;
use crate::row::word;

/// What was agreed with the tenant, by duty.
///
/// # Errors
/// [`StoreError`].
pub async fn agreed(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<Override>, StoreError> {
    let rows = sqlx::query!(
        "SELECT duty, responsible, reason, set_by, set_at, revision FROM responsibility WHERE tenant_id = $1 ORDER BY duty",
        tenant.0
    );
    let rows = rows.fetch_all(conn).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Override {
                duty: row.duty,
                responsible: word("responsible", row.responsible)?,
                reason: row.reason,
                set_by: row.set_by,
                set_at: row.set_at.to_jiff(),
                revision: row.revision,
            })
        })
        .collect()
}

/// Writes down what was agreed on. Its revision is the one that follows the one that was read, 1 for the first.
///
/// # Errors
/// [`StoreError::Stale`] when another revision stands.
pub async fn agree(conn: &mut PgConnection, tenant: TenantId, agreed: &Override) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "INSERT INTO responsibility (tenant_id, duty, responsible, reason, set_by, set_at, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (tenant_id, duty) DO UPDATE
           SET responsible = $3, reason = $4, set_by = $5, set_at = $6, revision = $7
           WHERE responsibility.revision = $7 - 1",
        tenant.0,
        agreed.duty,
        agreed.responsible.as_str(),
        agreed.reason,
        agreed.set_by,
        agreed.set_at.to_sqlx(),
        agreed.revision
    )
    .execute(conn)
    .await?;
    StoreError::expect_rows(done.rows_affected(), 1)
}
