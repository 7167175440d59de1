//! What tests stand on (dev-dependency only).
//!
//! `with-world` (a binary of this crate) starts what a test run shares, tells the tests by [`env`], runs them, and ends
//! it all: a Postgres server with a migrated template, and ministack.

pub mod app;
pub mod env;
pub mod github;
pub mod postgres;
pub mod process;
pub mod server;
mod steps;

pub use app::{Customer, TestApp};
pub use postgres::TestDatabase;
pub use server::Portal;
