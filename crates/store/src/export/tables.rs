//! The rows of a tenant, table by table as the catalogue lists them, and the sheets that people read.

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

/// A table for people.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The file's name.
    pub name: &'static str,
    /// What it holds.
    pub about: &'static str,
    /// The heads of its columns.
    pub head: &'static [&'static str],
    /// Its rows; what is not known is empty.
    pub rows: Vec<Vec<Option<String>>>,
}

/// What people read: the same facts as in the tables, joined and named.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn sheets(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<Sheet>, StoreError> {
    let inventory = sqlx::query_scalar!(
        r#"SELECT ARRAY[c.environment, c.name, c.kind, c.engine, c.size_bytes::text, a.account_id, c.region, c.arn,
             o.observed_at::text, o.retention_days::text, o.newest_recovery_point_at::text, o.oldest_recovery_point_at::text] AS "row!: Vec<Option<String>>"
           FROM component c LEFT JOIN aws_account a ON a.tenant_id = c.tenant_id AND a.id = c.aws_account_id
             LEFT JOIN observation o ON o.tenant_id = c.tenant_id AND o.component_id = c.id
           WHERE c.tenant_id = $1 ORDER BY c.environment, c.name"#,
        tenant.0
    );
    let inventory = inventory.fetch_all(&mut *conn).await?;
    let scope = sqlx::query_scalar!(
        r#"SELECT ARRAY[c.environment, c.name, s.scope ->> 'decision', s.scope ->> 'tier', s.scope ->> 'frequency', s.scope ->> 'retention',
             s.scope ->> 'window', s.scope ->> 'location', s.mechanism, s.reason, s.from_version::text, v.effective_from::text,
             array_to_string(v.approved_by, ', '), s.to_version::text] AS "row!: Vec<Option<String>>"
           FROM scope_item s JOIN component c ON c.tenant_id = s.tenant_id AND c.id = s.component_id
             JOIN sow_version v ON v.tenant_id = s.tenant_id AND v.version = s.from_version
           WHERE s.tenant_id = $1 ORDER BY s.to_version NULLS FIRST, c.environment, c.name, s.from_version"#,
        tenant.0
    );
    let scope = scope.fetch_all(&mut *conn).await?;
    let points = sqlx::query_scalar!(
        r#"SELECT ARRAY[c.environment, c.name, p.provider_id, p.granularity, p.at::text, p.earliest::text, p.encrypted::text,
             p.last_seen_at::text, p.gone_at::text] AS "row!: Vec<Option<String>>"
           FROM recovery_point p JOIN component c ON c.tenant_id = p.tenant_id AND c.id = p.component_id
           WHERE p.tenant_id = $1 ORDER BY c.environment, c.name, p.at DESC, p.id"#,
        tenant.0
    );
    let points = points.fetch_all(&mut *conn).await?;
    let changes = sqlx::query_scalar!(
        r#"SELECT ARRAY[number::text, title, state, source, requester_name, github_full_name || '#' || github_issue,
             (SELECT string_agg(agreed ->> 'name', ', ') FROM jsonb_array_elements(approvals) agreed),
             created_at::text, updated_at::text] AS "row!: Vec<Option<String>>"
           FROM change_request WHERE tenant_id = $1 ORDER BY number"#,
        tenant.0
    );
    let changes = changes.fetch_all(&mut *conn).await?;
    let people = sqlx::query_scalar!(
        r#"SELECT ARRAY[u.display_name, u.email, g.role, e.login, u.disabled_at::text] AS "row!: Vec<Option<String>>"
           FROM role_grant g JOIN app_user u ON u.id = g.user_id
             LEFT JOIN github_entitlement e ON e.tenant_id = g.tenant_id AND e.user_id = g.user_id
           WHERE g.tenant_id = $1 ORDER BY u.email, g.role, e.login"#,
        tenant.0
    );
    let people = people.fetch_all(&mut *conn).await?;
    Ok(vec![
        Sheet {
            name: "inventory.csv",
            about: "Every component, where it is, and what was last observed of it.",
            head: &[
                "environment",
                "component",
                "kind",
                "engine",
                "size_bytes",
                "account",
                "region",
                "arn",
                "observed_at",
                "retention_days",
                "newest_recovery_point_at",
                "oldest_recovery_point_at",
            ],
            rows: inventory,
        },
        Sheet {
            name: "scope-of-work.csv",
            about: "The terms of each component: first those in force, then those that were replaced.",
            head: &[
                "environment",
                "component",
                "decision",
                "tier",
                "frequency",
                "retention_days",
                "window_utc",
                "location",
                "mechanism",
                "reason",
                "since_version",
                "effective_from",
                "approved_by",
                "until_version",
            ],
            rows: scope,
        },
        Sheet {
            name: "recovery-points.csv",
            about: "Every copy that was ever seen; gone_at says when it was no longer there.",
            head: &[
                "environment",
                "component",
                "provider_id",
                "granularity",
                "at",
                "earliest",
                "encrypted",
                "last_seen_at",
                "gone_at",
            ],
            rows: points,
        },
        Sheet {
            name: "changes.csv",
            about: "Every change that was asked for, and how it ended.",
            head: &[
                "number",
                "title",
                "state",
                "source",
                "asked_by",
                "issue",
                "approved_by",
                "asked_at",
                "last_step_at",
            ],
            rows: changes,
        },
        Sheet {
            name: "people.csv",
            about: "Who could sign in for the customer, in which role. Passwords and sessions are not handed over.",
            head: &["name", "email", "role", "github_login", "disabled_at"],
            rows: people,
        },
    ])
}
