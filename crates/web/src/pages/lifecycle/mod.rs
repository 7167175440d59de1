//! The hand-over of a customer: exports, what remains, and (for administrators) suspending and the end of the contract.

mod admin;
pub(crate) mod decide;
mod remaining;
pub(crate) mod show;
