//! The versions: when each came into force, and the change that made it.

use std::collections::HashMap;

use domain::change_request::Approval;
use domain::id::{ChangeRequestId, ComponentId, TenantId};
use domain::scope_change::ScopeChangeForm;
use domain::sow::SowVersion;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;
use crate::row::json;

/// A version with the change that made it.
#[derive(Debug, Clone)]
pub struct Version {
    /// The version.
    pub sow: SowVersion,
    /// The change that made it; `None`: an onboarding document or the end of a component did.
    pub made_by: Option<MadeBy>,
}

/// The change that made a version.
#[derive(Debug, Clone)]
pub struct MadeBy {
    /// Its number.
    pub number: i32,
    /// In a few words.
    pub title: String,
    /// Who asked.
    pub requester: String,
    /// What was asked.
    pub form: Option<ScopeChangeForm>,
    /// Who agreed, and when.
    pub approvals: Vec<Approval>,
}

/// Which versions are listed; the default: all.
#[derive(Debug, Clone, Default)]
pub struct Range {
    /// Older than this version.
    pub before: Option<i32>,
    /// Came into force before this moment.
    pub until: Option<Timestamp>,
    /// One of these.
    pub among: Option<Vec<i32>>,
}

/// The versions of the range, newest first, `limit` at most.
///
/// # Errors
/// [`StoreError`].
pub async fn versions(
    conn: &mut PgConnection,
    tenant: TenantId,
    range: &Range,
    limit: i64,
) -> Result<Vec<Version>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT v.version, v.effective_from, v.change_request_id, v.approved_by, r.number AS "number?", r.title AS "title?",
             r.requester_name AS "requester?", r.form, r.approvals AS "approvals?", i.number AS "import?", d.component_id AS "decommissioned?"
           FROM sow_version v
           LEFT JOIN change_request r ON r.tenant_id = v.tenant_id AND r.id = v.change_request_id
           LEFT JOIN import i ON i.tenant_id = v.tenant_id AND i.sow_version = v.version
           LEFT JOIN decommission d ON d.tenant_id = v.tenant_id AND d.sow_version = v.version
           WHERE v.tenant_id = $1 AND ($2::integer IS NULL OR v.version < $2)
             AND ($3::timestamptz IS NULL OR v.effective_from < $3) AND ($5::integer[] IS NULL OR v.version = ANY($5))
           ORDER BY v.version DESC LIMIT $4"#,
        tenant.0,
        range.before,
        range.until.map(|at| at.to_sqlx()) as _,
        limit,
        range.among.as_deref()
    );
    let versions = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let made_by = match (row.number, row.title, row.requester, row.approvals) {
            (Some(number), Some(title), Some(requester), Some(approvals)) => Some(MadeBy {
                number,
                title,
                requester,
                form: row.form.map(|value| json("form", value)).transpose()?,
                approvals: json("approvals", approvals)?,
            }),
            _ => None,
        };
        Ok(Version {
            sow: SowVersion {
                version: row.version,
                effective_from: row.effective_from.to_jiff(),
                change_request: row.change_request_id.map(ChangeRequestId),
                import: row.import,
                decommissioned: row.decommissioned.map(ComponentId),
                approved_by: row.approved_by,
            },
            made_by,
        })
    });
    versions.collect()
}

/// How many lines each of the versions changed.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn lines(
    conn: &mut PgConnection,
    tenant: TenantId,
    versions: &[i32],
) -> Result<HashMap<i32, i64>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT v AS "version!", (
             SELECT count(*) FROM (
               SELECT component_id FROM scope_item WHERE tenant_id = $1 AND from_version = v
               UNION SELECT component_id FROM scope_item WHERE tenant_id = $1 AND to_version = v) AS touched
           ) AS "lines!" FROM unnest($2::integer[]) AS v"#,
        tenant.0,
        versions
    );
    let rows = rows.fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.version, row.lines)).collect())
}
