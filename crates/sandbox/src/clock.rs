//! The virtual clock, wall time plus an offset that only grows; and wall time itself.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Seconds that the virtual clock can be ahead of wall time: twenty years.
pub(crate) const FURTHEST: i64 = 20 * 366 * 86_400;

/// Read by everything that stamps or schedules; tokens and signatures use wall time instead.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_seconds: AtomicI64,
}

impl Clock {
    /// In whole milliseconds, as AWS tells times.
    pub(crate) fn now(&self) -> Timestamp {
        let wall = wall();
        Timestamp::from_millisecond(wall.as_millisecond()).unwrap_or(wall)
            + SignedDuration::from_secs(self.offset_seconds.load(Ordering::SeqCst))
    }

    /// `false`, and nothing happens, where the clock would be more than [`FURTHEST`] ahead.
    pub(crate) fn advance(&self, seconds: u32) -> bool {
        let moved = |offset: i64| Some(offset + i64::from(seconds)).filter(|offset| *offset <= FURTHEST);
        let (order, failed) = (Ordering::SeqCst, Ordering::SeqCst);
        self.offset_seconds.fetch_update(order, failed, moved).is_ok()
    }
}

/// Wall time: what clients sign by, and what tokens live by.
#[allow(clippy::disallowed_methods, reason = "this is where the sandbox's clocks come from")]
pub(crate) fn wall() -> Timestamp {
    Timestamp::now()
}
