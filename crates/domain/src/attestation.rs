//! Out-decisions (feature N2): that a component is not backed up was signed, and is signed anew each year.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;

/// Where a decision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionState {
    /// Nobody has decided whether the component is backed up.
    Undecided,
    /// Out of scope, and the day has passed by which it was to be attested anew.
    Overdue,
    /// Out of scope, to be attested anew within three months.
    DueSoon,
    /// Out of scope, signed or attested not long ago.
    Signed,
}

impl DecisionState {
    /// Every state, in the order in which somebody has to act.
    pub const ALL: [Self; 4] = [Self::Undecided, Self::Overdue, Self::DueSoon, Self::Signed];

    /// The name used in the API and in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Overdue => "overdue",
            Self::DueSoon => "due-soon",
            Self::Signed => "signed",
        }
    }

    /// Of a decision that is due on that day; `None`: nobody decided.
    #[must_use]
    pub fn of(due_on: Option<Date>, today: Date) -> Self {
        match due_on {
            None => Self::Undecided,
            Some(due) if due < today => Self::Overdue,
            Some(due) if due <= soon(today) => Self::DueSoon,
            Some(_) => Self::Signed,
        }
    }
}

/// The last day that counts as soon: three months ahead.
#[must_use]
pub fn soon(today: Date) -> Date {
    today.saturating_add(3.months())
}

/// The last day on which what was signed at that moment holds: a year later, on the calendar of the contract's zone.
#[must_use]
pub fn due_on(signed_at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(signed_at).date().saturating_add(1.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn it_is_due_a_year_later_on_the_customers_calendar() {
        let brussels = TimeZone::get("Europe/Brussels").unwrap();
        for (signed, due) in [
            ("2026-03-01T10:00:00Z", "2027-03-01"),
            ("2026-03-01T23:30:00Z", "2027-03-02"),
            ("2028-02-29T12:00:00Z", "2029-02-28"),
        ] {
            assert_eq!(due_on(signed.parse().unwrap(), &brussels), day(due), "{signed}");
        }
    }

    #[test]
    fn on_its_last_day_it_still_holds_and_on_the_next_it_is_overdue() {
        let due = Some(day("2026-05-01"));
        for (today, state) in [
            ("2026-01-31", DecisionState::Signed),
            ("2026-02-01", DecisionState::DueSoon),
            ("2026-05-01", DecisionState::DueSoon),
            ("2026-05-02", DecisionState::Overdue),
        ] {
            assert_eq!(DecisionState::of(due, day(today)), state, "{today}");
        }
        assert_eq!(DecisionState::of(None, day("2026-05-01")), DecisionState::Undecided);
    }
}
