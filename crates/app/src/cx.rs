//! What every use-case needs.

use std::sync::Arc;

use domain::clock::Clock;
use domain::id::TenantId;
use jiff::Timestamp;
use store::{Db, StoreError};
use tokio::sync::broadcast;

use crate::password::Passwords;

/// What every use-case needs. Cheap to clone.
#[derive(Clone)]
pub struct Cx {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    pub(crate) passwords: Passwords,
    /// Of which tenant something changed; `None`: perhaps of any.
    pub(crate) changed: broadcast::Sender<Option<TenantId>>,
}

impl Cx {
    /// Puts the parts together.
    #[must_use]
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        Self {
            db,
            clock,
            passwords: Passwords::new(),
            changed: broadcast::channel(256).0,
        }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether the database answers and has the newest schema.
    ///
    /// # Errors
    /// [`StoreError`] when it does not answer.
    pub async fn is_ready(&self) -> Result<bool, StoreError> {
        self.db.is_ready().await
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
