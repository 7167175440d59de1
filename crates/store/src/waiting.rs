//! What waits for somebody, tenant by tenant: counted from indexes over what is open, however much is over.

use domain::acknowledgement::Statement;
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
    /// Linked accounts that cannot be read.
    pub unreadable: usize,
    /// Holds whose release the customer asked for, and the provider has to confirm.
    pub releases: usize,
    /// Components whose end was asked for and not confirmed.
    pub ends: usize,
    /// Out-decisions that were to be signed anew by now.
    pub overdue: usize,
    /// Linked accounts whose last reading is too old, or that were never read.
    pub stale: usize,
    /// Statements that the customer has to sign.
    pub unsigned: usize,
    /// Contracts that are past their last day: one at most.
    pub over: usize,
    /// Whether components wait to be decided: how many, its tally says.
    pub undecided: bool,
}

/// The tenants of the scope at which something waits; those that were offboarded are in no such scope. Changes count as
/// failed that failed at `lately` or later; readings from before `stale` are too old; holds and contracts that are over,
/// signatures that have expired and decisions that are overdue are so at `now`.
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
    let statements = Statement::ALL.map(|statement| statement.as_str().to_owned());
    let wordings = Statement::ALL.map(|statement| statement.own_version().map(str::to_owned));
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
             SELECT s.tenant_id, 'overdue' FROM component_status s JOIN tenant t ON t.tenant_id = s.tenant_id
               WHERE s.tenant_id IN (SELECT tenant_id FROM asked) AND s.decided_until <= ($4 AT TIME ZONE 'UTC')::date
                 AND s.decided_until < ($4 AT TIME ZONE t.time_zone)::date
             UNION ALL
             SELECT s.tenant_id, CASE WHEN coalesce(a.problem, s.problem) IS NULL THEN 'stale' ELSE 'unreadable' END
               FROM reconcile_scope s JOIN aws_account a ON a.tenant_id = s.tenant_id AND a.id = s.aws_account_id
               WHERE s.tenant_id IN (SELECT tenant_id FROM asked) AND a.unlinked_at IS NULL
                 AND (a.problem IS NOT NULL OR s.problem IS NOT NULL OR s.observed_at IS NULL OR s.observed_at < $3)
             UNION ALL
             SELECT t.tenant_id, 'unsigned' FROM tenant t
               LEFT JOIN LATERAL (SELECT true AS in_scope FROM scope_item i WHERE i.tenant_id = t.tenant_id AND i.to_version IS NULL
                 AND i.scope->>'decision' = 'in' AND i.scope->>'tier' = 'tier1' LIMIT 1) tier_1 ON true
               CROSS JOIN unnest($5::text[], $6::text[]) AS owed (statement, version)
               LEFT JOIN (SELECT DISTINCT ON (tenant_id, statement) tenant_id, statement, text_version, until, withdrawn_at
                 FROM acknowledgement WHERE tenant_id IN (SELECT tenant_id FROM asked)
                 ORDER BY tenant_id, statement, id DESC) last ON last.tenant_id = t.tenant_id AND last.statement = owed.statement
               WHERE t.tenant_id IN (SELECT tenant_id FROM asked)
                 AND (last.tenant_id IS NULL OR last.withdrawn_at IS NOT NULL OR last.text_version <> coalesce(owed.version, t.terms_version)
                   OR (last.until AT TIME ZONE t.time_zone)::date < ($4 AT TIME ZONE t.time_zone)::date)
                 AND (owed.statement <> 'monthly-granularity' OR tier_1.in_scope)
             UNION ALL
             SELECT tenant_id, 'over' FROM tenant
               WHERE tenant_id IN (SELECT tenant_id FROM asked) AND contract_until < ($4 AT TIME ZONE time_zone)::date
             UNION ALL
             SELECT tenant_id, 'undecided' FROM tenant_summary
               WHERE tenant_id IN (SELECT tenant_id FROM asked) AND undecided > 0
           )
           SELECT tenant_id AS "tenant_id!", count(*) FILTER (WHERE what = 'planned') AS "changes!",
             count(*) FILTER (WHERE what = 'needs-information') AS "asking!", count(*) FILTER (WHERE what = 'failed') AS "failed!",
             count(*) FILTER (WHERE what = 'restore') AS "restores!", count(*) FILTER (WHERE what = 'unreadable') AS "unreadable!",
             count(*) FILTER (WHERE what = 'stale') AS "stale!", count(*) FILTER (WHERE what = 'release') AS "releases!",
             count(*) FILTER (WHERE what = 'end') AS "ends!", count(*) FILTER (WHERE what = 'overdue') AS "overdue!",
             count(*) FILTER (WHERE what = 'unsigned') AS "unsigned!", count(*) FILTER (WHERE what = 'over') AS "over!",
             bool_or(what = 'undecided') AS "undecided!"
           FROM waiting GROUP BY tenant_id"#,
        &uuids(scope),
        lately.to_sqlx() as _,
        stale.to_sqlx() as _,
        now.to_sqlx() as _,
        &statements,
        &wordings as _
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
        unsigned: count(row.unsigned),
        over: count(row.over),
        undecided: row.undecided,
    });
    Ok(waiting.collect())
}
