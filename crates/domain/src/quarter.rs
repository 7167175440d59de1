//! Calendar quarters.

use jiff::civil::{Date, date};

/// The last day of the calendar quarter after the one that `today` is in.
#[must_use]
pub fn end_of_next(today: Date) -> Date {
    let (year, month) = match today.month() {
        1..=3 => (today.year(), 6),
        4..=6 => (today.year(), 9),
        7..=9 => (today.year(), 12),
        _ => (today.year().saturating_add(1).min(Date::MAX.year()), 3),
    };
    date(year, month, 1).last_of_month()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_quarter_ends_three_to_six_months_from_now() {
        for (today, end) in [
            (date(2026, 1, 1), date(2026, 6, 30)),
            (date(2026, 3, 31), date(2026, 6, 30)),
            (date(2026, 4, 1), date(2026, 9, 30)),
            (date(2026, 9, 30), date(2026, 12, 31)),
            (date(2026, 11, 21), date(2027, 3, 31)),
            (date(2026, 12, 31), date(2027, 3, 31)),
        ] {
            assert_eq!(end_of_next(today), end, "{today}");
        }
    }
}
