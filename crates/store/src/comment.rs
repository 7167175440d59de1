//! Comments that Holdfast owes to issues: stored with what they tell, posted afterwards.

use domain::id::{ChangeRequestId, CommentId, TenantId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;

/// A comment that is not posted yet.
#[derive(Debug, Clone)]
pub struct Owed {
    /// The marker by which a posted one is known.
    pub id: CommentId,
    /// Markdown.
    pub body: String,
}

/// Owes a comment.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn owe(
    conn: &mut PgConnection,
    tenant: TenantId,
    request: ChangeRequestId,
    body: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO issue_comment (tenant_id, id, change_request_id, body, created_at) VALUES ($1, $2, $3, $4, $5)",
        tenant.0,
        CommentId::at(now).0,
        request.0,
        body,
        now.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What is owed to a request's issue, in order.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn owed(
    conn: &mut PgConnection,
    tenant: TenantId,
    request: ChangeRequestId,
) -> Result<Vec<Owed>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, body FROM issue_comment WHERE tenant_id = $1 AND change_request_id = $2 AND posted_id IS NULL ORDER BY created_at, id",
        tenant.0,
        request.0
    );
    Ok(rows
        .fetch_all(conn)
        .await?
        .into_iter()
        .map(|row| Owed {
            id: CommentId(row.id),
            body: row.body,
        })
        .collect())
}

/// Notes GitHub's number of a posted comment.
///
/// # Errors
/// [`StoreError::Stale`] when the comment is not there.
pub async fn posted(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: CommentId,
    posted_id: i64,
) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "UPDATE issue_comment SET posted_id = $3 WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        posted_id
    );
    StoreError::expect_rows(done.execute(conn).await?.rows_affected(), 1)
}
