//! The sheets that people read.

use domain::id::TenantId;
use sqlx::PgConnection;

use crate::StoreError;

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
             o.observed_at::text, o.retention_days::text, o.newest_recovery_point_at::text, o.oldest_recovery_point_at::text,
             c.workload, c.owner, c.version, c.decommissioned_at::text] AS "row!: Vec<Option<String>>"
           FROM component c LEFT JOIN aws_account a ON a.tenant_id = c.tenant_id AND a.id = c.aws_account_id
             LEFT JOIN observation o ON o.tenant_id = c.tenant_id AND o.component_id = c.id
           WHERE c.tenant_id = $1 ORDER BY c.environment, c.name"#,
        tenant.0
    );
    let inventory = inventory.fetch_all(&mut *conn).await?;
    let scope = sqlx::query_scalar!(
        r#"SELECT ARRAY[c.environment, c.name, s.scope ->> 'decision', s.scope ->> 'tier', s.scope ->> 'frequency', s.scope ->> 'retention',
             s.scope ->> 'window', s.scope ->> 'location', s.mechanism, s.reason, s.from_version::text, v.effective_from::text,
             array_to_string(v.approved_by, ', '), s.to_version::text,
             c.workload, s.scope ->> 'note'] AS "row!: Vec<Option<String>>"
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
    let contacts = sqlx::query_scalar!(
        r#"SELECT ARRAY[c.name, c.email, c.phone, c.role, array_to_string(c.entitlements, ', '), u.email] AS "row!: Vec<Option<String>>"
           FROM contact c LEFT JOIN app_user u ON u.id = c.user_id WHERE c.tenant_id = $1 ORDER BY c.name, c.id"#,
        tenant.0
    );
    let contacts = contacts.fetch_all(&mut *conn).await?;
    let acknowledgements = sqlx::query_scalar!(
        r#"SELECT ARRAY[statement, text_version, signed_by, signed_at::text, until::text, withdrawn_by, withdrawn_at::text] AS "row!: Vec<Option<String>>"
           FROM acknowledgement WHERE tenant_id = $1 ORDER BY signed_at, id"#,
        tenant.0
    );
    let acknowledgements = acknowledgements.fetch_all(&mut *conn).await?;
    let out = sqlx::query_scalar!(
        r#"SELECT ARRAY[d.environment, d.name, i.reason, d.version::text, coalesce(d.signed_on::text, d.signed_at::text), array_to_string(d.signed_by, ', '),
             d.attested_at::text, d.attested_by, d.due_on::text] AS "row!: Vec<Option<String>>"
           FROM scope_decision d JOIN scope_item i ON i.tenant_id = d.tenant_id AND i.id = d.scope_item_id
           WHERE d.tenant_id = $1 ORDER BY d.environment, d.name"#,
        tenant.0
    );
    let out = out.fetch_all(&mut *conn).await?;
    let holds = sqlx::query_scalar!(
        r#"SELECT ARRAY[h.number::text, h.case_name, c.environment, c.name, p.provider_id, h.reason, h.asked ->> 'name', h.asked ->> 'at',
             h.until::text, h.release -> 'said' ->> 'name', h.release -> 'said' ->> 'at', h.release ->> 'reason', h.released ->> 'name',
             h.released ->> 'at'] AS "row!: Vec<Option<String>>"
           FROM recovery_point_hold h LEFT JOIN component c ON c.tenant_id = h.tenant_id AND c.id = h.component_id
             LEFT JOIN recovery_point p ON p.tenant_id = h.tenant_id AND p.id = h.recovery_point_id
           WHERE h.tenant_id = $1 ORDER BY h.number"#,
        tenant.0
    );
    let holds = holds.fetch_all(&mut *conn).await?;
    let restores = sqlx::query_scalar!(
        r#"SELECT ARRAY[r.number::text, c.environment, c.name, r.target -> 'point' ->> 'provider_id', r.target ->> 'name', r.urgency, r.state,
             r.reason, r.requester_name, r.approval ->> 'name', r.created_at::text, r.updated_at::text] AS "row!: Vec<Option<String>>"
           FROM restore_request r JOIN component c ON c.tenant_id = r.tenant_id AND c.id = r.component_id
           WHERE r.tenant_id = $1 ORDER BY r.number"#,
        tenant.0
    );
    let restores = restores.fetch_all(&mut *conn).await?;
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
                "workload",
                "owner",
                "version",
                "decommissioned_at",
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
                "workload",
                "note",
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
        Sheet {
            name: "contacts.csv",
            about: "Whom the contract names, and what was done on their word. signs_in_as is their address here.",
            head: &["name", "email", "phone", "role", "entitlements", "signs_in_as"],
            rows: contacts,
        },
        Sheet {
            name: "acknowledgements.csv",
            about: "Every statement that was signed for you, and which were taken back.",
            head: &[
                "statement",
                "text_version",
                "signed_by",
                "signed_at",
                "until",
                "withdrawn_by",
                "withdrawn_at",
            ],
            rows: acknowledgements,
        },
        Sheet {
            name: "out-decisions.csv",
            about: "What is decided to be without a backup, who decided it, and who attested it last; it holds until due_on.",
            head: &[
                "environment",
                "component",
                "reason",
                "since_version",
                "signed_at",
                "signed_by",
                "attested_at",
                "attested_by",
                "due_on",
            ],
            rows: out,
        },
        Sheet {
            name: "holds.csv",
            about: "What somebody wanted kept, with what both sides said. No mechanism enforced it.",
            head: &[
                "number",
                "case",
                "environment",
                "component",
                "recovery_point",
                "reason",
                "asked_by",
                "asked_at",
                "until",
                "release_asked_by",
                "release_asked_at",
                "release_reason",
                "released_by",
                "released_at",
            ],
            rows: holds,
        },
        Sheet {
            name: "restores.csv",
            about: "Every restore that was asked for, and how it ended.",
            head: &[
                "number",
                "environment",
                "component",
                "recovery_point",
                "restored_as",
                "urgency",
                "state",
                "reason",
                "asked_by",
                "approved_by",
                "asked_at",
                "last_step_at",
            ],
            rows: restores,
        },
    ])
}
