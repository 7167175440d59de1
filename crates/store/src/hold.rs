//! Holds on recovery points.

use domain::component::Environment;
use domain::contract::Side;
use domain::hold::{Held, Hold, Target};
use domain::id::{ComponentId, HoldId, RecoveryPointId, TenantId};
use domain::restore::RecoveryPoint;
use domain::tenant::TenantScope;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{json, to_json, word};
use crate::tenant::uuids;

/// A hold, with what it is on as it was last observed.
#[derive(Debug, Clone)]
pub struct OfTarget {
    /// The hold.
    pub hold: Hold,
    /// The component's name and environment; `None`: everything of the customer.
    pub component: Option<(String, Environment)>,
    /// The recovery point, if it is on one.
    pub point: Option<HeldPoint>,
}

/// A recovery point under hold.
#[derive(Debug, Clone)]
pub struct HeldPoint {
    /// As it was last listed.
    pub point: RecoveryPoint,
    /// Whether a complete reading no longer showed it.
    pub gone: bool,
    /// Days that automated backups are kept there, as observed; `None`: it was not there, or never read.
    pub automated_days: Option<u16>,
}

/// Which holds are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those that stand (`true`), or that have ended (`false`).
    pub stands: Option<bool>,
    /// Only those that stand while this side asks that they be released.
    pub release_asked: Option<Side>,
    /// Only of this case.
    pub case: Option<String>,
    /// Only those after which the page begins.
    pub before: Option<i32>,
}

struct Row {
    tenant_id: Uuid,
    id: Uuid,
    number: i32,
    component_id: Option<Uuid>,
    recovery_point_id: Option<Uuid>,
    case_name: Option<String>,
    reason: String,
    until: Option<jiff_sqlx::Date>,
    asked: Value,
    release: Option<Value>,
    released: Option<Value>,
    revision: i64,
    component: Option<String>,
    environment: Option<String>,
    provider_id: Option<String>,
    granularity: Option<String>,
    at: Option<jiff_sqlx::Timestamp>,
    earliest: Option<jiff_sqlx::Timestamp>,
    encrypted: Option<bool>,
    gone: Option<bool>,
    automated_days: Option<i32>,
}

impl TryFrom<Row> for OfTarget {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let component = match (row.component, row.environment) {
            (Some(name), Some(environment)) => Some((name, word("environment", environment)?)),
            _ => None,
        };
        let point = match (row.recovery_point_id, row.provider_id, row.granularity, row.at) {
            (Some(id), Some(provider_id), Some(granularity), Some(at)) => Some(HeldPoint {
                point: RecoveryPoint {
                    id: RecoveryPointId(id),
                    provider_id,
                    granularity: word("granularity", granularity)?,
                    at: at.to_jiff(),
                    earliest: row.earliest.map(jiff_sqlx::Timestamp::to_jiff),
                    encrypted: row.encrypted.unwrap_or_default(),
                },
                gone: row.gone.unwrap_or_default(),
                automated_days: row.automated_days.and_then(|days| days.try_into().ok()),
            }),
            _ => None,
        };
        Ok(Self {
            hold: Hold {
                id: HoldId(row.id),
                tenant: TenantId(row.tenant_id),
                number: row.number,
                target: Target::of(
                    row.component_id.map(ComponentId),
                    row.recovery_point_id.map(RecoveryPointId),
                ),
                case: row.case_name,
                reason: row.reason,
                until: row.until.map(jiff_sqlx::Date::to_jiff),
                asked: json("asked", row.asked)?,
                release: row.release.map(|value| json("release", value)).transpose()?,
                released: row.released.map(|value| json("released", value)).transpose()?,
                revision: row.revision,
            },
            component,
            point,
        })
    }
}

/// Selects whole holds: the rest of the statement, and its parameters.
macro_rules! holds {
    ($rest:tt, $($parameter:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"SELECT h.tenant_id, h.id, h.number, h.component_id, h.recovery_point_id, h.case_name, h.reason,
                 h.until AS "until: jiff_sqlx::Date", h.asked, h.release, h.released, h.revision,
                 c.name AS "component?", c.environment AS "environment?",
                 p.provider_id AS "provider_id?", p.granularity AS "granularity?", p.at AS "at?: jiff_sqlx::Timestamp",
                 p.earliest AS "earliest?: jiff_sqlx::Timestamp", p.encrypted AS "encrypted?", p.gone_at IS NOT NULL AS gone,
                 o.retention_days AS "automated_days?"
               FROM recovery_point_hold h
               LEFT JOIN component c ON c.tenant_id = h.tenant_id AND c.id = h.component_id
               LEFT JOIN recovery_point p ON p.tenant_id = h.tenant_id AND p.id = h.recovery_point_id
               LEFT JOIN observation o ON o.tenant_id = h.tenant_id AND o.component_id = h.component_id "#
                + $rest,
            $($parameter),+
        )
    };
}

/// Adds a hold.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(conn: &mut PgConnection, hold: &Hold) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO recovery_point_hold (tenant_id, id, number, component_id, recovery_point_id, case_name, reason, until, asked, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        hold.tenant.0,
        hold.id.0,
        hold.number,
        hold.target.component().map(|id| id.0),
        hold.target.point().map(|id| id.0),
        hold.case,
        hold.reason,
        hold.until.map(|day| day.to_sqlx()) as _,
        to_json(&hold.asked),
        hold.revision
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores what was said of its release, if nobody else changed the hold since it was read; its revision goes up by one.
///
/// # Errors
/// [`StoreError::Stale`] when somebody did.
pub async fn save(conn: &mut PgConnection, hold: &mut Hold) -> Result<(), StoreError> {
    let done = sqlx::query!(
        "UPDATE recovery_point_hold SET release = $4, released = $5, revision = $3 + 1
         WHERE tenant_id = $1 AND id = $2 AND revision = $3",
        hold.tenant.0,
        hold.id.0,
        hold.revision,
        hold.release.as_ref().map(to_json),
        hold.released.as_ref().map(to_json)
    );
    StoreError::expect_rows(done.execute(conn).await?.rows_affected(), 1)?;
    hold.revision += 1;
    Ok(())
}

/// Locks the hold until the transaction ends, if the scope has it.
///
/// # Errors
/// [`StoreError`].
pub async fn lock(conn: &mut PgConnection, scope: &TenantScope, id: HoldId) -> Result<Option<OfTarget>, StoreError> {
    let row = holds!(
        "WHERE h.tenant_id = ANY($1) AND h.id = $2 FOR UPDATE OF h",
        &uuids(scope),
        id.0
    );
    row.fetch_optional(conn).await?.map(OfTarget::try_from).transpose()
}

/// The hold, if the scope has it.
///
/// # Errors
/// [`StoreError`].
pub async fn get(conn: &mut PgConnection, scope: &TenantScope, id: HoldId) -> Result<Option<OfTarget>, StoreError> {
    let row = holds!("WHERE h.tenant_id = ANY($1) AND h.id = $2", &uuids(scope), id.0);
    row.fetch_optional(conn).await?.map(OfTarget::try_from).transpose()
}

/// The tenant's hold with that number.
///
/// # Errors
/// [`StoreError`].
pub async fn by_number(conn: &mut PgConnection, tenant: TenantId, number: i32) -> Result<Option<OfTarget>, StoreError> {
    let row = holds!("WHERE h.tenant_id = $1 AND h.number = $2", tenant.0, number);
    row.fetch_optional(conn).await?.map(OfTarget::try_from).transpose()
}

/// The tenant's holds that the filter wants, newest first, `limit` at most. `today` is the day in UTC.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    conn: &mut PgConnection,
    tenant: TenantId,
    filter: &Filter,
    today: Date,
    limit: i64,
) -> Result<Vec<OfTarget>, StoreError> {
    let rows = holds!(
        "WHERE h.tenant_id = $1
           AND ($2::boolean IS NULL OR $2 = (h.released IS NULL AND (h.until IS NULL OR h.until >= $3)))
           AND ($4::text IS NULL OR h.case_name = $4)
           AND ($5::integer IS NULL OR h.number < $5)
           AND ($7::text IS NULL OR h.released IS NULL AND (h.until IS NULL OR h.until >= $3) AND h.release->'said'->>'side' = $7)
         ORDER BY h.number DESC LIMIT $6",
        tenant.0,
        filter.stands,
        today.to_sqlx() as _,
        filter.case,
        filter.before,
        limit,
        filter.release_asked.map(Side::as_str)
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(OfTarget::try_from)
        .collect()
}

/// The holds of the scope that one side asks to release, which the other has to confirm; 200 at most, those that were asked
/// for longest ago first.
///
/// # Errors
/// [`StoreError`].
pub async fn release_asked(
    conn: &mut PgConnection,
    scope: &TenantScope,
    today: Date,
) -> Result<Vec<OfTarget>, StoreError> {
    let rows = holds!(
        "WHERE h.tenant_id = ANY($1) AND h.released IS NULL AND h.release IS NOT NULL AND (h.until IS NULL OR h.until >= $2)
         ORDER BY h.release->'said'->>'at', h.id LIMIT 200",
        &uuids(scope),
        today.to_sqlx() as _
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(OfTarget::try_from)
        .collect()
}

/// What stands of holds on a component: on it, on one of its recovery points, or on everything. By number.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn standing(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
    today: Date,
) -> Result<Vec<Held>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT h.number, p.provider_id AS "provider_id?" FROM recovery_point_hold h
           LEFT JOIN recovery_point p ON p.tenant_id = h.tenant_id AND p.id = h.recovery_point_id
           WHERE h.tenant_id = $1 AND (h.component_id = $2 OR h.component_id IS NULL)
             AND h.released IS NULL AND (h.until IS NULL OR h.until >= $3)
             AND (p.id IS NULL OR p.gone_at IS NULL)
           ORDER BY h.number"#,
        tenant.0,
        component.0,
        today.to_sqlx() as _
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    Ok(rows
        .map(|row| Held {
            number: row.number,
            point: row.provider_id,
        })
        .collect())
}
