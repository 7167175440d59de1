//! What others rely on at the door to GitHub.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod forms;
mod hostile;
mod payloads;
mod stub;
