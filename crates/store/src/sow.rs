//! The versioned scope of work.

mod line;
mod version;

use domain::id::{ChangeRequestId, ComponentId, ScopeItemId, TenantId};
use domain::sow::{MechanismChoice, Scope};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

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
    let version = sqlx::query_scalar!(
        "INSERT INTO sow_version (tenant_id, version, effective_from, change_request_id, approved_by)
         SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4 FROM sow_version WHERE tenant_id = $1
         RETURNING version",
        tenant.0,
        now.to_sqlx(),
        change_request.map(|id| id.0),
        approved_by
    );
    let version = version.fetch_one(&mut *conn).await.map_err(StoreError::unique)?;
    for item in items {
        sqlx::query!(
            "UPDATE scope_item SET to_version = $3 WHERE tenant_id = $1 AND component_id = $2 AND to_version IS NULL",
            tenant.0,
            item.component.0,
            version
        )
        .execute(&mut *conn)
        .await?;
        sqlx::query!(
            "INSERT INTO scope_item (tenant_id, id, component_id, from_version, scope, mechanism, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            tenant.0,
            ScopeItemId::at(now).0,
            item.component.0,
            version,
            to_json(&item.scope),
            item.choice.mechanism.as_str(),
            item.choice.reason
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(version)
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
