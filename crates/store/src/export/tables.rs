//! The rows of a tenant, table by table as the catalogue lists them.

use domain::export::{Column, Table, column_left_out};
use domain::id::TenantId;
use futures::TryStreamExt as _;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::StoreError;
use crate::row::json;

/// Every table with a `tenant_id`, by name. Needs no scope: it tells of tables, not of rows.
///
/// # Errors
/// [`StoreError`].
pub async fn tables(conn: &mut PgConnection) -> Result<Vec<Table>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT c.relname::text AS "name!", obj_description(c.oid, 'pg_class') AS about,
             (SELECT jsonb_agg(jsonb_build_object('name', a.attname, 'kind', format_type(a.atttypid, a.atttypmod),
                 'nullable', NOT a.attnotnull, 'about', col_description(c.oid, a.attnum)) ORDER BY a.attnum)
              FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS "columns!",
             coalesce((SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::int2[], a.attnum))
              FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
              WHERE i.indrelid = c.oid AND i.indisprimary), '{}') AS "key!"
           FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped
           WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace ORDER BY 1"#
    );
    let rows = rows.fetch_all(conn).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Table {
                name: row.name,
                about: row.about,
                columns: json("columns", row.columns)?,
                key: row.key,
            })
        })
        .collect()
}

/// Gives each row of the tenant in one table as JSON, in the order of its key, without what is left out. Within one
/// snapshot the same rows come in the same order.
///
/// # Errors
/// [`StoreError::Database`], and what `each` says.
pub async fn rows<E: From<StoreError>>(
    conn: &mut PgConnection,
    tenant: TenantId,
    table: &Table,
    mut each: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let kept = |column: &&Column| column_left_out(&column.name).is_none();
    let columns: Vec<_> = table
        .columns
        .iter()
        .filter(kept)
        .map(|column| quoted(&column.name))
        .collect();
    let order = if table.key.is_empty() {
        &columns
    } else {
        &table.key.iter().map(|name| quoted(name)).collect()
    };
    // Names come from the catalogue and are quoted.
    let sql = format!(
        "SELECT row_to_json(t)::text FROM (SELECT {} FROM {} WHERE tenant_id = $1 ORDER BY {}) t",
        columns.join(", "),
        quoted(&table.name),
        order.join(", "),
    );
    let mut rows = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql))
        .bind(tenant.0)
        .fetch(conn);
    while let Some(row) = rows.try_next().await.map_err(StoreError::from)? {
        each(&row)?;
    }
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
