//! Customers and their contracts.

use domain::contract::ContractSummary;
use domain::id::TenantId;
use domain::tenant::{Tenant, TenantScope};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{json, to_json, word};

struct Row {
    tenant_id: Uuid,
    slug: String,
    name: String,
    service_level: String,
    approval_rule: String,
    terms_version: String,
    terms_reference: String,
    time_zone: String,
    contract_until: Option<jiff_sqlx::Date>,
    lifecycle: serde_json::Value,
}

impl TryFrom<Row> for Tenant {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: TenantId(row.tenant_id),
            slug: row.slug,
            name: row.name,
            contract: ContractSummary {
                service_level: word("service_level", row.service_level)?,
                approval_rule: word("approval_rule", row.approval_rule)?,
                terms_version: row.terms_version,
                terms_reference: row.terms_reference,
                time_zone: row.time_zone,
                until: row.contract_until.map(jiff_sqlx::Date::to_jiff),
            },
            lifecycle: json("lifecycle", row.lifecycle)?,
        })
    }
}

/// Every tenant there is, each with when it was offboarded, for staff whose role covers all.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn all_with_end(conn: &mut PgConnection) -> Result<Vec<(TenantId, Option<Timestamp>)>, StoreError> {
    let rows = sqlx::query!(r#"SELECT id AS "id!", offboarded_at AS "at?" FROM all_tenants()"#);
    let rows = rows.fetch_all(conn).await?.into_iter();
    Ok(rows
        .map(|row| (TenantId(row.id), row.at.map(jiff_sqlx::Timestamp::to_jiff)))
        .collect())
}

/// Every tenant there is, for the scheduler.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn all_ids(conn: &mut PgConnection) -> Result<Vec<TenantId>, StoreError> {
    let ids = sqlx::query_scalar!(r#"SELECT id AS "id!" FROM all_tenants()"#)
        .fetch_all(conn)
        .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

/// The tenants of the scope, by name.
///
/// # Errors
/// [`StoreError`].
pub async fn list(conn: &mut PgConnection, scope: &TenantScope) -> Result<Vec<Tenant>, StoreError> {
    let ids = uuids(scope);
    let rows = sqlx::query_as!(
        Row,
        "SELECT tenant_id, slug, name, service_level, approval_rule, terms_version, terms_reference, time_zone, contract_until, lifecycle
         FROM tenant WHERE tenant_id = ANY($1) ORDER BY name, tenant_id",
        &ids
    );
    rows.fetch_all(conn).await?.into_iter().map(Tenant::try_from).collect()
}

/// The tenant with that name in addresses, if the scope has it.
///
/// # Errors
/// [`StoreError`].
pub async fn by_slug(conn: &mut PgConnection, scope: &TenantScope, slug: &str) -> Result<Option<Tenant>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT tenant_id, slug, name, service_level, approval_rule, terms_version, terms_reference, time_zone, contract_until, lifecycle
         FROM tenant WHERE slug = $1",
        slug
    );
    let found = row.fetch_optional(conn).await?.map(Tenant::try_from).transpose()?;
    Ok(found.filter(|tenant| scope.contains(tenant.id)))
}

/// The tenant, if the scope has it.
///
/// # Errors
/// [`StoreError`].
pub async fn get(conn: &mut PgConnection, scope: &TenantScope, id: TenantId) -> Result<Option<Tenant>, StoreError> {
    if !scope.contains(id) {
        return Ok(None);
    }
    let row = sqlx::query_as!(
        Row,
        "SELECT tenant_id, slug, name, service_level, approval_rule, terms_version, terms_reference, time_zone, contract_until, lifecycle
         FROM tenant WHERE tenant_id = $1",
        id.0
    );
    row.fetch_optional(conn).await?.map(Tenant::try_from).transpose()
}

/// Adds a tenant.
///
/// # Errors
/// [`StoreError::Exists`] when the slug is taken.
pub async fn insert(conn: &mut PgConnection, tenant: &Tenant, at: Timestamp) -> Result<(), StoreError> {
    let contract = &tenant.contract;
    sqlx::query!(
        "INSERT INTO tenant (tenant_id, slug, name, service_level, approval_rule, terms_version, time_zone, contract_until, suspended, lifecycle, created_at, terms_reference)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        tenant.id.0,
        tenant.slug,
        tenant.name,
        contract.service_level.as_str(),
        contract.approval_rule.as_str(),
        contract.terms_version,
        contract.time_zone,
        contract.until.map(|date| date.to_sqlx()) as _,
        tenant.lifecycle.is_stopped(),
        to_json(&tenant.lifecycle),
        at.to_sqlx(),
        contract.terms_reference
    )
    .execute(conn)
    .await
    .map_err(StoreError::unique)?;
    Ok(())
}

/// Holds the tenant until the transaction ends: what is summed up over it changes by one at a time.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn lock(conn: &mut PgConnection, tenant: TenantId) -> Result<(), StoreError> {
    sqlx::query!("SELECT FROM tenant WHERE tenant_id = $1 FOR NO KEY UPDATE", tenant.0)
        .fetch_optional(conn)
        .await?;
    Ok(())
}

/// The next number of a kind (`change`, `restore`) within the tenant: 1, 2, 3, … without gaps.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn next_number(conn: &mut PgConnection, tenant: TenantId, kind: &str) -> Result<i32, StoreError> {
    let number = sqlx::query_scalar!(
        "INSERT INTO tenant_counter (tenant_id, kind, value) VALUES ($1, $2, 1)
         ON CONFLICT (tenant_id, kind) DO UPDATE SET value = tenant_counter.value + 1 RETURNING value",
        tenant.0,
        kind
    );
    Ok(number.fetch_one(conn).await?)
}

pub(crate) fn uuids(scope: &TenantScope) -> Vec<Uuid> {
    scope.tenants().iter().map(|tenant| tenant.0).collect()
}
