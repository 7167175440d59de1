//! What can go wrong between us and the table of jobs.

/// Any error of the application, boxed.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The queue itself failed; a job that fails is a [`Failure`](crate::Failure) instead.
#[derive(Debug, thiserror::Error)]
pub enum JobsError {
    /// The schema could not be brought up to date.
    #[error("migrating the schema of the jobs")]
    Migrate(#[source] apalis_postgres::Error),
    /// The role could not be given its rights.
    #[error("granting the jobs to role `{role}`")]
    Grant {
        /// The application's role.
        role: String,
        /// What Postgres said.
        #[source]
        source: sqlx::Error,
    },
    /// The payload has no JSON form.
    #[error("encoding a payload for queue `{queue}`")]
    Encode {
        /// Where it should have gone.
        queue: &'static str,
        /// What the encoder said.
        #[source]
        source: serde_json::Error,
    },
    /// The row was not written.
    #[error("enqueueing a job in `{queue}`")]
    Enqueue {
        /// Where it should have gone.
        queue: String,
        /// What Postgres said.
        #[source]
        source: apalis_postgres::Error,
    },
    /// The worker could not say that it lives, or could not take over.
    #[error("heartbeat of worker `{worker}`")]
    Heartbeat {
        /// The worker's name.
        worker: String,
        /// What Postgres said.
        #[source]
        source: apalis_postgres::Error,
    },
    /// No rows could be claimed.
    #[error("claiming jobs from `{queue}`")]
    Claim {
        /// The queue.
        queue: String,
        /// What Postgres said.
        #[source]
        source: apalis_postgres::Error,
    },
    /// The outcome of an attempt was not recorded.
    #[error("recording the outcome of job `{job}`")]
    Settle {
        /// The job.
        job: crate::JobId,
        /// What Postgres said.
        #[source]
        source: apalis_postgres::Error,
    },
    /// The application could not take note of the final failure, so nothing was recorded.
    #[error("telling the application that job `{job}` has failed")]
    Exhausted {
        /// The job.
        job: crate::JobId,
        /// What the handler said.
        #[source]
        source: BoxError,
    },
    /// What has long ended could not be forgotten.
    #[error("forgetting jobs that have long ended")]
    Prune(#[source] sqlx::Error),
    /// The table could not be read.
    #[error("reading the table of jobs")]
    Read(#[source] sqlx::Error),
}
