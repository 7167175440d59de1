//! Runs jobs until it is told to stop.

use std::collections::HashMap;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use apalis_postgres::InsertEvent;
use futures::FutureExt;
use futures::future::join_all;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::claim::Claim;
use crate::handler::{Queue, Typed};
use crate::settle::settle;
use crate::worker::{HEARTBEAT, Worker};
use crate::{Failure, Handler, JobsError, Outcome, Payload, backoff};

/// The handlers of a process, and how many of their jobs run at once.
pub struct Runner {
    pub(crate) pool: PgPool,
    pub(crate) lanes: Vec<Lane>,
    drain: Duration,
}

/// A queue as one runner serves it.
pub(crate) struct Lane {
    pub(crate) queue: Arc<dyn Queue>,
    concurrency: usize,
    wake: Notify,
}

impl Runner {
    /// A runner on the database of `pool`; it opens a few connections of its own.
    #[must_use]
    pub fn new(pool: &PgPool) -> Self {
        Self {
            pool: pool.clone(),
            lanes: Vec::new(),
            drain: Duration::from_secs(20),
        }
    }

    /// Serves the queue of `H`, at most `concurrency` jobs at once.
    ///
    /// # Panics
    /// When the queue has a handler already, or `concurrency` is 0.
    #[must_use]
    pub fn handle<H: Handler>(mut self, concurrency: usize, handler: H) -> Self {
        let queue = H::Payload::QUEUE;
        assert!(concurrency > 0, "queue `{queue}` must run something");
        assert!(
            self.lanes.iter().all(|lane| lane.queue.name() != queue),
            "queue `{queue}` has two handlers"
        );
        let queue = Arc::new(Typed(handler));
        self.lanes.push(Lane {
            queue,
            concurrency,
            wake: Notify::new(),
        });
        self
    }

    /// How long running jobs may go on after the stop; 20 s unless set. The rest is cut off and handed over.
    #[must_use]
    pub fn drain_within(mut self, bound: Duration) -> Self {
        self.drain = bound;
        self
    }

    /// Runs jobs until `stop`, then drains. Survives the loss of Postgres.
    pub async fn run(self, stop: CancellationToken) {
        let worker = Arc::new(Worker::new(&self.pool));
        tracing::info!(worker.name = worker.name(), "Running jobs");
        let lanes = self.lanes.iter().map(|lane| lane.serve(&worker, &stop, self.drain));
        tokio::select! {
            _ = join_all(lanes) => {}
            never = heart(&worker, &self.lanes) => match never {},
            never = listen(worker.pool(), &self.lanes) => match never {},
        }
        match worker.hand_over().await {
            Ok(jobs) => tracing::info!(
                worker.name = worker.name(),
                jobs.handed_over = jobs,
                "Stopped running jobs"
            ),
            Err(error) => warn(&error, "Jobs were not handed over, their lease will run out"),
        }
    }
}

impl Lane {
    async fn serve(&self, worker: &Arc<Worker>, stop: &CancellationToken, drain: Duration) {
        let mut running = JoinSet::new();
        let mut tick = every_heartbeat();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(_) = running.join_next() => {}
                () = self.wake.notified() => {}
                _ = tick.tick() => {}
            }
            let free = self.concurrency - running.len();
            if free == 0 {
                continue;
            }
            match worker.claim(self.queue.name(), free).await {
                Ok(claims) => claims.into_iter().for_each(|claim| {
                    running.spawn(execute(Arc::clone(worker), Arc::clone(&self.queue), claim));
                }),
                Err(error) => warn(&error, "No jobs were claimed, trying again"),
            }
        }
        let all_done = async { while running.join_next().await.is_some() {} };
        if timeout(drain, all_done).await.is_err() {
            running.shutdown().await;
        }
    }
}

/// Runs one attempt and records its outcome, however long Postgres is away.
async fn execute(worker: Arc<Worker>, queue: Arc<dyn Queue>, claim: Claim) {
    let span = tracing::info_span!("job", job.id = %claim.job, job.queue = queue.name(), job.attempt = claim.attempt());
    async {
        let started = Instant::now();
        let result = attempt(&worker, &*queue, &claim).await;
        let mut tries = 0;
        let outcome = loop {
            match settle(&worker, &*queue, &claim, &result).await {
                Ok(outcome) => break outcome,
                Err(error) => {
                    warn(&error, "The outcome of a job was not recorded, trying again");
                    sleep(backoff::delay(tries)).await;
                    tries += 1;
                }
            }
        };
        worker.forget(&claim).await;
        report(&*queue, &outcome, started.elapsed());
    }
    .instrument(span)
    .await;
}

/// Runs one attempt; a panic is a failure like others, and a job that kills its workers runs out of attempts.
pub(crate) async fn attempt(worker: &Worker, queue: &dyn Queue, claim: &Claim) -> Result<(), Failure> {
    if claim.attempt() > queue.max_attempts() {
        return Err(Failure::fail(
            "the workers that ran it stopped or died, and no attempts are left",
        ));
    }
    let run = AssertUnwindSafe(queue.run(&claim.payload, worker.lease(claim)));
    run.catch_unwind().await.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Failure::retry(format!("panicked: {}", text.unwrap_or_default())))
    })
}

fn report(queue: &dyn Queue, outcome: &Outcome, took: Duration) {
    let queue = queue.name();
    metrics::counter!("jobs_ended_total", "queue" => queue, "outcome" => outcome.name()).increment(1);
    metrics::histogram!("jobs_attempt_seconds", "queue" => queue).record(took);
    let duration_ms = took.as_millis();
    match outcome {
        Outcome::Done => tracing::debug!(duration_ms, "Job done"),
        Outcome::Retried { reason } => {
            tracing::warn!(duration_ms, reason, "Job will be tried again")
        }
        Outcome::Failed { reason } => tracing::error!(duration_ms, reason, "Job failed"),
        Outcome::Lost => tracing::warn!(duration_ms, "Job was taken over by another worker"),
    }
}

async fn heart(worker: &Worker, lanes: &[Lane]) -> Infallible {
    let mut tick = every_heartbeat();
    loop {
        tick.tick().await;
        match worker.beat().await {
            Ok(0) => {}
            Ok(_) => lanes.iter().for_each(|lane| lane.wake.notify_one()),
            Err(error) => warn(&error, "Heartbeat failed"),
        }
    }
}

/// Wakes a lane as soon as a job for it commits; the tick makes up for what is missed.
async fn listen(pool: &PgPool, lanes: &[Lane]) -> Infallible {
    let lanes: HashMap<&str, &Lane> = lanes.iter().map(|lane| (lane.queue.name(), lane)).collect();
    loop {
        let cut_off: Result<Infallible, sqlx::Error> = async {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.listen("apalis::job::insert").await?;
            loop {
                let notice = listener.recv().await?;
                let event = serde_json::from_str::<InsertEvent>(notice.payload());
                if let Some(lane) = event.ok().and_then(|event| lanes.get(event.job_type.as_str()).copied()) {
                    lane.wake.notify_one();
                }
            }
        }
        .await;
        let Err(error) = cut_off;
        tracing::warn!(%error, "Not listening for new jobs, trying again");
        sleep(HEARTBEAT).await;
    }
}

/// After a stall it ticks once, not once for each tick missed.
fn every_heartbeat() -> Interval {
    let mut ticks = interval(HEARTBEAT);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn warn(error: &JobsError, what: &str) {
    let source = std::error::Error::source(error).map(ToString::to_string);
    tracing::warn!(%error, source, "{what}");
}
