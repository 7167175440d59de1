//! What users rely on, on the wire: odd answers from a stub, and ministack, which we did not write.

mod answers;
mod fixture;
mod link;
mod ministack;
mod rds;
mod sessions;
mod stub;
mod templates;
