//! Time as a parameter.

use jiff::Timestamp;

/// Tells the time. The domain and the planner are given a time instead; use-cases and workers hold a
/// clock, so that tests and the demo can move it.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}
