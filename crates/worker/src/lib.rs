//! The bodies of jobs. Each reads the records, calls the outside after the commit and outside any
//! transaction, and leaves what it learnt through a use-case.

mod apply;
mod crash;
mod delivery;
mod export;
mod handler;
mod issue;
mod look_again;
mod outside;
mod plan;
mod reconcile;
mod restore;
mod sync;
mod timer;

pub use handler::{GithubHandler, RestoreHandler, WorkHandler};
pub use outside::Outside;
pub use timer::tick;

use std::time::Duration;

use app::Cx;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

/// How a worker process works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Jobs at once.
    pub concurrency: usize,
    /// Pause between two readings of a scope.
    pub observe_interval: SignedDuration,
}

/// A runner with every handler.
#[must_use]
pub fn runner(cx: &Cx, outside: &Outside, concurrency: usize) -> jobs::Runner {
    jobs::Runner::new(cx.db.pool())
        .handle(concurrency, WorkHandler::new(cx.clone(), outside.clone()))
        .handle(concurrency.div_ceil(2), GithubHandler::new(cx.clone(), outside.clone()))
        .handle(
            concurrency.div_ceil(2),
            RestoreHandler::new(cx.clone(), outside.clone()),
        )
        .drain_within(Duration::from_secs(15))
}

/// Works until `stop`, then drains.
pub async fn run(cx: Cx, outside: Outside, settings: Settings, stop: CancellationToken) {
    let runner = runner(&cx, &outside, settings.concurrency);
    tokio::join!(
        runner.run(stop.clone()),
        timer::run(cx, settings.observe_interval, stop)
    );
}
