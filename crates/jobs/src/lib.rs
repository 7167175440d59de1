//! Durable jobs on Postgres.
//!
//! A job is a row that commits with its cause ([`enqueue`] takes the caller's connection) and is run by
//! whichever process asks first. [`Runner`] claims due rows, runs their [`Handler`] and records the outcome;
//! every process that runs jobs is one worker with a name of its own and a heartbeat.
//!
//! The queue is apalis-postgres: its schema, its claim by `SKIP LOCKED`, its acknowledgement, its take-over of
//! dead workers' rows. Its polling loop (apalis-core's `Worker`) is not used, because while it drains it neither
//! beats nor acknowledges: with a take-over after seconds every job that outlives the stop signal, and every one
//! that ends meanwhile, runs again elsewhere. [`Runner`] keeps beating until the last job has ended.
//!
//! # What holds
//! - One row is one attempt. A failed attempt stays in the table with its reason; the retry is a new row with a
//!   later `run_at`, written in the same transaction. Attempts are bounded; a take-over counts as one.
//! - An outcome is recorded only by the worker that still holds the row (its name and the count of take-overs).
//! - [`Handler::exhausted`] runs in the transaction that records the final failure: exactly once.
//! - A row is taken over [`LEASE`] after its worker's last heartbeat, by the next heartbeat of any other.
//! - [`Lease::check`] stands before each outside call: a worker that lost its row learns it there.
//! - What has ended is kept: a day when it did its work, 30 days when it failed ([`prune`]).
//! - Rows that the table says are ours and that we do not run (an answer was lost) are put back.
//!
//! Row-level security does not reach this schema: a payload holds ids only.

mod backoff;
mod claim;
mod enqueue;
mod error;
mod handler;
mod idle;
mod lease;
mod payload;
mod prune;
mod runner;
mod schema;
mod settle;
mod stats;
mod worker;

pub use enqueue::{enqueue, enqueue_at};
pub use error::{BoxError, JobsError};
pub use handler::{Failure, Handler};
pub use idle::Ran;
pub use lease::{Lease, LeaseLost};
pub use payload::{JobId, Payload};
pub use prune::prune;
pub use runner::Runner;
pub use schema::{grant, migrate};
pub use settle::Outcome;
pub use sqlx::PgConnection as Connection;
pub use stats::{QueueCount, State, stats};
pub use worker::{HEARTBEAT, LEASE};
