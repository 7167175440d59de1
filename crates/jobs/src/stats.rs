//! How many jobs there are.

use sqlx::PgConnection;

use crate::JobsError;

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Due now or later.
    Waiting,
    /// Held by a worker.
    Running,
    /// Done; history.
    Done,
    /// Failed and followed by another attempt; history.
    Retried,
    /// Failed for good; history.
    Failed,
}

impl State {
    /// One word, for metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Retried => "retried",
            Self::Failed => "failed",
        }
    }

    /// Whether work is left to do.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }

    fn of(status: &str) -> Self {
        match status {
            "Queued" | "Running" => Self::Running,
            "Done" => Self::Done,
            "Failed" => Self::Retried,
            "Killed" => Self::Failed,
            _ => Self::Waiting,
        }
    }
}

/// The attempts of one queue in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueCount {
    /// The queue.
    pub queue: String,
    /// The state.
    pub state: State,
    /// How many.
    pub count: u64,
}

/// Attempts by queue and state, history included; what has none is not listed.
///
/// # Errors
/// [`JobsError::Read`].
pub async fn stats(conn: &mut PgConnection) -> Result<Vec<QueueCount>, JobsError> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT job_type, CASE status WHEN 'Queued' THEN 'Running' ELSE status END AS state, count(*)
         FROM apalis.jobs GROUP BY job_type, state ORDER BY job_type, state",
    )
    .fetch_all(conn)
    .await
    .map_err(JobsError::Read)?;
    let count = |(queue, status, count): (String, String, i64)| QueueCount {
        queue,
        state: State::of(&status),
        count: count.unsigned_abs(),
    };
    Ok(rows.into_iter().map(count).collect())
}
