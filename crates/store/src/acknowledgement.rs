//! What customers signed.

use domain::acknowledgement::Acknowledgement;
use domain::id::{AcknowledgementId, TenantId, UserId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::word;

struct Row {
    tenant_id: Uuid,
    id: Uuid,
    statement: String,
    text_version: String,
    signed_by: String,
    signed_at: jiff_sqlx::Timestamp,
    until: jiff_sqlx::Timestamp,
    withdrawn_at: Option<jiff_sqlx::Timestamp>,
    withdrawn_by: Option<String>,
}

impl TryFrom<Row> for Acknowledgement {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: AcknowledgementId(row.id),
            tenant: TenantId(row.tenant_id),
            statement: word("statement", row.statement)?,
            text_version: row.text_version,
            signed_by: row.signed_by,
            signed_at: row.signed_at.to_jiff(),
            until: row.until.to_jiff(),
            withdrawn: row
                .withdrawn_at
                .map(jiff_sqlx::Timestamp::to_jiff)
                .zip(row.withdrawn_by),
        })
    }
}

/// The tenant's signatures, newest first, those before `before`.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    conn: &mut PgConnection,
    tenant: TenantId,
    before: Option<AcknowledgementId>,
    limit: i64,
) -> Result<Vec<Acknowledgement>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT tenant_id, id, statement, text_version, signed_by, signed_at, until, withdrawn_at, withdrawn_by FROM acknowledgement
         WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        tenant.0,
        before.map(|id| id.0),
        limit
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(Acknowledgement::try_from)
        .collect()
}

/// The newest signature under each statement, also where it was taken back.
///
/// # Errors
/// [`StoreError`].
pub async fn newest(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<Acknowledgement>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT DISTINCT ON (statement) tenant_id, id, statement, text_version, signed_by, signed_at, until, withdrawn_at, withdrawn_by
         FROM acknowledgement WHERE tenant_id = $1 ORDER BY statement, id DESC",
        tenant.0
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(Acknowledgement::try_from)
        .collect()
}

/// The signature, if the tenant has it; nobody else changes it until the transaction ends.
///
/// # Errors
/// [`StoreError`].
pub async fn lock(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: AcknowledgementId,
) -> Result<Option<Acknowledgement>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT tenant_id, id, statement, text_version, signed_by, signed_at, until, withdrawn_at, withdrawn_by FROM acknowledgement
         WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        tenant.0,
        id.0
    );
    row.fetch_optional(conn)
        .await?
        .map(Acknowledgement::try_from)
        .transpose()
}

/// Adds a signature.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(conn: &mut PgConnection, signature: &Acknowledgement, by: UserId) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO acknowledgement (tenant_id, id, statement, text_version, signed_by_id, signed_by, signed_at, until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        signature.tenant.0,
        signature.id.0,
        signature.statement.as_str(),
        signature.text_version,
        by.0,
        signature.signed_by,
        signature.signed_at.to_sqlx(),
        signature.until.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a signature back; it stays on record.
///
/// # Errors
/// [`StoreError::Stale`] when it was taken back before.
pub async fn withdraw(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: AcknowledgementId,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "UPDATE acknowledgement SET withdrawn_at = $3, withdrawn_by = $4
         WHERE tenant_id = $1 AND id = $2 AND withdrawn_at IS NULL",
        tenant.0,
        id.0,
        at.to_sqlx(),
        by
    )
    .execute(conn)
    .await?;
    StoreError::expect_rows(done.rows_affected(), 1)
}
