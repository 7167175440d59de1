//! The JSON API: one noun, one file; its shapes are in [`body`].

pub(crate) mod acknowledgement;
mod body;
pub(crate) mod change_request;
pub(crate) mod contact;
pub(crate) mod contract;
mod describe;
pub(crate) mod docs;
mod idempotent;
mod if_match;
pub(crate) mod restore;
pub(crate) mod service;
pub(crate) mod sow;
pub(crate) mod tenant;
