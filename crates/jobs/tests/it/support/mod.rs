//! What the tests share.

mod cluster;
mod journal;
mod process;

use std::time::{Duration, Instant};

pub(crate) use cluster::{Cluster, pool_at};
pub(crate) use journal::{How, Journal, Work};
pub(crate) use process::{Process, serve_as_process};

/// Asks until the answer is yes; panics with `what` after `within`.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, within: Duration, mut ask: impl FnMut() -> F) {
    let deadline = Instant::now() + within;
    while !ask().await {
        assert!(Instant::now() < deadline, "not within {within:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
