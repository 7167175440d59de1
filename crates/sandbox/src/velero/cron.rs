//! When a schedule runs: the dialect of robfig/cron's `ParseStandard`, with its errors word for word.
//!
//! An own reader instead of a cron crate, because those speak another dialect: they take `L`, `W`, `#` and 7 for Sunday, run what falls
//! into the gap of a daylight-saving change, and say in their own words what is wrong.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};

use super::duration;

/// The search for a next run ends after so many years, as robfig's does.
const HORIZON_YEARS: i16 = 5;

/// A parsed `spec.schedule`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cron {
    /// Five fields in a time zone.
    Fields(Box<Fields>),
    /// `@every`: so long after the last run, in whole seconds.
    Every(SignedDuration),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fields {
    minute: Set,
    hour: Set,
    day: Set,
    month: Set,
    weekday: Set,
    zone: TimeZone,
}

/// The values that a field allows, and whether it was a star.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Set {
    bits: u64,
    star: bool,
}

impl Set {
    fn has(self, value: i8) -> bool {
        u32::try_from(value).is_ok_and(|value| self.bits & (1 << value) != 0)
    }
}

/// What a field may hold.
struct Bounds {
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

const MINUTES: Bounds = Bounds {
    min: 0,
    max: 59,
    names: &[],
};
const HOURS: Bounds = Bounds {
    min: 0,
    max: 23,
    names: &[],
};
const DAYS: Bounds = Bounds {
    min: 1,
    max: 31,
    names: &[],
};
const MONTHS: Bounds = Bounds {
    min: 1,
    max: 12,
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
};
const WEEKDAYS: Bounds = Bounds {
    min: 0,
    max: 6,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

impl Cron {
    /// # Errors
    /// robfig's own sentence; Velero puts `invalid schedule: ` before it.
    pub(crate) fn parse(spec: &str) -> Result<Self, String> {
        let (zone, spec) = zone(spec)?;
        let fields = match spec {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            descriptor if descriptor.starts_with('@') => return every(descriptor),
            fields => fields,
        };
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            let found = fields.len();
            return Err(format!(
                "expected exactly 5 fields, found {found}: [{}]",
                fields.join(" ")
            ));
        };
        Ok(Self::Fields(Box::new(Fields {
            minute: set(minute, &MINUTES)?,
            hour: set(hour, &HOURS)?,
            day: set(day, &DAYS)?,
            month: set(month, &MONTHS)?,
            weekday: set(weekday, &WEEKDAYS)?,
            zone,
        })))
    }

    /// The first run after `last`. `None`: there is none within five years.
    pub(crate) fn next(&self, last: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(delay) => whole_second(last).checked_add(*delay).ok(),
            Self::Fields(fields) => fields.next(last),
        }
    }
}

impl Fields {
    /// Walks real time, so that what falls into a gap never runs, and what falls into a repeated hour runs twice.
    fn next(&self, last: Timestamp) -> Option<Timestamp> {
        // A field of commas alone is taken, and never suits.
        if [&self.minute, &self.hour, &self.month].iter().any(|set| set.bits == 0) {
            return None;
        }
        let minute = last.as_second().div_euclid(60) + 1;
        let mut at = Timestamp::from_second(minute * 60).ok()?.to_zoned(self.zone.clone());
        let end = at.year().checked_add(HORIZON_YEARS)?;
        while at.year() <= end {
            at = if !self.month.has(at.month()) {
                start_of(&at.first_of_month().ok()?.checked_add(1.month()).ok()?)?
            } else if !self.on_day(&at) {
                start_of(&at.tomorrow().ok()?)?
            } else if !self.hour.has(at.hour()) {
                at.checked_add((60 - i64::from(at.minute())).minutes()).ok()?
            } else if !self.minute.has(at.minute()) {
                at.checked_add(1.minute()).ok()?
            } else {
                return Some(at.timestamp());
            };
        }
        None
    }

    /// A day must suit both fields when one of them is a star, and either of them otherwise.
    fn on_day(&self, at: &Zoned) -> bool {
        let day = self.day.has(at.day());
        let weekday = self.weekday.has(at.weekday().to_sunday_zero_offset());
        if self.day.star || self.weekday.star {
            day && weekday
        } else {
            day || weekday
        }
    }
}

fn start_of(at: &Zoned) -> Option<Zoned> {
    at.with().time(Time::midnight()).build().ok()
}

fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Splits off `TZ=` or `CRON_TZ=`; without it a schedule runs in UTC, as the server's container does.
fn zone(spec: &str) -> Result<(TimeZone, &str), String> {
    let Some(named) = spec.strip_prefix("TZ=").or_else(|| spec.strip_prefix("CRON_TZ=")) else {
        return Ok((TimeZone::UTC, spec));
    };
    let (name, fields) = named
        .split_once(' ')
        .ok_or("runtime error: slice bounds out of range [:-1]")?;
    let zone = match name {
        "" | "UTC" | "Local" => TimeZone::UTC,
        name => TimeZone::get(name).map_err(|_| format!("provided bad location {name}: unknown time zone {name}"))?,
    };
    Ok((zone, fields.trim()))
}

fn every(descriptor: &str) -> Result<Cron, String> {
    let Some(delay) = descriptor.strip_prefix("@every ") else {
        return Err(format!("unrecognized descriptor: {descriptor}"));
    };
    let delay = duration::parse(delay).map_err(|error| format!("failed to parse duration {descriptor}: {error}"))?;
    Ok(Cron::Every(SignedDuration::from_secs(delay.as_secs().max(1))))
}

fn set(field: &str, bounds: &Bounds) -> Result<Set, String> {
    field
        .split(',')
        .filter(|range| !range.is_empty())
        .try_fold(Set::default(), |set, expression| {
            let more = range(expression, bounds)?;
            Ok(Set {
                bits: set.bits | more.bits,
                star: set.star || more.star,
            })
        })
}

/// `*`, `?`, `a`, `a-b`, each with an optional `/step`; `a/step` runs from `a` to the end.
fn range(expression: &str, bounds: &Bounds) -> Result<Set, String> {
    let mut parts = expression.split('/');
    let ends: Vec<&str> = parts.next().unwrap_or_default().split('-').collect();
    let step = parts.next();
    let star = matches!(ends[0], "*" | "?");
    let (start, mut end) = match ends[..] {
        [_, ..] if star => (bounds.min, bounds.max),
        [only] => (value(only, bounds)?, value(only, bounds)?),
        [first, last] => (value(first, bounds)?, value(last, bounds)?),
        _ => return Err(format!("too many hyphens: {expression}")),
    };
    if parts.next().is_some() {
        return Err(format!("too many slashes: {expression}"));
    }
    let step = match step {
        None => 1,
        Some(step) => {
            if ends.len() == 1 {
                end = bounds.max;
            }
            number(step)?
        }
    };
    let (min, max) = (bounds.min, bounds.max);
    if start < min {
        return Err(format!(
            "beginning of range ({start}) below minimum ({min}): {expression}"
        ));
    }
    if end > max {
        return Err(format!("end of range ({end}) above maximum ({max}): {expression}"));
    }
    if start > end {
        return Err(format!(
            "beginning of range ({start}) beyond end of range ({end}): {expression}"
        ));
    }
    if step == 0 {
        return Err(format!("step of range should be a positive number: {expression}"));
    }
    let bits = (start..=end)
        .step_by(usize::try_from(step).unwrap_or(usize::MAX))
        .fold(0, |bits, value| bits | 1 << value);
    Ok(Set {
        bits,
        star: star && step == 1,
    })
}

fn value(text: &str, bounds: &Bounds) -> Result<u32, String> {
    match bounds.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
        Some(position) => Ok(bounds.min + u32::try_from(position).unwrap_or_default()),
        None => number(text),
    }
}

fn number(text: &str) -> Result<u32, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let atoi = |why| format!("failed to parse int from {text}: strconv.Atoi: parsing {text:?}: {why}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(atoi("invalid syntax"));
    }
    let number: i64 = text.parse().map_err(|_| atoi("value out of range"))?;
    if number < 0 {
        return Err(format!("negative number ({number}) not allowed: {text}"));
    }
    // Beyond it every field is out of range anyway.
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The first runs after a Saturday in November.
    fn runs(spec: &str, from: &str) -> Vec<String> {
        let cron = Cron::parse(spec).unwrap();
        std::iter::successors(cron.next(at(from)), |last| cron.next(*last))
            .take(3)
            .map(|run| run.to_string())
            .collect()
    }

    #[test]
    fn fields_ranges_steps_and_names() {
        let from = "2026-11-21T11:22:33Z";
        assert_eq!(
            runs("0 3 * * *", from),
            ["2026-11-22T03:00:00Z", "2026-11-23T03:00:00Z", "2026-11-24T03:00:00Z"]
        );
        assert_eq!(
            runs("*/20 12-13 * * ?", from),
            ["2026-11-21T12:00:00Z", "2026-11-21T12:20:00Z", "2026-11-21T12:40:00Z"]
        );
        assert_eq!(
            runs("30 1 * jan MON-tue", from),
            ["2027-01-04T01:30:00Z", "2027-01-05T01:30:00Z", "2027-01-11T01:30:00Z"]
        );
        assert_eq!(
            runs("50/5 11 * * *", from),
            ["2026-11-21T11:50:00Z", "2026-11-21T11:55:00Z", "2026-11-22T11:50:00Z"]
        );
    }

    #[test]
    fn a_day_of_month_and_a_weekday_are_alternatives_unless_one_is_a_star() {
        let from = "2026-11-21T11:22:33Z";
        assert_eq!(
            runs("0 0 1 * 0", from),
            ["2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z", "2026-12-01T00:00:00Z"]
        );
        assert_eq!(
            runs("0 0 1 * *", from),
            ["2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"]
        );
    }

    #[test]
    fn descriptors() {
        let from = "2026-11-21T11:22:33Z";
        assert_eq!(runs("@hourly", from)[0], "2026-11-21T12:00:00Z");
        assert_eq!(runs("@weekly", from)[0], "2026-11-22T00:00:00Z");
        assert_eq!(runs("@yearly", from)[0], "2027-01-01T00:00:00Z");
        assert_eq!(
            runs("@every 1h30m", from),
            ["2026-11-21T12:52:33Z", "2026-11-21T14:22:33Z", "2026-11-21T15:52:33Z"]
        );
        assert_eq!(runs("@every 10ms", from)[0], "2026-11-21T11:22:34Z");
    }

    #[test]
    fn a_zone_s_gap_is_skipped_and_its_repeated_hour_runs_twice() {
        assert_eq!(
            runs("CRON_TZ=Europe/Stockholm 30 2 * * *", "2027-03-27T12:00:00Z")[0],
            "2027-03-29T00:30:00Z"
        );
        assert_eq!(
            runs("TZ=Europe/Stockholm 30 2 * * *", "2026-10-24T12:00:00Z")[..2],
            ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]
        );
    }

    #[test]
    fn the_thirtieth_of_february_never_comes() {
        let cron = Cron::parse("0 0 30 2 *").unwrap();
        assert_eq!(cron.next(at("2026-11-21T00:00:00Z")), None);
    }

    #[test]
    fn what_is_wrong_is_said_as_robfig_says_it() {
        for (spec, error) in [
            ("0 3 * *", "expected exactly 5 fields, found 4: [0 3 * *]"),
            ("0 0 3 * * *", "expected exactly 5 fields, found 6: [0 0 3 * * *]"),
            ("60 3 * * *", "end of range (60) above maximum (59): 60"),
            ("0 3 0 * *", "beginning of range (0) below minimum (1): 0"),
            ("0 3 * * 7", "end of range (7) above maximum (6): 7"),
            ("0 5-3 * * *", "beginning of range (5) beyond end of range (3): 5-3"),
            ("*/0 3 * * *", "step of range should be a positive number: */0"),
            ("1-2-3 3 * * *", "too many hyphens: 1-2-3"),
            ("1/2/3 3 * * *", "too many slashes: 1/2/3"),
            (
                "0 3 L * *",
                "failed to parse int from L: strconv.Atoi: parsing \"L\": invalid syntax",
            ),
            (
                "x 3 * * *",
                "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax",
            ),
            (
                "CRON_TZ=Mars/Base 0 3 * * *",
                "provided bad location Mars/Base: unknown time zone Mars/Base",
            ),
            ("TZ=UTC", "runtime error: slice bounds out of range [:-1]"),
            ("@fortnightly", "unrecognized descriptor: @fortnightly"),
            (
                "@every soon",
                "failed to parse duration @every soon: time: invalid duration \"soon\"",
            ),
        ] {
            assert_eq!(Cron::parse(spec), Err(error.to_owned()), "{spec}");
        }
    }
}
