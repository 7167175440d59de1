//! Linked AWS accounts, and the scopes in which they are observed.

use domain::account::{AccountRoles, AwsAccount};
use domain::id::{AwsAccountLinkId, ComponentId, ReconcileScopeId, TenantId};
use domain::observation::BackupScope;
use domain::tenant::TenantScope;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::word;
use crate::tenant::uuids;

struct Row {
    tenant_id: Uuid,
    id: Uuid,
    account_id: String,
    region: String,
    external_id: String,
    observe_role: String,
    configure_role: String,
    tune_role: String,
    restore_role: String,
}

impl TryFrom<Row> for AwsAccount {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: AwsAccountLinkId(row.id),
            tenant: TenantId(row.tenant_id),
            account: word("account_id", row.account_id)?,
            region: word("region", row.region)?,
            external_id: row.external_id,
            roles: AccountRoles {
                observe: word("observe_role", row.observe_role)?,
                configure: word("configure_role", row.configure_role)?,
                tune: word("tune_role", row.tune_role)?,
                restore: word("restore_role", row.restore_role)?,
            },
        })
    }
}

/// A linked account and how it is doing.
#[derive(Debug, Clone)]
pub struct LinkedAccount {
    /// The account.
    pub account: AwsAccount,
    /// When its roles were last found safe; `None`: never.
    pub verified_at: Option<Timestamp>,
    /// When it was last read; `None`: never.
    pub observed_at: Option<Timestamp>,
    /// Why it is not usable, in the customer's words.
    pub problem: Option<String>,
}

/// Links an account and makes its reconcile scope.
///
/// # Errors
/// [`StoreError::Exists`] when the account belongs to a tenant already.
pub async fn insert(conn: &mut PgConnection, account: &AwsAccount, scope: ReconcileScopeId) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO aws_account (tenant_id, id, account_id, region, external_id, observe_role, configure_role, tune_role, restore_role)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        account.tenant.0,
        account.id.0,
        account.account.as_str(),
        account.region.as_str(),
        account.external_id,
        account.roles.observe.as_str(),
        account.roles.configure.as_str(),
        account.roles.tune.as_str(),
        account.roles.restore.as_str()
    )
    .execute(&mut *conn)
    .await
    .map_err(StoreError::unique)?;
    sqlx::query!(
        "INSERT INTO reconcile_scope (tenant_id, id, aws_account_id, region) VALUES ($1, $2, $3, $4)",
        account.tenant.0,
        scope.0,
        account.id.0,
        account.region.as_str()
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct LinkedRow {
    tenant_id: Uuid,
    id: Uuid,
    account_id: String,
    region: String,
    external_id: String,
    observe_role: String,
    configure_role: String,
    tune_role: String,
    restore_role: String,
    verified_at: Option<jiff_sqlx::Timestamp>,
    problem: Option<String>,
    observed_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<LinkedRow> for LinkedAccount {
    type Error = StoreError;
    fn try_from(row: LinkedRow) -> Result<Self, StoreError> {
        Ok(Self {
            verified_at: row.verified_at.map(jiff_sqlx::Timestamp::to_jiff),
            observed_at: row.observed_at.map(jiff_sqlx::Timestamp::to_jiff),
            problem: row.problem,
            account: Row {
                tenant_id: row.tenant_id,
                id: row.id,
                account_id: row.account_id,
                region: row.region,
                external_id: row.external_id,
                observe_role: row.observe_role,
                configure_role: row.configure_role,
                tune_role: row.tune_role,
                restore_role: row.restore_role,
            }
            .try_into()?,
        })
    }
}

macro_rules! linked {
    ($rest:tt, $($parameter:expr),+ $(,)?) => {
        sqlx::query_as!(
            LinkedRow,
            r#"SELECT a.tenant_id, a.id, a.account_id, a.region, a.external_id, a.observe_role, a.configure_role,
                 a.tune_role, a.restore_role, a.verified_at, coalesce(a.problem, s.problem) AS problem,
                 s.observed_at AS "observed_at?"
               FROM aws_account a
               LEFT JOIN reconcile_scope s ON s.tenant_id = a.tenant_id AND s.aws_account_id = a.id "#
                + $rest,
            $($parameter),+
        )
    };
}

/// The linked accounts of the scope, by number.
///
/// # Errors
/// [`StoreError`].
pub async fn list(conn: &mut PgConnection, scope: &TenantScope) -> Result<Vec<LinkedAccount>, StoreError> {
    let rows = linked!(
        "WHERE a.tenant_id = ANY($1) AND a.unlinked_at IS NULL ORDER BY a.account_id",
        &uuids(scope)
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(LinkedAccount::try_from)
        .collect()
}

/// The tenant's linked accounts by number, `limit` at most, from the one after `after`.
///
/// # Errors
/// [`StoreError`].
pub async fn page(
    conn: &mut PgConnection,
    tenant: TenantId,
    after: Option<AwsAccountLinkId>,
    limit: i64,
) -> Result<Vec<LinkedAccount>, StoreError> {
    let rows = linked!(
        "WHERE a.tenant_id = $1 AND a.unlinked_at IS NULL
           AND ($2::uuid IS NULL OR a.account_id > (SELECT account_id FROM aws_account WHERE tenant_id = $1 AND id = $2))
         ORDER BY a.account_id LIMIT $3",
        tenant.0,
        after.map(|id| id.0),
        limit
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(LinkedAccount::try_from)
        .collect()
}

/// Takes a link back; `false`: there is none. What was read through it stays in the records.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn unlink(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: AwsAccountLinkId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE aws_account SET unlinked_at = $3 WHERE tenant_id = $1 AND id = $2 AND unlinked_at IS NULL",
        tenant.0,
        id.0,
        at.to_sqlx()
    );
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

/// Notes whether an account's link was found safe.
///
/// # Errors
/// [`StoreError::Stale`] when the account is not there.
pub async fn set_verified(
    conn: &mut PgConnection,
    account: &AwsAccount,
    problem: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "UPDATE aws_account SET verified_at = CASE WHEN $3::text IS NULL THEN $4 ELSE verified_at END, problem = $3
         WHERE tenant_id = $1 AND id = $2",
        account.tenant.0,
        account.id.0,
        problem,
        now.to_sqlx()
    );
    StoreError::expect_rows(done.execute(conn).await?.rows_affected(), 1)
}

/// The scope with its account and the inventory's resources in it.
///
/// # Errors
/// [`StoreError`].
pub async fn backup_scope(
    conn: &mut PgConnection,
    scope: &TenantScope,
    id: ReconcileScopeId,
) -> Result<Option<BackupScope>, StoreError> {
    let tenants = uuids(scope);
    let row = sqlx::query_as!(
        Row,
        "SELECT a.tenant_id, a.id, a.account_id, s.region, a.external_id, a.observe_role, a.configure_role, a.tune_role, a.restore_role
         FROM reconcile_scope s JOIN aws_account a ON a.tenant_id = s.tenant_id AND a.id = s.aws_account_id
         WHERE s.tenant_id = ANY($1) AND s.id = $2 AND a.unlinked_at IS NULL",
        &tenants,
        id.0
    );
    let Some(row) = row.fetch_optional(&mut *conn).await? else {
        return Ok(None);
    };
    let account = AwsAccount::try_from(row)?;
    let resources = sqlx::query_scalar!(
        r#"SELECT DISTINCT arn AS "arn!" FROM component WHERE tenant_id = $1 AND aws_account_id = $2 AND region = $3 ORDER BY arn"#,
        account.tenant.0,
        account.id.0,
        account.region.as_str()
    );
    let resources = resources.fetch_all(conn).await?;
    Ok(Some(BackupScope { id, account, resources }))
}

/// The reconcile scope of a component's account and region.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn scope_of_component(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
) -> Result<Option<ReconcileScopeId>, StoreError> {
    let id = sqlx::query_scalar!(
        "SELECT s.id FROM component c JOIN reconcile_scope s
           ON s.tenant_id = c.tenant_id AND s.aws_account_id = c.aws_account_id AND s.region = c.region
         WHERE c.tenant_id = $1 AND c.id = $2",
        tenant.0,
        component.0
    );
    Ok(id.fetch_optional(conn).await?.map(ReconcileScopeId))
}

/// Marks the scopes of one tenant that nobody tried to read for `interval` as queued, and returns them: the caller
/// enqueues their jobs in the same transaction. A suspended tenant has none. A scope that is queued already is not returned, so at most
/// one job is queued per scope.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn claim_due(
    conn: &mut PgConnection,
    tenant: TenantId,
    interval: SignedDuration,
    now: Timestamp,
) -> Result<Vec<ReconcileScopeId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "UPDATE reconcile_scope SET queued_at = $2
         WHERE tenant_id = $1 AND queued_at IS NULL AND coalesce(greatest(observed_at, tried_at), '-infinity') <= $3
           AND NOT (SELECT suspended FROM tenant WHERE tenant.tenant_id = $1) RETURNING id",
        tenant.0,
        now.to_sqlx(),
        (now - interval).to_sqlx()
    );
    Ok(ids.fetch_all(conn).await?.into_iter().map(ReconcileScopeId).collect())
}

/// Marks one scope as queued; `false` when it is queued already.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn claim(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: ReconcileScopeId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE reconcile_scope SET queued_at = $3 WHERE tenant_id = $1 AND id = $2 AND queued_at IS NULL",
        tenant.0,
        id.0,
        now.to_sqlx()
    );
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

/// Takes the mark away, so that the scope can be queued again, and notes that it was tried. With a reading, notes
/// when that was made.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn release(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: ReconcileScopeId,
    observed_at: Option<Timestamp>,
    problem: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE reconcile_scope SET queued_at = NULL, observed_at = coalesce($3, observed_at), problem = $4, tried_at = $5
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        observed_at.map(|at| at.to_sqlx()) as _,
        problem,
        now.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}
