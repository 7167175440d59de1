//! What is contracted beside what was observed, component by component.

use domain::component::Component;
use domain::id::TenantId;
use domain::sow::{MechanismChoice, Scope};
use domain::tenant::TenantScope;
use jiff::Timestamp;
use sqlx::PgConnection;

use crate::row::{json, word};
use crate::tenant::uuids;
use crate::{StoreError, component};

/// One component with its line in the scope of work and its last reading.
#[derive(Debug, Clone)]
pub struct ComponentStatus {
    /// The component.
    pub component: Component,
    /// What the newest version says; `None`: nobody decided.
    pub contracted: Option<(Scope, MechanismChoice)>,
    /// The last reading; `None`: never.
    pub observed: Option<LastReading>,
}

/// The last reading of a component.
#[derive(Debug, Clone)]
pub struct LastReading {
    /// When.
    pub at: Timestamp,
    /// Whether it was there.
    pub present: bool,
    /// Days that automated backups are kept; `None` when it was not there.
    pub retention_days: Option<i32>,
    /// The newest recovery point.
    pub newest_recovery_point_at: Option<Timestamp>,
    /// The oldest moment that can be restored.
    pub oldest_recovery_point_at: Option<Timestamp>,
}

/// Every component of the scope with its tenant, by tenant, environment and name.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    conn: &mut PgConnection,
    scope: &TenantScope,
) -> Result<Vec<(TenantId, ComponentStatus)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT c.tenant_id, c.id, c.name, c.kind, c.environment, c.engine, c.size_bytes, a.account_id AS "account_id?", c.region, c.arn,
             i.scope AS "scope?", i.mechanism AS "mechanism?", i.reason AS "reason?",
             o.observed_at AS "observed_at?", o.resource IS NOT NULL AS "present!", o.retention_days AS "retention_days?",
             o.newest_recovery_point_at, o.oldest_recovery_point_at
           FROM component c
           LEFT JOIN aws_account a ON a.tenant_id = c.tenant_id AND a.id = c.aws_account_id
           LEFT JOIN scope_item i ON i.tenant_id = c.tenant_id AND i.component_id = c.id AND i.to_version IS NULL
           LEFT JOIN observation o ON o.tenant_id = c.tenant_id AND o.component_id = c.id
           WHERE c.tenant_id = ANY($1) ORDER BY c.tenant_id, c.environment, c.name, c.id"#,
        &uuids(scope)
    );
    let rows = rows.fetch_all(conn).await?;
    rows.into_iter()
        .map(|row| {
            let contracted = match (row.scope, row.mechanism, row.reason) {
                (Some(scope), Some(mechanism), Some(reason)) => Some((
                    json("scope", scope)?,
                    MechanismChoice {
                        mechanism: word("mechanism", mechanism)?,
                        reason,
                    },
                )),
                _ => None,
            };
            let observed = row.observed_at.map(|at| LastReading {
                at: at.to_jiff(),
                present: row.present,
                retention_days: row.retention_days,
                newest_recovery_point_at: row.newest_recovery_point_at.map(jiff_sqlx::Timestamp::to_jiff),
                oldest_recovery_point_at: row.oldest_recovery_point_at.map(jiff_sqlx::Timestamp::to_jiff),
            });
            let component = component::Row {
                tenant_id: row.tenant_id,
                id: row.id,
                name: row.name,
                kind: row.kind,
                environment: row.environment,
                engine: row.engine,
                size_bytes: row.size_bytes,
                account_id: row.account_id,
                region: row.region,
                arn: row.arn,
            };
            Ok((
                TenantId(row.tenant_id),
                ComponentStatus {
                    component: component.try_into()?,
                    contracted,
                    observed,
                },
            ))
        })
        .collect()
}
