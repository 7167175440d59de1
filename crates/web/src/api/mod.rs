//! The JSON API: one noun, one file; its shapes are in [`body`].

pub(crate) mod attestation;
mod body;
pub(crate) mod change_request;
pub(crate) mod component;
mod describe;
pub(crate) mod docs;
mod idempotent;
mod if_match;
pub(crate) mod restore;
pub(crate) mod schedule;
pub(crate) mod sow;
pub(crate) mod tenant;
