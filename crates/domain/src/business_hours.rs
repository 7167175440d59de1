//! When somebody is at work: the hours that response times are counted in.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const DAY_MINUTES: u16 = 24 * 60;

/// The days of a week, in the order in which people write them.
pub const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// A part of a day, by the clock on the wall: `09:00-17:00`. The end is not part of it; `24:00` is midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    start_minute: u16,
    end_minute: u16,
}

/// The text is no part of a day.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{given}` is no part of a day: `HH:MM-HH:MM` is allowed, the end after the start, `24:00` for midnight")]
pub struct InvalidSpan {
    given: String,
}

/// Why hours make no calendar.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum InvalidHours {
    /// No day has any hours, so nothing would ever be due.
    #[error("no day has any hours: a calendar that is never open cannot count a response time")]
    NeverOpen,
    /// Two parts of a day share a minute.
    #[error("two parts of the day overlap: each minute belongs to one part at most")]
    Overlap(Weekday),
}

/// Hours per weekday in one time zone, without the holidays.
///
/// Open at an instant means that the wall clock there shows a time inside one of the day's spans, and that the day is
/// no holiday. So an hour that the clocks skip is no business time, and one that they repeat counts twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessHours {
    zone: TimeZone,
    /// From Monday on, each day's spans in order.
    week: [Vec<Span>; 7],
    holidays: BTreeMap<Date, String>,
}

impl std::str::FromStr for Span {
    type Err = InvalidSpan;
    fn from_str(text: &str) -> Result<Self, InvalidSpan> {
        let parsed = || {
            let (start, end) = text.trim().split_once('-')?;
            let (start_minute, end_minute) = (minute(start.trim())?, minute(end.trim())?);
            (start_minute < end_minute).then_some(Self {
                start_minute,
                end_minute,
            })
        };
        parsed().ok_or_else(|| InvalidSpan { given: text.to_owned() })
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        (digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| digits.parse::<u16>().ok())
            .flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= DAY_MINUTES).then_some(minute)
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            start_minute: start,
            end_minute: end,
        } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
    }
}

impl BusinessHours {
    /// A calendar. `week` has each day's hours from Monday on, in any order.
    ///
    /// # Errors
    /// [`InvalidHours`] when it would never be open, or two spans of a day share a minute.
    pub fn new(
        zone: TimeZone,
        mut week: [Vec<Span>; 7],
        holidays: BTreeMap<Date, String>,
    ) -> Result<Self, InvalidHours> {
        for (day, spans) in WEEK.into_iter().zip(&mut week) {
            spans.sort_unstable();
            if spans.windows(2).any(|two| two[1].start_minute < two[0].end_minute) {
                return Err(InvalidHours::Overlap(day));
            }
        }
        if week.iter().all(Vec::is_empty) {
            return Err(InvalidHours::NeverOpen);
        }
        Ok(Self { zone, week, holidays })
    }

    /// The time zone that the hours are meant in.
    #[must_use]
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The IANA name of the time zone.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The hours of a weekday, in order; none when it is closed.
    #[must_use]
    pub fn hours(&self, day: Weekday) -> &[Span] {
        &self.week[usize::from(day.to_monday_zero_offset().unsigned_abs())]
    }

    /// The single days on which nobody is at work, with their names.
    #[must_use]
    pub const fn holidays(&self) -> &BTreeMap<Date, String> {
        &self.holidays
    }

    /// The day that the calendar on the wall shows.
    #[must_use]
    pub fn today(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// Whether somebody is at work.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.stretch(at).0
    }

    /// `at` itself when somebody is at work then, otherwise when that is next the case.
    #[must_use]
    pub fn next_opening(&self, at: Timestamp) -> Timestamp {
        let mut now = at;
        while now < Timestamp::MAX {
            let (open, until) = self.stretch(now);
            if open {
                return now;
            }
            now = until;
        }
        now
    }

    /// The earliest moment by which so much business time has passed since `from`; `from` itself for none or less.
    #[must_use]
    pub fn add(&self, from: Timestamp, business: SignedDuration) -> Timestamp {
        let (mut now, mut left) = (from, business);
        while left.is_positive() && now < Timestamp::MAX {
            let (open, until) = self.stretch(now);
            let length = until.duration_since(now);
            if open && left <= length {
                return now + left;
            }
            if open {
                left -= length;
            }
            now = until;
        }
        now
    }

    /// How much business time lies from `from` to `to`; none when `to` is not later.
    #[must_use]
    pub fn between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        let (mut now, mut passed) = (from, SignedDuration::ZERO);
        while now < to {
            let (open, until) = self.stretch(now);
            let until = until.min(to);
            if open {
                passed += until.duration_since(now);
            }
            now = until;
        }
        passed
    }

    /// When the business day after the day of `at` ends: "by the next business day".
    #[must_use]
    pub fn end_of_next_business_day(&self, at: Timestamp) -> Timestamp {
        let today = self.today(at);
        let tomorrow = today.tomorrow().unwrap_or(today);
        let midnight = self.zone.to_zoned(tomorrow.to_datetime(jiff::civil::Time::midnight()));
        let mut now = self.next_opening(midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp()));
        let day = self.today(now);
        let mut end = now;
        while now < Timestamp::MAX && self.today(now) == day {
            let (open, until) = self.stretch(now);
            if open {
                end = until;
            }
            now = until;
        }
        end
    }

    /// Whether it is open at `at`, and the first moment after it at which that may be otherwise: the next edge of the
    /// day's hours, midnight, or the next time that the zone's clocks are set.
    fn stretch(&self, at: Timestamp) -> (bool, Timestamp) {
        let offset = self.zone.to_offset(at);
        let wall = offset.to_datetime(at);
        let midnight = wall.date().to_datetime(jiff::civil::Time::midnight());
        let minute_of = |minute: u16| -> Option<DateTime> {
            midnight.checked_add(SignedDuration::from_mins(i64::from(minute))).ok()
        };
        let spans: &[Span] = if self.holidays.contains_key(&wall.date()) {
            &[]
        } else {
            self.hours(wall.weekday())
        };
        let has_begun = |minute: u16| minute_of(minute).is_some_and(|edge| edge <= wall);
        let open = spans
            .iter()
            .any(|span| has_begun(span.start_minute) && !has_begun(span.end_minute));
        let edges = spans.iter().flat_map(|span| [span.start_minute, span.end_minute]);
        let edge = edges.filter(|minute| !has_begun(*minute)).min().unwrap_or(DAY_MINUTES);
        let edge = minute_of(edge).and_then(|edge| offset.to_timestamp(edge).ok());
        let clocks_set = self.zone.following(at).next().map(|transition| transition.timestamp());
        let until = edge.into_iter().chain(clocks_set).min().unwrap_or(Timestamp::MAX);
        (open, until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_and_written_alike() {
        for text in ["09:00-17:30", "00:00-24:00", "22:00-24:00"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        for text in [
            "9-17",
            "17:00-09:00",
            "09:00-09:00",
            "09:60-10:00",
            "09:00-24:01",
            "",
            "25:00-26:00",
            "09:00–17:00",
        ] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_never_open_or_overlaps_is_no_calendar() {
        let zone = TimeZone::get("Europe/Brussels").unwrap();
        let none = BusinessHours::new(zone.clone(), Default::default(), BTreeMap::new());
        assert_eq!(none, Err(InvalidHours::NeverOpen));
        let mut week: [Vec<Span>; 7] = Default::default();
        week[2] = vec!["12:00-17:00".parse().unwrap(), "09:00-12:01".parse().unwrap()];
        let twice = BusinessHours::new(zone, week, BTreeMap::new());
        assert_eq!(twice, Err(InvalidHours::Overlap(Weekday::Wednesday)));
    }
}
