//! People, their roles, and failed sign-ins.

mod person;

use domain::id::{TenantId, UserId};
use domain::role::Role;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;

pub use person::{Filter, Person, enable, get, list, lock, other_admins, revoke, touch};

/// A person who may sign in.
#[derive(Debug, Clone)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Lower case.
    pub email: String,
    /// For people.
    pub display_name: String,
    /// argon2id, PHC string.
    pub password_hash: String,
}

/// A role for one tenant, or (`None`, staff only) for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where.
    pub tenant: Option<TenantId>,
}

/// The enabled person with that e-mail address.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn by_email(conn: &mut PgConnection, email: &str) -> Result<Option<User>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, email, display_name, password_hash FROM app_user WHERE email = lower($1) AND disabled_at IS NULL",
        email
    );
    Ok(row.fetch_optional(conn).await?.map(|row| User {
        id: UserId(row.id),
        email: row.email,
        display_name: row.display_name,
        password_hash: row.password_hash,
    }))
}

/// Adds a person.
///
/// # Errors
/// [`StoreError::Exists`] when the e-mail address is taken.
pub async fn insert(conn: &mut PgConnection, user: &User, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO app_user (id, email, display_name, password_hash, created_at) VALUES ($1, lower($2), $3, $4, $5)",
        user.id.0,
        user.email,
        user.display_name,
        user.password_hash,
        at.to_sqlx()
    )
    .execute(conn)
    .await
    .map_err(StoreError::unique)?;
    Ok(())
}

/// Gives a person a role.
///
/// # Errors
/// [`StoreError::Exists`] when they have it.
pub async fn grant(conn: &mut PgConnection, user: UserId, grant: Grant) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO role_grant (user_id, role, tenant_id) VALUES ($1, $2, $3)",
        user.0,
        grant.role.as_str(),
        grant.tenant.map(|tenant| tenant.0)
    )
    .execute(conn)
    .await
    .map_err(StoreError::unique)?;
    Ok(())
}

/// Replaces a password.
///
/// # Errors
/// [`StoreError::Stale`] when the person is not there.
pub async fn set_password(conn: &mut PgConnection, user: UserId, password_hash: &str) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "UPDATE app_user SET password_hash = $2 WHERE id = $1",
        user.0,
        password_hash
    )
    .execute(conn)
    .await?;
    StoreError::expect_rows(done.rows_affected(), 1)
}

/// Disables a person; their sessions end with it.
///
/// # Errors
/// [`StoreError::Stale`] when the person is not there.
pub async fn disable(conn: &mut PgConnection, user: UserId, at: Timestamp) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "UPDATE app_user SET disabled_at = $2 WHERE id = $1",
        user.0,
        at.to_sqlx()
    )
    .execute(&mut *conn)
    .await?;
    StoreError::expect_rows(done.rows_affected(), 1)?;
    sqlx::query!("DELETE FROM session WHERE user_id = $1", user.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Failed sign-ins for a key (of a person or of a network address) since its window began.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn sign_in_failures(
    conn: &mut PgConnection,
    key: &str,
    window: SignedDuration,
    now: Timestamp,
) -> Result<i32, StoreError> {
    let failures = sqlx::query_scalar!(
        "SELECT failures FROM sign_in_failure WHERE key = $1 AND window_started_at > $2",
        key,
        (now - window).to_sqlx()
    );
    Ok(failures.fetch_optional(conn).await?.unwrap_or(0))
}

/// Counts a failed sign-in; a window that is over begins anew.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_sign_in_failure(
    conn: &mut PgConnection,
    key: &str,
    window: SignedDuration,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO sign_in_failure (key, failures, window_started_at) VALUES ($1, 1, $2)
         ON CONFLICT (key) DO UPDATE SET
           failures = CASE WHEN sign_in_failure.window_started_at > $3 THEN sign_in_failure.failures + 1 ELSE 1 END,
           window_started_at = CASE WHEN sign_in_failure.window_started_at > $3 THEN sign_in_failure.window_started_at ELSE $2 END",
        key,
        now.to_sqlx(),
        (now - window).to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets the failures of a key after a sign-in that went well.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn clear_sign_in_failures(conn: &mut PgConnection, key: &str) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM sign_in_failure WHERE key = $1", key)
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes the failures whose window is over. Skips those that somebody else holds at the moment.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn purge_sign_in_failures(
    conn: &mut PgConnection,
    window: SignedDuration,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM sign_in_failure WHERE key IN
           (SELECT key FROM sign_in_failure WHERE window_started_at <= $1 FOR UPDATE SKIP LOCKED)",
        (now - window).to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}
