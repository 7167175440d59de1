//! The rules of the domain, as the people who rely on them would say them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod acknowledgement;
mod business_hours;
mod change_request;
mod contract;
mod duty;
mod restore;
mod schedule;
mod sow;
mod sow_history;
mod sow_platform;
mod support;
