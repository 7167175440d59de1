//! What ends by a date unless somebody renews it.

use domain::acknowledgement::Statement;
use domain::id::TenantId;
use domain::tenant::TenantScope;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::word;
use crate::tenant::uuids;

/// Something that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Of what it is.
    pub id: Uuid,
    /// Whose; `None`: the provider's own.
    pub tenant: Option<TenantId>,
    /// Names it for people.
    pub name: String,
    /// The last day, where the tenant is.
    pub on: Date,
    /// The last day on which notice can be given, where a contract asks for some.
    pub notice_by: Option<Date>,
}

/// What ends of a tenant's.
struct Row {
    tenant_id: Uuid,
    id: Uuid,
    name: String,
    on: jiff_sqlx::Date,
}

impl From<Row> for Ending {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            tenant: Some(TenantId(row.tenant_id)),
            name: row.name,
            on: row.on.to_jiff(),
            notice_by: None,
        }
    }
}

/// The contracts of the scope that end on `until` at the latest, or have ended, and those of which notice can be given on
/// `until` at the latest.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn contracts(conn: &mut PgConnection, scope: &TenantScope, until: Date) -> Result<Vec<Ending>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT t.tenant_id, t.name, t.contract_until AS "on!", t.contract_until - in_force.notice_days AS "notice_by?"
           FROM tenant t LEFT JOIN LATERAL (SELECT (body->>'notice_days')::integer AS notice_days FROM contract_version v
             WHERE v.tenant_id = t.tenant_id ORDER BY version DESC LIMIT 1) in_force ON true
           WHERE t.tenant_id = ANY($1) AND t.contract_until - coalesce(in_force.notice_days, 0) <= $2"#,
        &uuids(scope),
        until.to_sqlx() as _
    );
    let endings = rows.fetch_all(conn).await?.into_iter().map(|row| Ending {
        id: row.tenant_id,
        tenant: Some(TenantId(row.tenant_id)),
        name: row.name,
        on: row.on.to_jiff(),
        notice_by: row.notice_by.map(jiff_sqlx::Date::to_jiff),
    });
    Ok(endings.collect())
}

/// The signatures that count, of the scope's tenants, and end on `until` at the latest, or have ended: the newest under each
/// statement, unless that was taken back. Monthly granularity has to be signed only where tier 1 is in scope.
///
/// # Errors
/// [`StoreError`].
pub async fn acknowledgements(
    conn: &mut PgConnection,
    scope: &TenantScope,
    until: Date,
) -> Result<Vec<Ending>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT tenant_id AS "tenant_id!", id AS "id!", statement AS "statement!", signed_by AS "signed_by!", last_day AS "on!"
           FROM (SELECT DISTINCT ON (a.tenant_id, a.statement) a.tenant_id, a.id, a.statement, a.signed_by, a.withdrawn_at,
                   (a.until AT TIME ZONE t.time_zone)::date AS last_day
                 FROM acknowledgement a JOIN tenant t ON t.tenant_id = a.tenant_id
                 WHERE a.tenant_id = ANY($1)
                 ORDER BY a.tenant_id, a.statement, a.id DESC) AS newest
           WHERE last_day <= $2 AND withdrawn_at IS NULL
             AND (statement <> 'monthly-granularity' OR EXISTS (SELECT FROM scope_item i
               WHERE i.tenant_id = newest.tenant_id AND i.to_version IS NULL
                 AND i.scope->>'decision' = 'in' AND i.scope->>'tier' = 'tier1'))"#,
        &uuids(scope),
        until.to_sqlx() as _
    );
    let endings = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let statement: Statement = word("statement", row.statement)?;
        Ok(Ending {
            id: row.id,
            tenant: Some(TenantId(row.tenant_id)),
            name: format!("{}, signed by {}", statement.title(), row.signed_by),
            on: row.on.to_jiff(),
            notice_by: None,
        })
    });
    endings.collect()
}

/// The decisions that a component of the scope's tenants is out, which have to be attested on `until` at the latest, or should
/// have been.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn decisions(conn: &mut PgConnection, scope: &TenantScope, until: Date) -> Result<Vec<Ending>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT tenant_id AS "tenant_id!", scope_item_id AS "id!", name || ' (' || environment || ')' AS "name!", due_on AS "on!"
           FROM scope_decision WHERE tenant_id = ANY($1) AND due_on <= $2"#,
        &uuids(scope),
        until.to_sqlx() as _
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(Ending::from).collect())
}

/// The holds of the scope's tenants that stand and end on `until` at the latest, by their case or their reason.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn holds(
    conn: &mut PgConnection,
    scope: &TenantScope,
    now: Timestamp,
    until: Date,
) -> Result<Vec<Ending>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT tenant_id, id, coalesce(case_name, reason) AS "name!", until AS "on!" FROM recovery_point_hold
           WHERE tenant_id = ANY($1) AND released IS NULL AND until >= ($2 AT TIME ZONE 'UTC')::date AND until <= $3"#,
        &uuids(scope),
        now.to_sqlx() as _,
        until.to_sqlx() as _
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(Ending::from).collect())
}

/// The living API tokens that end on `until` at the latest: those of people of the scope's tenants, and, where `staff` is
/// asked for, those of people who may act for all.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn tokens(
    conn: &mut PgConnection,
    scope: &TenantScope,
    staff: bool,
    now: Timestamp,
    until: Date,
) -> Result<Vec<Ending>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT DISTINCT ON (k.id) k.id, g.tenant_id, k.name, u.email,
             (k.expires_at AT TIME ZONE coalesce(t.time_zone, 'UTC'))::date AS "on!"
           FROM api_token k
           JOIN app_user u ON u.id = k.user_id
           JOIN role_grant g ON g.user_id = u.id
           LEFT JOIN tenant t ON t.tenant_id = g.tenant_id
           WHERE u.disabled_at IS NULL AND k.expires_at > $3 AND (g.tenant_id = ANY($1) OR (g.tenant_id IS NULL AND $2))
             AND (k.expires_at AT TIME ZONE coalesce(t.time_zone, 'UTC'))::date <= $4
           ORDER BY k.id, g.tenant_id NULLS FIRST"#,
        &uuids(scope),
        staff,
        now.to_sqlx() as _,
        until.to_sqlx() as _
    );
    let endings = rows.fetch_all(conn).await?.into_iter().map(|row| Ending {
        id: row.id,
        tenant: row.tenant_id.map(TenantId),
        name: format!("{} of {}", row.name, row.email),
        on: row.on.to_jiff(),
        notice_by: None,
    });
    Ok(endings.collect())
}
