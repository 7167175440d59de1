//! Contracts and their versions.

use std::collections::HashMap;

use domain::component::Component;
use domain::contract::{Bounds, Contract, ContractVersion, Draft};
use domain::id::{ComponentId, TenantId, UserId};
use domain::sow::Scope;
use domain::tenant::{Tenant, TenantScope};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use sqlx::PgConnection;

use crate::row::{json, to_json};
use crate::{StoreError, component};

struct Row {
    version: i32,
    body: Value,
    valid_from: jiff_sqlx::Date,
    made_by: String,
    made_at: jiff_sqlx::Timestamp,
    note: String,
}

impl TryFrom<Row> for ContractVersion {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let draft: Draft = json("body", row.body)?;
        Ok(Self {
            version: row.version,
            contract: understood(Contract::parse(&draft))?,
            valid_from: row.valid_from.to_jiff(),
            made_by: row.made_by,
            made_at: row.made_at.to_jiff(),
            note: row.note,
        })
    }
}

fn understood(parsed: Result<Contract, Vec<domain::scope_change::FormProblem>>) -> Result<Contract, StoreError> {
    parsed.map_err(|problems| StoreError::Corrupt {
        column: "body",
        value: problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    })
}

/// The versions before `before`, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn versions(
    conn: &mut PgConnection,
    tenant: TenantId,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<ContractVersion>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT version, body, valid_from, made_by, made_at, note FROM contract_version
         WHERE tenant_id = $1 AND ($2::integer IS NULL OR version < $2) ORDER BY version DESC LIMIT $3",
        tenant.0,
        before,
        limit
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(ContractVersion::try_from)
        .collect()
}

/// The version in force. Of a tenant that a binary without versions took on there is only the summary: version 0.
///
/// # Errors
/// [`StoreError`].
pub async fn in_force(conn: &mut PgConnection, tenant: &Tenant) -> Result<ContractVersion, StoreError> {
    if let Some(newest) = versions(&mut *conn, tenant.id, None, 1).await?.pop() {
        return Ok(newest);
    }
    let created_at = sqlx::query_scalar!("SELECT created_at FROM tenant WHERE tenant_id = $1", tenant.id.0);
    let made_at = created_at.fetch_one(conn).await?.to_jiff();
    Ok(ContractVersion {
        version: 0,
        contract: understood(Contract::of_summary(&tenant.contract))?,
        valid_from: made_at.to_zoned(jiff::tz::TimeZone::UTC).date(),
        made_by: "Holdfast".to_owned(),
        made_at,
        note: String::new(),
    })
}

/// The version that held on a day; `None`: there was no contract yet.
///
/// # Errors
/// [`StoreError`].
pub async fn on(conn: &mut PgConnection, tenant: TenantId, day: Date) -> Result<Option<ContractVersion>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT version, body, valid_from, made_by, made_at, note FROM contract_version
         WHERE tenant_id = $1 AND valid_from <= $2 ORDER BY version DESC LIMIT 1",
        tenant.0,
        day.to_sqlx() as _
    );
    row.fetch_optional(conn)
        .await?
        .map(ContractVersion::try_from)
        .transpose()
}

/// Adds a version, which is in force from then on, and keeps the tenant's summary in step with it.
///
/// # Errors
/// [`StoreError::Exists`] when there is that version already.
pub async fn add(
    conn: &mut PgConnection,
    tenant: TenantId,
    version: &ContractVersion,
    by: Option<UserId>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO contract_version (tenant_id, version, body, valid_from, made_by_id, made_by, made_at, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant.0,
        version.version,
        to_json(&Draft::from(&version.contract)),
        version.valid_from.to_sqlx() as _,
        by.map(|user| user.0),
        version.made_by,
        version.made_at.to_sqlx(),
        version.note
    )
    .execute(&mut *conn)
    .await
    .map_err(StoreError::unique)?;
    let summary = version.contract.summary();
    let done = sqlx::query!(
        "UPDATE tenant SET service_level = $2, approval_rule = $3, terms_version = $4, time_zone = $5, contract_until = $6,
           terms_reference = $7
         WHERE tenant_id = $1",
        tenant.0,
        summary.service_level.as_str(),
        summary.approval_rule.as_str(),
        summary.terms_version,
        summary.time_zone,
        summary.until.map(|day| day.to_sqlx()) as _,
        summary.terms_reference
    )
    .execute(conn)
    .await?;
    StoreError::expect_rows(done.rows_affected(), 1)
}

/// What is in scope now, and how these bounds do not allow, with whether it was observed to be encrypted (`None`: unknown), by
/// environment and name; at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn outside(
    conn: &mut PgConnection,
    tenant: TenantId,
    bounds: &Bounds,
    limit: i64,
) -> Result<Vec<(Component, Scope, Option<bool>)>, StoreError> {
    let regions: Vec<String> = bounds.residency.iter().map(ToString::to_string).collect();
    let rows = sqlx::query!(
        "SELECT c.id, i.scope, (o.resource->>'encrypted')::boolean AS encrypted
         FROM scope_item i JOIN component c ON c.tenant_id = i.tenant_id AND c.id = i.component_id
         LEFT JOIN observation o ON o.tenant_id = c.tenant_id AND o.component_id = c.id
         WHERE i.tenant_id = $1 AND i.to_version IS NULL AND i.scope->>'decision' = 'in' AND c.decommissioned_at IS NULL
           AND ((i.scope->>'retention')::integer < $2 OR (i.scope->>'retention')::integer > $3
             OR (cardinality($4::text[]) > 0 AND c.region <> ALL ($4))
             OR (cardinality($4::text[]) = 1 AND i.scope->>'location' = 'another-region')
             OR ($5 AND o.resource->>'encrypted' = 'false'))
         ORDER BY c.environment, c.name, c.id LIMIT $6",
        tenant.0,
        bounds.minimum.map(|days| i32::from(days.get())),
        bounds.maximum.map(|days| i32::from(days.get())),
        &regions,
        bounds.encryption,
        limit
    );
    let rows = rows.fetch_all(&mut *conn).await?;
    let ids: Vec<_> = rows.iter().map(|row| ComponentId(row.id)).collect();
    let found = component::those(conn, &TenantScope::one(tenant), &ids).await?;
    let mut found: HashMap<_, _> = found.into_iter().map(|one| (one.id, one)).collect();
    let both = rows.into_iter().filter_map(|row| {
        let component = found.remove(&ComponentId(row.id))?;
        Some(json("scope", row.scope).map(|scope| (component, scope, row.encrypted)))
    });
    both.collect()
}
