//! The sums over a tenant's components, so that the fleet is read in one small query however many components there are.

use std::collections::HashMap;

use domain::id::TenantId;
use domain::protection::ProtectionState;
use domain::tenant::{Tenant, TenantScope};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;
use crate::row::like;
use crate::tenant::{self, uuids};

/// How many of a tenant's living components are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// A recovery point inside the RPO was observed.
    pub protected: usize,
    /// The newest one is too old.
    pub at_risk: usize,
    /// None was observed, or no mechanism serves it.
    pub unprotected: usize,
    /// Not observed, or too long ago.
    pub unknown: usize,
    /// Decided to be out of scope.
    pub out_of_scope: usize,
    /// Nobody decided.
    pub undecided: usize,
}

impl Tally {
    /// Those that are in scope.
    #[must_use]
    pub const fn in_scope(&self) -> usize {
        self.protected + self.at_risk + self.unprotected + self.unknown
    }
}

/// Sums up anew what `component_status` says, in the transaction that changed it. The caller holds the tenant's lock
/// ([`crate::tenant::lock`]).
///
/// # Errors
/// [`StoreError::Database`].
pub async fn refresh(conn: &mut PgConnection, tenant: TenantId) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM tenant_rollup WHERE tenant_id = $1", tenant.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "INSERT INTO tenant_rollup
         SELECT tenant_id, standing, coalesce(observed_at, 'epoch'), count(*), count(*) FILTER (WHERE effective_days < contracted_days),
           min(contracted_days), max(contracted_days), min(effective_days), max(effective_days), min(oldest_recovery_point_at)
         FROM component_status WHERE tenant_id = $1 GROUP BY 1, 2, 3",
        tenant.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "INSERT INTO tenant_summary
         SELECT $1::uuid,
           coalesce(sum(components) FILTER (WHERE standing = 'out'), 0),
           coalesce(sum(components) FILTER (WHERE standing = 'undecided'), 0),
           coalesce(sum(components) FILTER (WHERE standing = 'no-mechanism'), 0),
           coalesce(sum(components) FILTER (WHERE standing = 'unread'), 0),
           coalesce(sum(components) FILTER (WHERE standing = 'no-point'), 0),
           coalesce(sum(components) FILTER (WHERE standing = 'late'), 0),
           coalesce(sum(components) FILTER (WHERE standing = 'fresh'), 0),
           min(observed_at) FILTER (WHERE standing IN ('no-point', 'late', 'fresh')),
           max(observed_at) FILTER (WHERE standing IN ('no-point', 'late', 'fresh'))
         FROM tenant_rollup WHERE tenant_id = $1
         ON CONFLICT (tenant_id) DO UPDATE SET
           out_of_scope = excluded.out_of_scope, undecided = excluded.undecided, no_mechanism = excluded.no_mechanism,
           unread = excluded.unread, no_point = excluded.no_point, late = excluded.late, fresh = excluded.fresh,
           read_first = excluded.read_first, read_last = excluded.read_last",
        tenant.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The tenant's components by state, and the oldest of the readings of those in scope (`None`: some was never read, or none
/// is in scope). An observation from before `stale` says nothing any more.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn tally(
    conn: &mut PgConnection,
    tenant: TenantId,
    stale: Timestamp,
) -> Result<(Tally, Option<Timestamp>), StoreError> {
    let rows = sqlx::query!(
        r#"SELECT protection_state(standing, observed_at, $2) AS "state!", sum(components)::bigint AS "components!",
             min(observed_at) AS "oldest!", bool_or(observed_at = 'epoch') AS "unread!"
           FROM tenant_rollup WHERE tenant_id = $1 GROUP BY 1"#,
        tenant.0,
        stale.to_sqlx() as _
    );
    let mut tally = Tally::default();
    let (mut oldest, mut unread): (Option<Timestamp>, bool) = (None, false);
    for row in rows.fetch_all(conn).await? {
        let slot = match row.state.as_str() {
            "protected" => &mut tally.protected,
            "at-risk" => &mut tally.at_risk,
            "unprotected" => &mut tally.unprotected,
            "unknown" => &mut tally.unknown,
            "out" => &mut tally.out_of_scope,
            _ => &mut tally.undecided,
        };
        *slot = count(row.components);
        if !matches!(row.state.as_str(), "out" | "undecided") {
            let at = row.oldest.to_jiff();
            oldest = Some(oldest.map_or(at, |before| before.min(at)));
            unread |= row.unread;
        }
    }
    Ok((tally, oldest.filter(|_| !unread)))
}

/// A tenant of the fleet, in numbers.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Which.
    pub tenant: TenantId,
    /// Its components by state.
    pub tally: Tally,
}

/// All living tenants of a scope, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// How many tenants there are.
    pub tenants: usize,
    /// Those with a component in scope that is not protected.
    pub troubled: usize,
    /// Their components by state.
    pub tally: Tally,
}

/// Which tenants are listed; the default: all.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    /// Part of the name or the slug, in any case.
    pub text: Option<String>,
    /// Which of them.
    pub only: Only,
    /// By name instead of the worst first.
    pub by_name: bool,
    /// From the one after this: the cursor.
    pub after: Option<TenantId>,
}

/// Which tenants are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Only {
    /// Every one.
    #[default]
    All,
    /// Those with a component in scope that is not protected, and these, in which something waits.
    Needy(Vec<TenantId>),
    /// Those with a component in this state.
    State(ProtectionState),
    /// Those that are suspended or were offboarded.
    Suspended,
}

/// The tenants of the scope, `limit` at most, and all living ones in numbers. Those that were offboarded need nothing any
/// more, however old their readings: they are not counted, come last, and are none of those that need somebody or have
/// a component in some state.
///
/// Where all readings of a tenant are newer than `stale`, or all older, its row of `tenant_summary` says how many of its
/// components are in which state; only where there are both, its rows of `tenant_rollup` are summed up.
///
/// # Errors
/// [`StoreError`].
pub async fn fleet(
    conn: &mut PgConnection,
    scope: &TenantScope,
    stale: Timestamp,
    list: &Fleet,
    limit: i64,
) -> Result<(Total, Vec<Summary>), StoreError> {
    let needy: Option<Vec<_>> = match &list.only {
        Only::Needy(waiting) => Some(waiting.iter().map(|tenant| tenant.0).collect()),
        Only::All | Only::State(_) | Only::Suspended => None,
    };
    let state = match list.only {
        Only::State(state) => Some(state.as_str()),
        Only::All | Only::Needy(_) | Only::Suspended => None,
    };
    let rows = sqlx::query!(
        r#"WITH scoped AS MATERIALIZED (
             SELECT t.tenant_id, t.name, t.slug, t.suspended, t.offboarded_at IS NOT NULL AS ended,
               s.read_first >= $2 AS read, s.read_first < $2 AND s.read_last >= $2 AS mixed,
               coalesce(s.out_of_scope, 0) AS out_of_scope, coalesce(s.undecided, 0) AS undecided,
               coalesce(s.no_mechanism, 0) AS no_mechanism, coalesce(s.unread, 0) AS unread,
               coalesce(s.no_point, 0) AS no_point, coalesce(s.late, 0) AS late, coalesce(s.fresh, 0) AS fresh
             FROM tenant t LEFT JOIN tenant_summary s ON s.tenant_id = t.tenant_id
             WHERE t.tenant_id IN (SELECT unnest($1::uuid[]))
           ), apart AS (
             SELECT tenant_id,
               coalesce(sum(components) FILTER (WHERE state = 'unprotected'), 0) AS unprotected,
               coalesce(sum(components) FILTER (WHERE state = 'at-risk'), 0) AS at_risk,
               coalesce(sum(components) FILTER (WHERE state = 'unknown'), 0) AS unknown,
               coalesce(sum(components) FILTER (WHERE state = 'protected'), 0) AS protected
             FROM (SELECT tenant_id, components, protection_state(standing, observed_at, $2) AS state FROM tenant_rollup
                   WHERE tenant_id = ANY (ARRAY(SELECT scoped.tenant_id FROM scoped WHERE mixed))) AS stated
             GROUP BY tenant_id
           ), counted AS MATERIALIZED (
             SELECT s.tenant_id, s.name, s.slug, s.suspended, s.ended, s.out_of_scope::bigint, s.undecided::bigint,
               CASE WHEN mixed THEN a.unprotected WHEN read THEN no_mechanism + no_point ELSE no_mechanism END AS unprotected,
               CASE WHEN mixed THEN a.at_risk WHEN read THEN late ELSE 0 END AS at_risk,
               CASE WHEN mixed THEN a.unknown WHEN read THEN unread ELSE unread + no_point + late + fresh END AS unknown,
               CASE WHEN mixed THEN a.protected WHEN read THEN fresh ELSE 0 END AS protected
             FROM scoped s LEFT JOIN apart a ON a.tenant_id = s.tenant_id
           ), total AS (
             SELECT count(*) AS tenants, count(*) FILTER (WHERE unprotected + at_risk + unknown > 0) AS troubled,
               coalesce(sum(unprotected), 0)::bigint AS all_unprotected, coalesce(sum(at_risk), 0)::bigint AS all_at_risk,
               coalesce(sum(unknown), 0)::bigint AS all_unknown, coalesce(sum(protected), 0)::bigint AS all_protected,
               coalesce(sum(out_of_scope), 0)::bigint AS all_out, coalesce(sum(undecided), 0)::bigint AS all_undecided
             FROM counted WHERE NOT ended
           ), ranked AS (
             SELECT *, CASE WHEN $6 THEN 0 WHEN ended THEN 1 ELSE -unprotected END AS first,
               CASE WHEN $6 OR ended THEN 0 ELSE -at_risk END AS second, CASE WHEN $6 OR ended THEN 0 ELSE -unknown END AS third
             FROM counted
           ), picked AS (
             SELECT * FROM ranked
             WHERE ($3::text IS NULL OR lower(name) LIKE $3 OR slug LIKE $3)
               AND ($4::uuid[] IS NULL OR NOT ended AND (unprotected + at_risk + unknown > 0 OR tenant_id = ANY($4)))
               AND (NOT $5 OR suspended)
               AND ($9::text IS NULL OR NOT ended AND CASE $9 WHEN 'unprotected' THEN unprotected > 0 WHEN 'at-risk' THEN at_risk > 0
                 WHEN 'unknown' THEN unknown > 0 ELSE protected > 0 END)
               AND ($7::uuid IS NULL OR (first, second, third, name, tenant_id)
                 > (SELECT first, second, third, name, tenant_id FROM ranked WHERE tenant_id = $7))
             ORDER BY first, second, third, name, tenant_id LIMIT $8
           )
           SELECT tenants AS "tenants!", troubled AS "troubled!", all_unprotected AS "all_unprotected!", all_at_risk AS "all_at_risk!",
             all_unknown AS "all_unknown!", all_protected AS "all_protected!", all_out AS "all_out!", all_undecided AS "all_undecided!",
             tenant_id AS "tenant_id?", coalesce(unprotected, 0)::bigint AS "unprotected!", coalesce(at_risk, 0)::bigint AS "at_risk!",
             coalesce(unknown, 0)::bigint AS "unknown!", coalesce(protected, 0)::bigint AS "protected!",
             coalesce(out_of_scope, 0) AS "out_of_scope!", coalesce(undecided, 0) AS "undecided!"
           FROM total LEFT JOIN picked ON true
           ORDER BY first, second, third, name, tenant_id"#,
        &uuids(scope),
        stale.to_sqlx() as _,
        list.text.as_deref().map(like),
        needy.as_deref(),
        list.only == Only::Suspended,
        list.by_name,
        list.after.map(|tenant| tenant.0),
        limit,
        state
    );
    let rows = rows.fetch_all(&mut *conn).await?;
    let total = rows.first().map_or_else(Total::default, |row| Total {
        tenants: count(row.tenants),
        troubled: count(row.troubled),
        tally: Tally {
            protected: count(row.all_protected),
            at_risk: count(row.all_at_risk),
            unprotected: count(row.all_unprotected),
            unknown: count(row.all_unknown),
            out_of_scope: count(row.all_out),
            undecided: count(row.all_undecided),
        },
    });
    let summaries = rows.into_iter().filter_map(|row| {
        Some(Summary {
            tenant: TenantId(row.tenant_id?),
            tally: Tally {
                protected: count(row.protected),
                at_risk: count(row.at_risk),
                unprotected: count(row.unprotected),
                unknown: count(row.unknown),
                out_of_scope: count(row.out_of_scope),
                undecided: count(row.undecided),
            },
        })
    });
    Ok((total, summaries.collect()))
}

/// What is kept of a tenant's components in scope, beside what is contracted.
#[derive(Debug, Clone)]
pub struct Retention {
    /// Whose.
    pub tenant: Tenant,
    /// Components in scope.
    pub components: usize,
    /// Those that are kept for less than contracted, as was read lately.
    pub short: usize,
    /// Those of which there is no recovery point.
    pub without: usize,
    /// Those of which nobody knows: not read, or too long ago.
    pub unknown: usize,
    /// Days contracted, the least and the most.
    pub contracted: Option<(i32, i32)>,
    /// Days that are kept, the least and the most of what was read lately; `None`: nothing was.
    pub effective: Option<(i32, i32)>,
    /// The oldest recovery point that was read lately; `None`: there is none.
    pub oldest_recovery_point_at: Option<Timestamp>,
}

/// The retention of the tenants of the scope that have something in scope, `limit` at most: those that keep too little
/// first, then those without recovery points, then those of which nobody knows.
///
/// # Errors
/// [`StoreError`].
pub async fn retention(
    conn: &mut PgConnection,
    scope: &TenantScope,
    stale: Timestamp,
    list: &Fleet,
    limit: i64,
) -> Result<Vec<Retention>, StoreError> {
    let rows = sqlx::query!(
        r#"WITH lines AS (
             SELECT *, observed_at >= $2 AND standing IN ('no-point', 'late', 'fresh') AS read FROM tenant_rollup
             WHERE tenant_id IN (SELECT unnest($1::uuid[])) AND standing NOT IN ('out', 'undecided')
           ), summed AS (
             SELECT tenant_id, sum(components) AS components,
               coalesce(sum(short) FILTER (WHERE read), 0) AS short,
               coalesce(sum(components) FILTER (WHERE standing = 'no-mechanism' OR read AND standing = 'no-point'), 0) AS without,
               coalesce(sum(components) FILTER (WHERE NOT read AND standing <> 'no-mechanism'), 0) AS unknown,
               min(contracted_least) AS contracted_least, max(contracted_most) AS contracted_most,
               min(effective_least) FILTER (WHERE read) AS effective_least, max(effective_most) FILTER (WHERE read) AS effective_most,
               min(oldest_recovery_point_at) FILTER (WHERE read) AS oldest
             FROM lines GROUP BY tenant_id
           ), ranked AS (
             SELECT s.*, t.name, t.slug FROM summed s JOIN tenant t ON t.tenant_id = s.tenant_id
           )
           SELECT tenant_id, components AS "components!", short AS "short!", without AS "without!", unknown AS "unknown!",
             contracted_least, contracted_most, effective_least, effective_most, oldest
           FROM ranked
           WHERE ($3::text IS NULL OR lower(name) LIKE $3 OR slug LIKE $3)
             AND (NOT $4 OR short + without + unknown > 0)
             AND ($5::uuid IS NULL OR (-short, -without, -unknown, name, tenant_id)
               > (SELECT -short, -without, -unknown, name, tenant_id FROM ranked WHERE tenant_id = $5))
           ORDER BY -short, -without, -unknown, name, tenant_id LIMIT $6"#,
        &uuids(scope),
        stale.to_sqlx() as _,
        list.text.as_deref().map(like),
        matches!(list.only, Only::Needy(_)),
        list.after.map(|tenant| tenant.0),
        limit
    );
    let rows = rows.fetch_all(&mut *conn).await?;
    let listed = TenantScope::of(rows.iter().map(|row| TenantId(row.tenant_id)));
    let tenants = tenant::list(conn, &listed).await?;
    let mut tenants: HashMap<_, _> = tenants.into_iter().map(|tenant| (tenant.id, tenant)).collect();
    let lines = rows.into_iter().filter_map(|row| {
        Some(Retention {
            tenant: tenants.remove(&TenantId(row.tenant_id))?,
            components: count(row.components),
            short: count(row.short),
            without: count(row.without),
            unknown: count(row.unknown),
            contracted: row.contracted_least.zip(row.contracted_most),
            effective: row.effective_least.zip(row.effective_most),
            oldest_recovery_point_at: row.oldest.map(jiff_sqlx::Timestamp::to_jiff),
        })
    });
    Ok(lines.collect())
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}
