//! The application's side: how a payload is run.

use std::future::Future;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::PgConnection;

use crate::{BoxError, Lease, Payload};

/// Why an attempt did not do its work, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Try again, `after` a while (`None`: exponential back-off with jitter), while attempts are left.
    Retry {
        /// For people; kept in the table.
        reason: String,
        /// Wait at least so long.
        after: Option<Duration>,
    },
    /// Trying again would not help.
    Fail {
        /// For people; kept in the table.
        reason: String,
    },
}

impl Failure {
    /// Try again with the usual back-off.
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry {
            reason: reason.into(),
            after: None,
        }
    }

    /// Give up.
    pub fn fail(reason: impl Into<String>) -> Self {
        Self::Fail { reason: reason.into() }
    }
}

/// Runs the jobs of one payload.
pub trait Handler: Send + Sync + 'static {
    /// What it runs.
    type Payload: Payload;

    /// One attempt. May run more than once for a job, so effects need a key or a name of their own; call
    /// [`Lease::check`] before each outside call. A panic counts as [`Failure::Retry`].
    fn run(&self, payload: Self::Payload, lease: Lease) -> impl Future<Output = Result<(), Failure>> + Send;

    /// The job has failed for good: mark its noun, in the transaction that records the failure.
    ///
    /// # Errors
    /// Any; then nothing is recorded and it is tried again.
    fn exhausted(
        &self,
        conn: &mut PgConnection,
        payload: Self::Payload,
        reason: &str,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// A handler without its type, for the runner's list.
pub(crate) trait Queue: Send + Sync {
    fn name(&self) -> &'static str;
    fn max_attempts(&self) -> u32;
    fn run<'a>(&'a self, payload: &'a [u8], lease: Lease) -> BoxFuture<'a, Result<(), Failure>>;
    fn exhausted<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        payload: &'a [u8],
        reason: &'a str,
    ) -> BoxFuture<'a, Result<(), BoxError>>;
}

pub(crate) struct Typed<H>(pub(crate) H);

impl<H: Handler> Queue for Typed<H> {
    fn name(&self) -> &'static str {
        H::Payload::QUEUE
    }

    fn max_attempts(&self) -> u32 {
        H::Payload::MAX_ATTEMPTS
    }

    fn run<'a>(&'a self, payload: &'a [u8], lease: Lease) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let payload = serde_json::from_slice(payload)
                .map_err(|error| Failure::fail(format!("the payload cannot be read: {error}")))?;
            self.0.run(payload, lease).await
        })
    }

    fn exhausted<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        payload: &'a [u8],
        reason: &'a str,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            match serde_json::from_slice(payload) {
                Ok(payload) => self.0.exhausted(conn, payload, reason).await,
                Err(error) => {
                    tracing::error!(job.queue = self.name(), %error, "A failed job names no noun to mark: unreadable payload");
                    Ok(())
                }
            }
        })
    }
}
