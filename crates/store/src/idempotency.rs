//! Answers to posts that carried an `Idempotency-Key`.

use domain::id::UserId;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use sqlx::PgConnection;

use crate::StoreError;

/// What was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Digest of the request; another request under the same key is refused.
    pub request_digest: String,
    /// Body.
    pub response: Value,
}

/// What was answered under this key, if anything was.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(conn: &mut PgConnection, user: UserId, key: &str) -> Result<Option<Answer>, StoreError> {
    let answer = sqlx::query_as!(
        Answer,
        "SELECT request_digest, response FROM api_idempotency WHERE user_id = $1 AND key = $2",
        user.0,
        key
    );
    Ok(answer.fetch_optional(conn).await?)
}

/// Stores an answer in the transaction that it tells of.
///
/// # Errors
/// [`StoreError::Exists`] when the same key was used at the same time.
pub async fn save(
    conn: &mut PgConnection,
    user: UserId,
    key: &str,
    answer: &Answer,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO api_idempotency (user_id, key, request_digest, response, created_at) VALUES ($1, $2, $3, $4, $5)",
        user.0,
        key,
        answer.request_digest,
        answer.response,
        now.to_sqlx()
    )
    .execute(conn)
    .await
    .map_err(StoreError::unique)?;
    Ok(())
}

/// Deletes the answers that were given before `before`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn purge(conn: &mut PgConnection, before: Timestamp) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM api_idempotency WHERE created_at < $1", before.to_sqlx())
        .execute(conn)
        .await?;
    Ok(())
}
