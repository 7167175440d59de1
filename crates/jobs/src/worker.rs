//! This process among the workers: its name, its heartbeat, the rows that it holds.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use apalis::prelude::WorkerContext;
use apalis_postgres::queries::{
    fetch_next, keep_alive, lock_tasks, reenqueue_abandoned, reenqueue_orphaned, register_worker,
};
use apalis_postgres::{Config, Error};
use jiff::Timestamp;
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgConnection, PgPool};
use tokio::sync::Mutex;
use tokio::time::timeout;
use uuid::Uuid;

use crate::claim::Claim;
use crate::{JobsError, Lease};

/// How often a worker says that it lives, takes over from the dead and looks for due jobs.
pub const HEARTBEAT: Duration = Duration::from_secs(1);

/// A worker that was silent for so long has lost its jobs.
pub const LEASE: Duration = Duration::from_secs(5);

/// What kind of worker we are in `apalis.workers`: one row stands for all queues of a process.
const KIND: &str = "holdfast";

/// Enough for a listener, a heartbeat, a claim and some outcomes at once.
const CONNECTIONS: u32 = 6;

/// One registered worker.
pub(crate) struct Worker {
    context: WorkerContext,
    /// Its own, so that handlers that use up the application's connections cannot stop the heartbeat.
    pool: PgPool,
    /// Rows that run here, with their fence. Locked while rows change hands.
    held: Mutex<HashMap<String, i32>>,
}

impl Worker {
    /// A worker with a name that no other process has, on the database of `pool`.
    pub(crate) fn new(pool: &PgPool) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(LEASE)
            .connect_lazy_with((*pool.connect_options()).clone());
        Self {
            context: WorkerContext::new(&Uuid::now_v7().to_string()),
            pool,
            held: Mutex::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.context.name()
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Renews our lease, puts back what dead workers held and what is ours but does not run here.
    ///
    /// Returns how many rows were put back.
    pub(crate) async fn beat(&self) -> Result<u64, JobsError> {
        let held = self.held.lock().await;
        let work = async {
            let mut tx = self.pool.begin().await?;
            self.alive(&mut tx).await?;
            let mut put_back = reenqueue_orphaned(&mut *tx, KIND, LEASE.as_secs()).await?;
            let known: Vec<&String> = held.keys().collect();
            let strays: Vec<String> = sqlx::query_scalar(
                "SELECT id FROM apalis.jobs
                 WHERE lock_by = $1 AND status IN ('Queued', 'Running') AND id <> ALL($2)",
            )
            .bind(self.name())
            .bind(known)
            .fetch_all(&mut *tx)
            .await?;
            if !strays.is_empty() {
                put_back += reenqueue_abandoned(&mut *tx, KIND, self.name(), &strays).await?;
            }
            tx.commit().await?;
            Ok(put_back)
        };
        bounded(work).await.map_err(|source| JobsError::Heartbeat {
            worker: self.name().to_owned(),
            source,
        })
    }

    /// Takes up to `limit` due rows of `queue`, the oldest first.
    pub(crate) async fn claim(&self, queue: &str, limit: usize) -> Result<Vec<Claim>, JobsError> {
        let mut held = self.held.lock().await;
        let work = async {
            let mut tx = self.pool.begin().await?;
            self.alive(&mut tx).await?;
            let config = Config::default().queue(queue).batch_size(limit);
            let tasks = fetch_next(&mut *tx, &config, &self.context).await?;
            let claims = tasks.into_iter().map(Claim::new).collect::<Result<Vec<_>, _>>()?;
            let rows: Vec<String> = claims.iter().map(|claim| claim.row.clone()).collect();
            lock_tasks(&mut *tx, &rows, self.name()).await?;
            tx.commit().await?;
            Ok(claims)
        };
        let claims: Vec<Claim> = bounded(work).await.map_err(|source| JobsError::Claim {
            queue: queue.to_owned(),
            source,
        })?;
        held.extend(claims.iter().map(|claim| (claim.row.clone(), claim.takeovers)));
        Ok(claims)
    }

    /// The claim has been settled. A newer claim of the same row stays.
    pub(crate) async fn forget(&self, claim: &Claim) {
        let mut held = self.held.lock().await;
        if held.get(&claim.row) == Some(&claim.takeovers) {
            held.remove(&claim.row);
        }
    }

    /// Nothing runs here any more: hands over what is left.
    pub(crate) async fn hand_over(&self) -> Result<u64, JobsError> {
        self.held.lock().await.clear();
        self.beat().await
    }

    /// Keeps the claimed row ours until the transaction ends, and tells the database's time; `None` if it is ours no
    /// more.
    pub(crate) async fn hold(&self, conn: &mut PgConnection, claim: &Claim) -> Result<Option<Timestamp>, sqlx::Error> {
        let now: Option<jiff_sqlx::Timestamp> = sqlx::query_scalar(
            "SELECT now() FROM apalis.jobs WHERE id = $1 AND lock_by = $2 AND attempts = $3
             AND status IN ('Queued', 'Running') FOR UPDATE",
        )
        .bind(&claim.row)
        .bind(self.name())
        .bind(claim.takeovers)
        .fetch_optional(conn)
        .await?;
        Ok(now.map(jiff_sqlx::Timestamp::to_jiff))
    }

    pub(crate) fn lease(&self, claim: &Claim) -> Lease {
        Lease {
            pool: self.pool.clone(),
            worker: self.name().to_owned(),
            row: claim.row.clone(),
            takeovers: claim.takeovers,
            job: claim.job,
            attempt: claim.attempt(),
        }
    }

    /// Says by the database's clock that we live; registers us where the database does not know us.
    async fn alive(&self, conn: &mut PgConnection) -> Result<(), Error> {
        match keep_alive(conn, KIND, &self.context).await {
            Err(Error::WorkerOutOfSync) => {
                // Registering takes the time from our clock; the heartbeat after it puts that right.
                register_worker(conn, KIND, &self.context, &0.into(), env!("CARGO_PKG_NAME")).await?;
                keep_alive(conn, KIND, &self.context).await
            }
            done => done,
        }
    }
}

/// A Postgres that does not answer is one that failed; rows whose claim is cut off here are put back as strays.
async fn bounded<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    match timeout(LEASE, work).await {
        Ok(done) => done,
        Err(_) => Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into()).into()),
    }
}
