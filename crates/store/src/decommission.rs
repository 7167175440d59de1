//! The ends of components.

use domain::change_request::Requester;
use domain::decommission::{Decommission, State, StateName};
use domain::id::{ComponentId, DecommissionId, TenantId, UserId};
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{json, to_json};

struct Row {
    id: Uuid,
    tenant_id: Uuid,
    component_id: Uuid,
    reason: String,
    requester_id: Option<Uuid>,
    requester_name: String,
    final_backup: Value,
    fate: Value,
    state_body: Value,
    asked_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
    revision: i64,
}

impl TryFrom<Row> for Decommission {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: DecommissionId(row.id),
            tenant: TenantId(row.tenant_id),
            component: ComponentId(row.component_id),
            reason: row.reason,
            requester: Requester {
                user: row.requester_id.map(UserId),
                name: row.requester_name,
            },
            final_backup: json("final_backup", row.final_backup)?,
            fate: json("fate", row.fate)?,
            state: json("state_body", row.state_body)?,
            asked_at: row.asked_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
            revision: row.revision,
        })
    }
}

/// Selects whole ends: the rest of the statement, and its parameters.
macro_rules! decommissions {
    ($rest:tt, $($parameter:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            "SELECT id, tenant_id, component_id, reason, requester_id, requester_name, final_backup, fate, state_body, asked_at,
               updated_at, revision
             FROM decommission "
                + $rest,
            $($parameter),+
        )
    };
}

/// Adds an end.
///
/// # Errors
/// [`StoreError::Exists`] when the component has one that stands.
pub async fn insert(conn: &mut PgConnection, end: &Decommission) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO decommission (tenant_id, id, component_id, reason, requester_id, requester_name, final_backup, fate, state,
           state_body, asked_at, updated_at, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        end.tenant.0,
        end.id.0,
        end.component.0,
        end.reason,
        end.requester.user.map(|user| user.0),
        end.requester.name,
        to_json(&end.final_backup),
        to_json(&end.fate),
        end.state.name(),
        to_json(&end.state),
        end.asked_at.to_sqlx(),
        end.updated_at.to_sqlx(),
        end.revision
    )
    .execute(conn)
    .await
    .map_err(StoreError::unique)?;
    Ok(())
}

/// Stores a changed end, if nobody else changed it since it was read; its revision goes up by one.
///
/// # Errors
/// [`StoreError::Stale`] when somebody did.
pub async fn save(conn: &mut PgConnection, end: &mut Decommission) -> Result<(), StoreError> {
    let version = match &end.state {
        State::Decommissioned { sow_version, .. } => *sow_version,
        State::Asked { .. } | State::Withdrawn { .. } => None,
    };
    let done = sqlx::query!(
        "UPDATE decommission SET state = $4, state_body = $5, sow_version = $6, updated_at = $7, revision = $3 + 1
         WHERE tenant_id = $1 AND id = $2 AND revision = $3",
        end.tenant.0,
        end.id.0,
        end.revision,
        end.state.name(),
        to_json(&end.state),
        version,
        end.updated_at.to_sqlx()
    );
    StoreError::expect_rows(done.execute(conn).await?.rows_affected(), 1)?;
    end.revision += 1;
    Ok(())
}

/// Locks the newest end of a component until the transaction ends.
///
/// # Errors
/// [`StoreError`].
pub async fn lock(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
) -> Result<Option<Decommission>, StoreError> {
    let row = decommissions!(
        "WHERE tenant_id = $1 AND component_id = $2 ORDER BY id DESC LIMIT 1 FOR UPDATE",
        tenant.0,
        component.0
    );
    row.fetch_optional(conn).await?.map(Decommission::try_from).transpose()
}

/// The newest end of a component.
///
/// # Errors
/// [`StoreError`].
pub async fn newest(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
) -> Result<Option<Decommission>, StoreError> {
    let row = decommissions!(
        "WHERE tenant_id = $1 AND component_id = $2 ORDER BY id DESC LIMIT 1",
        tenant.0,
        component.0
    );
    row.fetch_optional(conn).await?.map(Decommission::try_from).transpose()
}

/// The tenant's ends, newest first, `limit` at most, from the one after `before`; `state`: in this state only.
///
/// # Errors
/// [`StoreError`].
pub async fn page(
    conn: &mut PgConnection,
    tenant: TenantId,
    state: Option<StateName>,
    before: Option<DecommissionId>,
    limit: i64,
) -> Result<Vec<Decommission>, StoreError> {
    let rows = decommissions!(
        "WHERE tenant_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        tenant.0,
        state.map(StateName::as_str),
        before.map(|id| id.0),
        limit
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(Decommission::try_from)
        .collect()
}
