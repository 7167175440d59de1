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

/// Listens. One per replica; it reconnects by itself.
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

    /// The next tenant of which something changed; `None`: the connection was lost for a while, so it may be any.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the connection cannot be made again.
    pub async fn next(&mut self) -> Result<Option<TenantId>, StoreError> {
        loop {
            let Some(notification) = self.0.try_recv().await? else {
                return Ok(None);
            };
            match notification.payload().parse() {
                Ok(tenant) => return Ok(Some(tenant)),
                Err(_) => warn!(payload = notification.payload(), "A notification names no tenant"),
            }
        }
    }
}
