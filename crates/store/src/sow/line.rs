//! The lines: as of a version, as a version changed them, and as they changed over time.

use domain::component::{ComponentKind, Environment};
use domain::id::{ComponentId, ScopeItemId, TenantId};
use domain::sow::{Line, MechanismChoice, Scope, ScopeItem};
use domain::tier::Tier;
use serde_json::Value;
use sqlx::PgConnection;

use crate::row::{json, like, word};
use crate::{StoreError, component};

/// What was decided of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// In scope.
    In,
    /// Out of scope.
    Out,
}

impl Decided {
    const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// Which lines are listed; the default: all.
#[derive(Debug, Clone, Default)]
pub struct LineFilter {
    /// Decision.
    pub decided: Option<Decided>,
    /// Environment.
    pub environment: Option<Environment>,
    /// Kind.
    pub kind: Option<ComponentKind>,
    /// Tier.
    pub tier: Option<Tier>,
    /// Part of the name, the workload, the owner, the engine or the ARN, in any case.
    pub text: Option<String>,
}

/// The lines as of a version, by environment and name, `limit` at most, from the one after the component `after`.
///
/// # Errors
/// [`StoreError`].
pub async fn items(
    conn: &mut PgConnection,
    tenant: TenantId,
    version: i32,
    filter: &LineFilter,
    after: Option<ComponentId>,
    limit: i64,
) -> Result<Vec<ScopeItem>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT i.id AS item_id, i.scope, i.mechanism, i.reason,
             c.tenant_id, c.id, c.name, c.kind, c.environment, c.workload, c.owner, c.engine, c.version,
             c.size_bytes, a.account_id AS "account_id?", c.region, c.arn, c.decommissioned_at
           FROM component c
           JOIN scope_item i ON i.tenant_id = c.tenant_id AND i.component_id = c.id
             AND i.from_version <= $2 AND (i.to_version IS NULL OR i.to_version > $2)
           LEFT JOIN aws_account a ON a.tenant_id = c.tenant_id AND a.id = c.aws_account_id
           WHERE c.tenant_id = $1
             AND ($3::text IS NULL OR i.scope->>'decision' = $3) AND ($4::text IS NULL OR c.environment = $4)
             AND ($5::text IS NULL OR c.kind = $5) AND ($6::text IS NULL OR i.scope->>'tier' = $6)
             AND ($7::text IS NULL OR lower(concat_ws(' ', c.name, c.workload, c.owner, c.engine, c.version, c.arn)) LIKE $7)
             AND ($8::uuid IS NULL OR (c.environment, c.name, c.id)
               > (SELECT environment, name, id FROM component WHERE tenant_id = $1 AND id = $8))
           ORDER BY c.environment, c.name, c.id LIMIT $9"#,
        tenant.0,
        version,
        filter.decided.map(Decided::as_str),
        filter.environment.map(Environment::as_str),
        filter.kind.map(ComponentKind::as_str),
        filter.tier.map(|tier| format!("tier{}", tier.number())),
        filter.text.as_deref().map(like),
        after.map(|id| id.0),
        limit
    );
    let rows = rows.fetch_all(conn).await?;
    rows.into_iter()
        .map(|row| {
            let (scope, choice) = line(row.scope, row.mechanism, row.reason)?;
            Ok(ScopeItem {
                id: ScopeItemId(row.item_id),
                scope,
                choice,
                component: component::Row {
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
                }
                .try_into()?,
            })
        })
        .collect()
}

/// A component whose line a version brought, replaced or took away.
#[derive(Debug, Clone)]
pub struct Touched {
    /// The component.
    pub component: ComponentId,
    /// Its name.
    pub name: String,
    /// Its environment.
    pub environment: Environment,
    /// Its line in the version before; `None`: there was none.
    pub before: Option<Line>,
    /// Its line in the version; `None`: there is none any more.
    pub after: Option<Line>,
}

/// What a version changed, by environment and name, `limit` at most, from the component after `after`.
///
/// # Errors
/// [`StoreError`].
pub async fn touched(
    conn: &mut PgConnection,
    tenant: TenantId,
    version: i32,
    after: Option<ComponentId>,
    limit: i64,
) -> Result<Vec<Touched>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT c.id, c.name, c.environment, b.scope AS "scope_before?", b.mechanism AS "mechanism_before?",
             b.reason AS "reason_before?", n.scope AS "scope_after?", n.mechanism AS "mechanism_after?", n.reason AS "reason_after?"
           FROM (SELECT component_id FROM scope_item WHERE tenant_id = $1 AND from_version = $2
                 UNION SELECT component_id FROM scope_item WHERE tenant_id = $1 AND to_version = $2) AS touched
           JOIN component c ON c.tenant_id = $1 AND c.id = touched.component_id
           LEFT JOIN scope_item b ON b.tenant_id = $1 AND b.component_id = c.id AND b.to_version = $2
           LEFT JOIN scope_item n ON n.tenant_id = $1 AND n.component_id = c.id AND n.from_version = $2
           WHERE $3::uuid IS NULL OR (c.environment, c.name, c.id)
             > (SELECT environment, name, id FROM component WHERE tenant_id = $1 AND id = $3)
           ORDER BY c.environment, c.name, c.id LIMIT $4"#,
        tenant.0,
        version,
        after.map(|id| id.0),
        limit
    );
    let rows = rows.fetch_all(conn).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Touched {
                component: ComponentId(row.id),
                name: row.name,
                environment: word("environment", row.environment)?,
                before: some_line(row.scope_before, row.mechanism_before, row.reason_before)?,
                after: some_line(row.scope_after, row.mechanism_after, row.reason_after)?,
            })
        })
        .collect()
}

/// A component's line as it stood for some versions.
#[derive(Debug, Clone)]
pub struct PastLine {
    /// The component.
    pub component: ComponentId,
    /// Its id.
    pub item: ScopeItemId,
    /// The version that brought it.
    pub from_version: i32,
    /// The version that replaced it or took it away; `None`: it stands.
    pub to_version: Option<i32>,
    /// The change that made that version; `None`: an onboarding document did.
    pub change: Option<i32>,
    /// The decision, and how it was carried out.
    pub line: Line,
}

/// Every line that the components ever had until `version`, the oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn history(
    conn: &mut PgConnection,
    tenant: TenantId,
    components: &[ComponentId],
    version: i32,
) -> Result<Vec<PastLine>, StoreError> {
    let ids: Vec<_> = components.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"SELECT i.id, i.component_id, i.from_version, i.to_version, i.scope, i.mechanism, i.reason, r.number AS "number?"
           FROM scope_item i
           JOIN sow_version v ON v.tenant_id = i.tenant_id AND v.version = i.from_version
           LEFT JOIN change_request r ON r.tenant_id = v.tenant_id AND r.id = v.change_request_id
           WHERE i.tenant_id = $1 AND i.component_id = ANY($2) AND i.from_version <= $3
           ORDER BY i.component_id, i.from_version"#,
        tenant.0,
        &ids,
        version
    );
    let rows = rows.fetch_all(conn).await?;
    rows.into_iter()
        .map(|row| {
            Ok(PastLine {
                component: ComponentId(row.component_id),
                item: ScopeItemId(row.id),
                from_version: row.from_version,
                to_version: row.to_version,
                change: row.number,
                line: line(row.scope, row.mechanism, row.reason)?,
            })
        })
        .collect()
}

fn line(scope: Value, mechanism: String, reason: String) -> Result<Line, StoreError> {
    let scope: Scope = json("scope", scope)?;
    let mechanism = word("mechanism", mechanism)?;
    Ok((scope, MechanismChoice { mechanism, reason }))
}

fn some_line(
    scope: Option<Value>,
    mechanism: Option<String>,
    reason: Option<String>,
) -> Result<Option<Line>, StoreError> {
    match (scope, mechanism, reason) {
        (Some(scope), Some(mechanism), Some(reason)) => line(scope, mechanism, reason).map(Some),
        _ => Ok(None),
    }
}
