//! End to end, in one binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod browser;
mod bulk_change;
mod crash;
mod decommission;
mod door;
mod house;
mod import;
mod isolation;
mod lifecycle;
mod main_job;
mod matrix;
mod migrations;
mod onboarding;
mod people;
mod rollup;
mod samples;
mod schemathesis;
