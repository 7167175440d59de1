//! Restorable copies, as they were last listed.

use domain::id::{ComponentId, RecoveryPointId, TenantId};
use domain::observation::{Granularity, ObservedRecoveryPoint};
use domain::restore::RecoveryPoint;
use domain::tenant::TenantScope;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::word;
use crate::tenant::uuids;

struct Row {
    id: Uuid,
    provider_id: String,
    granularity: String,
    at: jiff_sqlx::Timestamp,
    earliest: Option<jiff_sqlx::Timestamp>,
    encrypted: bool,
}

impl TryFrom<Row> for RecoveryPoint {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: RecoveryPointId(row.id),
            provider_id: row.provider_id,
            granularity: word("granularity", row.granularity)?,
            at: row.at.to_jiff(),
            earliest: row.earliest.map(jiff_sqlx::Timestamp::to_jiff),
            encrypted: row.encrypted,
        })
    }
}

/// Stores what a reading listed for each of these components: new ones appear, those not listed any more are gone.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn sync(
    conn: &mut PgConnection,
    tenant: TenantId,
    observed_at: Timestamp,
    read: &[(ComponentId, &[ObservedRecoveryPoint])],
) -> Result<(), StoreError> {
    let listed: Vec<_> = read
        .iter()
        .flat_map(|(component, points)| points.iter().map(|point| (component.0, point)))
        .filter(|(_, point)| point.available)
        .collect();
    let ids: Vec<Uuid> = listed.iter().map(|_| RecoveryPointId::at(observed_at).0).collect();
    let owners: Vec<Uuid> = listed.iter().map(|(component, _)| *component).collect();
    let names: Vec<String> = listed.iter().map(|(_, point)| point.provider_id.clone()).collect();
    let granularities: Vec<String> = listed
        .iter()
        .map(|(_, point)| point.granularity.as_str().to_owned())
        .collect();
    let at: Vec<_> = listed.iter().map(|(_, point)| point.at.to_sqlx()).collect();
    let earliest: Vec<_> = listed
        .iter()
        .map(|(_, point)| point.earliest.map(|at| at.to_sqlx()))
        .collect();
    let encrypted: Vec<bool> = listed.iter().map(|(_, point)| point.encrypted).collect();
    // A provider that lists one twice would have the statement change a row twice, which Postgres refuses.
    sqlx::query!(
        "INSERT INTO recovery_point (tenant_id, id, component_id, provider_id, granularity, at, earliest, encrypted, last_seen_at)
         SELECT DISTINCT ON (p.component_id, p.provider_id) $1::uuid, p.id, p.component_id, p.provider_id, p.granularity, p.at, p.earliest,
           p.encrypted, $2::timestamptz
         FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::boolean[])
           AS p (id, component_id, provider_id, granularity, at, earliest, encrypted)
         ORDER BY p.component_id, p.provider_id, p.at DESC
         ON CONFLICT (tenant_id, component_id, provider_id) DO UPDATE
           SET at = excluded.at, earliest = excluded.earliest, encrypted = excluded.encrypted, last_seen_at = excluded.last_seen_at,
             gone_at = NULL
           WHERE recovery_point.last_seen_at <= excluded.last_seen_at",
        tenant.0,
        observed_at.to_sqlx() as _,
        &ids,
        &owners,
        &names,
        &granularities,
        &at as &[jiff_sqlx::Timestamp],
        &earliest as &[Option<jiff_sqlx::Timestamp>],
        &encrypted
    )
    .execute(&mut *conn)
    .await?;
    let components: Vec<Uuid> = read.iter().map(|(component, _)| component.0).collect();
    sqlx::query!(
        "UPDATE recovery_point SET gone_at = $3
         WHERE tenant_id = $1 AND component_id = ANY($2) AND last_seen_at < $3 AND gone_at IS NULL",
        tenant.0,
        &components,
        observed_at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A component's restorable copies, newest first, `limit` at most.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
    limit: i64,
) -> Result<Vec<RecoveryPoint>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, provider_id, granularity, at, earliest, encrypted FROM recovery_point
         WHERE tenant_id = $1 AND component_id = $2 AND gone_at IS NULL ORDER BY at DESC, id LIMIT $3",
        tenant.0,
        component.0,
        limit
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(RecoveryPoint::try_from)
        .collect()
}

/// A restorable copy, and the component that it is of.
#[derive(Debug, Clone)]
pub struct OfComponent {
    /// The component.
    pub component: ComponentId,
    /// Its name.
    pub name: String,
    /// The copy.
    pub point: RecoveryPoint,
    /// Days that automated backups are kept there, as observed; `None`: the resource was not there.
    pub automated_days: Option<u16>,
    /// Numbers of the standing holds that it is under.
    pub holds: Vec<i32>,
}

/// Which copies are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of this component.
    pub component: Option<ComponentId>,
    /// Only of this kind.
    pub granularity: Option<Granularity>,
    /// Only those under a standing hold (`true`), or under none (`false`).
    pub held: Option<bool>,
    /// Only this one.
    pub only: Option<RecoveryPointId>,
    /// Only those after which the page begins.
    pub before: Option<RecoveryPointId>,
}

/// The tenant's restorable copies that the filter wants, newest first, `limit` at most. `today` is the day in UTC.
///
/// # Errors
/// [`StoreError`].
pub async fn page(
    conn: &mut PgConnection,
    tenant: TenantId,
    filter: &Filter,
    today: Date,
    limit: i64,
) -> Result<Vec<OfComponent>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT p.id, p.provider_id, p.granularity, p.at, p.earliest, p.encrypted, p.component_id, c.name,
             o.retention_days AS "automated_days?", h.numbers AS "holds!"
           FROM recovery_point p
           JOIN component c ON c.tenant_id = p.tenant_id AND c.id = p.component_id
           LEFT JOIN observation o ON o.tenant_id = p.tenant_id AND o.component_id = p.component_id
           CROSS JOIN LATERAL (
             SELECT coalesce(array_agg(h.number ORDER BY h.number), '{}') AS numbers FROM recovery_point_hold h
             WHERE h.tenant_id = p.tenant_id AND h.released IS NULL AND (h.until IS NULL OR h.until >= $6)
               AND (h.component_id IS NULL OR h.component_id = p.component_id)
               AND (h.recovery_point_id IS NULL OR h.recovery_point_id = p.id)
           ) h
           WHERE p.tenant_id = $1 AND p.gone_at IS NULL
             AND ($2::uuid IS NULL OR (p.at, p.id) < (SELECT at, id FROM recovery_point WHERE tenant_id = $1 AND id = $2))
             AND ($4::uuid IS NULL OR p.component_id = $4)
             AND ($5::text IS NULL OR p.granularity = $5)
             AND ($7::boolean IS NULL OR $7 = (h.numbers <> '{}'))
             AND ($8::uuid IS NULL OR p.id = $8)
           ORDER BY p.at DESC, p.id DESC LIMIT $3"#,
        tenant.0,
        filter.before.map(|id| id.0),
        limit,
        filter.component.map(|id| id.0),
        filter.granularity.map(Granularity::as_str),
        today.to_sqlx() as _,
        filter.held,
        filter.only.map(|id| id.0)
    );
    let listed = rows.fetch_all(conn).await?.into_iter().map(|row| {
        Ok(OfComponent {
            component: ComponentId(row.component_id),
            name: row.name,
            point: RecoveryPoint::try_from(Row {
                id: row.id,
                provider_id: row.provider_id,
                granularity: row.granularity,
                at: row.at,
                earliest: row.earliest,
                encrypted: row.encrypted,
            })?,
            automated_days: row.automated_days.and_then(|days| days.try_into().ok()),
            holds: row.holds,
        })
    });
    listed.collect()
}

/// One restorable copy and the component that it is of.
///
/// # Errors
/// [`StoreError`].
pub async fn get(
    conn: &mut PgConnection,
    scope: &TenantScope,
    id: RecoveryPointId,
) -> Result<Option<(ComponentId, RecoveryPoint)>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, component_id, provider_id, granularity, at, earliest, encrypted FROM recovery_point
         WHERE tenant_id = ANY($1) AND id = $2 AND gone_at IS NULL",
        &uuids(scope),
        id.0
    );
    let Some(row) = row.fetch_optional(conn).await? else {
        return Ok(None);
    };
    let component = ComponentId(row.component_id);
    let row = Row {
        id: row.id,
        provider_id: row.provider_id,
        granularity: row.granularity,
        at: row.at,
        earliest: row.earliest,
        encrypted: row.encrypted,
    };
    Ok(Some((component, row.try_into()?)))
}
