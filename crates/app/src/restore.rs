//! Restore requests: asking, deciding, verifying, and (for the worker) carrying out.

mod decide;
mod progress;
mod read;
mod request;

pub use decide::{approve, cancel, dispute, reject, verify};
pub use progress::{begin, expire_overdue, fail, restored, void_approval};
pub use read::{View, by_id, by_number, list, waiting};
pub use request::{Asked, request};
