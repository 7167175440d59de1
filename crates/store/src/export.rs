//! Hand-over exports: their records, their pieces, and the rows that they are made of.

mod remaining;
mod sheets;
mod tables;

use domain::export::{Export, State};
use domain::id::{ExportId, TenantId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::word;

pub use remaining::remaining;
pub use sheets::{Sheet, sheets};
pub use tables::{rows, tables};

struct Row {
    tenant_id: Uuid,
    id: Uuid,
    requested_by: String,
    requested_at: jiff_sqlx::Timestamp,
    state: String,
    files_done: i32,
    files_total: Option<i32>,
    snapshot_at: Option<jiff_sqlx::Timestamp>,
    rows: Option<i64>,
    size_bytes: Option<i64>,
    sha256: Option<String>,
    problem: Option<String>,
    ended_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for Export {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ExportId(row.id),
            tenant: TenantId(row.tenant_id),
            requested_by: row.requested_by,
            requested_at: row.requested_at.to_jiff(),
            state: word("state", row.state)?,
            files_done: row.files_done,
            files_total: row.files_total,
            snapshot_at: row.snapshot_at.map(jiff_sqlx::Timestamp::to_jiff),
            rows: row.rows,
            size_bytes: row.size_bytes,
            sha256: row.sha256,
            problem: row.problem,
            ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

/// Adds one that was asked for.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(conn: &mut PgConnection, export: &Export) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO export (tenant_id, id, requested_by, requested_at, state) VALUES ($1, $2, $3, $4, $5)",
        export.tenant.0,
        export.id.0,
        export.requested_by,
        export.requested_at.to_sqlx(),
        export.state.as_str()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The tenant's exports, newest first, those before the cursor `before`, `limit` at most.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    conn: &mut PgConnection,
    tenant: TenantId,
    before: Option<ExportId>,
    limit: i64,
) -> Result<Vec<Export>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT tenant_id, id, requested_by, requested_at, state, files_done, files_total, snapshot_at, rows, size_bytes, sha256, problem, ended_at
         FROM export WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        tenant.0,
        before.map(|id| id.0),
        limit
    );
    rows.fetch_all(conn).await?.into_iter().map(Export::try_from).collect()
}

/// The export with that id.
///
/// # Errors
/// [`StoreError`].
pub async fn get(conn: &mut PgConnection, tenant: TenantId, id: ExportId) -> Result<Option<Export>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT tenant_id, id, requested_by, requested_at, state, files_done, files_total, snapshot_at, rows, size_bytes, sha256, problem, ended_at
         FROM export WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0
    );
    row.fetch_optional(conn).await?.map(Export::try_from).transpose()
}

/// When the newest verified export was asked for; `None`: there is none.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn newest_verified(conn: &mut PgConnection, tenant: TenantId) -> Result<Option<Timestamp>, StoreError> {
    let at = sqlx::query_scalar!(
        "SELECT max(requested_at) FROM export WHERE tenant_id = $1 AND state = 'verified'",
        tenant.0
    );
    Ok(at.fetch_one(conn).await?.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Stores how far one is that has not ended, and tells the open pages.
///
/// # Errors
/// [`StoreError::Stale`] when it has ended, or is not there.
pub async fn save(conn: &mut PgConnection, export: &Export) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "UPDATE export SET state = $3, files_done = $4, files_total = $5, snapshot_at = $6, rows = $7, size_bytes = $8,
           sha256 = $9, problem = $10, ended_at = $11
         WHERE tenant_id = $1 AND id = $2 AND state IN ('queued', 'writing', 'verifying')",
        export.tenant.0,
        export.id.0,
        export.state.as_str(),
        export.files_done,
        export.files_total,
        export.snapshot_at.map(|at| at.to_sqlx()) as _,
        export.rows,
        export.size_bytes,
        export.sha256,
        export.problem,
        export.ended_at.map(|at| at.to_sqlx()) as _
    );
    StoreError::expect_rows(done.execute(&mut *conn).await?.rows_affected(), 1)?;
    crate::events::notify(conn, export.tenant).await
}

/// Ends those that were verified before `before`: their content goes. Returns which.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn expire(conn: &mut PgConnection, tenant: TenantId, before: Timestamp) -> Result<Vec<ExportId>, StoreError> {
    let expired = sqlx::query_scalar!(
        "UPDATE export SET state = 'expired' WHERE tenant_id = $1 AND state = 'verified' AND ended_at <= $2 RETURNING id",
        tenant.0,
        before.to_sqlx()
    );
    let expired: Vec<_> = expired.fetch_all(&mut *conn).await?.into_iter().map(ExportId).collect();
    for id in &expired {
        drop_pieces(conn, tenant, *id).await?;
    }
    Ok(expired)
}

/// Adds a piece of the content; the first is at 0.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put_piece(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: ExportId,
    position: i32,
    content: &[u8],
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO export_piece (tenant_id, export_id, position, content) VALUES ($1, $2, $3, $4)",
        tenant.0,
        id.0,
        position,
        content
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The piece of the content at a position; `None`: it ended before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn piece(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: ExportId,
    position: i32,
) -> Result<Option<Vec<u8>>, StoreError> {
    let content = sqlx::query_scalar!(
        "SELECT content FROM export_piece WHERE tenant_id = $1 AND export_id = $2 AND position = $3",
        tenant.0,
        id.0,
        position
    );
    Ok(content.fetch_optional(conn).await?)
}

/// Removes the content.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn drop_pieces(conn: &mut PgConnection, tenant: TenantId, id: ExportId) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM export_piece WHERE tenant_id = $1 AND export_id = $2",
        tenant.0,
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether one of the tenant's is under way.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn under_way(conn: &mut PgConnection, tenant: TenantId) -> Result<Option<ExportId>, StoreError> {
    let states = [State::Queued, State::Writing, State::Verifying].map(|state| state.as_str().to_owned());
    let id = sqlx::query_scalar!(
        "SELECT id FROM export WHERE tenant_id = $1 AND state = ANY($2) ORDER BY id DESC LIMIT 1",
        tenant.0,
        &states[..]
    );
    Ok(id.fetch_optional(conn).await?.map(ExportId))
}
