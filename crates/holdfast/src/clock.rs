//! The clock of this process: the machine's, or one that follows a sandbox's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::SystemClock;
use domain::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How far behind a sandbox that jumps this process may be.
const PAUSE: Duration = Duration::from_millis(200);

/// The machine's clock, moved by as much as the sandbox's clock is.
struct Following {
    offset_ms: AtomicI64,
}

#[derive(Deserialize)]
struct Answer {
    now: Timestamp,
}

impl Clock for Following {
    fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(self.offset_ms.load(Ordering::Relaxed));
        SystemClock
            .now()
            .saturating_add(offset)
            .expect("a duration without calendar units is always added")
    }
}

/// The machine's clock; with `sandbox` (`HOLDFAST_CLOCK_URL`), one that follows the virtual clock there until `stop`.
///
/// # Errors
/// When the sandbox does not answer at the start.
pub(crate) async fn start(sandbox: Option<&Url>, stop: CancellationToken) -> reqwest::Result<Arc<dyn Clock>> {
    let Some(url) = sandbox.cloned() else {
        return Ok(Arc::new(SystemClock));
    };
    let clock = Arc::new(Following {
        offset_ms: AtomicI64::new(offset_ms(&url).await?),
    });
    let follower = Arc::clone(&clock);
    tokio::spawn(stop.run_until_cancelled_owned(async move {
        loop {
            tokio::time::sleep(PAUSE).await;
            match offset_ms(&url).await {
                Ok(offset) => follower.offset_ms.store(offset, Ordering::Relaxed),
                Err(error) => tracing::warn!(%error, "The sandbox's clock does not answer"),
            }
        }
    }));
    Ok(clock)
}

async fn offset_ms(url: &Url) -> reqwest::Result<i64> {
    let answer: Answer = reqwest::get(url.clone()).await?.error_for_status()?.json().await?;
    Ok(answer.now.as_millisecond() - SystemClock.now().as_millisecond())
}
