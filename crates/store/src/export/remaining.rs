//! What stays at the outside.

use std::collections::BTreeMap;

use domain::export::{Remaining, RemainingAccount, RemainingPoint, RemainingPoints, RemainingRepository, Tagged};
use domain::id::TenantId;
use domain::tenant::TenantScope;
use sqlx::PgConnection;

use crate::{StoreError, account, github};

/// What stays in the tenant's accounts and repositories, as it was last observed.
///
/// # Errors
/// [`StoreError`].
pub async fn remaining(conn: &mut PgConnection, tenant: TenantId) -> Result<Remaining, StoreError> {
    let scope = TenantScope::one(tenant);
    let accounts = account::list(conn, &scope).await?.into_iter().map(|linked| {
        let roles = linked.account.roles;
        RemainingAccount {
            account: linked.account.account.to_string(),
            region: linked.account.region.to_string(),
            external_id: linked.account.external_id,
            roles: [roles.observe, roles.configure, roles.tune, roles.restore]
                .map(String::from)
                .into(),
        }
    });
    let accounts = accounts.collect();
    let repositories = github::list(conn, &scope)
        .await?
        .into_iter()
        .map(|linked| RemainingRepository {
            full_name: linked.full_name,
            repository_id: linked.repository_id,
            installation_id: linked.installation_id,
        });
    Ok(Remaining {
        accounts,
        repositories: repositories.collect(),
        tagged: tagged(conn, tenant).await?,
        recovery_points: recovery_points(conn, tenant).await?,
    })
}

/// The resources that carried tags of ours when they were last read.
async fn tagged(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<Tagged>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT c.arn AS "arn!", tag.key AS "key!", tag.value AS "value!"
           FROM observation o JOIN component c ON c.tenant_id = o.tenant_id AND c.id = o.component_id,
             jsonb_each_text(coalesce(o.resource -> 'tags', '{}')) tag
           WHERE o.tenant_id = $1 AND c.arn IS NOT NULL AND tag.key LIKE 'holdfast:%' ORDER BY c.arn, tag.key"#,
        tenant.0
    );
    let mut tagged: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for row in rows.fetch_all(conn).await? {
        tagged.entry(row.arn).or_default().insert(row.key, row.value);
    }
    Ok(tagged.into_iter().map(|(arn, tags)| Tagged { arn, tags }).collect())
}

/// The components that have copies, or of which the provider goes on making some by itself.
async fn recovery_points(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<RemainingPoints>, StoreError> {
    let points = sqlx::query!(
        "SELECT component_id, provider_id, granularity, at, earliest, encrypted FROM recovery_point
         WHERE tenant_id = $1 AND gone_at IS NULL ORDER BY at DESC, id DESC",
        tenant.0
    );
    let mut of_component: BTreeMap<uuid::Uuid, Vec<RemainingPoint>> = BTreeMap::new();
    for row in points.fetch_all(&mut *conn).await? {
        of_component.entry(row.component_id).or_default().push(RemainingPoint {
            provider_id: row.provider_id,
            granularity: row.granularity,
            at: row.at.to_jiff(),
            earliest: row.earliest.map(jiff_sqlx::Timestamp::to_jiff),
            encrypted: row.encrypted,
        });
    }
    let components = sqlx::query!(
        r#"SELECT c.id, c.name, c.environment, a.account_id AS "account?", c.region, c.arn, o.retention_days AS "retention_days?",
             o.observed_at AS "observed_at?"
           FROM component c LEFT JOIN aws_account a ON a.tenant_id = c.tenant_id AND a.id = c.aws_account_id
             LEFT JOIN observation o ON o.tenant_id = c.tenant_id AND o.component_id = c.id
           WHERE c.tenant_id = $1 ORDER BY c.environment, c.name"#,
        tenant.0
    );
    let components = components
        .fetch_all(conn)
        .await?
        .into_iter()
        .map(|row| RemainingPoints {
            points: of_component.remove(&row.id).unwrap_or_default(),
            component: row.name,
            environment: row.environment,
            account: row.account,
            region: row.region,
            arn: row.arn,
            retention_days: row.retention_days,
            observed_at: row.observed_at.map(jiff_sqlx::Timestamp::to_jiff),
        });
    let stays = |of: &RemainingPoints| !of.points.is_empty() || of.retention_days.is_some_and(|days| days > 0);
    Ok(components.filter(stays).collect())
}
