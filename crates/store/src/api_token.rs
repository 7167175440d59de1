//! API tokens, by the hash of their text.

use domain::id::UserId;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::signed_in::{Row, SignedIn, collect};

/// Adds a token for a person; `expires_at` is `None` for one that lasts.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(
    conn: &mut PgConnection,
    token_hash: &[u8],
    id: Uuid,
    user: UserId,
    name: &str,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO api_token (token_hash, id, user_id, name, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        token_hash,
        id,
        user.0,
        name,
        now.to_sqlx(),
        expires_at.map(|at| at.to_sqlx()) as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes a person's tokens of that name, and says how many there were.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(conn: &mut PgConnection, user: UserId, name: &str) -> Result<u64, StoreError> {
    let done = sqlx::query!("DELETE FROM api_token WHERE user_id = $1 AND name = $2", user.0, name)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}

/// The enabled person of a token that has not expired.
///
/// # Errors
/// [`StoreError::Database`]; [`StoreError::Corrupt`] for a role that this version does not know.
pub async fn find(conn: &mut PgConnection, token_hash: &[u8], now: Timestamp) -> Result<Option<SignedIn>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT u.id, u.email, u.display_name, g.role AS "role?", g.tenant_id
           FROM api_token t JOIN app_user u ON u.id = t.user_id LEFT JOIN role_grant g ON g.user_id = u.id
           WHERE t.token_hash = $1 AND (t.expires_at IS NULL OR t.expires_at > $2) AND u.disabled_at IS NULL"#,
        token_hash,
        now.to_sqlx()
    );
    collect(rows.fetch_all(conn).await?)
}
