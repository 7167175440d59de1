//! The pool, and the transaction that sees only its tenants.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use domain::tenant::TenantScope;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, Postgres, Transaction};

use crate::StoreError;

/// For so long a connection that was given back is taken to live.
const UNASKED: Duration = Duration::from_secs(1);

/// Connections as the application's role, which owns nothing and is bound by row-level security.
#[derive(Debug, Clone)]
pub struct Db {
    pool: PgPool,
}

/// A transaction. Dropped without [`Tx::commit`], it is rolled back.
#[derive(Debug)]
pub struct Tx(Transaction<'static, Postgres>);

/// Brings the schema up to date. Run as the owner, a role with BYPASSRLS.
///
/// # Errors
/// [`StoreError::Migrate`].
pub async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    Ok(sqlx::migrate!("../../migrations").run(pool).await?)
}

impl Db {
    /// Connects. At most `connections` are open at once.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the first connection fails.
    pub async fn connect(url: &str, connections: u32) -> Result<Self, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(10))
            // A connection that was in use a moment ago is not asked first whether it lives.
            .test_before_acquire(false)
            .before_acquire(|conn, meta| {
                Box::pin(async move {
                    if meta.idle_for > UNASKED {
                        conn.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect(url)
            .await?;
        Ok(Self { pool })
    }

    /// For the queue, which shares the database.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Begins a transaction that sees the tenants of `scope`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn begin(&self, scope: &TenantScope) -> Result<Tx, StoreError> {
        // In one message. The ids are UUIDs, so there is nothing to quote.
        let begin = format!("BEGIN; SELECT set_config('app.tenants', '{}', true)", listed(scope));
        Ok(Tx(self.pool.begin_with(AssertSqlSafe(begin)).await?))
    }

    /// Begins a transaction that sees the tenants of `scope` as they are now, whatever changes while it lasts, and
    /// changes nothing itself.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn begin_snapshot(&self, scope: &TenantScope) -> Result<Tx, StoreError> {
        // Times are told in UTC. The ids are UUIDs, so there is nothing to quote.
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL TIME ZONE 'UTC';
             SELECT set_config('app.tenants', '{}', true)",
            listed(scope)
        );
        Ok(Tx(self.pool.begin_with(AssertSqlSafe(begin)).await?))
    }

    /// Begins a transaction that sees no tenant: for people, sessions and the inbox.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn begin_global(&self) -> Result<Tx, StoreError> {
        self.begin(&TenantScope::of([])).await
    }

    /// Whether the database answers and has the newest migration of this binary.
    ///
    /// # Errors
    /// [`StoreError::Database`] when it does not answer.
    pub async fn is_ready(&self) -> Result<bool, StoreError> {
        let newest = sqlx::migrate!("../../migrations")
            .iter()
            .map(|migration| migration.version)
            .max();
        let applied = sqlx::query_scalar!("SELECT schema_version()")
            .fetch_one(&self.pool)
            .await?;
        Ok(applied >= newest)
    }
}

impl Tx {
    /// Commits.
    ///
    /// # Errors
    /// [`StoreError::Database`]: the outcome is then unknown until it is read again.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }
}

impl Deref for Tx {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

/// Lets the caller's transaction see the tenants of `scope`, until it ends.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn enter(conn: &mut PgConnection, scope: &TenantScope) -> Result<(), StoreError> {
    sqlx::query!("SELECT set_config('app.tenants', $1, true)", listed(scope))
        .fetch_one(conn)
        .await?;
    Ok(())
}

fn listed(scope: &TenantScope) -> String {
    let ids: Vec<_> = scope.tenants().iter().map(ToString::to_string).collect();
    ids.join(",")
}
