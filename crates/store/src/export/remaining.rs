//! What stays at the outside.

use std::collections::BTreeMap;

use domain::export::{
    Remaining, RemainingAccount, RemainingPoint, RemainingPoints, RemainingRepository, Restored, Tagged,
};
use domain::id::TenantId;
use sqlx::PgConnection;

use crate::StoreError;

/// What stays in the tenant's accounts and repositories, as it was last observed.
///
/// # Errors
/// [`StoreError`].
pub async fn remaining(conn: &mut PgConnection, tenant: TenantId) -> Result<Remaining, StoreError> {
    Ok(Remaining {
        accounts: accounts(conn, tenant).await?,
        repositories: repositories(conn, tenant).await?,
        restored: restored(conn, tenant).await?,
        tagged: tagged(conn, tenant).await?,
        recovery_points: recovery_points(conn, tenant).await?,
    })
}

/// Also those that were unlinked: their roles are the customer's to delete.
async fn accounts(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<RemainingAccount>, StoreError> {
    let rows = sqlx::query!(
        "SELECT account_id, region, external_id, observe_role, configure_role, tune_role, restore_role, unlinked_at FROM aws_account
         WHERE tenant_id = $1 ORDER BY unlinked_at NULLS FIRST, account_id",
        tenant.0
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    Ok(rows
        .map(|row| RemainingAccount {
            account: row.account_id,
            region: row.region,
            external_id: row.external_id,
            roles: vec![row.observe_role, row.configure_role, row.tune_role, row.restore_role],
            unlinked_at: row.unlinked_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
        .collect())
}

/// Also those that were unlinked: uninstalling the App is up to the customer.
async fn repositories(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<RemainingRepository>, StoreError> {
    let rows = sqlx::query!(
        "SELECT full_name, repository_id, installation_id, unlinked_at FROM github_repository
         WHERE tenant_id = $1 ORDER BY unlinked_at NULLS FIRST, full_name, repository_id",
        tenant.0
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    Ok(rows
        .map(|row| RemainingRepository {
            full_name: row.full_name,
            repository_id: row.repository_id,
            installation_id: row.installation_id,
            unlinked_at: row.unlinked_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
        .collect())
}

/// What restores made, as their receipts say; also where none was stored although the provider was, or may have been, asked.
async fn restored(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<Restored>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT r.number, r.target ->> 'name' AS "name!", step.body ->> 'account' AS "account!", step.body ->> 'region' AS "region!",
             k.provider_ref AS "arn?", k.at AS "made_at?", c.name AS component, c.environment
           FROM restore_request r JOIN component c ON c.tenant_id = r.tenant_id AND c.id = r.component_id
             CROSS JOIN LATERAL jsonb_array_elements(r.plan -> 'steps') WITH ORDINALITY AS step (body, place)
             LEFT JOIN receipt k ON k.tenant_id = r.tenant_id AND k.key = r.plan_id || '/' || (step.place - 1)
           WHERE r.tenant_id = $1
             AND (k.key IS NOT NULL OR r.state = 'executing' OR r.state = 'failed' AND r.approval IS NOT NULL)
           ORDER BY r.number, step.place"#,
        tenant.0
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    Ok(rows
        .map(|row| Restored {
            name: row.name,
            account: row.account,
            region: row.region,
            arn: row.arn,
            made_at: row.made_at.map(jiff_sqlx::Timestamp::to_jiff),
            restore: row.number,
            component: row.component,
            environment: row.environment,
        })
        .collect())
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
