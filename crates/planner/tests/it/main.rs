//! Plans: what they say for typical cases, and what holds for all.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod laws;
mod plan;
mod support;
