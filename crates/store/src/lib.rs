//! Every SQL statement of the domain: rows in, nouns out, each inside a transaction that sees only the
//! tenants of its scope. A function takes the caller's connection and never commits.

pub mod account;
pub mod acknowledgement;
pub mod api_token;
pub mod attestation;
pub mod audit;
pub mod bulk_change;
pub mod change_request;
pub mod comment;
pub mod component;
pub mod contact;
pub mod contract;
mod db;
pub mod decommission;
pub mod duty;
mod error;
pub mod events;
pub mod expiring;
pub mod export;
pub mod github;
pub mod held;
pub mod hold;
pub mod idempotency;
pub mod import;
pub mod inbox;
pub mod lifecycle;
pub mod lock;
pub mod observation;
pub mod plan;
pub mod policy;
pub mod receipt;
pub mod recovery_point;
pub mod restore;
pub mod rollup;
mod row;
pub mod session;
mod signed_in;
pub mod sow;
pub mod status;
pub mod tenant;
pub mod user;
pub mod waiting;

pub use db::{Db, Tx, enter, migrate};
pub use error::StoreError;
pub use signed_in::SignedIn;
pub use sqlx::PgConnection as Connection;
