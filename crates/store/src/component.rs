//! The inventory.

use std::collections::HashMap;

use domain::account::Region;
use domain::component::{AwsPlace, Component, Environment, Facts};
use domain::id::{AwsAccountLinkId, ComponentId, TenantId};
use domain::tenant::TenantScope;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
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
        let region = row.region.map(|region| word("region", region)).transpose()?;
        let (aws, stated_region) = match (row.account_id, region, row.arn) {
            (Some(account), Some(region), Some(arn)) => {
                let account = word("account_id", account)?;
                (Some(AwsPlace { account, region, arn }), None)
            }
            (_, region, _) => (None, region),
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
            stated_region,
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
        component.region().map(Region::as_str),
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

/// The living component with that ARN.
///
/// # Errors
/// [`StoreError`].
pub async fn by_arn(conn: &mut PgConnection, tenant: TenantId, arn: &str) -> Result<Option<Component>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT c.tenant_id, c.id, c.name, c.kind, c.environment, c.workload, c.owner, c.engine, c.version,
             c.size_bytes, a.account_id AS "account_id?", c.region, c.arn, c.decommissioned_at
           FROM component c LEFT JOIN aws_account a ON a.tenant_id = c.tenant_id AND a.id = c.aws_account_id
           WHERE c.tenant_id = $1 AND c.arn = $2 AND c.decommissioned_at IS NULL"#,
        tenant.0,
        arn
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

/// Whether Kubernetes namespaces of the tenant's are known, and no platform under them is.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_without_platform(conn: &mut PgConnection, tenant: TenantId) -> Result<bool, StoreError> {
    let unseen = sqlx::query_scalar!(
        r#"SELECT coalesce(bool_or(kind = 'kubernetes') AND NOT bool_or(kind = 'kubernetes-platform'), false) AS "unseen!"
           FROM component
           WHERE tenant_id = $1 AND decommissioned_at IS NULL AND kind IN ('kubernetes', 'kubernetes-platform')"#,
        tenant.0
    );
    Ok(unseen.fetch_one(conn).await?)
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

/// A component with the linked account that it lives in.
pub type Placed<'a> = (&'a Component, Option<AwsAccountLinkId>);

/// The columns of many components, for `unnest`.
struct Columns {
    ids: Vec<Uuid>,
    names: Vec<String>,
    kinds: Vec<String>,
    environments: Vec<String>,
    workloads: Vec<Option<String>>,
    owners: Vec<Option<String>>,
    engines: Vec<Option<String>>,
    versions: Vec<Option<String>>,
    sizes: Vec<Option<i64>>,
    accounts: Vec<Option<Uuid>>,
    regions: Vec<Option<String>>,
    arns: Vec<Option<String>>,
}

impl Columns {
    fn of(components: &[Placed<'_>]) -> Self {
        fn column<T>(components: &[Placed<'_>], of: impl Fn(&Component) -> T) -> Vec<T> {
            components.iter().map(|(component, _)| of(component)).collect()
        }
        Self {
            ids: column(components, |one| one.id.0),
            names: column(components, |one| one.name.clone()),
            kinds: column(components, |one| one.kind.as_str().to_owned()),
            environments: column(components, |one| one.environment.as_str().to_owned()),
            workloads: column(components, |one| one.workload.clone()),
            owners: column(components, |one| one.owner.clone()),
            engines: column(components, |one| one.engine.clone()),
            versions: column(components, |one| one.version.clone()),
            sizes: column(components, |one| one.size_bytes),
            accounts: components.iter().map(|(_, account)| account.map(|id| id.0)).collect(),
            regions: column(components, |one| one.region().map(ToString::to_string)),
            arns: column(components, |one| one.aws.as_ref().map(|place| place.arn.clone())),
        }
    }
}

/// Adds many components of a tenant at once.
///
/// # Errors
/// [`StoreError::Exists`] when a name is taken in its environment, or an ARN.
pub async fn insert_all(
    conn: &mut PgConnection,
    tenant: TenantId,
    components: &[Placed<'_>],
) -> Result<(), StoreError> {
    let columns = Columns::of(components);
    sqlx::query!(
        "INSERT INTO component (tenant_id, id, name, kind, environment, workload, owner, engine, version, size_bytes, aws_account_id, region, arn)
         SELECT $1, t.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
           $10::bigint[], $11::uuid[], $12::text[], $13::text[]) AS t",
        tenant.0,
        &columns.ids,
        &columns.names,
        &columns.kinds,
        &columns.environments,
        &columns.workloads as &[Option<String>],
        &columns.owners as &[Option<String>],
        &columns.engines as &[Option<String>],
        &columns.versions as &[Option<String>],
        &columns.sizes as &[Option<i64>],
        &columns.accounts as &[Option<Uuid>],
        &columns.regions as &[Option<String>],
        &columns.arns as &[Option<String>]
    )
    .execute(conn)
    .await
    .map_err(StoreError::unique)?;
    Ok(())
}

/// Stores what was learnt of many components of a tenant: everything but name and environment.
///
/// # Errors
/// [`StoreError::Exists`] when an ARN is taken; [`StoreError::Stale`] when one of them is not there.
pub async fn learn_all(conn: &mut PgConnection, tenant: TenantId, components: &[Placed<'_>]) -> Result<(), StoreError> {
    let columns = Columns::of(components);
    let done = sqlx::query!(
        "UPDATE component c SET kind = t.kind, workload = t.workload, owner = t.owner, engine = t.engine, version = t.version,
           size_bytes = t.size, aws_account_id = t.account, region = t.region, arn = t.arn
         FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::uuid[],
           $10::text[], $11::text[]) AS t (id, kind, workload, owner, engine, version, size, account, region, arn)
         WHERE c.tenant_id = $1 AND c.id = t.id AND c.decommissioned_at IS NULL",
        tenant.0,
        &columns.ids,
        &columns.kinds,
        &columns.workloads as &[Option<String>],
        &columns.owners as &[Option<String>],
        &columns.engines as &[Option<String>],
        &columns.versions as &[Option<String>],
        &columns.sizes as &[Option<i64>],
        &columns.accounts as &[Option<Uuid>],
        &columns.regions as &[Option<String>],
        &columns.arns as &[Option<String>]
    )
    .execute(conn)
    .await
    .map_err(StoreError::unique)?;
    StoreError::expect_rows(done.rows_affected(), columns.ids.len() as u64)
}

/// Notes when restores were last tested, as the customer states it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn claim_restore_tests(
    conn: &mut PgConnection,
    tenant: TenantId,
    claims: &[(ComponentId, Date)],
) -> Result<(), StoreError> {
    let (ids, days): (Vec<Uuid>, Vec<String>) = claims.iter().map(|(id, day)| (id.0, day.to_string())).unzip();
    sqlx::query!(
        "UPDATE component c SET restore_test_claimed_on = t.day::date FROM unnest($2::uuid[], $3::text[]) AS t (id, day)
         WHERE c.tenant_id = $1 AND c.id = t.id",
        tenant.0,
        &ids,
        &days
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// When restores of the tenant's components (`None`: all of them) were last tested, as the customer states it: no proof.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn claimed_restore_tests(
    conn: &mut PgConnection,
    tenant: TenantId,
    components: Option<&[ComponentId]>,
) -> Result<HashMap<ComponentId, Date>, StoreError> {
    let ids = components.map(|ids| ids.iter().map(|id| id.0).collect::<Vec<_>>());
    let rows = sqlx::query!(
        r#"SELECT id, restore_test_claimed_on AS "day!: jiff_sqlx::Date" FROM component
           WHERE tenant_id = $1 AND restore_test_claimed_on IS NOT NULL AND ($2::uuid[] IS NULL OR id = ANY($2))"#,
        tenant.0,
        ids.as_deref()
    );
    let rows = rows.fetch_all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| (ComponentId(row.id), row.day.to_jiff()))
        .collect())
}

/// The component is no more.
///
/// # Errors
/// [`StoreError::Stale`] when it is not there, or was decommissioned before.
pub async fn decommission(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: ComponentId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "UPDATE component SET decommissioned_at = $3 WHERE tenant_id = $1 AND id = $2 AND decommissioned_at IS NULL",
        tenant.0,
        id.0,
        at.to_sqlx()
    );
    StoreError::expect_rows(done.execute(conn).await?.rows_affected(), 1)
}
