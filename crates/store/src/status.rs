//! What is contracted beside what was observed, component by component, and where each stands: a table of its own, kept
//! in the transactions that change it, so that a page of thousands reads and does not reckon.

mod listing;

use std::collections::HashMap;

use domain::component::{Component, ComponentKind, Environment};
use domain::id::{ComponentId, TenantId};
use domain::protection::{ProtectionState, Standing};
use domain::sow::{MechanismChoice, Scope};
use domain::tier::Tier;
use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::row::{json, word};
use crate::{StoreError, component};

pub use listing::ids;

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
    /// Whether its storage, and so its backups, are encrypted; `None` when it was not there.
    pub encrypted: Option<bool>,
    /// Days that automated backups are kept; `None` when it was not there.
    pub retention_days: Option<i32>,
    /// The newest recovery point.
    pub newest_recovery_point_at: Option<Timestamp>,
    /// The oldest moment that can be restored.
    pub oldest_recovery_point_at: Option<Timestamp>,
}

/// Which components are listed; `None` everywhere: all that live.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Shown state.
    pub state: Option<Shown>,
    /// Environment.
    pub environment: Option<Environment>,
    /// Kind.
    pub kind: Option<ComponentKind>,
    /// Tier.
    pub tier: Option<Tier>,
    /// Part of the name, the workload, the owner, the engine or the ARN, in any case.
    pub text: Option<String>,
}

/// What a component is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// In scope, in any state.
    InScope,
    /// In scope, in this state.
    State(ProtectionState),
    /// In scope, and kept for less than contracted, as was read lately.
    TooShort,
    /// Decided to be out of scope.
    Out,
    /// Nobody decided.
    Undecided,
}

impl Shown {
    const fn as_str(self) -> &'static str {
        match self {
            Self::InScope => "in-scope",
            Self::State(state) => state.as_str(),
            Self::TooShort => "too-short",
            Self::Out => "out",
            Self::Undecided => "undecided",
        }
    }
}

/// In which order components are listed; equals by name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Unprotected, at risk, unknown, undecided, protected, out of scope.
    #[default]
    Worst,
    /// By name.
    Name,
    /// The shortest contracted retention first; what has none last.
    Retention,
    /// The oldest recovery point first; what has none before all.
    Oldest,
}

struct Row {
    tenant_id: Uuid,
    id: Uuid,
    name: String,
    kind: String,
    environment: String,
    workload: Option<String>,
    owner: Option<String>,
    engine: Option<String>,
    version: Option<String>,
    size_bytes: Option<i64>,
    account_id: Option<String>,
    region: Option<String>,
    arn: Option<String>,
    decommissioned_at: Option<jiff_sqlx::Timestamp>,
    scope: Option<serde_json::Value>,
    mechanism: Option<String>,
    reason: Option<String>,
    observed_at: Option<jiff_sqlx::Timestamp>,
    present: bool,
    encrypted: Option<bool>,
    retention_days: Option<i32>,
    newest_recovery_point_at: Option<jiff_sqlx::Timestamp>,
    oldest_recovery_point_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for ComponentStatus {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
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
            encrypted: row.encrypted,
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
            workload: row.workload,
            owner: row.owner,
            engine: row.engine,
            version: row.version,
            size_bytes: row.size_bytes,
            account_id: row.account_id,
            region: row.region,
            arn: row.arn,
            decommissioned_at: row.decommissioned_at,
        };
        Ok(Self {
            component: component.try_into()?,
            contracted,
            observed,
        })
    }
}

/// Those components (`None`: all that live) with what is contracted and what was read, by environment and name.
///
/// # Errors
/// [`StoreError`].
pub async fn those(
    conn: &mut PgConnection,
    tenant: TenantId,
    ids: Option<&[ComponentId]>,
) -> Result<Vec<ComponentStatus>, StoreError> {
    // A statement each: one for both would read all, whichever are asked for.
    macro_rules! read {
        ($which:tt $(, $ids:expr)?) => {
            sqlx::query_as!(
                Row,
                r#"SELECT c.tenant_id, c.id, c.name, c.kind, c.environment, c.workload, c.owner, c.engine, c.version,
                     c.size_bytes, a.account_id AS "account_id?", c.region, c.arn, c.decommissioned_at,
                     i.scope AS "scope?", i.mechanism AS "mechanism?", i.reason AS "reason?",
                     o.observed_at AS "observed_at?", o.resource IS NOT NULL AS "present!",
                     (o.resource->>'encrypted')::boolean AS encrypted,
                     o.retention_days AS "retention_days?", o.newest_recovery_point_at, o.oldest_recovery_point_at
                   FROM component c
                   LEFT JOIN aws_account a ON a.tenant_id = c.tenant_id AND a.id = c.aws_account_id
                   -- One lookup each, by all of the key: right after an import, without statistics, Postgres would compare all with all.
                   LEFT JOIN LATERAL (SELECT * FROM scope_item i
                     WHERE i.tenant_id = c.tenant_id AND i.component_id = c.id AND i.to_version IS NULL LIMIT 1) i ON true
                   LEFT JOIN LATERAL (SELECT * FROM observation o
                     WHERE o.tenant_id = c.tenant_id AND o.component_id = c.id LIMIT 1) o ON true
                   WHERE c.tenant_id = $1 AND "# + $which + " ORDER BY c.environment, c.name, c.id",
                tenant.0
                $(, $ids)?
            )
            .fetch_all(conn)
            .await?
        };
    }
    let rows = match ids {
        Some(ids) => {
            let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
            read!("c.id = ANY($2)", &ids)
        }
        None => read!("c.decommissioned_at IS NULL"),
    };
    rows.into_iter().map(ComponentStatus::try_from).collect()
}

/// A page of the tenant's living components, `limit` at most, from the one after `after`. An observation from before
/// `stale` says nothing any more.
///
/// # Errors
/// [`StoreError`].
pub async fn page(
    conn: &mut PgConnection,
    tenant: TenantId,
    filter: &Filter,
    order: Order,
    stale: Timestamp,
    after: Option<ComponentId>,
    limit: i64,
) -> Result<Vec<ComponentStatus>, StoreError> {
    let ids = ids(conn, tenant, filter, order, stale, after, limit).await?;
    let found = those(conn, tenant, Some(&ids)).await?;
    let mut found: HashMap<_, _> = found.into_iter().map(|status| (status.component.id, status)).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Stores where components stand; what was decommissioned is listed no more.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save(
    conn: &mut PgConnection,
    tenant: TenantId,
    standings: &[(&ComponentStatus, Standing)],
) -> Result<(), StoreError> {
    let (gone, living): (Vec<_>, Vec<_>) = standings
        .iter()
        .partition(|(status, _)| status.component.decommissioned_at.is_some());
    let gone: Vec<Uuid> = gone.iter().map(|(status, _)| status.component.id.0).collect();
    if !gone.is_empty() {
        sqlx::query!(
            "DELETE FROM component_status WHERE tenant_id = $1 AND component_id = ANY($2)",
            tenant.0,
            &gone
        )
        .execute(&mut *conn)
        .await?;
    }
    let ids: Vec<Uuid> = living.iter().map(|(status, _)| status.component.id.0).collect();
    let words: Vec<String> = living
        .iter()
        .map(|(_, standing)| standing.as_str().to_owned())
        .collect();
    let terms = |status: &ComponentStatus| status.contracted.as_ref().and_then(|(scope, _)| scope.terms().cloned());
    let tiers: Vec<Option<i16>> = living
        .iter()
        .map(|(status, _)| terms(status).and_then(|terms| terms.tier).map(Tier::number))
        .collect();
    let contracted: Vec<Option<i32>> = living
        .iter()
        .map(|(status, _)| terms(status).map(|terms| i32::from(terms.retention.get())))
        .collect();
    sqlx::query!(
        "INSERT INTO component_status
         SELECT c.tenant_id, c.id, t.standing, o.observed_at, c.name, c.environment, c.kind,
           lower(concat_ws(' ', c.name, c.workload, c.owner, c.engine, c.version, c.arn)),
           t.tier, t.contracted, o.retention_days, o.newest_recovery_point_at, o.oldest_recovery_point_at
         FROM unnest($2::uuid[], $3::text[], $4::smallint[], $5::integer[]) AS t (id, standing, tier, contracted)
         JOIN component c ON c.tenant_id = $1 AND c.id = t.id
         LEFT JOIN observation o ON o.tenant_id = c.tenant_id AND o.component_id = c.id
         ON CONFLICT (tenant_id, component_id) DO UPDATE SET
           standing = excluded.standing, observed_at = excluded.observed_at, name = excluded.name,
           environment = excluded.environment, kind = excluded.kind, search = excluded.search, tier = excluded.tier,
           contracted_days = excluded.contracted_days, effective_days = excluded.effective_days,
           newest_recovery_point_at = excluded.newest_recovery_point_at,
           oldest_recovery_point_at = excluded.oldest_recovery_point_at,
           decided_until = CASE WHEN excluded.standing = 'out' THEN component_status.decided_until END",
        tenant.0,
        &ids,
        &words,
        &tiers as &[Option<i16>],
        &contracted as &[Option<i32>]
    )
    .execute(&mut *conn)
    .await?;
    let out: Vec<Uuid> = living
        .iter()
        .filter(|(_, standing)| *standing == Standing::Out)
        .map(|(status, _)| status.component.id.0)
        .collect();
    if !out.is_empty() {
        sqlx::query!(
            "UPDATE component_status s SET decided_until = d.due_on FROM scope_decision d
             WHERE s.tenant_id = $1 AND s.component_id = ANY($2) AND d.tenant_id = $1 AND d.component_id = s.component_id
               AND s.decided_until IS DISTINCT FROM d.due_on",
            tenant.0,
            &out
        )
        .execute(conn)
        .await?;
    }
    Ok(())
}
