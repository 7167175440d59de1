//! The time zone that a schedule's times are in.

use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};

/// The IANA database that is built in: what a schedule means does not depend on the machine that reads it.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The years for which a schedule's longest interval is worked out: after 28 of them weekdays and leap years repeat.
pub(super) const HORIZON_YEARS: std::ops::Range<i16> = 2024..2052;

/// A zone of the IANA database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone(TimeZone);

/// A moment at which a zone's clocks are put forward or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) at: Timestamp,
    /// What the clocks say then, had they not been changed.
    pub(super) before: DateTime,
    /// What they say instead.
    pub(super) after: DateTime,
}

impl Zone {
    pub(super) const UTC: Self = Self(TimeZone::UTC);

    /// By its IANA name, in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        const OF_UTC: [&str; 5] = ["UTC", "GMT", "Z", "Etc/UTC", "Etc/GMT"];
        if OF_UTC.iter().any(|utc| utc.eq_ignore_ascii_case(name)) {
            return Some(Self::UTC);
        }
        DATABASE.get(name).ok().map(Self)
    }

    /// Its IANA name.
    pub(super) fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    pub(super) fn is_utc(&self) -> bool {
        self.0 == TimeZone::UTC
    }

    pub(super) fn offset(&self, at: Timestamp) -> Offset {
        self.0.to_offset(at)
    }

    /// Its difference to UTC, when that stays the same.
    pub(super) fn fixed_offset(&self) -> Option<Offset> {
        let start = start_of(HORIZON_YEARS.start);
        self.next_change(start).is_none().then(|| self.offset(start))
    }

    /// The first change of its clocks after `after`.
    pub(super) fn next_change(&self, after: Timestamp) -> Option<Change> {
        let mut old = self.offset(after);
        for transition in self.0.following(after) {
            let (at, new) = (transition.timestamp(), transition.offset());
            if new != old {
                return Some(Change {
                    at,
                    before: old.to_datetime(at),
                    after: new.to_datetime(at),
                });
            }
            old = new;
        }
        None
    }

    /// The changes of its clocks from `from` on, until `to`.
    pub(super) fn changes(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Change> + '_ {
        std::iter::successors(self.next_change(from), |change| self.next_change(change.at))
            .take_while(move |change| change.at < to)
    }

    /// Whether the clocks show this moment's time for the second time.
    pub(super) fn is_repeated(&self, at: Timestamp) -> bool {
        let civil = self.offset(at).to_datetime(at);
        let first = self.0.to_ambiguous_timestamp(civil).earlier();
        first.is_ok_and(|first| first < at)
    }

    pub(super) fn at(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.0.clone())
    }
}

/// When a year begins in UTC.
pub(super) fn start_of(year: i16) -> Timestamp {
    let new_year = jiff::civil::date(year, 1, 1).at(0, 0, 0, 0);
    Offset::UTC.to_timestamp(new_year).unwrap_or(Timestamp::UNIX_EPOCH)
}
