//! Which components are not backed up by decision or for want of one, who signed that, and until when it holds.

use domain::attestation::{DecisionState, soon};
use domain::id::{AttestationId, ChangeRequestId, ComponentId, ScopeItemId, TenantId, UserId};
use domain::sow::Scope;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::json;

/// A component that is out of scope or undecided.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The component.
    pub component: ComponentId,
    /// The signed decision that it is out; `None`: nobody decided.
    pub out: Option<Signed>,
}

/// A signed out-decision.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The line that says so.
    pub item: ScopeItemId,
    /// The version that brought the line.
    pub version: i32,
    /// The change that made the version; `None` for the onboarding document.
    pub change: Option<ChangeRequestId>,
    /// The change's number.
    pub change_number: Option<i32>,
    /// Who signed: the approvals of the change, or of the onboarding document.
    pub by: Vec<String>,
    /// When; of an onboarding document midnight UTC of its day.
    pub at: Timestamp,
    /// The day on which the onboarding document says that it was signed; `None`: no document decided.
    pub on: Option<Date>,
    /// Why, in the words of the change or of the onboarding document; empty when no reason was given.
    pub reason: String,
    /// Who attested it last, and when; `None`: nobody since it was signed.
    pub attested: Option<(String, Timestamp)>,
    /// The last day on which it holds.
    pub due_on: Date,
}

/// How many decisions are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Nobody decided.
    pub undecided: usize,
    /// To be attested since some day.
    pub overdue: usize,
    /// To be attested soon.
    pub due_soon: usize,
    /// Signed or attested not long ago.
    pub signed: usize,
}

struct Row {
    component_id: Uuid,
    scope_item_id: Option<Uuid>,
    version: Option<i32>,
    change_request_id: Option<Uuid>,
    number: Option<i32>,
    signed_by: Option<Vec<String>>,
    signed_at: Option<jiff_sqlx::Timestamp>,
    signed_on: Option<jiff_sqlx::Date>,
    reason: Option<String>,
    attested_by: Option<String>,
    attested_at: Option<jiff_sqlx::Timestamp>,
    due_on: Option<jiff_sqlx::Date>,
}

impl From<Row> for Decision {
    fn from(row: Row) -> Self {
        let signed = || {
            Some(Signed {
                item: ScopeItemId(row.scope_item_id?),
                version: row.version?,
                change: row.change_request_id.map(ChangeRequestId),
                change_number: row.number,
                by: row.signed_by?,
                at: row.signed_at?.to_jiff(),
                on: row.signed_on.map(jiff_sqlx::Date::to_jiff),
                reason: row.reason.unwrap_or_default().trim().to_owned(),
                attested: row.attested_by.zip(row.attested_at).map(|(by, at)| (by, at.to_jiff())),
                due_on: row.due_on?.to_jiff(),
            })
        };
        Self {
            component: ComponentId(row.component_id),
            out: signed(),
        }
    }
}

/// The decisions (those in one state, when given): what nobody decided first, then by the day on which they are due,
/// `limit` at most, from the one after the component `after`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn page(
    conn: &mut PgConnection,
    tenant: TenantId,
    state: Option<DecisionState>,
    today: Date,
    after: Option<ComponentId>,
    limit: i64,
) -> Result<Vec<Decision>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"WITH listed AS (
             SELECT d.*, coalesce(d.due_on, '-infinity') AS rank,
               CASE WHEN d.due_on IS NULL THEN 'undecided' WHEN d.due_on < $3 THEN 'overdue'
                    WHEN d.due_on <= $4 THEN 'due-soon' ELSE 'signed' END AS state
             FROM scope_decision d WHERE d.tenant_id = $1
           )
           SELECT l.component_id AS "component_id!", l.scope_item_id, l.version, l.change_request_id, r.number AS "number?",
             l.signed_by, l.signed_at, l.signed_on, coalesce(r.form->>'further_needs', substring(i.reason FROM 'The customer''s reason: (.*)')) AS reason,
             l.attested_by, l.attested_at, l.due_on
           FROM listed l
           LEFT JOIN scope_item i ON i.tenant_id = l.tenant_id AND i.id = l.scope_item_id
           LEFT JOIN change_request r ON r.tenant_id = l.tenant_id AND r.id = l.change_request_id
           WHERE ($2::text IS NULL OR l.state = $2)
             AND ($5::uuid IS NULL OR (l.rank, l.environment, l.name, l.component_id)
               > (SELECT rank, environment, name, component_id FROM listed WHERE component_id = $5))
           ORDER BY l.rank, l.environment, l.name, l.component_id LIMIT $6"#,
        tenant.0,
        state.map(DecisionState::as_str),
        today.to_sqlx() as _,
        soon(today).to_sqlx() as _,
        after.map(|id| id.0),
        limit
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(Decision::from).collect())
}

/// The decisions on those of the components that are out of scope or undecided, in no order.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn those(
    conn: &mut PgConnection,
    tenant: TenantId,
    components: &[ComponentId],
) -> Result<Vec<Decision>, StoreError> {
    let ids: Vec<_> = components.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT d.component_id AS "component_id!", d.scope_item_id, d.version, d.change_request_id, r.number AS "number?",
             d.signed_by, d.signed_at, d.signed_on, coalesce(r.form->>'further_needs', substring(i.reason FROM 'The customer''s reason: (.*)')) AS reason,
             d.attested_by, d.attested_at, d.due_on
           FROM scope_decision d
           LEFT JOIN scope_item i ON i.tenant_id = d.tenant_id AND i.id = d.scope_item_id
           LEFT JOIN change_request r ON r.tenant_id = d.tenant_id AND r.id = d.change_request_id
           WHERE d.tenant_id = $1 AND d.component_id = ANY($2)"#,
        tenant.0,
        &ids
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(Decision::from).collect())
}

/// How many decisions are in which state on that day.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn tally(conn: &mut PgConnection, tenant: TenantId, today: Date) -> Result<Tally, StoreError> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE due_on IS NULL) AS "undecided!", count(*) FILTER (WHERE due_on < $2) AS "overdue!",
             count(*) FILTER (WHERE due_on >= $2 AND due_on <= $3) AS "due_soon!", count(*) FILTER (WHERE due_on > $3) AS "signed!"
           FROM scope_decision WHERE tenant_id = $1"#,
        tenant.0,
        today.to_sqlx() as _,
        soon(today).to_sqlx() as _
    );
    let row = row.fetch_one(conn).await?;
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    Ok(Tally {
        undecided: count(row.undecided),
        overdue: count(row.overdue),
        due_soon: count(row.due_soon),
        signed: count(row.signed),
    })
}

/// The component's line in the newest version, held until the transaction ends.
///
/// # Errors
/// [`StoreError`].
pub async fn lock(
    conn: &mut PgConnection,
    tenant: TenantId,
    component: ComponentId,
) -> Result<Option<(ScopeItemId, Scope)>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, scope FROM scope_item WHERE tenant_id = $1 AND component_id = $2 AND to_version IS NULL FOR UPDATE",
        tenant.0,
        component.0
    );
    let Some(row) = row.fetch_optional(conn).await? else {
        return Ok(None);
    };
    Ok(Some((ScopeItemId(row.id), json("scope", row.scope)?)))
}

/// One more signature under an out-decision.
#[derive(Debug, Clone)]
pub struct Attestation {
    /// Its id.
    pub id: AttestationId,
    /// Of which component.
    pub component: ComponentId,
    /// Under which line.
    pub item: ScopeItemId,
    /// Who signed.
    pub by: UserId,
    /// Name for people.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
    /// The last day on which the decision holds by it.
    pub due_on: Date,
}

/// Adds a signature.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn add(conn: &mut PgConnection, tenant: TenantId, attestation: &Attestation) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO attestation (tenant_id, id, component_id, scope_item_id, attested_by, attested_by_name, at, due_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant.0,
        attestation.id.0,
        attestation.component.0,
        attestation.item.0,
        attestation.by.0,
        attestation.by_name,
        attestation.at.to_sqlx(),
        attestation.due_on.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}
