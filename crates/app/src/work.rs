//! The jobs that use-cases cause. Payloads hold ids only; the worker has their bodies.

use domain::id::{ChangeRequestId, ExportId, ReconcileScopeId, RestoreRequestId, TenantId};
use jobs::{Connection, JobsError};
use serde::{Deserialize, Serialize};

/// Work on changes and readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "job")]
pub enum Work {
    /// Understand a stored webhook delivery.
    ProcessDelivery {
        /// GitHub's id of it.
        delivery: String,
    },
    /// Plan a request against the live state.
    PlanChange {
        /// Whose.
        tenant: TenantId,
        /// The request.
        change: ChangeRequestId,
    },
    /// Carry out an approved plan.
    ApplyChange {
        /// Whose.
        tenant: TenantId,
        /// The request.
        change: ChangeRequestId,
    },
    /// Read a scope. At most one is queued per scope.
    Reconcile {
        /// Whose.
        tenant: TenantId,
        /// The scope.
        scope: ReconcileScopeId,
    },
    /// Make a hand-over export.
    MakeExport {
        /// Whose.
        tenant: TenantId,
        /// The export.
        export: ExportId,
    },
}

impl jobs::Payload for Work {
    const QUEUE: &'static str = "work";
    /// With the queue's back-off: some seven minutes, fourteen at most.
    const MAX_ATTEMPTS: u32 = 10;
}

/// What needs nothing but GitHub has its own queue, which waits for it patiently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "job")]
pub enum GithubWork {
    /// Read the issue of a request as it is now.
    RefreshIssue {
        /// Whose.
        tenant: TenantId,
        /// GitHub's number of the repository.
        repository_id: i64,
        /// The issue's number.
        issue: i64,
    },
    /// Post what is owed to the request's issue, and bring its labels and state in step.
    SyncIssue {
        /// Whose.
        tenant: TenantId,
        /// The request.
        change: ChangeRequestId,
    },
}

impl jobs::Payload for GithubWork {
    const QUEUE: &'static str = "github";
    /// With the queue's back-off: some twelve hours.
    const MAX_ATTEMPTS: u32 = 300;
}

/// Restores have their own queue, so that nothing else delays them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecuteRestore {
    /// Whose.
    pub tenant: TenantId,
    /// The request.
    pub restore: RestoreRequestId,
}

impl jobs::Payload for ExecuteRestore {
    const QUEUE: &'static str = "restore";
    const MAX_ATTEMPTS: u32 = 6;
}

/// A job of whichever queue, as it is put aside while its tenant is suspended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "queue", content = "job")]
pub enum AnyWork {
    /// See [`Work`].
    Work(Work),
    /// See [`GithubWork`].
    Github(GithubWork),
    /// See [`ExecuteRestore`].
    Restore(ExecuteRestore),
}

impl AnyWork {
    /// The tenant for which it calls the outside; `None`: it does not.
    #[must_use]
    pub const fn reaches_out_for(&self) -> Option<TenantId> {
        match self {
            Self::Work(Work::ProcessDelivery { .. } | Work::MakeExport { .. }) => None,
            Self::Work(
                Work::PlanChange { tenant, .. } | Work::ApplyChange { tenant, .. } | Work::Reconcile { tenant, .. },
            )
            | Self::Github(GithubWork::RefreshIssue { tenant, .. } | GithubWork::SyncIssue { tenant, .. })
            | Self::Restore(ExecuteRestore { tenant, .. }) => Some(*tenant),
        }
    }

    pub(crate) async fn enqueue(&self, conn: &mut Connection) -> Result<(), JobsError> {
        match self {
            Self::Work(work) => jobs::enqueue(conn, work).await?,
            Self::Github(work) => jobs::enqueue(conn, work).await?,
            Self::Restore(work) => jobs::enqueue(conn, work).await?,
        };
        Ok(())
    }
}
