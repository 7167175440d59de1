//! One at a time, where the outside gives no key: a lock that ends with its connection and holds no transaction.

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgAdvisoryLock, PgAdvisoryLockGuard};
use sqlx::{Either, Postgres};

use crate::{Db, StoreError};

/// Held until it is released; when the process dies, Postgres releases it.
pub struct Held(PgAdvisoryLockGuard<PoolConnection<Postgres>>);

/// Takes the lock of that name, unless somebody holds it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn try_hold(db: &Db, name: &str) -> Result<Option<Held>, StoreError> {
    let connection = db.pool().acquire().await?;
    match PgAdvisoryLock::new(name).try_acquire(connection).await? {
        Either::Left(guard) => Ok(Some(Held(guard))),
        Either::Right(_) => Ok(None),
    }
}

impl Held {
    /// Releases it.
    ///
    /// # Errors
    /// [`StoreError::Database`]: it is then released with its connection.
    pub async fn release(self) -> Result<(), StoreError> {
        self.0.release_now().await?;
        Ok(())
    }
}
