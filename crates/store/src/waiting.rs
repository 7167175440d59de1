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
    /// Holds whose release the customer asked for, and the provider has to confirm.
    pub releases: usize,
    /// Components whose end was asked for and not confirmed.
    pub ends: usize,
    /// Out-decisions that were to be signed anew by now.
    pub overdue: usize,
    /// Accounts whose last reading is too old, or that were never read.
    pub stale: usize,
}

/// The tenants of the scope at which something waits. Changes count as failed that failed at `lately` or later; readings
/// from before `stale` are too old; holds that are over and decisions that are overdue are so at `now`. A decision holds for
/// a year from its signature at least, so that younger ones are not looked at.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of(
    conn: &mut PgConnection,
    scope: &TenantScope,
    lately: Timestamp,
    stale: Timestamp,
    now: Timestamp,
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
             SELECT tenant_id, 'release' FROM recovery_point_hold
               WHERE tenant_id IN (SELECT tenant_id FROM asked) AND released IS NULL AND release->'said'->>'side' = 'customer'
                 AND (until IS NULL OR until >= ($4 AT TIME ZONE 'UTC')::date)
             UNION ALL
             SELECT tenant_id, 'end' FROM decommission
               WHERE tenant_id IN (SELECT tenant_id FROM asked) AND state = 'asked'
             UNION ALL
             SELECT d.tenant_id, 'overdue' FROM scope_decision d JOIN tenant t ON t.tenant_id = d.tenant_id
               WHERE d.tenant_id IN (SELECT tenant_id FROM asked) AND d.signed_at < $4 - interval '364 days'
                 AND d.due_on < ($4 AT TIME ZONE t.time_zone)::date
             UNION ALL
             SELECT s.tenant_id, CASE WHEN coalesce(a.problem, s.problem) IS NULL THEN 'stale' ELSE 'unreadable' END
               FROM reconcile_scope s JOIN aws_account a ON a.tenant_id = s.tenant_id AND a.id = s.aws_account_id
               WHERE s.tenant_id IN (SELECT tenant_id FROM asked)
                 AND (a.problem IS NOT NULL OR s.problem IS NOT NULL OR s.observed_at IS NULL OR s.observed_at < $3)
           )
           SELECT tenant_id AS "tenant_id!", count(*) FILTER (WHERE what = 'planned') AS "changes!",
             count(*) FILTER (WHERE what = 'needs-information') AS "asking!", count(*) FILTER (WHERE what = 'failed') AS "failed!",
             count(*) FILTER (WHERE what = 'restore') AS "restores!", count(*) FILTER (WHERE what = 'unreadable') AS "unreadable!",
             count(*) FILTER (WHERE what = 'stale') AS "stale!", count(*) FILTER (WHERE what = 'release') AS "releases!",
             count(*) FILTER (WHERE what = 'end') AS "ends!", count(*) FILTER (WHERE what = 'overdue') AS "overdue!"
           FROM waiting GROUP BY tenant_id"#,
        &uuids(scope),
        lately.to_sqlx() as _,
        stale.to_sqlx() as _,
        now.to_sqlx() as _
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
        releases: count(row.releases),
        ends: count(row.ends),
        overdue: count(row.overdue),
    });
    Ok(waiting.collect())
}
