//! One wish for many components.

use domain::bulk_change::{BulkChange, Item};
use domain::change_request::Requester;
use domain::id::{BulkChangeId, ChangeRequestId, ComponentId, TenantId, UserId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{json, to_json};

/// A bulk change in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub number: i32,
    /// Who asked.
    pub requester: String,
    /// When.
    pub created_at: Timestamp,
    /// For how many components.
    pub components: i64,
    /// How many of them were refused, so that nothing was asked for.
    pub refused: i64,
}

/// Adds a bulk change with what became of each of its components.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(conn: &mut PgConnection, bulk: &BulkChange) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO bulk_change (tenant_id, id, number, requester_id, requester_name, fields, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        bulk.tenant.0,
        bulk.id.0,
        bulk.number,
        bulk.requester.user.map(|user| user.0),
        bulk.requester.name,
        to_json(&bulk.fields),
        bulk.created_at.to_sqlx()
    )
    .execute(&mut *conn)
    .await?;
    let components: Vec<Uuid> = bulk.items.iter().map(|item| item.component.0).collect();
    let changes: Vec<Option<Uuid>> = bulk
        .items
        .iter()
        .map(|item| item.result.as_ref().ok().map(|change| change.0))
        .collect();
    let problems: Vec<Option<Value>> = bulk
        .items
        .iter()
        .map(|item| item.result.as_ref().err().map(to_json))
        .collect();
    sqlx::query!(
        "INSERT INTO bulk_change_item (tenant_id, bulk_change_id, position, component_id, change_request_id, problems)
         SELECT $1, $2, t.position, t.component, t.change, t.problems
         FROM unnest($3::uuid[], $4::uuid[], $5::jsonb[]) WITH ORDINALITY AS t (component, change, problems, position)",
        bulk.tenant.0,
        bulk.id.0,
        &components,
        &changes as &[Option<Uuid>],
        &problems as &[Option<Value>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The tenant's bulk changes, newest first, `limit` at most, from the one after number `before`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn page(
    conn: &mut PgConnection,
    tenant: TenantId,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT b.number, b.requester_name, b.created_at,
             count(i.component_id) AS "components!", count(i.problems) AS "refused!"
           FROM (SELECT * FROM bulk_change WHERE tenant_id = $1 AND ($3::int IS NULL OR number < $3) ORDER BY number DESC LIMIT $2) b
           LEFT JOIN bulk_change_item i ON i.tenant_id = b.tenant_id AND i.bulk_change_id = b.id
           GROUP BY b.number, b.requester_name, b.created_at ORDER BY b.number DESC"#,
        tenant.0,
        limit,
        before
    );
    let listed = rows.fetch_all(conn).await?.into_iter().map(|row| Listed {
        number: row.number,
        requester: row.requester_name,
        created_at: row.created_at.to_jiff(),
        components: row.components,
        refused: row.refused,
    });
    Ok(listed.collect())
}

/// The tenant's bulk change with that number.
///
/// # Errors
/// [`StoreError`].
pub async fn by_number(
    conn: &mut PgConnection,
    tenant: TenantId,
    number: i32,
) -> Result<Option<BulkChange>, StoreError> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM bulk_change WHERE tenant_id = $1 AND number = $2",
        tenant.0,
        number
    );
    match id.fetch_optional(&mut *conn).await? {
        Some(id) => get(conn, tenant, BulkChangeId(id)).await,
        None => Ok(None),
    }
}

/// The tenant's bulk change with that id.
///
/// # Errors
/// [`StoreError`].
pub async fn get(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: BulkChangeId,
) -> Result<Option<BulkChange>, StoreError> {
    let row = sqlx::query!(
        "SELECT number, requester_id, requester_name, fields, created_at FROM bulk_change WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0
    );
    let Some(row) = row.fetch_optional(&mut *conn).await? else {
        return Ok(None);
    };
    let items = sqlx::query!(
        "SELECT component_id, change_request_id, problems FROM bulk_change_item
         WHERE tenant_id = $1 AND bulk_change_id = $2 ORDER BY position",
        tenant.0,
        id.0
    );
    let item = |row: (Uuid, Option<Uuid>, Option<Value>)| {
        let (component, change, problems) = row;
        Ok(Item {
            component: ComponentId(component),
            result: match change {
                Some(change) => Ok(ChangeRequestId(change)),
                None => Err(json("problems", problems.unwrap_or_default())?),
            },
        })
    };
    let items = items.fetch_all(conn).await?;
    let items = items
        .into_iter()
        .map(|row| item((row.component_id, row.change_request_id, row.problems)));
    Ok(Some(BulkChange {
        id,
        tenant,
        number: row.number,
        requester: Requester {
            user: row.requester_id.map(UserId),
            name: row.requester_name,
        },
        fields: json("fields", row.fields)?,
        created_at: row.created_at.to_jiff(),
        items: items.collect::<Result<_, StoreError>>()?,
    }))
}
