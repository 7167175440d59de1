//! The last reading of each component.

use domain::id::{ComponentId, TenantId};
use domain::observation::ObservedResource;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{json, to_json};

/// Stores what was read of components at one moment; `None`: it was not there. An older reading never replaces a newer one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save(
    conn: &mut PgConnection,
    tenant: TenantId,
    observed_at: Timestamp,
    read: &[(ComponentId, Option<&ObservedResource>)],
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = read.iter().map(|(id, _)| id.0).collect();
    let resources: Vec<_> = read.iter().map(|(_, resource)| resource.map(to_json)).collect();
    let days = |resource: &ObservedResource| i32::from(resource.automated_retention_days);
    let days: Vec<_> = read.iter().map(|(_, resource)| resource.map(days)).collect();
    let newest = |resource: &ObservedResource| resource.newest().map(|point| point.at.to_sqlx());
    let newest: Vec<_> = read.iter().map(|(_, resource)| resource.and_then(newest)).collect();
    let oldest = |resource: &ObservedResource| resource.oldest_at().map(|at| at.to_sqlx());
    let oldest: Vec<_> = read.iter().map(|(_, resource)| resource.and_then(oldest)).collect();
    sqlx::query!(
        "INSERT INTO observation (tenant_id, component_id, observed_at, resource, retention_days, newest_recovery_point_at, oldest_recovery_point_at)
         SELECT $1, r.id, $2, r.resource, r.days, r.newest, r.oldest
         FROM unnest($3::uuid[], $4::jsonb[], $5::integer[], $6::timestamptz[], $7::timestamptz[]) AS r (id, resource, days, newest, oldest)
         ON CONFLICT (tenant_id, component_id) DO UPDATE SET observed_at = excluded.observed_at, resource = excluded.resource,
           retention_days = excluded.retention_days, newest_recovery_point_at = excluded.newest_recovery_point_at,
           oldest_recovery_point_at = excluded.oldest_recovery_point_at
           WHERE observation.observed_at <= excluded.observed_at",
        tenant.0,
        observed_at.to_sqlx() as _,
        &ids,
        &resources as &[Option<serde_json::Value>],
        &days as &[Option<i32>],
        &newest as &[Option<jiff_sqlx::Timestamp>],
        &oldest as &[Option<jiff_sqlx::Timestamp>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The last reading: when, and what was there.
///
/// # Errors
/// [`StoreError`].
pub async fn get(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
) -> Result<Option<(Timestamp, Option<ObservedResource>)>, StoreError> {
    let row = sqlx::query!(
        "SELECT observed_at, resource FROM observation WHERE tenant_id = $1 AND component_id = $2",
        tenant.0,
        component.0
    );
    let Some(row) = row.fetch_optional(conn).await? else {
        return Ok(None);
    };
    let resource = row.resource.map(|value| json("resource", value)).transpose()?;
    Ok(Some((row.observed_at.to_jiff(), resource)))
}

/// Forgets the last reading of a component, which was of another resource than it is now.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn forget(conn: &mut PgConnection, tenant: TenantId, component: ComponentId) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM observation WHERE tenant_id = $1 AND component_id = $2",
        tenant.0,
        component.0
    )
    .execute(conn)
    .await?;
    Ok(())
}
