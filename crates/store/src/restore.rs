//! Restore requests.

use std::collections::HashMap;

use domain::change_request::Requester;
use domain::component::Component;
use domain::id::{ComponentId, PlanId, RestoreRequestId, TenantId, UserId};
use domain::restore::RestoreRequest;
use domain::tenant::TenantScope;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::row::{json, to_json, word};
use crate::tenant::uuids;
use crate::{StoreError, component};

struct Row {
    tenant_id: Uuid,
    id: Uuid,
    number: i32,
    component_id: Uuid,
    target: Value,
    plan_id: Uuid,
    plan: Value,
    digest: String,
    urgency: String,
    reason: String,
    requester_id: Option<Uuid>,
    requester_name: String,
    state_body: Value,
    approval: Option<Value>,
    respond_by: jiff_sqlx::Timestamp,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
    revision: i64,
}

/// The requests of these rows, in their order.
async fn complete(conn: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<RestoreRequest>, StoreError> {
    let scope = TenantScope::of(rows.iter().map(|row| TenantId(row.tenant_id)));
    let ids: Vec<_> = rows.iter().map(|row| ComponentId(row.component_id)).collect();
    let components = component::those(conn, &scope, &ids).await?;
    let components: HashMap<_, _> = components
        .into_iter()
        .map(|component| ((component.tenant.0, component.id.0), component))
        .collect();
    let request = |row: Row| {
        let component = components.get(&(row.tenant_id, row.component_id));
        request(row, component.ok_or(StoreError::Stale)?.clone())
    };
    rows.into_iter().map(request).collect()
}

fn request(row: Row, component: Component) -> Result<RestoreRequest, StoreError> {
    Ok(RestoreRequest {
        id: RestoreRequestId(row.id),
        tenant: TenantId(row.tenant_id),
        number: row.number,
        component,
        target: json("target", row.target)?,
        plan_id: PlanId(row.plan_id),
        plan: json("plan", row.plan)?,
        digest: word("digest", row.digest)?,
        urgency: word("urgency", row.urgency)?,
        reason: row.reason,
        requester: Requester {
            user: row.requester_id.map(UserId),
            name: row.requester_name,
        },
        state: json("state_body", row.state_body)?,
        approval: row.approval.map(|value| json("approval", value)).transpose()?,
        respond_by: row.respond_by.to_jiff(),
        created_at: row.created_at.to_jiff(),
        updated_at: row.updated_at.to_jiff(),
        revision: row.revision,
    })
}

/// Selects whole requests: the rest of the statement, and its parameters.
macro_rules! requests {
    ($rest:tt, $($parameter:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            "SELECT tenant_id, id, number, component_id, target, plan_id, plan, digest, urgency, reason, requester_id, requester_name,
               state_body, approval, respond_by, created_at, updated_at, revision
             FROM restore_request "
                + $rest,
            $($parameter),+
        )
    };
}

/// Adds a request.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(conn: &mut PgConnection, request: &RestoreRequest) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO restore_request (tenant_id, id, number, component_id, target, plan_id, plan, digest, urgency, reason, requester_id,
           requester_name, state, state_body, approval, respond_by, created_at, updated_at, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        request.tenant.0,
        request.id.0,
        request.number,
        request.component.id.0,
        to_json(&request.target),
        request.plan_id.0,
        to_json(&request.plan),
        request.digest.to_string(),
        request.urgency.as_str(),
        request.reason,
        request.requester.user.map(|user| user.0),
        request.requester.name,
        request.state.name(),
        to_json(&request.state),
        request.approval.as_ref().map(to_json),
        request.respond_by.to_sqlx(),
        request.created_at.to_sqlx(),
        request.updated_at.to_sqlx(),
        request.revision
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores a changed request, if nobody else changed it since it was read; its revision goes up by one.
///
/// # Errors
/// [`StoreError::Stale`] when somebody did.
pub async fn save(conn: &mut PgConnection, request: &mut RestoreRequest) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "UPDATE restore_request SET state = $4, state_body = $5, approval = $6, updated_at = $7, revision = $3 + 1
         WHERE tenant_id = $1 AND id = $2 AND revision = $3",
        request.tenant.0,
        request.id.0,
        request.revision,
        request.state.name(),
        to_json(&request.state),
        request.approval.as_ref().map(to_json),
        request.updated_at.to_sqlx()
    );
    StoreError::expect_rows(done.execute(conn).await?.rows_affected(), 1)?;
    request.revision += 1;
    Ok(())
}

/// Locks the request until the transaction ends, if the scope has it.
///
/// # Errors
/// [`StoreError`].
pub async fn lock(
    conn: &mut PgConnection,
    scope: &TenantScope,
    id: RestoreRequestId,
) -> Result<Option<RestoreRequest>, StoreError> {
    let row = requests!("WHERE tenant_id = ANY($1) AND id = $2 FOR UPDATE", &uuids(scope), id.0);
    let row = row.fetch_all(&mut *conn).await?;
    Ok(complete(conn, row).await?.pop())
}

/// The request, if the scope has it.
///
/// # Errors
/// [`StoreError`].
pub async fn get(
    conn: &mut PgConnection,
    scope: &TenantScope,
    id: RestoreRequestId,
) -> Result<Option<RestoreRequest>, StoreError> {
    let row = requests!("WHERE tenant_id = ANY($1) AND id = $2", &uuids(scope), id.0);
    let row = row.fetch_all(&mut *conn).await?;
    Ok(complete(conn, row).await?.pop())
}

/// The tenant's request with that number.
///
/// # Errors
/// [`StoreError`].
pub async fn by_number(
    conn: &mut PgConnection,
    tenant: TenantId,
    number: i32,
) -> Result<Option<RestoreRequest>, StoreError> {
    let row = requests!("WHERE tenant_id = $1 AND number = $2", tenant.0, number);
    let row = row.fetch_all(&mut *conn).await?;
    Ok(complete(conn, row).await?.pop())
}

/// The tenant's requests, newest first, those before the cursor `before`, `limit` at most.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    conn: &mut PgConnection,
    tenant: TenantId,
    state: Option<&str>,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<RestoreRequest>, StoreError> {
    let before = before.unwrap_or(i32::MAX);
    // Two statements, so that each reads its rows in the order of an index.
    let rows = match state {
        Some(state) => {
            requests!(
                "WHERE tenant_id = $1 AND state = $2 AND number < $3 ORDER BY number DESC LIMIT $4",
                tenant.0,
                state,
                before,
                limit
            )
            .fetch_all(&mut *conn)
            .await?
        }
        None => {
            requests!(
                "WHERE tenant_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
                tenant.0,
                before,
                limit
            )
            .fetch_all(&mut *conn)
            .await?
        }
    };
    complete(conn, rows).await
}

/// The requests for a component, newest first, `limit` at most.
///
/// # Errors
/// [`StoreError`].
pub async fn of_component(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
    limit: i64,
) -> Result<Vec<RestoreRequest>, StoreError> {
    let rows = requests!(
        "WHERE tenant_id = $1 AND component_id = $2 ORDER BY number DESC LIMIT $3",
        tenant.0,
        component.0,
        limit
    );
    let rows = rows.fetch_all(&mut *conn).await?;
    complete(conn, rows).await
}

/// A restore that the customer verified: the proof that a backup can be restored.
#[derive(Debug, Clone, Copy)]
pub struct Proof {
    /// The number of the request.
    pub number: i32,
    /// When it was verified.
    pub at: Timestamp,
}

/// The newest restore of each of the components that the customer verified; unproven ones are missing.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn last_verified(
    conn: &mut PgConnection,
    tenant: TenantId,
    components: &[ComponentId],
) -> Result<HashMap<ComponentId, Proof>, StoreError> {
    let ids: Vec<_> = components.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (component_id) component_id, number, updated_at FROM restore_request
         WHERE tenant_id = $1 AND component_id = ANY($2) AND state = 'closed' ORDER BY component_id, updated_at DESC",
        tenant.0,
        &ids
    );
    let rows = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let at = row.updated_at.to_jiff();
        (ComponentId(row.component_id), Proof { number: row.number, at })
    });
    Ok(rows.collect())
}

/// The requests of the scope that await approval, oldest first, 200 at most.
///
/// # Errors
/// [`StoreError`].
pub async fn awaiting(conn: &mut PgConnection, scope: &TenantScope) -> Result<Vec<RestoreRequest>, StoreError> {
    let rows = requests!(
        "WHERE tenant_id = ANY($1) AND state = 'submitted' ORDER BY created_at, id LIMIT 200",
        &uuids(scope)
    );
    let rows = rows.fetch_all(&mut *conn).await?;
    complete(conn, rows).await
}

/// The tenant's requests that await approval since before `before`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn overdue(
    conn: &mut PgConnection,
    tenant: TenantId,
    before: Timestamp,
) -> Result<Vec<RestoreRequestId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM restore_request WHERE tenant_id = $1 AND state = 'submitted' AND created_at < $2",
        tenant.0,
        before.to_sqlx()
    );
    Ok(ids.fetch_all(conn).await?.into_iter().map(RestoreRequestId).collect())
}

/// Numbers of the requests for a component that have not ended.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn open_of(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
) -> Result<Vec<i32>, StoreError> {
    let numbers = sqlx::query_scalar!(
        "SELECT number FROM restore_request
         WHERE tenant_id = $1 AND component_id = $2 AND state IN ('submitted', 'approved', 'executing', 'verifying') ORDER BY number",
        tenant.0,
        component.0
    );
    Ok(numbers.fetch_all(conn).await?)
}
