//! The queue against a real Postgres, and against kill, halt, stop and crash.

mod enqueue;
mod process;
mod retry;
mod stop;
mod support;
mod workers;
