//! The rules of the domain, as the people who rely on them would say them.

mod change_request;
mod restore;
mod sow;
mod support;
