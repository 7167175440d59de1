//! The JSON API: one noun, one file; its shapes are in [`body`].

mod body;
pub(crate) mod change_request;
mod describe;
pub(crate) mod docs;
pub(crate) mod expiring;
pub(crate) mod export;
pub(crate) mod github;
mod idempotent;
mod if_match;
pub(crate) mod lifecycle;
pub(crate) mod restore;
pub(crate) mod schedule;
pub(crate) mod sow;
pub(crate) mod tenant;
pub(crate) mod user;
