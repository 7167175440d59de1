//! The right to go on with a job.

use sqlx::PgPool;

use crate::worker::{HEARTBEAT, LEASE};
use crate::{Failure, JobId};

/// Says whether this process still owns the attempt that it is running.
#[derive(Debug, Clone)]
pub struct Lease {
    pub(crate) pool: PgPool,
    pub(crate) worker: String,
    pub(crate) row: String,
    pub(crate) takeovers: i32,
    pub(crate) job: JobId,
    pub(crate) attempt: u32,
}

/// Another worker owns the job now, or may: make no further outside call.
#[derive(Debug, thiserror::Error)]
pub enum LeaseLost {
    /// Somebody took the job over, or may at any moment because our heartbeat is late.
    #[error("the job is no longer ours")]
    TakenOver,
    /// Postgres did not answer.
    #[error("asking whether the job is still ours")]
    Unconfirmed(#[source] sqlx::Error),
}

impl Lease {
    /// Confirms by the database's clock that the job is ours, and renews the lease: after `Ok`, nobody takes the
    /// job over for [`LEASE`]. Call it before each outside call, and bound the call's time by less than that or
    /// give it an idempotency key.
    ///
    /// # Errors
    /// [`LeaseLost`] when it is not ours, or when less than one heartbeat of the old lease was left.
    pub async fn check(&self) -> Result<(), LeaseLost> {
        // A take-over that is under way has read an older heartbeat: the margin keeps out of its way.
        let renewed = sqlx::query(
            "UPDATE apalis.workers SET last_seen = now() FROM apalis.jobs
             WHERE workers.id = $1 AND workers.last_seen > now() - make_interval(secs => $4)
             AND jobs.id = $2 AND jobs.lock_by = $1 AND jobs.attempts = $3 AND jobs.status IN ('Queued', 'Running')",
        )
        .bind(&self.worker)
        .bind(&self.row)
        .bind(self.takeovers)
        .bind((LEASE - HEARTBEAT).as_secs_f64())
        .execute(&self.pool)
        .await
        .map_err(LeaseLost::Unconfirmed)?;
        if renewed.rows_affected() == 1 {
            Ok(())
        } else {
            Err(LeaseLost::TakenOver)
        }
    }

    /// The job, the same through all its attempts.
    #[must_use]
    pub fn job_id(&self) -> JobId {
        self.job
    }

    /// Which attempt this is, from 1; take-overs count.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }
}

/// So that a handler may write `lease.check().await?`. If the job was taken over, the outcome is not recorded; if
/// it was not, it is tried again.
impl From<LeaseLost> for Failure {
    fn from(lost: LeaseLost) -> Self {
        Self::retry(lost.to_string())
    }
}
