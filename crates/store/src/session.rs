//! Sessions of signed-in people, by the hash of their token.

use domain::id::UserId;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;
use crate::signed_in::{Row, SignedIn, collect};

/// Begins a session.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(
    conn: &mut PgConnection,
    token_hash: &[u8],
    user: UserId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO session (token_hash, user_id, created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)",
        token_hash,
        user.0,
        now.to_sqlx(),
        expires_at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The person of a session that is neither over nor idle since `idle_since`, and of an enabled person. Notes that it is
/// in use, at most once a minute.
///
/// # Errors
/// [`StoreError::Database`]; [`StoreError::Corrupt`] for a role that this version does not know.
pub async fn resume(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Option<SignedIn>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"WITH in_use AS (
             UPDATE session SET last_seen_at = $2
             WHERE token_hash = $1 AND expires_at > $2 AND last_seen_at > $3
               AND last_seen_at < $2::timestamptz - interval '1 minute')
           SELECT u.id, u.email, u.display_name, g.role AS "role?", g.tenant_id, o.at AS "ended_at?"
           FROM session s JOIN app_user u ON u.id = s.user_id LEFT JOIN role_grant g ON g.user_id = u.id
             LEFT JOIN offboarded_tenants() o ON o.id = g.tenant_id
           WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.last_seen_at > $3 AND u.disabled_at IS NULL"#,
        token_hash,
        now.to_sqlx(),
        idle_since.to_sqlx()
    );
    collect(rows.fetch_all(conn).await?)
}

/// Ends a session.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(conn: &mut PgConnection, token_hash: &[u8]) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM session WHERE token_hash = $1", token_hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends every session of a person.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_all(conn: &mut PgConnection, user: UserId) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM session WHERE user_id = $1", user.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes the sessions that are over, or idle since `idle_since`. Skips those that somebody else holds at the moment.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn purge(conn: &mut PgConnection, now: Timestamp, idle_since: Timestamp) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM session WHERE token_hash IN
           (SELECT token_hash FROM session WHERE expires_at <= $1 OR last_seen_at <= $2 FOR UPDATE SKIP LOCKED)",
        now.to_sqlx(),
        idle_since.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}
