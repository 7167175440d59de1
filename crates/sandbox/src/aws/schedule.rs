//! AWS's schedule expressions: `cron(minute hour day-of-month month day-of-week year)`, over the crate `croner`, and `rate(12 hours)`.
//!
//! | AWS | Here |
//! |---|---|
//! | AWS Backup documents cron alone | rates are taken too, as EventBridge does; the first run is one interval after the plan was put |
//! | What becomes of a time that the change to summer time skips is not documented | the first moment after the gap, once |
//! | What becomes of a time that the change to winter time repeats is not documented | the first of the two; an hour that is a wildcard runs in both |

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// AWS's years.
const YEARS: std::ops::RangeInclusive<u16> = 1970..=2199;

/// When something runs.
#[derive(Debug, Clone)]
pub(crate) enum Schedule {
    /// In a time zone.
    Cron(Box<Cron>, TimeZone),
    /// Again and again after the same time.
    Rate(SignedDuration),
}

/// Why an expression is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidSchedule {
    #[error("Invalid cron expression: {0}")]
    Expression(String),
    #[error("Invalid timezone: {0}")]
    Zone(String),
    #[error("Cron expression {0} runs more often than once an hour")]
    TooOften(String),
}

impl Schedule {
    /// `zone` is an IANA name.
    ///
    /// # Errors
    /// [`InvalidSchedule`]; the shortest interval is an hour.
    pub(crate) fn parse(expression: &str, zone: &str) -> Result<Self, InvalidSchedule> {
        let invalid = || InvalidSchedule::Expression(expression.to_owned());
        let zone = TimeZone::get(zone).map_err(|_| InvalidSchedule::Zone(zone.to_owned()))?;
        if let Some(rate) = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')) {
            return interval(rate).map(Self::Rate).ok_or_else(invalid);
        }
        let fields = expression
            .trim()
            .strip_prefix("cron(")
            .and_then(|rest| rest.strip_suffix(')'))
            .ok_or_else(invalid)?;
        let pattern = to_croner(fields).ok_or_else(invalid)?;
        let parser = CronParser::builder()
            .seconds(Seconds::Required)
            .year(Year::Required)
            .alternative_weekdays(true)
            // AWS's `0/12` means from 0 on, every 12.
            .sloppy_ranges(true)
            .build();
        let cron = parser.parse(&pattern).map_err(|_| invalid())?;
        // All years of a wildcard are croner's own, more than AWS's.
        let years = cron.pattern.years.values();
        if !fields.ends_with('*') && years.iter().any(|year| !YEARS.contains(year)) {
            return Err(invalid());
        }
        if cron.pattern.minutes.values().len() > 1 {
            return Err(InvalidSchedule::TooOften(expression.to_owned()));
        }
        Ok(Self::Cron(Box::new(cron), zone))
    }

    /// The first moment after `moment`; `None` once its years are over.
    pub(crate) fn after(&self, moment: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Cron(cron, zone) => {
                let moment = moment.to_zoned(zone.clone());
                let next = cron.find_next_occurrence(&moment, false).ok()?;
                Some(next.timestamp())
            }
            Self::Rate(interval) => moment.checked_add(*interval).ok(),
        }
    }
}

/// `1 hour`, `12 hours`, `1 day`, `7 days`; `None` for anything else.
fn interval(rate: &str) -> Option<SignedDuration> {
    let (number, unit) = rate.split_once(' ')?;
    let number: u16 = number.parse().ok()?;
    let hours = match (number, unit) {
        (1, "hour") | (2.., "hours") => 1,
        (1, "day") | (2.., "days") => 24,
        _ => return None,
    };
    Some(SignedDuration::from_hours(hours * i64::from(number)))
}

/// The fields as croner reads them, with seconds; `None` where AWS refuses what croner would take.
fn to_croner(fields: &str) -> Option<String> {
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let [minute, hour, day, month, weekday, year] = fields.as_slice() else {
        return None;
    };
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"*?,-/#".contains(&byte);
    let whole = |field: &&str| field.bytes().all(known) && field.split(',').all(|part| !part.is_empty());
    let one_open = (*day == "?") != (*weekday == "?");
    let question_elsewhere = fields.iter().any(|field| field.contains('?') && *field != "?")
        || [minute, hour, month, year].iter().any(|field| **field == "?");
    if !fields.iter().all(whole) || !one_open || question_elsewhere {
        return None;
    }
    // Alone, it is the last day of the week.
    let weekday = if weekday.eq_ignore_ascii_case("L") {
        "7"
    } else {
        weekday
    };
    Some(format!("0 {minute} {hour} {day} {month} {weekday} {year}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(expression: &str, zone: &str, after: &str, times: usize) -> Vec<String> {
        let schedule = Schedule::parse(expression, zone).unwrap();
        let first = schedule.after(after.parse().unwrap());
        std::iter::successors(first, |moment| schedule.after(*moment))
            .take(times)
            .map(|moment| moment.to_string())
            .collect()
    }

    fn refused(expression: &str) -> InvalidSchedule {
        Schedule::parse(expression, "UTC").unwrap_err()
    }

    #[test]
    fn a_rate_runs_again_after_its_time() {
        assert_eq!(
            runs("rate(12 hours)", "UTC", "2026-11-21T05:30:00Z", 2),
            ["2026-11-21T17:30:00Z", "2026-11-22T05:30:00Z"]
        );
        assert_eq!(
            runs("rate(1 day)", "UTC", "2026-11-21T05:30:00Z", 1),
            ["2026-11-22T05:30:00Z"]
        );
        for wrong in [
            "rate(0 hours)",
            "rate(1 hours)",
            "rate(30 minutes)",
            "rate(day)",
            "rate(1 day",
        ] {
            assert!(matches!(refused(wrong), InvalidSchedule::Expression(_)), "{wrong}");
        }
    }

    #[test]
    fn hours_days_and_weekdays() {
        assert_eq!(
            runs("cron(0 5 ? * * *)", "UTC", "2026-11-21T05:00:00Z", 2),
            ["2026-11-22T05:00:00Z", "2026-11-23T05:00:00Z"]
        );
        assert_eq!(
            runs("cron(30 0/12 * * ? *)", "UTC", "2026-11-21T00:00:00Z", 3),
            ["2026-11-21T00:30:00Z", "2026-11-21T12:30:00Z", "2026-11-22T00:30:00Z"]
        );
        // 1 is Sunday, which 22 November 2026 is.
        for sunday in ["1", "SUN", "sun"] {
            assert_eq!(
                runs(&format!("cron(0 5 ? * {sunday} *)"), "UTC", "2026-11-21T00:00:00Z", 1),
                ["2026-11-22T05:00:00Z"]
            );
        }
        assert_eq!(
            runs("cron(0 8 ? * MON-FRI *)", "UTC", "2026-11-20T09:00:00Z", 1),
            runs("cron(0 8 ? * 2-6 *)", "UTC", "2026-11-20T09:00:00Z", 1)
        );
        assert_eq!(
            runs("cron(0 8 ? * L *)", "UTC", "2026-11-16T09:00:00Z", 1),
            ["2026-11-21T08:00:00Z"]
        );
    }

    #[test]
    fn last_nearest_and_nth_days() {
        assert_eq!(
            runs("cron(0 0 L * ? *)", "UTC", "2028-02-01T00:00:00Z", 2),
            ["2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"]
        );
        // 1 August 2026 is a Saturday, and the nearest weekday is within the month.
        assert_eq!(
            runs("cron(0 0 1W * ? *)", "UTC", "2026-07-15T00:00:00Z", 1),
            ["2026-08-03T00:00:00Z"]
        );
        assert_eq!(
            runs("cron(0 0 LW * ? *)", "UTC", "2026-10-15T00:00:00Z", 1),
            ["2026-10-30T00:00:00Z"]
        );
        assert_eq!(
            runs("cron(0 0 ? * 6L *)", "UTC", "2026-11-01T00:00:00Z", 1),
            ["2026-11-27T00:00:00Z"]
        );
        assert_eq!(
            runs("cron(0 0 ? * 3#2 *)", "UTC", "2026-11-01T00:00:00Z", 1),
            ["2026-11-10T00:00:00Z"]
        );
    }

    #[test]
    fn years_end() {
        assert_eq!(
            runs("cron(0 0 1 1 ? 2027-2028)", "UTC", "2026-11-21T00:00:00Z", 5),
            ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]
        );
    }

    #[test]
    fn local_time_moves_with_the_season() {
        assert_eq!(
            runs("cron(0 5 ? * * *)", "Europe/Berlin", "2026-03-28T00:00:00Z", 2),
            ["2026-03-28T04:00:00Z", "2026-03-29T03:00:00Z"]
        );
        // 02:30 does not come on 29 March, and comes twice on 25 October.
        assert_eq!(
            runs("cron(30 2 ? * * *)", "Europe/Berlin", "2026-03-28T02:00:00Z", 2),
            ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]
        );
        assert_eq!(
            runs("cron(30 2 ? * * *)", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
            ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
        );
    }

    #[test]
    fn what_aws_refuses() {
        for expression in [
            "",
            "0 5 ? * * *",
            "cron()",
            "cron(0 5 * * *)",
            "cron(0 5 * * * *)",
            "cron(0 5 ? * ? *)",
            "cron(0 5 ? * 0 *)",
            "cron(0 5 ? * 8 *)",
            "cron(0 24 ? * * *)",
            "cron(60 5 ? * * *)",
            "cron(0 5 32 * ? *)",
            "cron(0 5, ? * * *)",
            "cron(0 5 ? * * 1969)",
            "cron(0 5 ? * * 2200)",
            "cron(@daily)",
            "cron(0 5 15 * +MON *)",
        ] {
            assert!(
                matches!(refused(expression), InvalidSchedule::Expression(_)),
                "{expression}"
            );
        }
        assert!(matches!(refused("cron(0/30 * ? * * *)"), InvalidSchedule::TooOften(_)));
        assert!(matches!(refused("cron(* 5 ? * * *)"), InvalidSchedule::TooOften(_)));
        assert_eq!(
            Schedule::parse("cron(0 5 ? * * *)", "Mars/Olympus").unwrap_err(),
            InvalidSchedule::Zone("Mars/Olympus".to_owned())
        );
    }
}
