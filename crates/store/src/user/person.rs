//! People as an administrator sees them.

use domain::id::{TenantId, UserId};
use domain::role::Role;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Grant;
use crate::StoreError;
use crate::row::json;

/// A person with their roles.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Lower case.
    pub email: String,
    /// For people.
    pub display_name: String,
    /// Since when they cannot sign in; `None`: they can.
    pub disabled_at: Option<Timestamp>,
    /// When they were added.
    pub created_at: Timestamp,
    /// Counts what was changed of them; the first is 1.
    pub revision: i64,
    /// Their roles.
    pub grants: Vec<Grant>,
}

/// Which people are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words that stand in the name or the e-mail address.
    pub words: Option<String>,
    /// Only with this role.
    pub role: Option<Role>,
    /// Only with a role for this tenant.
    pub tenant: Option<TenantId>,
    /// Only those who can sign in, or only those who cannot.
    pub disabled: Option<bool>,
    /// Only those whose e-mail address comes after this one.
    pub after: Option<String>,
}

struct Row {
    id: Uuid,
    email: String,
    display_name: String,
    disabled_at: Option<jiff_sqlx::Timestamp>,
    created_at: jiff_sqlx::Timestamp,
    revision: i64,
    grants: Value,
}

#[derive(Deserialize)]
struct GrantRow {
    role: Role,
    tenant: Option<TenantId>,
}

impl TryFrom<Row> for Person {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let grants: Vec<GrantRow> = json("role_grant", row.grants)?;
        Ok(Self {
            id: UserId(row.id),
            email: row.email,
            display_name: row.display_name,
            disabled_at: row.disabled_at.map(jiff_sqlx::Timestamp::to_jiff),
            created_at: row.created_at.to_jiff(),
            revision: row.revision,
            grants: grants
                .into_iter()
                .map(|GrantRow { role, tenant }| Grant { role, tenant })
                .collect(),
        })
    }
}

/// The people of the filter by e-mail address, `limit` at most.
///
/// # Errors
/// [`StoreError`].
pub async fn list(conn: &mut PgConnection, filter: &Filter, limit: i64) -> Result<Vec<Person>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT u.id, u.email, u.display_name, u.disabled_at, u.created_at, u.revision,
             (SELECT coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'tenant', g.tenant_id) ORDER BY g.tenant_id NULLS FIRST, g.role), '[]')
              FROM role_grant g WHERE g.user_id = u.id) AS "grants!"
           FROM app_user u
           WHERE ($1::text IS NULL OR u.email > $1)
             AND ($2::text IS NULL OR position(lower($2) IN lower(u.email || ' ' || u.display_name)) > 0)
             AND ($3::text IS NULL AND $4::uuid IS NULL OR EXISTS (SELECT FROM role_grant g WHERE g.user_id = u.id
               AND ($3::text IS NULL OR g.role = $3) AND ($4::uuid IS NULL OR g.tenant_id = $4)))
             AND ($5::boolean IS NULL OR (u.disabled_at IS NOT NULL) = $5)
           ORDER BY u.email LIMIT $6"#,
        filter.after,
        filter.words,
        filter.role.map(Role::as_str),
        filter.tenant.map(|tenant| tenant.0),
        filter.disabled,
        limit
    );
    rows.fetch_all(conn).await?.into_iter().map(Person::try_from).collect()
}

/// The person with that id.
///
/// # Errors
/// [`StoreError`].
pub async fn get(conn: &mut PgConnection, id: UserId) -> Result<Option<Person>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT u.id, u.email, u.display_name, u.disabled_at, u.created_at, u.revision,
             (SELECT coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'tenant', g.tenant_id) ORDER BY g.tenant_id NULLS FIRST, g.role), '[]')
              FROM role_grant g WHERE g.user_id = u.id) AS "grants!"
           FROM app_user u WHERE u.id = $1"#,
        id.0
    );
    row.fetch_optional(conn).await?.map(Person::try_from).transpose()
}

/// The same, whom nobody else changes until the transaction ends.
///
/// # Errors
/// [`StoreError`].
pub async fn lock(conn: &mut PgConnection, id: UserId) -> Result<Option<Person>, StoreError> {
    sqlx::query!("SELECT id FROM app_user WHERE id = $1 FOR UPDATE", id.0)
        .fetch_optional(&mut *conn)
        .await?;
    // Their roles are read after the lock was waited for.
    get(conn, id).await
}

/// Counts that something of a person was changed.
///
/// # Errors
/// [`StoreError::Stale`] when the person is not there.
pub async fn touch(conn: &mut PgConnection, id: UserId) -> Result<(), StoreError> {
    let done = sqlx::query!("UPDATE app_user SET revision = revision + 1 WHERE id = $1", id.0);
    StoreError::expect_rows(done.execute(conn).await?.rows_affected(), 1)
}

/// Takes a role away; `false`: they do not have it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn revoke(conn: &mut PgConnection, id: UserId, grant: Grant) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "DELETE FROM role_grant WHERE user_id = $1 AND role = $2 AND tenant_id IS NOT DISTINCT FROM $3",
        id.0,
        grant.role.as_str(),
        grant.tenant.map(|tenant| tenant.0)
    );
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

/// Lets a person sign in again.
///
/// # Errors
/// [`StoreError::Stale`] when the person is not there.
pub async fn enable(conn: &mut PgConnection, id: UserId) -> Result<(), StoreError> {
    let done = sqlx::query!("UPDATE app_user SET disabled_at = NULL WHERE id = $1", id.0);
    StoreError::expect_rows(done.execute(conn).await?.rows_affected(), 1)
}

/// How many others who can sign in are administrators of everything. Whoever asks the same waits until the transaction ends,
/// so that two do not remove each other.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn other_admins(conn: &mut PgConnection, id: UserId) -> Result<i64, StoreError> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('holdfast/admins', 0))")
        .fetch_one(&mut *conn)
        .await?;
    let others = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM role_grant g JOIN app_user u ON u.id = g.user_id
           WHERE g.role = 'admin' AND g.tenant_id IS NULL AND u.disabled_at IS NULL AND u.id <> $1"#,
        id.0
    );
    Ok(others.fetch_one(conn).await?)
}
