//! The schema `apalis`, and who may use it.

use apalis_postgres::PostgresStorage;
use sqlx::{AssertSqlSafe, PgPool};

use crate::{JobsError, prune};

/// Creates or updates the schema `apalis` (and extension `hstore`); run by the role that migrates.
///
/// Keeps its own history of migrations in `apalis._sqlx_migrations`.
///
/// # Errors
/// [`JobsError::Migrate`] when Postgres refuses.
pub async fn migrate(pool: &PgPool) -> Result<(), JobsError> {
    PostgresStorage::setup(pool).await.map_err(JobsError::Migrate)?;
    // Every heartbeat looks for held rows, and no index of apalis keeps it from reading all history.
    sqlx::query("CREATE INDEX IF NOT EXISTS jobs_held ON apalis.jobs (lock_by) WHERE status IN ('Queued', 'Running')")
        .execute(pool)
        .await
        .map_err(|error| JobsError::Migrate(error.into()))?;
    prune::migrate(pool)
        .await
        .map_err(|error| JobsError::Migrate(error.into()))
}

/// Lets `role` enqueue and run jobs; of their history it may delete what is old, by [`prune`](crate::prune()), and nothing else.
///
/// # Errors
/// [`JobsError::Grant`] when the role does not exist or the caller does not own the schema.
pub async fn grant(pool: &PgPool, role: &str) -> Result<(), JobsError> {
    let failed = |source| JobsError::Grant {
        role: role.to_owned(),
        source,
    };
    let statement: String = sqlx::query_scalar(
        "SELECT format('GRANT USAGE ON SCHEMA apalis TO %1$I;
                        GRANT SELECT, INSERT, UPDATE ON apalis.jobs, apalis.workers TO %1$I;
                        GRANT EXECUTE ON FUNCTION apalis.forget_ended() TO %1$I', $1)",
    )
    .bind(role)
    .fetch_one(pool)
    .await
    .map_err(failed)?;
    // `%I` has quoted the name.
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(pool)
        .await
        .map_err(failed)?;
    Ok(())
}
