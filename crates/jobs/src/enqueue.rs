//! Writing jobs, always on the caller's connection.

use apalis::prelude::{MetadataStore, TaskBuilder, TaskId};
use apalis_postgres::queries::push_tasks;
use jiff::Timestamp;
use sqlx::PgConnection;

use crate::claim::Lineage;
use crate::{JobId, JobsError, Payload};

/// Adds a job that is due at once; nothing happens when the caller's transaction rolls back.
///
/// # Errors
/// [`JobsError::Encode`], [`JobsError::Enqueue`].
pub async fn enqueue<P: Payload>(conn: &mut PgConnection, payload: &P) -> Result<JobId, JobsError> {
    first(conn, payload, None).await
}

/// Adds a job that is due at `run_at`, rounded up to the second.
///
/// # Errors
/// [`JobsError::Encode`], [`JobsError::Enqueue`].
pub async fn enqueue_at<P: Payload>(
    conn: &mut PgConnection,
    payload: &P,
    run_at: Timestamp,
) -> Result<JobId, JobsError> {
    first(conn, payload, Some(run_at)).await
}

async fn first<P: Payload>(
    conn: &mut PgConnection,
    payload: &P,
    run_at: Option<Timestamp>,
) -> Result<JobId, JobsError> {
    let body = serde_json::to_vec(payload).map_err(|source| JobsError::Encode {
        queue: P::QUEUE,
        source,
    })?;
    let job = JobId::new();
    push(conn, P::QUEUE, body, run_at, job, MetadataStore::new()).await?;
    Ok(job)
}

/// Adds the next attempt of a job.
pub(crate) async fn successor(
    conn: &mut PgConnection,
    queue: &str,
    body: Vec<u8>,
    run_at: Timestamp,
    lineage: Lineage,
) -> Result<(), JobsError> {
    push(conn, queue, body, Some(run_at), JobId::new(), lineage.into()).await
}

/// Adds a row. It may run once, so that the queue itself never retries: it would do so at once.
async fn push(
    conn: &mut PgConnection,
    queue: &str,
    body: Vec<u8>,
    run_at: Option<Timestamp>,
    row: JobId,
    metadata: MetadataStore,
) -> Result<(), JobsError> {
    let mut task = TaskBuilder::new(body)
        .task_id(TaskId::from_string(row.to_string()))
        .max_attempts(1)
        .with_metadata(metadata);
    if let Some(at) = run_at {
        task = task.run_at_timestamp(whole_seconds(at));
    }
    push_tasks(conn, queue, vec![task.build()])
        .await
        .map_err(|source| JobsError::Enqueue {
            queue: queue.to_owned(),
            source,
        })
}

/// Seconds since 1970, rounded up, so that nothing runs early; the past before that is 0.
fn whole_seconds(at: Timestamp) -> u64 {
    let up = i64::from(at.subsec_nanosecond() > 0);
    u64::try_from(at.as_second() + up).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_due_early() {
        let at = |text: &str| whole_seconds(text.parse().unwrap());
        assert_eq!(at("1970-01-01T00:00:07Z"), 7);
        assert_eq!(at("1970-01-01T00:00:07.000000001Z"), 8);
        assert_eq!(at("1969-12-31T23:59:00Z"), 0);
    }
}
