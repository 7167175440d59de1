//! The provider's own policies: they belong to no tenant.

use domain::component::{ComponentKind, UnknownName};
use domain::id::{PolicyId, UserId};
use domain::policy::{Policy, PolicyBody};
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{json, to_json};

struct Row {
    id: Uuid,
    name: String,
    description: String,
    kinds: Vec<String>,
    answers: Value,
    retired_at: Option<jiff_sqlx::Timestamp>,
    changed_by: String,
    changed_at: jiff_sqlx::Timestamp,
    revision: i64,
}

impl TryFrom<Row> for Policy {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let unknown = |UnknownName(value)| StoreError::Corrupt { column: "kinds", value };
        let kinds: Result<Vec<ComponentKind>, _> = row.kinds.iter().map(|kind| kind.parse()).collect();
        Ok(Self {
            id: PolicyId(row.id),
            body: PolicyBody {
                name: row.name,
                description: row.description,
                kinds: kinds.map_err(unknown)?,
                answers: json("answers", row.answers)?,
            },
            retired_at: row.retired_at.map(jiff_sqlx::Timestamp::to_jiff),
            changed_by: row.changed_by,
            changed_at: row.changed_at.to_jiff(),
            revision: row.revision,
        })
    }
}

/// Selects whole policies: the rest of the statement, and its parameters.
macro_rules! policies {
    ($rest:tt, $($parameter:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            "SELECT id, name, description, kinds, answers, retired_at, changed_by, changed_at, revision FROM policy " + $rest,
            $($parameter),+
        )
    };
}

/// Adds a policy, at revision 1.
///
/// # Errors
/// [`StoreError::Exists`] when one that is offered has the name.
pub async fn insert(conn: &mut PgConnection, policy: &Policy, by: UserId) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO policy (id, name, description, kinds, answers, retired_at, changed_by, changed_at, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        policy.id.0,
        policy.body.name,
        policy.body.description,
        &kinds(policy),
        to_json(&policy.body.answers),
        policy.retired_at.map(|at| at.to_sqlx()) as _,
        policy.changed_by,
        policy.changed_at.to_sqlx(),
        policy.revision
    )
    .execute(&mut *conn)
    .await
    .map_err(StoreError::unique)?;
    keep_revision(conn, policy, by).await
}

/// Stores a changed policy, if nobody else changed it since it was read; its revision goes up by one.
///
/// # Errors
/// [`StoreError::Stale`] when somebody did; [`StoreError::Exists`] when one that is offered has the name.
pub async fn save(conn: &mut PgConnection, policy: &mut Policy, by: UserId) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "UPDATE policy SET name = $3, description = $4, kinds = $5, answers = $6, retired_at = $7, changed_by = $8, changed_at = $9,
           revision = $2 + 1
         WHERE id = $1 AND revision = $2",
        policy.id.0,
        policy.revision,
        policy.body.name,
        policy.body.description,
        &kinds(policy),
        to_json(&policy.body.answers),
        policy.retired_at.map(|at| at.to_sqlx()) as _,
        policy.changed_by,
        policy.changed_at.to_sqlx()
    );
    let done = done.execute(&mut *conn).await.map_err(StoreError::unique)?;
    StoreError::expect_rows(done.rows_affected(), 1)?;
    policy.revision += 1;
    keep_revision(conn, policy, by).await
}

/// What a revision said, and who made it, for good.
async fn keep_revision(conn: &mut PgConnection, policy: &Policy, by: UserId) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO policy_revision (policy_id, revision, name, description, kinds, answers, retired_at, actor_id, changed_by, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        policy.id.0,
        policy.revision,
        policy.body.name,
        policy.body.description,
        &kinds(policy),
        to_json(&policy.body.answers),
        policy.retired_at.map(|at| at.to_sqlx()) as _,
        by.0,
        policy.changed_by,
        policy.changed_at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn kinds(policy: &Policy) -> Vec<String> {
    let kinds = policy.body.kinds.iter();
    kinds.map(|kind| kind.as_str().to_owned()).collect()
}

/// Locks the policy until the transaction ends.
///
/// # Errors
/// [`StoreError`].
pub async fn lock(conn: &mut PgConnection, id: PolicyId) -> Result<Option<Policy>, StoreError> {
    let row = policies!("WHERE id = $1 FOR UPDATE", id.0);
    row.fetch_optional(conn).await?.map(Policy::try_from).transpose()
}

/// The policy of that id.
///
/// # Errors
/// [`StoreError`].
pub async fn get(conn: &mut PgConnection, id: PolicyId) -> Result<Option<Policy>, StoreError> {
    let row = policies!("WHERE id = $1", id.0);
    row.fetch_optional(conn).await?.map(Policy::try_from).transpose()
}

/// The policies that are offered, or those that were retired, by name; `limit` at most, from the one after `after`.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    conn: &mut PgConnection,
    retired: bool,
    after: Option<PolicyId>,
    limit: i64,
) -> Result<Vec<Policy>, StoreError> {
    let rows = policies!(
        "WHERE (retired_at IS NOT NULL) = $1
           AND ($2::uuid IS NULL OR (lower(name), id) > (SELECT lower(name), id FROM policy WHERE id = $2))
         ORDER BY lower(name), id LIMIT $3",
        retired,
        after.map(|id| id.0),
        limit
    );
    rows.fetch_all(conn).await?.into_iter().map(Policy::try_from).collect()
}

/// What each revision said, the newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn revisions(conn: &mut PgConnection, id: PolicyId) -> Result<Vec<Policy>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT policy_id AS id, name, description, kinds, answers, retired_at, changed_by, changed_at, revision
         FROM policy_revision WHERE policy_id = $1 ORDER BY revision DESC LIMIT 100",
        id.0
    );
    rows.fetch_all(conn).await?.into_iter().map(Policy::try_from).collect()
}
