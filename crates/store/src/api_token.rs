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
        r#"SELECT u.id, u.email, u.display_name, g.role AS "role?", g.tenant_id, o.at AS "ended_at?"
           FROM api_token t JOIN app_user u ON u.id = t.user_id LEFT JOIN role_grant g ON g.user_id = u.id
             LEFT JOIN offboarded_tenants() o ON o.id = g.tenant_id
           WHERE t.token_hash = $1 AND (t.expires_at IS NULL OR t.expires_at > $2) AND u.disabled_at IS NULL"#,
        token_hash,
        now.to_sqlx()
    );
    collect(rows.fetch_all(conn).await?)
}

/// A token as its owner knows it: its text is not kept.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// Its id.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `None`: when it is revoked.
    pub expires_at: Option<Timestamp>,
}

/// A person's tokens, newest first, `limit` at most.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(conn: &mut PgConnection, user: UserId, limit: i64) -> Result<Vec<ApiToken>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, name, created_at, expires_at FROM api_token WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
        user.0,
        limit
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    Ok(rows
        .map(|row| ApiToken {
            id: row.id,
            name: row.name,
            created_at: row.created_at.to_jiff(),
            expires_at: row.expires_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
        .collect())
}

/// Deletes one token of a person, and gives its name; `None`: they have no such token.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_one(conn: &mut PgConnection, user: UserId, id: Uuid) -> Result<Option<String>, StoreError> {
    let name = sqlx::query_scalar!(
        "DELETE FROM api_token WHERE user_id = $1 AND id = $2 RETURNING name",
        user.0,
        id
    );
    Ok(name.fetch_optional(conn).await?)
}
