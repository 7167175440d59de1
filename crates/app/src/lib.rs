//! The use-cases: who may do what, and the one transaction in which state, audit row and jobs change together.

pub mod account;
mod actor;
pub mod audit;
pub mod authz;
pub mod change_request;
mod cx;
mod decision;
mod error;
pub mod events;
pub mod expiring;
pub mod export;
pub mod fleet;
pub mod github;
pub mod housekeeping;
pub mod idempotency;
pub mod inbox;
pub mod lifecycle;
pub mod onboarding;
mod page;
mod password;
pub mod reconcile;
pub mod recovery_point;
pub mod restore;
pub mod session;
pub mod sow;
pub mod status;
pub mod tenant;
pub mod user;
pub mod work;

pub use actor::{Actor, By};
pub use cx::{Cx, SystemClock};
pub use decision::Decision;
pub use error::AppError;
pub use page::Page;
pub use store::{Db, StoreError};
