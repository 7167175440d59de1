//! Change requests.

use domain::change_request::{ChangeRequest, IssueRef, Requester};
use domain::component::Component;
use domain::id::{ChangeRequestId, ReconcileScopeId, TenantId, UserId};
use domain::tenant::TenantScope;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{json, to_json, word};
use crate::tenant::uuids;

struct Row {
    tenant_id: Uuid,
    id: Uuid,
    number: i32,
    title: String,
    source: String,
    github_repository_id: Option<i64>,
    github_full_name: Option<String>,
    github_issue: Option<i64>,
    requester_id: Option<Uuid>,
    requester_name: String,
    form: Option<Value>,
    resolved: Option<Value>,
    request_digest: String,
    state_body: Value,
    approvals: Value,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
    revision: i64,
}

impl TryFrom<Row> for ChangeRequest {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let issue = match (row.github_repository_id, row.github_full_name, row.github_issue) {
            (Some(repository_id), Some(full_name), Some(number)) => Some(IssueRef {
                repository_id,
                full_name,
                number,
            }),
            _ => None,
        };
        Ok(Self {
            id: ChangeRequestId(row.id),
            tenant: TenantId(row.tenant_id),
            number: row.number,
            title: row.title,
            source: word("source", row.source)?,
            issue,
            requester: Requester {
                user: row.requester_id.map(UserId),
                name: row.requester_name,
            },
            form: row.form.map(|value| json("form", value)).transpose()?,
            resolved: row.resolved.map(|value| json("resolved", value)).transpose()?,
            request_digest: word("request_digest", row.request_digest)?,
            state: json("state_body", row.state_body)?,
            approvals: json("approvals", row.approvals)?,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
            revision: row.revision,
        })
    }
}

/// Selects whole requests: the rest of the statement, and its parameters.
macro_rules! requests {
    ($rest:tt, $($parameter:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            "SELECT tenant_id, id, number, title, source, github_repository_id, github_full_name, github_issue, requester_id,
               requester_name, form, resolved, request_digest, state_body, approvals, created_at, updated_at, revision
             FROM change_request "
                + $rest,
            $($parameter),+
        )
    };
}

/// Which requests a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state only.
    pub state: Option<String>,
    /// Of this issue only.
    pub github_issue: Option<i64>,
    /// That last changed at this moment or later.
    pub since: Option<Timestamp>,
    /// With a smaller number than this: the cursor.
    pub before: Option<i32>,
}

/// Adds a request.
///
/// # Errors
/// [`StoreError::Exists`] when its issue has one already.
pub async fn insert(conn: &mut PgConnection, request: &ChangeRequest) -> Result<(), StoreError> {
    let issue = request.issue.as_ref();
    sqlx::query!(
        "INSERT INTO change_request (tenant_id, id, number, title, source, github_repository_id, github_full_name, github_issue,
           requester_id, requester_name, form, resolved, request_digest, state, state_body, plan_digest, approvals, created_at, updated_at, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        request.tenant.0,
        request.id.0,
        request.number,
        request.title,
        request.source.as_str(),
        issue.map(|issue| issue.repository_id),
        issue.map(|issue| issue.full_name.as_str()),
        issue.map(|issue| issue.number),
        request.requester.user.map(|user| user.0),
        request.requester.name,
        request.form.as_ref().map(to_json),
        request.resolved.as_ref().map(to_json),
        request.request_digest.to_string(),
        request.state.name(),
        to_json(&request.state),
        request.state.plan().map(|plan| plan.digest.to_string()),
        to_json(&request.approvals),
        request.created_at.to_sqlx(),
        request.updated_at.to_sqlx(),
        request.revision
    )
    .execute(conn)
    .await
    .map_err(StoreError::unique)?;
    Ok(())
}

/// Stores a changed request, if nobody else changed it since it was read; its revision goes up by one.
///
/// # Errors
/// [`StoreError::Stale`] when somebody did.
pub async fn save(conn: &mut PgConnection, request: &mut ChangeRequest) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "UPDATE change_request SET title = $4, github_full_name = $5, form = $6, resolved = $7, request_digest = $8, state = $9,
           state_body = $10, plan_digest = $11, approvals = $12, updated_at = $13, requester_id = $14, requester_name = $15, revision = $3 + 1
         WHERE tenant_id = $1 AND id = $2 AND revision = $3",
        request.tenant.0,
        request.id.0,
        request.revision,
        request.title,
        request.issue.as_ref().map(|issue| issue.full_name.as_str()),
        request.form.as_ref().map(to_json),
        request.resolved.as_ref().map(to_json),
        request.request_digest.to_string(),
        request.state.name(),
        to_json(&request.state),
        request.state.plan().map(|plan| plan.digest.to_string()),
        to_json(&request.approvals),
        request.updated_at.to_sqlx(),
        request.requester.user.map(|user| user.0),
        request.requester.name
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
    id: ChangeRequestId,
) -> Result<Option<ChangeRequest>, StoreError> {
    let row = requests!("WHERE tenant_id = ANY($1) AND id = $2 FOR UPDATE", &uuids(scope), id.0);
    row.fetch_optional(conn).await?.map(ChangeRequest::try_from).transpose()
}

/// The request, if the scope has it.
///
/// # Errors
/// [`StoreError`].
pub async fn get(
    conn: &mut PgConnection,
    scope: &TenantScope,
    id: ChangeRequestId,
) -> Result<Option<ChangeRequest>, StoreError> {
    let row = requests!("WHERE tenant_id = ANY($1) AND id = $2", &uuids(scope), id.0);
    row.fetch_optional(conn).await?.map(ChangeRequest::try_from).transpose()
}

/// The tenant's request with that number.
///
/// # Errors
/// [`StoreError`].
pub async fn by_number(
    conn: &mut PgConnection,
    tenant: TenantId,
    number: i32,
) -> Result<Option<ChangeRequest>, StoreError> {
    let row = requests!("WHERE tenant_id = $1 AND number = $2", tenant.0, number);
    row.fetch_optional(conn).await?.map(ChangeRequest::try_from).transpose()
}

/// Locks the request of an issue.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_by_issue(
    conn: &mut PgConnection,
    tenant: TenantId,
    repository_id: i64,
    issue: i64,
) -> Result<Option<ChangeRequest>, StoreError> {
    let row = requests!(
        "WHERE tenant_id = $1 AND github_repository_id = $2 AND github_issue = $3 FOR UPDATE",
        tenant.0,
        repository_id,
        issue
    );
    row.fetch_optional(conn).await?.map(ChangeRequest::try_from).transpose()
}

/// Those of the tenant's requests, in no order.
///
/// # Errors
/// [`StoreError`].
pub async fn those(
    conn: &mut PgConnection,
    tenant: TenantId,
    ids: &[ChangeRequestId],
) -> Result<Vec<ChangeRequest>, StoreError> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = requests!("WHERE tenant_id = $1 AND id = ANY($2)", tenant.0, &ids);
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(ChangeRequest::try_from)
        .collect()
}

/// Numbers of the requests for a component that have not ended.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn open_of(conn: &mut PgConnection, tenant: TenantId, component: &Component) -> Result<Vec<i32>, StoreError> {
    let numbers = sqlx::query_scalar!(
        "SELECT number FROM change_request
         WHERE tenant_id = $1 AND state IN ('submitted', 'needs-information', 'planned', 'approved', 'scheduled', 'applying')
           AND (resolved->>'component' = $2 OR (form->>'component' = $3 AND form->>'environment' = $4))
         ORDER BY number",
        tenant.0,
        component.id.to_string(),
        component.name,
        component.environment.as_str()
    );
    Ok(numbers.fetch_all(conn).await?)
}

/// The tenant's requests, newest first, `limit` at most.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    conn: &mut PgConnection,
    tenant: TenantId,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<ChangeRequest>, StoreError> {
    let before = filter.before.unwrap_or(i32::MAX);
    let since = filter.since.map(|at| at.to_sqlx());
    // A statement for each kind of list, so that each reads its rows in the order of an index.
    let rows = match (filter.github_issue, filter.state.as_deref()) {
        (Some(issue), state) => {
            requests!(
                "WHERE tenant_id = $1 AND github_issue = $2 AND ($3::text IS NULL OR state = $3) AND number < $4
                   AND ($6::timestamptz IS NULL OR updated_at >= $6)
                 ORDER BY number DESC LIMIT $5",
                tenant.0,
                issue,
                state,
                before,
                limit,
                since as _
            )
            .fetch_all(conn)
            .await?
        }
        (None, Some(state)) => {
            requests!(
                "WHERE tenant_id = $1 AND state = $2 AND number < $3 AND ($5::timestamptz IS NULL OR updated_at >= $5)
                 ORDER BY number DESC LIMIT $4",
                tenant.0,
                state,
                before,
                limit,
                since as _
            )
            .fetch_all(conn)
            .await?
        }
        (None, None) => {
            requests!(
                "WHERE tenant_id = $1 AND number < $2 AND ($4::timestamptz IS NULL OR updated_at >= $4)
                 ORDER BY number DESC LIMIT $3",
                tenant.0,
                before,
                limit,
                since as _
            )
            .fetch_all(conn)
            .await?
        }
    };
    rows.into_iter().map(ChangeRequest::try_from).collect()
}

/// The requests that name the component, newest first, `limit` at most.
///
/// # Errors
/// [`StoreError`].
pub async fn of_component(
    conn: &mut PgConnection,
    component: &Component,
    limit: i64,
) -> Result<Vec<ChangeRequest>, StoreError> {
    let rows = requests!(
        "WHERE tenant_id = $1 AND form->>'component' = $2 AND form->>'environment' = $3 ORDER BY number DESC LIMIT $4",
        component.tenant.0,
        component.name,
        component.environment.as_str(),
        limit
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(ChangeRequest::try_from)
        .collect()
}

/// The requests of the scope that await approval, oldest first, 200 at most.
///
/// # Errors
/// [`StoreError`].
pub async fn awaiting(conn: &mut PgConnection, scope: &TenantScope) -> Result<Vec<ChangeRequest>, StoreError> {
    let rows = requests!(
        "WHERE tenant_id = ANY($1) AND state = 'planned' ORDER BY updated_at, id LIMIT 200",
        &uuids(scope)
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(ChangeRequest::try_from)
        .collect()
}

/// The tenant's open requests that nobody touched since `before`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn overdue(
    conn: &mut PgConnection,
    tenant: TenantId,
    before: Timestamp,
) -> Result<Vec<ChangeRequestId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM change_request WHERE tenant_id = $1 AND state IN ('submitted', 'needs-information', 'planned') AND updated_at < $2",
        tenant.0,
        before.to_sqlx()
    );
    Ok(ids.fetch_all(conn).await?.into_iter().map(ChangeRequestId).collect())
}

/// The tenant's planned requests for components of a reconcile scope: a new reading may change their plans.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn planned_in_scope(
    conn: &mut PgConnection,
    tenant: TenantId,
    scope: ReconcileScopeId,
) -> Result<Vec<ChangeRequestId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT r.id FROM change_request r
         JOIN component c ON c.tenant_id = r.tenant_id AND c.id = (r.resolved->>'component')::uuid
         JOIN reconcile_scope s ON s.tenant_id = c.tenant_id AND s.aws_account_id = c.aws_account_id AND s.region = c.region
         WHERE r.tenant_id = $1 AND r.state = 'planned' AND s.id = $2",
        tenant.0,
        scope.0
    );
    Ok(ids.fetch_all(conn).await?.into_iter().map(ChangeRequestId).collect())
}
