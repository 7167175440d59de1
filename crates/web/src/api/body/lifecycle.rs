//! Suspension, the end of a contract, and hand-over exports as JSON.

use domain::export::Export as Kept;
use domain::lifecycle::Lifecycle as Standing;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How a customer stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Lifecycle {
    /// `active`, `offboarding` or `offboarded`.
    stage: &'static str,
    /// Nothing is done at the outside meanwhile; `null`: it is not suspended.
    suspension: Option<Suspension>,
    /// The announced end; `null`: none is.
    offboarding: Option<Offboarding>,
    /// When it was closed for good; `null`: it is not.
    offboarded_at: Option<Timestamp>,
    /// Counts the changes; the `ETag`.
    revision: i64,
}

/// Why nothing is done at the outside.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suspension {
    at: Timestamp,
    by: String,
    reason: String,
}

/// The announced end of a contract.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Offboarding {
    at: Timestamp,
    by: String,
    reason: String,
    /// Of the service, in the customer's time zone.
    #[schema(format = Date)]
    last_day: String,
}

/// Why the customer is suspended.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "reason": "Unpaid invoices." }))]
#[serde(deny_unknown_fields)]
pub(crate) struct Suspend {
    /// The customer's people read it: 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub(crate) reason: String,
}

/// The end of the contract.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Announce {
    /// The last day of the service, today at the earliest.
    #[schema(value_type = String, format = Date)]
    pub(crate) last_day: Date,
    /// The customer's people read it: 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub(crate) reason: String,
}

/// A hand-over export.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Export {
    id: Uuid,
    /// `queued`, `writing`, `verifying`, `verified`, `failed` or `expired`.
    state: &'static str,
    requested_by: String,
    requested_at: Timestamp,
    /// Files that are done in this state, of `files_total`.
    files_done: i32,
    files_total: Option<i32>,
    /// The moment of which it tells.
    snapshot_at: Option<Timestamp>,
    /// Rows of all tables, once it is verified.
    rows: Option<i64>,
    size_bytes: Option<i64>,
    /// Of the archive.
    sha256: Option<String>,
    /// Why it failed.
    problem: Option<String>,
    /// When it was verified or failed. A verified one is kept for 30 days from then.
    ended_at: Option<Timestamp>,
}

/// What stays in the customer's accounts; Holdfast deletes none of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Remaining {
    /// Components with copies, or of which the provider goes on making some.
    components: Vec<RemainingComponent>,
    /// What restores made, as last known: Holdfast does not look at it.
    restored: Vec<RemainingRestored>,
    /// Resources that carry tags of Holdfast's.
    tagged: Vec<String>,
    /// Accounts with roles to delete.
    accounts: Vec<RemainingAccount>,
    /// Repositories in which the GitHub App is installed.
    repositories: Vec<RemainingRepository>,
}

/// The copies of a component.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemainingComponent {
    name: String,
    environment: String,
    account_id: Option<String>,
    region: Option<String>,
    arn: Option<String>,
    /// Days for which the provider goes on keeping automated backups by itself; `null`: unknown.
    retention_days: Option<i32>,
    recovery_points: Vec<RemainingPoint>,
}

/// A copy that was there at the last reading.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemainingPoint {
    provider_id: String,
    /// `snapshot` or `continuous`.
    granularity: String,
    at: Timestamp,
    earliest: Option<Timestamp>,
}

/// An instance that a restore made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemainingRestored {
    name: String,
    account_id: String,
    region: String,
    /// `null`: AWS's answer was never seen, so that it may be there or not.
    arn: Option<String>,
    /// When AWS confirmed that it makes it; `null` likewise.
    made_at: Option<Timestamp>,
    /// The number of the restore.
    restore: i32,
    /// The component that was restored.
    component: String,
    environment: String,
}

/// An account with roles to delete.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemainingAccount {
    account_id: String,
    external_id: String,
    roles: Vec<String>,
    /// When the account was unlinked; its roles are there all the same. `null`: it is linked.
    unlinked_at: Option<Timestamp>,
}

/// A repository in which the GitHub App is installed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemainingRepository {
    full_name: String,
    installation_id: i64,
    /// When the repository was unlinked; the GitHub App is there all the same. `null`: it is linked.
    unlinked_at: Option<Timestamp>,
}

impl From<Standing> for Lifecycle {
    fn from(standing: Standing) -> Self {
        Self {
            stage: standing.stage.name(),
            offboarding: standing.announced().map(|end| Offboarding {
                at: end.at,
                by: end.by.clone(),
                reason: end.reason.clone(),
                last_day: end.last_day.to_string(),
            }),
            offboarded_at: standing.ended_at(),
            revision: standing.revision,
            suspension: standing.suspension.map(|one| Suspension {
                at: one.at,
                by: one.by,
                reason: one.reason,
            }),
        }
    }
}

impl From<Kept> for Export {
    fn from(export: Kept) -> Self {
        Self {
            id: export.id.0,
            state: export.state.as_str(),
            requested_by: export.requested_by,
            requested_at: export.requested_at,
            files_done: export.files_done,
            files_total: export.files_total,
            snapshot_at: export.snapshot_at,
            rows: export.rows,
            size_bytes: export.size_bytes,
            sha256: export.sha256,
            problem: export.problem,
            ended_at: export.ended_at,
        }
    }
}

impl From<domain::export::Remaining> for Remaining {
    fn from(remaining: domain::export::Remaining) -> Self {
        let components = remaining.recovery_points.into_iter().map(|of| RemainingComponent {
            name: of.component,
            environment: of.environment,
            account_id: of.account,
            region: of.region,
            arn: of.arn,
            retention_days: of.retention_days,
            recovery_points: of
                .points
                .into_iter()
                .map(|point| RemainingPoint {
                    provider_id: point.provider_id,
                    granularity: point.granularity,
                    at: point.at,
                    earliest: point.earliest,
                })
                .collect(),
        });
        let restored = remaining.restored.into_iter().map(|made| RemainingRestored {
            name: made.name,
            account_id: made.account,
            region: made.region,
            arn: made.arn,
            made_at: made.made_at,
            restore: made.restore,
            component: made.component,
            environment: made.environment,
        });
        let accounts = remaining.accounts.into_iter().map(|one| RemainingAccount {
            account_id: one.account,
            external_id: one.external_id,
            roles: one.roles,
            unlinked_at: one.unlinked_at,
        });
        let repositories = remaining.repositories.into_iter().map(|one| RemainingRepository {
            full_name: one.full_name,
            installation_id: one.installation_id,
            unlinked_at: one.unlinked_at,
        });
        Self {
            components: components.collect(),
            restored: restored.collect(),
            tagged: remaining.tagged.into_iter().map(|tagged| tagged.arn).collect(),
            accounts: accounts.collect(),
            repositories: repositories.collect(),
        }
    }
}
