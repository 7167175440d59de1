//! The sums over a tenant's components, so that the fleet is read in one small query however many components there are.

use domain::id::TenantId;
use domain::tenant::TenantScope;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;
use crate::tenant::uuids;

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
    .execute(conn)
    .await?;
    Ok(())
}

/// The components of all tenants of the scope by state, and the oldest of the readings of those in scope (`None`: some was
/// never read, or none is in scope). An observation from before `stale` says nothing any more.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn tally(
    conn: &mut PgConnection,
    scope: &TenantScope,
    stale: Timestamp,
) -> Result<(Tally, Option<Timestamp>), StoreError> {
    let rows = sqlx::query!(
        r#"SELECT protection_state(standing, observed_at, $2) AS "state!", sum(components)::bigint AS "components!",
             min(observed_at) AS "oldest!", bool_or(observed_at = 'epoch') AS "unread!"
           FROM tenant_rollup WHERE tenant_id = ANY($1) GROUP BY 1"#,
        &uuids(scope),
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

/// The tenants of the scope, worst first, `limit` at most, from the one after `after`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn fleet(
    conn: &mut PgConnection,
    scope: &TenantScope,
    stale: Timestamp,
    after: Option<TenantId>,
    limit: i64,
) -> Result<Vec<Summary>, StoreError> {
    let rows = sqlx::query!(
        r#"WITH summed AS (
             SELECT tenant_id,
               sum(components) FILTER (WHERE state = 'unprotected') AS unprotected,
               sum(components) FILTER (WHERE state = 'at-risk') AS at_risk,
               sum(components) FILTER (WHERE state = 'unknown') AS unknown,
               sum(components) FILTER (WHERE state = 'protected') AS protected,
               sum(components) FILTER (WHERE state = 'out') AS out_of_scope,
               sum(components) FILTER (WHERE state = 'undecided') AS undecided
             FROM (SELECT tenant_id, components, protection_state(standing, observed_at, $2) AS state
                   FROM tenant_rollup WHERE tenant_id = ANY($1)) AS stated
             GROUP BY tenant_id
           ), ranked AS (
             SELECT t.tenant_id, t.name, coalesce(unprotected, 0) AS unprotected, coalesce(at_risk, 0) AS at_risk,
               coalesce(unknown, 0) AS unknown, coalesce(protected, 0) AS protected,
               coalesce(out_of_scope, 0) AS out_of_scope, coalesce(undecided, 0) AS undecided
             FROM tenant t LEFT JOIN summed s ON s.tenant_id = t.tenant_id WHERE t.tenant_id = ANY($1)
           )
           SELECT tenant_id, unprotected AS "unprotected!", at_risk AS "at_risk!", unknown AS "unknown!",
             protected AS "protected!", out_of_scope AS "out_of_scope!", undecided AS "undecided!"
           FROM ranked
           WHERE $3::uuid IS NULL OR (-unprotected, -at_risk, -unknown, name, tenant_id)
             > (SELECT -unprotected, -at_risk, -unknown, name, tenant_id FROM ranked WHERE tenant_id = $3)
           ORDER BY unprotected DESC, at_risk DESC, unknown DESC, name, tenant_id LIMIT $4"#,
        &uuids(scope),
        stale.to_sqlx() as _,
        after.map(|tenant| tenant.0),
        limit
    );
    let rows = rows.fetch_all(conn).await?.into_iter().map(|row| Summary {
        tenant: TenantId(row.tenant_id),
        tally: Tally {
            protected: count(row.protected),
            at_risk: count(row.at_risk),
            unprotected: count(row.unprotected),
            unknown: count(row.unknown),
            out_of_scope: count(row.out_of_scope),
            undecided: count(row.undecided),
        },
    });
    Ok(rows.collect())
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}
