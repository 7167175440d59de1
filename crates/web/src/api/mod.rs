//! The JSON API: one noun, one file; its shapes are in [`body`].

pub(crate) mod acknowledgement;
pub(crate) mod attestation;
mod body;
pub(crate) mod bulk_change;
pub(crate) mod change_request;
pub(crate) mod component;
pub(crate) mod contact;
pub(crate) mod contract;
pub(crate) mod decommission;
mod describe;
pub(crate) mod docs;
pub(crate) mod expiring;
pub(crate) mod export;
pub(crate) mod github;
pub(crate) mod hold;
mod idempotent;
mod if_match;
pub(crate) mod import;
pub(crate) mod lifecycle;
pub(crate) mod policy;
pub(crate) mod restore;
pub(crate) mod retention;
pub(crate) mod schedule;
pub(crate) mod service;
pub(crate) mod sow;
pub(crate) mod tenant;
pub(crate) mod user;
