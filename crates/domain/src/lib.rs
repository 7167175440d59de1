//! The nouns of Holdfast, their states and their rules.
//!
//! Nothing here does IO, reads a clock or fails because of the outside world: a function that needs
//! the time is given it. Each noun has one file, and the same file name in every other crate.

pub mod account;
pub mod acknowledgement;
pub mod attestation;
pub mod bulk_change;
pub mod business_hours;
pub mod change_request;
pub mod clock;
pub mod component;
pub mod contact;
pub mod contract;
pub mod csv;
pub mod decommission;
pub mod digest;
pub mod duty;
pub mod export;
pub mod hold;
pub mod id;
pub mod lifecycle;
pub mod observation;
pub mod onboarding;
pub mod plan;
pub mod policy;
pub mod protection;
pub mod quarter;
pub mod recovery_point;
pub mod restore;
pub mod restore_form;
pub mod retention;
pub mod role;
pub mod schedule;
pub mod scope_change;
pub mod service;
pub mod sow;
pub mod tenant;
pub mod tenant_form;
pub mod tier;
pub mod window;
