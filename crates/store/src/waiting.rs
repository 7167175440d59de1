//! What waits for somebody, tenant by tenant: counted from indexes over what is open, however much is over.

use domain::id::TenantId;
use domain::tenant::TenantScope;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;
use crate::tenant::uuids;

/// What waits at one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub tenant: TenantId,
    /// Changes that are planned and await approval.
    pub changes: usize,
    /// Changes that ask back.
    pub asking: usize,
    /// Changes that failed lately.
    pub failed: usize,
    /// Restores that await a decision.
    pub restores: usize,
    /// Accounts that cannot be read.
    pub unreadable: usize,
    /// Accounts whose last reading is too old, or that were never read.
    pub stale: usize,
}

/// The tenants of the scope at which something waits. Changes count as failed that failed at `lately` or later; readings
/// from before `stale` are too old.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of(
    conn: &mut PgConnection,
    scope: &TenantScope,
    lately: Timestamp,
    stale: Timestamp,
) -> Result<Vec<Waiting>, StoreError> {
    let rows = sqlx::query!(
        r#"WITH asked AS MATERIALIZED (SELECT unnest($1::uuid[]) AS tenant_id), waiting AS (
             SELECT tenant_id, state AS what FROM change_request
               WHERE tenant_id IN (SELECT tenant_id FROM asked) AND state IN ('planned', 'needs-information')
             UNION ALL
             SELECT tenant_id, 'failed' FROM change_request
               WHERE tenant_id IN (SELECT tenant_id FROM asked) AND state = 'failed' AND updated_at >= $2
             UNION ALL
             SELECT tenant_id, 'restore' FROM restore_request
               WHERE tenant_id IN (SELECT tenant_id FROM asked) AND state = 'submitted'
             UNION ALL
             SELECT s.tenant_id, CASE WHEN coalesce(a.problem, s.problem) IS NULL THEN 'stale' ELSE 'unreadable' END
               FROM reconcile_scope s JOIN aws_account a ON a.tenant_id = s.tenant_id AND a.id = s.aws_account_id
               WHERE s.tenant_id IN (SELECT tenant_id FROM asked)
                 AND (a.problem IS NOT NULL OR s.problem IS NOT NULL OR s.observed_at IS NULL OR s.observed_at < $3)
           )
           SELECT tenant_id AS "tenant_id!", count(*) FILTER (WHERE what = 'planned') AS "changes!",
             count(*) FILTER (WHERE what = 'needs-information') AS "asking!", count(*) FILTER (WHERE what = 'failed') AS "failed!",
             count(*) FILTER (WHERE what = 'restore') AS "restores!", count(*) FILTER (WHERE what = 'unreadable') AS "unreadable!",
             count(*) FILTER (WHERE what = 'stale') AS "stale!"
           FROM waiting GROUP BY tenant_id"#,
        &uuids(scope),
        lately.to_sqlx() as _,
        stale.to_sqlx() as _
    );
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    let waiting = rows.fetch_all(conn).await?.into_iter().map(|row| Waiting {
        tenant: TenantId(row.tenant_id),
        changes: count(row.changes),
        asking: count(row.asking),
        failed: count(row.failed),
        restores: count(row.restores),
        unreadable: count(row.unreadable),
        stale: count(row.stale),
    });
    Ok(waiting.collect())
}
