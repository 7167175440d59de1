//! How often recovery points are contracted to appear, and when, as far as somebody said (feature E54).
//!
//! A schedule is one text: words as people say them (`daily`, `weekly on Sunday at 00:00 Europe/Brussels`) or a cron
//! expression as AWS or Velero reads it. What words can say is said in words, whoever gave it.

mod cron;
mod pattern;
mod runs;
mod words;
mod zone;

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use pattern::{Days, Fields, Pattern, Set, Weekdays};
pub use runs::{ClockChange, ClockEffect};
use runs::{Runs, Timing};
use zone::Zone;

/// When recovery points are contracted to appear.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Schedule {
    /// Any point in time; recovery points at most five minutes old.
    Continuous,
    /// Once an hour; the provider chooses when.
    Hourly,
    /// Once a day; the provider chooses when.
    Daily,
    /// Once a week; the provider chooses when.
    Weekly,
    /// At times that somebody named.
    Timed(Arc<Timed>),
}

/// A schedule that names its times.
#[derive(Debug)]
pub struct Timed {
    /// What it is read from again, and what tells it from others.
    text: String,
    runs: Runs,
    interval: SignedDuration,
    usual: SignedDuration,
}

impl PartialEq for Timed {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Timed {}

impl std::hash::Hash for Timed {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// The text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no schedule: {why}")]
pub struct InvalidSchedule {
    /// The beginning of what was given.
    pub given: String,
    /// What is wrong and what is allowed, with examples.
    pub why: String,
}

/// What a schedule may look like, for whoever is asked again.
const EXAMPLES: &str = "allowed are words such as `daily at 03:00`, `every 6 hours`, `hourly at :15`, `weekly on Sunday at 00:00`, \
    `every two weeks on Sunday at 00:00`, `monthly on the 1st at 00:00 Europe/Brussels`, `in January and July on the 15th at 03:30`, \
    AWS's `cron(0 3 * * ? *)`, or Velero's `0 3 * * *`";

/// Who reads a cron expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// AWS Backup: `cron(…)` with six fields, or `rate(…)`.
    Aws,
    /// Velero, by robfig/cron: five fields, or `@every …`.
    Velero,
}

/// An expression as a provider takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// The expression.
    pub text: String,
    /// The IANA zone that is given beside it; `None`: UTC, or named in the expression.
    pub zone: Option<String>,
}

/// The choices of the form (feature E54).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Any point in time.
    Continuous,
    /// Once an hour.
    Hourly,
    /// Once a day.
    Daily,
    /// On the same weekdays each week.
    Weekly,
    /// Each Sunday at 00:00.
    WeeklyOnSunday,
    /// Every second week.
    EveryTwoWeeks,
    /// On the 1st of each month.
    Monthly,
    /// On the 1st of every second month.
    EveryTwoMonths,
    /// Anything else.
    Custom,
}

/// Schedules that were read: a page reads thousands of rows, which say few different ones.
static KNOWN: LazyLock<RwLock<HashMap<String, Schedule>>> = LazyLock::new(RwLock::default);
/// So many are kept; then all are forgotten.
const KNOWN_MAX: usize = 512;
/// The longest text, in characters.
const TEXT_CHARS: usize = 255;

impl Schedule {
    /// Reads words or an expression of either dialect. An IANA zone may end it; without one, times are in UTC.
    ///
    /// # Errors
    /// [`InvalidSchedule`] also for what never runs, such as 30 February, and for what ends.
    pub fn parse(text: &str) -> Result<Self, InvalidSchedule> {
        let text = text.trim();
        let mut plain = [Self::Continuous, Self::Hourly, Self::Daily, Self::Weekly].into_iter();
        if let Some(plain) = plain.find(|plain| plain.as_str().eq_ignore_ascii_case(text)) {
            return Ok(plain);
        }
        if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(text) {
            return Ok(known.clone());
        }
        let invalid = |why: String| InvalidSchedule {
            given: text.chars().take(80).collect(),
            why: format!("{why}; {EXAMPLES}"),
        };
        if text.chars().count() > TEXT_CHARS {
            return Err(invalid(format!("at most {TEXT_CHARS} characters are read")));
        }
        let schedule = Timed::read(text)
            .map(|timed| Self::Timed(Arc::new(timed)))
            .map_err(invalid)?;
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(text.to_owned(), schedule.clone());
        Ok(schedule)
    }

    /// The text that reads back to it: its words where there are any.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Continuous => "continuous",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Timed(timed) => &timed.text,
        }
    }

    /// The longest time between two runs, changes of the clocks included: the recovery point objective that the schedule
    /// stands for.
    #[must_use]
    pub fn interval(&self) -> SignedDuration {
        match self {
            Self::Timed(timed) => timed.interval,
            plain => plain.usual_interval(),
        }
    }

    /// The longest time between two runs by the clock on the wall, which its changes do not show.
    fn usual_interval(&self) -> SignedDuration {
        match self {
            Self::Continuous => SignedDuration::from_mins(5),
            Self::Hourly => SignedDuration::from_hours(1),
            Self::Daily => SignedDuration::from_hours(24),
            Self::Weekly => SignedDuration::from_hours(7 * 24),
            Self::Timed(timed) => timed.usual,
        }
    }

    /// Whether it runs less often than the other, by the clock on the wall: a zone alone makes nothing rarer.
    #[must_use]
    pub fn is_rarer_than(&self, other: &Self) -> bool {
        self.usual_interval() > other.usual_interval()
    }

    /// The next runs after `after`, in the schedule's zone. None, where the provider chooses the time
    /// ([`Self::left_to_provider`]).
    #[must_use]
    pub fn next_runs(&self, after: Timestamp, number: usize) -> Vec<Zoned> {
        let Some(timing) = self.timing() else {
            return Vec::new();
        };
        let runs = std::iter::successors(timing.next(after), |run| timing.next(*run));
        runs.take(number).map(|run| timing.zone.at(run)).collect()
    }

    /// Why its times are not known beforehand, in one sentence; `None`: they are.
    #[must_use]
    pub fn left_to_provider(&self) -> Option<&'static str> {
        match self {
            Self::Continuous => Some("Every change is backed up as it happens."),
            Self::Hourly | Self::Daily | Self::Weekly => {
                Some("The provider chooses the time, since the schedule names none.")
            }
            Self::Timed(timed) => match timed.runs {
                Runs::Rate(_) => {
                    Some("It is counted from the moment at which it is set up, so its times are not known yet.")
                }
                Runs::At(_) => None,
            },
        }
    }

    /// The IANA zone of its times; `None`: it names no times.
    #[must_use]
    pub fn zone(&self) -> Option<&str> {
        self.timing().map(|timing| timing.zone.name())
    }

    /// The changes of its zone's clocks between two moments, with what becomes of its runs.
    #[must_use]
    pub fn clock_changes(&self, from: Timestamp, to: Timestamp) -> Vec<ClockChange> {
        self.timing()
            .map(|timing| timing.clock_changes(from, to))
            .unwrap_or_default()
    }

    /// The expression that a provider is given.
    ///
    /// # Errors
    /// Why that dialect cannot say it, in words.
    pub fn cron_for(&self, dialect: Dialect) -> Result<Expression, String> {
        match self {
            Self::Continuous => Err("continuous backup has no schedule".to_owned()),
            Self::Hourly | Self::Daily | Self::Weekly => {
                Err("no time is named, such as `daily at 03:00`: the provider chooses it".to_owned())
            }
            Self::Timed(timed) => timed.runs.expression(dialect),
        }
    }

    /// Why snapshots at AWS cannot be made so often, and what can be had instead (feature N3, decisions.md); `None`: they can.
    #[must_use]
    pub fn too_often_for_snapshots(&self) -> Option<String> {
        let within_an_hour = match self {
            Self::Timed(timed) => timed.runs.are_within_an_hour(),
            _ => false,
        };
        within_an_hour.then(|| {
            format!(
                "Snapshots \u{201c}{self}\u{201d} cannot be had at AWS: {}. Continuous backup (point in time) meets an objective of 5 minutes.",
                cron::AWS_FLOOR
            )
        })
    }

    /// The time in UTC, when it runs once a day and always at that time.
    #[must_use]
    pub fn daily_in_utc(&self) -> Option<Time> {
        let timing = self.timing()?;
        let Pattern::Cron(fields, _) = &timing.pattern else {
            return None;
        };
        let time = fields.time().filter(|time| *fields == Fields::daily(*time))?;
        let offset = timing.zone.fixed_offset()?;
        Some(time.wrapping_sub(SignedDuration::from_secs(offset.seconds().into())))
    }

    /// The choice of the form that it belongs to.
    #[must_use]
    pub fn preset(&self) -> Preset {
        match self {
            Self::Continuous => Preset::Continuous,
            Self::Hourly => Preset::Hourly,
            Self::Daily => Preset::Daily,
            Self::Weekly => Preset::Weekly,
            Self::Timed(timed) => match &timed.runs {
                Runs::Rate(_) => Preset::Custom,
                Runs::At(timing) => preset(&timing.pattern),
            },
        }
    }

    fn timing(&self) -> Option<&Timing> {
        match self {
            Self::Timed(timed) => match &timed.runs {
                Runs::At(timing) => Some(timing),
                Runs::Rate(_) => None,
            },
            _ => None,
        }
    }
}

fn preset(pattern: &Pattern) -> Preset {
    let Pattern::Cron(fields, _) = pattern else {
        return Preset::EveryTwoWeeks;
    };
    let every_month = fields.months == Fields::ALL_MONTHS;
    match (fields.days, fields.weekdays) {
        (Days::Any, Weekdays::Any) if every_month && fields.time().is_some() => Preset::Daily,
        (Days::Any, Weekdays::Any)
            if every_month && fields.hours == Fields::ALL_HOURS && fields.minutes.only().is_some() =>
        {
            Preset::Hourly
        }
        (Days::Any, Weekdays::On(weekdays)) if every_month && fields.time().is_some() => {
            if weekdays == Set::of(0) && fields.time() == Some(Time::midnight()) {
                Preset::WeeklyOnSunday
            } else {
                Preset::Weekly
            }
        }
        (Days::On(days), Weekdays::Any) if days == Set::of(1) && fields.time().is_some() => {
            if every_month {
                Preset::Monthly
            } else if fields.months == Set::range(1, 12, 2) {
                Preset::EveryTwoMonths
            } else {
                Preset::Custom
            }
        }
        _ => Preset::Custom,
    }
}

impl Preset {
    /// Whether the schedule is one that the choice stands for.
    #[must_use]
    pub fn covers(self, schedule: &Schedule) -> bool {
        match (self, schedule.preset()) {
            (Self::Custom, _) | (Self::Weekly, Self::WeeklyOnSunday) => true,
            (chosen, preset) => chosen == preset,
        }
    }

    /// What it stands for when nobody says when exactly; `None`: that has to be said.
    #[must_use]
    pub fn schedule(self) -> Option<Schedule> {
        match self {
            Self::Continuous => Some(Schedule::Continuous),
            Self::Hourly => Some(Schedule::Hourly),
            Self::Daily => Some(Schedule::Daily),
            Self::Weekly => Some(Schedule::Weekly),
            Self::WeeklyOnSunday => Schedule::parse("weekly on Sunday at 00:00").ok(),
            Self::EveryTwoWeeks => Schedule::parse("every two weeks on Sunday at 00:00").ok(),
            Self::Monthly => Schedule::parse("monthly on the 1st at 00:00").ok(),
            Self::EveryTwoMonths => Schedule::parse("every two months on the 1st at 00:00").ok(),
            Self::Custom => None,
        }
    }
}

impl Timed {
    fn read(text: &str) -> Result<Self, String> {
        if let Some(rate) = runs::rate(text) {
            let interval = rate?;
            return Ok(Self {
                text: runs::say_rate(interval),
                runs: Runs::Rate(interval),
                interval,
                usual: interval,
            });
        }
        let (zone, text) = match text.strip_prefix("CRON_TZ=").or_else(|| text.strip_prefix("TZ=")) {
            None => (None, text),
            Some(rest) => {
                let (name, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                (Some(words::zone(name)?), rest.trim())
            }
        };
        if let Some(rest) = text.strip_prefix("cron(") {
            let (fields, after) = rest.split_once(')').ok_or("`cron(` has no `)`")?;
            let zone = Self::one_zone(zone, after.trim())?;
            return Self::at(Pattern::cron(cron::aws(fields)?)?, zone, Dialect::Aws);
        }
        let nickname = match text.split_whitespace().next().unwrap_or_default() {
            "@yearly" | "@annually" => Some("0 0 1 1 *"),
            "@monthly" => Some("0 0 1 * *"),
            "@weekly" => Some("0 0 * * 0"),
            "@daily" | "@midnight" => Some("0 0 * * *"),
            "@hourly" => Some("0 * * * *"),
            _ => None,
        };
        if let Some(fields) = nickname {
            let after = text.split_once(char::is_whitespace).map_or("", |(_, after)| after);
            let zone = Self::one_zone(zone, after.trim())?;
            return Self::at(Pattern::cron(cron::velero(fields)?)?, zone, Dialect::Velero);
        }
        if zone.is_some() || text.starts_with(|first: char| first.is_ascii_digit() || first == '*' || first == '?') {
            let parts: Vec<&str> = text.split_whitespace().collect();
            let (fields, after) = match &parts[..] {
                [fields @ .., last] if fields.len() == 5 && last.starts_with(char::is_alphabetic) => (fields, *last),
                fields => (fields, ""),
            };
            let fields = cron::velero(&fields.join(" ")).map_err(|why| match parts.len() {
                6 => format!("{why}; AWS's six stand in `cron(…)`"),
                _ => why,
            })?;
            return Self::at(Pattern::cron(fields)?, Self::one_zone(zone, after)?, Dialect::Velero);
        }
        let (pattern, zone) = words::read(text)?;
        Self::at(pattern, zone, Dialect::Aws)
    }

    /// The zone that stands before or after an expression.
    fn one_zone(before: Option<Zone>, after: &str) -> Result<Zone, String> {
        match (before, after) {
            (Some(_), after) if !after.is_empty() => Err(format!("it names two zones, the second is `{after}`")),
            (Some(zone), _) => Ok(zone),
            (None, "") => Ok(Zone::UTC),
            (None, after) => words::zone(after),
        }
    }

    /// Words mean what AWS does where dialects differ: the fewest runs that anybody promises.
    fn at(pattern: Pattern, zone: Zone, dialect: Dialect) -> Result<Self, String> {
        let usual = pattern.longest_gap().ok_or("it never runs: no year has such a day")?;
        let runs_twice = dialect == Dialect::Velero && zone.fixed_offset().is_none();
        let timing = Timing {
            pattern,
            zone,
            runs_twice,
        };
        let interval = timing.longest_interval(usual);
        let text = timing.text(dialect)?;
        Ok(Self {
            text,
            runs: Runs::At(timing),
            interval,
            usual,
        })
    }
}

impl FromStr for Schedule {
    type Err = InvalidSchedule;
    fn from_str(text: &str) -> Result<Self, InvalidSchedule> {
        Self::parse(text)
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Schedule {
    type Error = InvalidSchedule;
    fn try_from(text: String) -> Result<Self, InvalidSchedule> {
        Self::parse(&text)
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        schedule.as_str().to_owned()
    }
}
