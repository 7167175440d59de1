//! A handler that writes down what it does, and a table that stands for the outside world.

use std::time::Duration;

use jiff::Timestamp;
use jobs::{BoxError, Failure, Handler, JobId, Lease, Payload, Runner};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgPool};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::eventually;

/// A job of the tests.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Work {
    pub(crate) name: String,
    pub(crate) how: How,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum How {
    Succeed,
    Retry,
    Fail,
    Panic,
    /// Waits for [`Journal::open`], checks its lease, calls outside if it may, and claims success in any case.
    WaitThenCall,
}

impl Payload for Work {
    const QUEUE: &'static str = "work";
    const MAX_ATTEMPTS: u32 = 3;
}

/// What the workers did, as `process: deed name`.
#[derive(Clone)]
pub(crate) struct Journal {
    pool: PgPool,
    process: String,
}

impl Journal {
    /// The journal as `process` keeps it; makes the tables where they are missing.
    pub(crate) async fn new(pool: PgPool, process: &str) -> Self {
        sqlx::raw_sql(
            "CREATE TABLE IF NOT EXISTS journal (at bigserial, process text, deed text, name text);
             CREATE TABLE IF NOT EXISTS opened (process text, name text)",
        )
        .execute(&pool)
        .await
        .expect("the tables of the journal");
        Self::existing(pool, process)
    }

    /// The journal whose tables exist.
    pub(crate) fn existing(pool: PgPool, process: &str) -> Self {
        Self {
            pool,
            process: process.to_owned(),
        }
    }

    /// The same journal, kept by another process.
    pub(crate) fn of(&self, process: &str) -> Self {
        Self::existing(self.pool.clone(), process)
    }

    /// A runner in this process that serves the queue.
    pub(crate) fn runner(&self, concurrency: usize) -> Runner {
        Runner::new(&self.pool).handle(concurrency, self.clone())
    }

    /// Runs `runner` in the background until the token is cancelled.
    pub(crate) fn start(runner: Runner) -> (CancellationToken, JoinHandle<()>) {
        let stop = CancellationToken::new();
        (stop.clone(), tokio::spawn(runner.run(stop)))
    }

    pub(crate) async fn enqueue(&self, name: &str, how: How) -> JobId {
        let mut conn = self.pool.acquire().await.expect("a connection");
        let work = Work {
            name: name.to_owned(),
            how,
        };
        jobs::enqueue(&mut conn, &work).await.expect("enqueueing")
    }

    /// Lets the job of this name go on where it runs in this process.
    pub(crate) async fn open(&self, name: &str) {
        sqlx::query("INSERT INTO opened VALUES ($1, $2)")
            .bind(&self.process)
            .bind(name)
            .execute(&self.pool)
            .await
            .expect("opening");
    }

    /// The database's time, which decides what is due.
    pub(crate) async fn now(&self) -> Timestamp {
        let now: jiff_sqlx::Timestamp = sqlx::query_scalar("SELECT now()")
            .fetch_one(&self.pool)
            .await
            .expect("asking for the time");
        now.to_jiff()
    }

    /// All entries, in the order of writing.
    pub(crate) async fn read(&self) -> Vec<String> {
        sqlx::query_scalar("SELECT process || ': ' || deed || ' ' || name FROM journal ORDER BY at")
            .fetch_all(&self.pool)
            .await
            .expect("reading the journal")
    }

    pub(crate) async fn wait_for(&self, entry: &str, within: Duration) {
        eventually(entry, within, || async {
            self.read().await.iter().any(|line| line == entry)
        })
        .await;
    }

    /// `status of the attempt: what is kept of its result`, in the order of the attempts.
    pub(crate) async fn history(&self) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT status || coalesce(': ' || (last_result ->> 'Err'), '') FROM apalis.jobs ORDER BY id",
        )
        .fetch_all(&self.pool)
        .await
        .expect("reading the history")
    }

    /// Waits until every attempt has ended.
    pub(crate) async fn wait_until_idle(&self, within: Duration) {
        eventually("no job is left", within, || async {
            let mut conn = self.pool.acquire().await.expect("a connection");
            jobs::stats(&mut conn)
                .await
                .expect("counting")
                .iter()
                .all(|count| !count.state.is_open())
        })
        .await;
    }

    async fn write(&self, deed: &str, name: &str) {
        self.write_on(&mut self.pool.acquire().await.expect("a connection"), deed, name)
            .await
            .expect("writing the journal");
    }

    async fn write_on(&self, conn: &mut PgConnection, deed: &str, name: &str) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO journal (process, deed, name) VALUES ($1, $2, $3)")
            .bind(&self.process)
            .bind(deed)
            .bind(name)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Postgres may be away meanwhile.
    async fn is_open(&self, name: &str) -> bool {
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM opened WHERE process = $1 AND name = $2)")
            .bind(&self.process)
            .bind(name)
            .fetch_one(&self.pool)
            .await
            .unwrap_or(false)
    }
}

impl Handler for Journal {
    type Payload = Work;

    async fn run(&self, work: Work, lease: Lease) -> Result<(), Failure> {
        let name = &work.name;
        self.write("started", name).await;
        match work.how {
            How::Succeed => Ok(()),
            How::Retry => Err(Failure::retry(format!("attempt {} was throttled", lease.attempt()))),
            How::Fail => Err(Failure::fail("no such database")),
            How::Panic => panic!("a bug in {name}"),
            How::WaitThenCall => {
                eventually("it is opened", Duration::from_secs(60), || async {
                    self.is_open(name).await
                })
                .await;
                let deed = if lease.check().await.is_ok() {
                    "called"
                } else {
                    "may not call"
                };
                self.write(deed, name).await;
                Ok(())
            }
        }
    }

    async fn exhausted(&self, conn: &mut PgConnection, work: Work, reason: &str) -> Result<(), BoxError> {
        self.write_on(conn, &format!("gave up ({reason})"), &work.name).await?;
        Ok(())
    }
}
