//! The inventory.

use domain::component::{AwsPlace, Component, Environment, Facts};
use domain::id::{AwsAccountLinkId, ComponentId, TenantId};
use domain::tenant::TenantScope;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::word;
use crate::tenant::uuids;

pub(crate) struct Row {
    pub(crate) tenant_id: Uuid,
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) environment: String,
    pub(crate) workload: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) engine: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) size_bytes: Option<i64>,
    pub(crate) account_id: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) arn: Option<String>,
    pub(crate) decommissioned_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for Component {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let aws = match (row.account_id, row.region, row.arn) {
            (Some(account), Some(region), Some(arn)) => Some(AwsPlace {
                account: word("account_id", account)?,
                region: word("region", region)?,
                arn,
            }),
            _ => None,
        };
        Ok(Self {
            id: ComponentId(row.id),
            tenant: TenantId(row.tenant_id),
            name: row.name,
            kind: word("kind", row.kind)?,
            environment: word("environment", row.environment)?,
            workload: row.workload,
            owner: row.owner,
            engine: row.engine,
            version: row.version,
            size_bytes: row.size_bytes,
            aws,
            decommissioned_at: row.decommissioned_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

/// Adds a component; `account` is the linked account that it lives in.
///
/// # Errors
/// [`StoreError::Exists`] when the name is taken in its environment.
pub async fn insert(
    conn: &mut PgConnection,
    component: &Component,
    account: Option<AwsAccountLinkId>,
) -> Result<(), StoreError> {
    let place = component.aws.as_ref();
    sqlx::query!(
        "INSERT INTO component (tenant_id, id, name, kind, environment, engine, size_bytes, aws_account_id, region, arn, workload, owner, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        component.tenant.0,
        component.id.0,
        component.name,
        component.kind.as_str(),
        component.environment.as_str(),
        component.engine,
        component.size_bytes,
        account.map(|account| account.0),
        place.map(|place| place.region.as_str()),
        place.map(|place| place.arn.as_str()),
        component.workload,
        component.owner,
        component.version
    )
    .execute(conn)
    .await
    .map_err(StoreError::unique)?;
    Ok(())
}

/// The component with that name in that environment.
///
/// # Errors
/// [`StoreError`].
pub async fn by_name(
    conn: &mut PgConnection,
    tenant: TenantId,
    environment: Environment,
    name: &str,
) -> Result<Option<Component>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT c.tenant_id, c.id, c.name, c.kind, c.environment, c.workload, c.owner, c.engine, c.version,
             c.size_bytes, a.account_id AS "account_id?", c.region, c.arn, c.decommissioned_at
           FROM component c LEFT JOIN aws_account a ON a.tenant_id = c.tenant_id AND a.id = c.aws_account_id
           WHERE c.tenant_id = $1 AND c.environment = $2 AND c.name = $3"#,
        tenant.0,
        environment.as_str(),
        name
    );
    row.fetch_optional(conn).await?.map(Component::try_from).transpose()
}

/// The component, if the scope has it.
///
/// # Errors
/// [`StoreError`].
pub async fn get(
    conn: &mut PgConnection,
    scope: &TenantScope,
    id: ComponentId,
) -> Result<Option<Component>, StoreError> {
    Ok(those(conn, scope, &[id]).await?.pop())
}

/// Those of the components that the scope has, in no order.
///
/// # Errors
/// [`StoreError`].
pub async fn those(
    conn: &mut PgConnection,
    scope: &TenantScope,
    ids: &[ComponentId],
) -> Result<Vec<Component>, StoreError> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT c.tenant_id, c.id, c.name, c.kind, c.environment, c.workload, c.owner, c.engine, c.version,
             c.size_bytes, a.account_id AS "account_id?", c.region, c.arn, c.decommissioned_at
           FROM component c LEFT JOIN aws_account a ON a.tenant_id = c.tenant_id AND a.id = c.aws_account_id
           WHERE c.tenant_id = ANY($1) AND c.id = ANY($2)"#,
        &uuids(scope),
        &ids
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(Component::try_from)
        .collect()
}

/// The components of the scope, by environment and name.
///
/// # Errors
/// [`StoreError`].
pub async fn list(conn: &mut PgConnection, scope: &TenantScope) -> Result<Vec<Component>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT c.tenant_id, c.id, c.name, c.kind, c.environment, c.workload, c.owner, c.engine, c.version,
             c.size_bytes, a.account_id AS "account_id?", c.region, c.arn, c.decommissioned_at
           FROM component c LEFT JOIN aws_account a ON a.tenant_id = c.tenant_id AND a.id = c.aws_account_id
           WHERE c.tenant_id = ANY($1) ORDER BY c.environment, c.name, c.id"#,
        &uuids(scope)
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(Component::try_from)
        .collect()
}

/// How often the component's row was changed, if the tenant has it; with `hold` nobody else changes it until the
/// transaction ends.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn revision(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: ComponentId,
    hold: bool,
) -> Result<Option<i64>, StoreError> {
    if hold {
        sqlx::query!(
            "SELECT FROM component WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
            tenant.0,
            id.0
        )
        .fetch_optional(&mut *conn)
        .await?;
    }
    let revision = sqlx::query_scalar!(
        "SELECT revision FROM component WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0
    );
    Ok(revision.fetch_optional(conn).await?)
}

/// States a component's facts anew.
///
/// # Errors
/// [`StoreError::Stale`] when the tenant has no such component.
pub async fn set_facts(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: ComponentId,
    facts: &Facts,
) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "UPDATE component SET workload = $3, owner = $4, engine = $5, version = $6, size_bytes = $7 WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        facts.workload,
        facts.owner,
        facts.engine,
        facts.version,
        facts.size_bytes
    );
    StoreError::expect_rows(done.execute(conn).await?.rows_affected(), 1)
}
