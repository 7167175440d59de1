//! The versioned scope of work.

mod line;
mod version;

use std::collections::HashMap;

use domain::id::{ChangeRequestId, ComponentId, ScopeItemId, TenantId};
use domain::sow::{MechanismChoice, Scope};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{json, to_json};

pub use line::{Decided, LineFilter, PastLine, Touched, history, items, touched};
pub use version::{MadeBy, Range, Version, lines, versions};

/// What a new version says of one component.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// The component.
    pub component: ComponentId,
    /// In or out.
    pub scope: Scope,
    /// How it is backed up.
    pub choice: MechanismChoice,
}

/// Makes the next version, in which `items` replace the lines of their components.
///
/// # Errors
/// [`StoreError::Exists`] when somebody else made the same version first.
pub async fn add_version(
    conn: &mut PgConnection,
    tenant: TenantId,
    change_request: Option<ChangeRequestId>,
    approved_by: &[String],
    items: &[NewItem],
    now: Timestamp,
) -> Result<i32, StoreError> {
    let version = next_version(conn, tenant, change_request, approved_by, now).await?;
    let components: Vec<Uuid> = items.iter().map(|item| item.component.0).collect();
    close_lines(conn, tenant, &components, version).await?;
    let ids: Vec<Uuid> = items.iter().map(|_| ScopeItemId::at(now).0).collect();
    let scopes: Vec<Value> = items.iter().map(|item| to_json(&item.scope)).collect();
    let mechanisms: Vec<String> = items
        .iter()
        .map(|item| item.choice.mechanism.as_str().to_owned())
        .collect();
    let reasons: Vec<String> = items.iter().map(|item| item.choice.reason.clone()).collect();
    sqlx::query!(
        "INSERT INTO scope_item (tenant_id, id, component_id, from_version, scope, mechanism, reason)
         SELECT $1, t.id, t.component, $2, t.scope, t.mechanism, t.reason
         FROM unnest($3::uuid[], $4::uuid[], $5::jsonb[], $6::text[], $7::text[]) AS t (id, component, scope, mechanism, reason)",
        tenant.0,
        version,
        &ids,
        &components,
        &scopes,
        &mechanisms,
        &reasons
    )
    .execute(conn)
    .await?;
    Ok(version)
}

/// Makes the next version, from which the component's line is gone; `None`: it had none, and no version is made.
///
/// # Errors
/// [`StoreError::Exists`] when somebody else made the same version first.
pub async fn remove_line(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
    approved_by: &[String],
    now: Timestamp,
) -> Result<Option<i32>, StoreError> {
    if current_scope(conn, tenant, component).await?.is_none() {
        return Ok(None);
    }
    let version = next_version(conn, tenant, None, approved_by, now).await?;
    close_lines(conn, tenant, &[component.0], version).await?;
    Ok(Some(version))
}

async fn next_version(
    conn: &mut PgConnection,
    tenant: TenantId,
    change_request: Option<ChangeRequestId>,
    approved_by: &[String],
    now: Timestamp,
) -> Result<i32, StoreError> {
    let version = sqlx::query_scalar!(
        "INSERT INTO sow_version (tenant_id, version, effective_from, change_request_id, approved_by)
         SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4 FROM sow_version WHERE tenant_id = $1
         RETURNING version",
        tenant.0,
        now.to_sqlx(),
        change_request.map(|id| id.0),
        approved_by
    );
    version.fetch_one(conn).await.map_err(StoreError::unique)
}

async fn close_lines(
    conn: &mut PgConnection,
    tenant: TenantId,
    components: &[Uuid],
    version: i32,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE scope_item SET to_version = $3 WHERE tenant_id = $1 AND component_id = ANY($2) AND to_version IS NULL",
        tenant.0,
        components,
        version
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What the newest version says of a component; `None`: nobody decided.
///
/// # Errors
/// [`StoreError`].
pub async fn current_scope(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
) -> Result<Option<Scope>, StoreError> {
    let scope = sqlx::query_scalar!(
        "SELECT scope FROM scope_item WHERE tenant_id = $1 AND component_id = $2 AND to_version IS NULL",
        tenant.0,
        component.0
    );
    scope
        .fetch_optional(conn)
        .await?
        .map(|value| json("scope", value))
        .transpose()
}

/// What the newest version says of each component that it has a line for.
///
/// # Errors
/// [`StoreError`].
pub async fn current(conn: &mut PgConnection, tenant: TenantId) -> Result<HashMap<ComponentId, Scope>, StoreError> {
    let rows = sqlx::query!(
        "SELECT component_id, scope FROM scope_item WHERE tenant_id = $1 AND to_version IS NULL",
        tenant.0
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    rows.map(|row| Ok((ComponentId(row.component_id), json("scope", row.scope)?)))
        .collect()
}

/// How many components are in scope, apart from one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn others_in_scope(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM scope_item
           WHERE tenant_id = $1 AND component_id <> $2 AND to_version IS NULL AND scope->>'decision' = 'in'"#,
        tenant.0,
        component.0
    );
    Ok(count.fetch_one(conn).await?)
}

/// Whether a component of tier 1 is in scope now.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn has_tier_1(conn: &mut PgConnection, tenant: TenantId) -> Result<bool, StoreError> {
    let has = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM scope_item WHERE tenant_id = $1 AND to_version IS NULL
             AND scope->>'decision' = 'in' AND scope->>'tier' = 'tier1') AS "has!""#,
        tenant.0
    );
    Ok(has.fetch_one(conn).await?)
}
