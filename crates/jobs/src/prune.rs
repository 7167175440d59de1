//! Forgetting attempts that have long ended.

use sqlx::{PgConnection, PgPool};

use crate::JobsError;

/// Runs as the schema's owner, so that the application's role forgets by this rule and in no other way.
const FUNCTION: &str = "
    CREATE INDEX IF NOT EXISTS jobs_ended ON apalis.jobs (status, done_at) WHERE status IN ('Done', 'Failed', 'Killed');
    CREATE OR REPLACE FUNCTION apalis.forget_ended() RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = apalis, pg_temp AS $$
        WITH done AS (
            SELECT id FROM apalis.jobs WHERE status = 'Done' AND done_at < now() - interval '1 day'
            LIMIT 1000 FOR UPDATE SKIP LOCKED
        ), failed AS (
            SELECT id FROM apalis.jobs WHERE status IN ('Failed', 'Killed') AND done_at < now() - interval '30 days'
            LIMIT 1000 FOR UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM apalis.jobs WHERE id IN (SELECT id FROM done UNION ALL SELECT id FROM failed) RETURNING 1
        )
        SELECT count(*) FROM gone
    $$;
    REVOKE ALL ON FUNCTION apalis.forget_ended() FROM PUBLIC";

/// Makes what [`prune`] calls; run by the role that migrates.
pub(crate) async fn migrate(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(FUNCTION).execute(pool).await?;
    Ok(())
}

/// Deletes attempts that did their work over a day ago and those that failed over 30 days ago, at most a thousand of
/// each; says how many. What is open stays.
///
/// # Errors
/// [`JobsError::Prune`].
pub async fn prune(conn: &mut PgConnection) -> Result<u64, JobsError> {
    let deleted: i64 = sqlx::query_scalar("SELECT apalis.forget_ended()")
        .fetch_one(conn)
        .await
        .map_err(JobsError::Prune)?;
    Ok(deleted.unsigned_abs())
}
