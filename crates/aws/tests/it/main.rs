//! What users rely on, on the wire: odd answers from a stub, and ministack, which we did not write.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod answers;
mod fixture;
mod link;
mod ministack;
mod rds;
mod sandbox;
mod sessions;
mod stub;
mod templates;
