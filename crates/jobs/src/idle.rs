//! For tests: runs what is due, here and now, and says what happened.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::runner::attempt;
use crate::settle::settle;
use crate::worker::Worker;
use crate::{JobId, JobsError, Outcome, Runner};

/// One attempt that [`Runner::run_until_idle`] made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The queue.
    pub queue: &'static str,
    /// The job.
    pub job: JobId,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// How it ended.
    pub outcome: Outcome,
}

impl Runner {
    /// Runs, one after the other in the order of `run_at`, every job of the runner's queues that is due at
    /// `until`, and those that come of them. Waits for nothing: a retry that is due in four minutes runs at once if
    /// `until` is later than that.
    ///
    /// # Errors
    /// The first [`JobsError`].
    pub async fn run_until_idle(&self, until: Timestamp) -> Result<Vec<Ran>, JobsError> {
        let worker = Worker::new(&self.pool);
        let mut ran = Vec::new();
        while let Some(queue) = self.bring_forward(until).await? {
            let lane = self.lanes.iter().find(|lane| lane.queue.name() == queue);
            let queue = &lane.expect("only the queues of the lanes are asked for").queue;
            for claim in worker.claim(queue.name(), 1).await? {
                let result = attempt(&worker, &**queue, &claim).await;
                let outcome = settle(&worker, &**queue, &claim, &result).await?;
                worker.forget(&claim).await;
                ran.push(Ran {
                    queue: queue.name(),
                    job: claim.job,
                    attempt: claim.attempt(),
                    outcome,
                });
            }
        }
        Ok(ran)
    }

    /// Makes the next job that is due at `until` the first of its queue, which it returns.
    async fn bring_forward(&self, until: Timestamp) -> Result<Option<String>, JobsError> {
        let queues: Vec<&str> = self.lanes.iter().map(|lane| lane.queue.name()).collect();
        sqlx::query_scalar(
            "UPDATE apalis.jobs SET run_at = 'epoch' WHERE id = (
                 SELECT id FROM apalis.jobs
                 WHERE status = 'Pending' AND run_at <= $1 AND job_type = ANY($2)
                 ORDER BY run_at, id LIMIT 1)
             RETURNING job_type",
        )
        .bind(until.to_sqlx())
        .bind(queues)
        .fetch_optional(&self.pool)
        .await
        .map_err(JobsError::Read)
    }
}
