//! Recording how an attempt ended, fenced and in one transaction.

use apalis::prelude::{Status, TaskId, TaskResult};
use apalis_postgres::queries::handle_results;
use serde_json::Value;
use sqlx::PgConnection;

use crate::claim::Claim;
use crate::handler::Queue;
use crate::worker::Worker;
use crate::{Failure, JobsError, backoff, enqueue};

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The work is done.
    Done,
    /// It failed, and the next attempt is enqueued.
    Retried {
        /// Why it failed.
        reason: String,
    },
    /// It failed for good, and [`Handler::exhausted`](crate::Handler::exhausted) was told.
    Failed {
        /// Why it failed.
        reason: String,
    },
    /// Another worker has taken the job over; nothing was recorded.
    Lost,
}

impl Outcome {
    /// One word, for logs and metrics.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Retried { .. } => "retried",
            Self::Failed { .. } => "failed",
            Self::Lost => "lost",
        }
    }
}

/// Records `result`, and what follows from it: nothing, a successor, or the application's note of the failure.
///
/// # Errors
/// [`JobsError::Settle`], [`JobsError::Enqueue`], [`JobsError::Exhausted`]; then nothing is recorded.
pub(crate) async fn settle(
    worker: &Worker,
    queue: &dyn Queue,
    claim: &Claim,
    result: &Result<(), Failure>,
) -> Result<Outcome, JobsError> {
    let failed = |source: sqlx::Error| JobsError::Settle {
        job: claim.job,
        source: source.into(),
    };
    let mut tx = worker.pool().begin().await.map_err(failed)?;
    let Some(now) = worker.hold(&mut tx, claim).await.map_err(failed)? else {
        return Ok(Outcome::Lost);
    };
    let outcome = match result {
        Ok(()) => {
            record(&mut tx, worker, claim, Status::Done, Ok(Value::Null)).await?;
            Outcome::Done
        }
        Err(Failure::Retry { reason, after }) if claim.attempt() < queue.max_attempts() => {
            record(&mut tx, worker, claim, Status::Failed, Err(reason.clone())).await?;
            let run_at = now + after.unwrap_or_else(|| backoff::delay(claim.attempt()));
            enqueue::successor(&mut tx, queue.name(), claim.payload.clone(), run_at, claim.lineage()).await?;
            Outcome::Retried { reason: reason.clone() }
        }
        Err(Failure::Retry { reason, .. } | Failure::Fail { reason }) => {
            record(&mut tx, worker, claim, Status::Killed, Err(reason.clone())).await?;
            queue
                .exhausted(&mut tx, &claim.payload, reason)
                .await
                .map_err(|source| JobsError::Exhausted { job: claim.job, source })?;
            Outcome::Failed { reason: reason.clone() }
        }
    };
    tx.commit().await.map_err(failed)?;
    Ok(outcome)
}

async fn record(
    conn: &mut PgConnection,
    worker: &Worker,
    claim: &Claim,
    status: Status,
    result: Result<Value, String>,
) -> Result<(), JobsError> {
    let result = TaskResult {
        task_id: TaskId::from_string(&claim.row),
        attempt: usize::try_from(claim.takeovers).unwrap_or(0) + 1,
        status,
        result,
    };
    handle_results(conn, &[&result], worker.name())
        .await
        .map_err(|source| JobsError::Settle { job: claim.job, source })?;
    Ok(())
}
