//! Tells every replica that something of a tenant changed, so that open pages can refresh.

use domain::id::TenantId;
use sqlx::PgConnection;
use sqlx::postgres::PgListener;
use tracing::warn;

use crate::{Db, StoreError};

const CHANNEL: &str = "holdfast_changed";

/// Notifies when the caller's transaction commits.
pub(crate) async fn notify(conn: &mut PgConnection, tenant: TenantId) -> Result<(), StoreError> {
    sqlx::query!("SELECT pg_notify($1, $2)", CHANNEL, tenant.to_string())
        .fetch_one(conn)
        .await?;
    Ok(())
}

/// Listens. One per replica; it reconnects by itself, and what was notified meanwhile is lost.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// Begins to listen.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn connect(db: &Db) -> Result<Self, StoreError> {
        let mut listener = PgListener::connect_with(db.pool()).await?;
        listener.listen(CHANNEL).await?;
        Ok(Self(listener))
    }

    /// The next tenant of which something changed.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the connection is lost and cannot be made again.
    pub async fn next(&mut self) -> Result<TenantId, StoreError> {
        loop {
            let notification = self.0.recv().await?;
            match notification.payload().parse() {
                Ok(tenant) => return Ok(tenant),
                Err(_) => warn!(payload = notification.payload(), "A notification names no tenant"),
            }
        }
    }
}
