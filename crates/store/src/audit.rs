//! What was done, by whom. Added in the transaction that does it; never changed.

use domain::id::{TenantId, UserId};
use domain::tenant::TenantScope;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::tenant::uuids;

/// One line of the audit log.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its id, in the order of time.
    pub id: Uuid,
    /// Whose it is about.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// The person; `None` for Holdfast itself.
    pub actor: Option<UserId>,
    /// Name for people.
    pub actor_name: String,
    /// What, such as `change-request.approved`.
    pub action: String,
    /// The kind of the subject, such as `change-request`.
    pub subject: String,
    /// The subject's id.
    pub subject_id: Uuid,
    /// What else matters; no secrets.
    pub detail: Value,
}

/// Adds a line and tells the listeners of [`crate::events`] when the transaction commits.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn append(conn: &mut PgConnection, event: &Event) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO audit_event (tenant_id, id, at, actor_id, actor_name, action, subject, subject_id, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        event.tenant.0,
        event.id,
        event.at.to_sqlx(),
        event.actor.map(|actor| actor.0),
        event.actor_name,
        event.action,
        event.subject,
        event.subject_id,
        event.detail
    )
    .execute(&mut *conn)
    .await?;
    crate::events::notify(conn, event.tenant).await
}

/// The lines of the scope, newest first, those before the cursor `before`, `limit` at most; of one subject when given.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(
    conn: &mut PgConnection,
    scope: &TenantScope,
    subject_id: Option<Uuid>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let rows = sqlx::query!(
        "SELECT tenant_id, id, at, actor_id, actor_name, action, subject, subject_id, detail FROM audit_event
         WHERE tenant_id = ANY($1) AND ($2::uuid IS NULL OR subject_id = $2) AND ($3::uuid IS NULL OR id < $3)
         ORDER BY id DESC LIMIT $4",
        &uuids(scope),
        subject_id,
        before,
        limit
    );
    let rows = rows.fetch_all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| Event {
            id: row.id,
            tenant: TenantId(row.tenant_id),
            at: row.at.to_jiff(),
            actor: row.actor_id.map(UserId),
            actor_name: row.actor_name,
            action: row.action,
            subject: row.subject,
            subject_id: row.subject_id,
            detail: row.detail,
        })
        .collect())
}

/// One line of the log of what concerns no tenant.
#[derive(Debug, Clone)]
pub struct PlatformEvent {
    /// Its id, in the order of time.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// The person; `None` for Holdfast itself and its command line.
    pub actor: Option<UserId>,
    /// Name for people.
    pub actor_name: String,
    /// What, such as `user.disabled`.
    pub action: String,
    /// The kind of the subject, such as `user`.
    pub subject: String,
    /// The subject's id.
    pub subject_id: Uuid,
    /// What else matters; no secrets.
    pub detail: Value,
}

/// Adds a line about what concerns no tenant.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn append_platform(conn: &mut PgConnection, event: &PlatformEvent) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO platform_audit_event (id, at, actor_id, actor_name, action, subject, subject_id, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        event.id,
        event.at.to_sqlx(),
        event.actor.map(|actor| actor.0),
        event.actor_name,
        event.action,
        event.subject,
        event.subject_id,
        event.detail
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The lines about what concerns no tenant, newest first, those before the cursor `before`, `limit` at most; only those
/// in which `words` stand in the name of who did it, what was done, or its detail.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_platform(
    conn: &mut PgConnection,
    words: &str,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<PlatformEvent>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, at, actor_id, actor_name, action, subject, subject_id, detail FROM platform_audit_event
         WHERE ($1::uuid IS NULL OR id < $1)
           AND ($2 = '' OR position(lower($2) IN lower(concat_ws(' ', actor_name, action, detail::text))) > 0)
         ORDER BY id DESC LIMIT $3",
        before,
        words,
        limit
    );
    let rows = rows.fetch_all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| PlatformEvent {
            id: row.id,
            at: row.at.to_jiff(),
            actor: row.actor_id.map(UserId),
            actor_name: row.actor_name,
            action: row.action,
            subject: row.subject,
            subject_id: row.subject_id,
            detail: row.detail,
        })
        .collect())
}
