//! The port that every backup mechanism implements, and the tests that each implementation passes.

pub mod contract;
mod port;

pub use port::{ApplyError, Authority, Mechanism, ObserveError, Progress};
