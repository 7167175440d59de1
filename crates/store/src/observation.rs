//! The last reading of each component.

use domain::id::{ComponentId, TenantId};
use domain::observation::ObservedResource;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;
use crate::row::{json, to_json};

/// Stores a reading of a component; `None`: it was not there. An older reading never replaces a newer one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
    observed_at: Timestamp,
    resource: Option<&ObservedResource>,
) -> Result<(), StoreError> {
    let newest = resource.and_then(ObservedResource::newest).map(|point| point.at);
    let oldest = resource.and_then(ObservedResource::oldest_at);
    sqlx::query!(
        "INSERT INTO observation (tenant_id, component_id, observed_at, resource, retention_days, newest_recovery_point_at, oldest_recovery_point_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (tenant_id, component_id) DO UPDATE SET observed_at = $3, resource = $4, retention_days = $5,
           newest_recovery_point_at = $6, oldest_recovery_point_at = $7
           WHERE observation.observed_at <= $3",
        tenant.0,
        component.0,
        observed_at.to_sqlx(),
        resource.map(to_json),
        resource.map(|resource| i32::from(resource.automated_retention_days)),
        newest.map(|at| at.to_sqlx()) as _,
        oldest.map(|at| at.to_sqlx()) as _
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
