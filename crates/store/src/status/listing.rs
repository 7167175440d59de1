//! Which components a list shows, and in which order: read from an index, so that thousands cost what a page costs.

use domain::component::{ComponentKind, Environment};
use domain::id::{ComponentId, TenantId};
use domain::tier::Tier;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use super::{Filter, Order, Shown};
use crate::StoreError;
use crate::row::like;

/// Which of the tenant's living components the filter finds, in that order: `limit` at most, from the one after `after`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn ids(
    conn: &mut PgConnection,
    tenant: TenantId,
    filter: &Filter,
    order: Order,
    stale: Timestamp,
    after: Option<ComponentId>,
    limit: i64,
) -> Result<Vec<ComponentId>, StoreError> {
    // A plan for any filter and any length would sort all components.
    plan_cache_mode(conn, "force_custom_plan").await?;
    // Both statements take the same but for $3.
    macro_rules! found {
        ($sql:tt, $first:expr) => {
            sqlx::query_scalar!(
                $sql,
                tenant.0,
                stale.to_sqlx() as _,
                $first,
                filter.state.map(Shown::as_str),
                filter.environment.map(Environment::as_str),
                filter.kind.map(ComponentKind::as_str),
                filter.tier.map(Tier::number),
                filter.text.as_deref().map(like),
                after.map(|id| id.0),
                limit
            )
            .fetch_all(&mut *conn)
            .await?
        };
    }
    let ids = match order {
        // What stands alike is in the order of the index component_status_listed, so that a page takes the first few of each
        // standing that the tenant has. Which it has, and whether their readings are too old by now, its sums say.
        Order::Worst | Order::Name => found!(
            r#"WITH alike AS (
               SELECT DISTINCT standing, standing IN ('no-point', 'late', 'fresh') AND observed_at < $2 AS old
               FROM tenant_rollup WHERE tenant_id = $1
             ), ranked AS (
               SELECT standing, old, state,
                 CASE WHEN $3 THEN array_position(ARRAY['unprotected', 'at-risk', 'unknown', 'undecided', 'protected', 'out'], state)
                   ELSE 0 END AS rank
               FROM (SELECT *, CASE WHEN old THEN 'unknown' ELSE protection_state(standing, $2, $2) END AS state FROM alike) AS stated
             ), cursor AS (
               SELECT s.name, s.environment, s.component_id, r.rank
               FROM component_status s
               JOIN ranked r ON r.standing = s.standing
                 AND r.old = (s.standing IN ('no-point', 'late', 'fresh') AND s.observed_at < $2)
               WHERE s.tenant_id = $1 AND s.component_id = $9
             )
             SELECT l.component_id AS "component_id!"
             FROM ranked r
             LEFT JOIN cursor c ON true
             CROSS JOIN LATERAL (
               SELECT s.name, s.environment, s.component_id FROM component_status s
               WHERE s.tenant_id = $1 AND s.standing = r.standing
                 AND (s.standing IN ('no-point', 'late', 'fresh') AND s.observed_at < $2) = r.old
                 AND ($4::text IS DISTINCT FROM 'too-short' OR s.observed_at >= $2 AND s.effective_days < s.contracted_days)
                 AND ($5::text IS NULL OR s.environment = $5) AND ($6::text IS NULL OR s.kind = $6)
                 AND ($7::smallint IS NULL OR s.tier = $7) AND ($8::text IS NULL OR s.search LIKE $8)
                 AND ($9::uuid IS NULL OR r.rank > c.rank
                   OR r.rank = c.rank AND (s.name, s.environment, s.component_id) > (c.name, c.environment, c.component_id))
               ORDER BY s.name, s.environment, s.component_id LIMIT $10
             ) AS l
             WHERE ($4::text IS NULL OR r.state = $4 OR $4 = 'too-short' OR $4 = 'in-scope' AND r.state NOT IN ('out', 'undecided'))
               AND ($9::uuid IS NULL OR r.rank >= c.rank)
             ORDER BY r.rank, l.name, l.environment, l.component_id LIMIT $10"#,
            order == Order::Worst
        ),
        // Sorted by what each row says.
        Order::Retention | Order::Oldest => found!(
            r#"WITH ranked AS (
               SELECT component_id, name, environment, kind, tier, search,
                 protection_state(standing, observed_at, $2) AS state,
                 observed_at >= $2 AND effective_days < contracted_days AS too_short,
                 CASE WHEN $3 THEN coalesce(contracted_days, 1000000)::float8
                   ELSE coalesce(extract(epoch FROM oldest_recovery_point_at), 0)::float8 END AS rank
               FROM component_status WHERE tenant_id = $1
             )
             SELECT component_id AS "component_id!" FROM ranked
             WHERE ($4::text IS NULL OR state = $4 OR ($4 = 'too-short' AND too_short)
                 OR ($4 = 'in-scope' AND state NOT IN ('out', 'undecided')))
               AND ($5::text IS NULL OR environment = $5) AND ($6::text IS NULL OR kind = $6)
               AND ($7::smallint IS NULL OR tier = $7) AND ($8::text IS NULL OR search LIKE $8)
               AND ($9::uuid IS NULL OR (rank, name, environment, component_id)
                 > (SELECT rank, name, environment, component_id FROM ranked WHERE component_id = $9))
             ORDER BY rank, name, environment, component_id LIMIT $10"#,
            order == Order::Retention
        ),
    };
    plan_cache_mode(conn, "auto").await?;
    Ok(ids.into_iter().map(ComponentId).collect())
}

async fn plan_cache_mode(conn: &mut PgConnection, mode: &str) -> Result<(), StoreError> {
    sqlx::query!("SELECT set_config('plan_cache_mode', $1, true)", mode)
        .fetch_one(conn)
        .await?;
    Ok(())
}
