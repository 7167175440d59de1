//! When a schedule runs, across the changes of its zone's clocks.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use super::pattern::Pattern;
use super::zone::{Change, HORIZON_YEARS, Zone, start_of};
use super::{Dialect, Expression, cron, words};

/// What a schedule that names its times runs by.
#[derive(Debug, Clone)]
pub(super) enum Runs {
    /// Again and again after the same time, from when it was set up.
    Rate(SignedDuration),
    /// By the clock on the wall.
    At(Timing),
}

/// Times by the clock on the wall of a zone.
#[derive(Debug, Clone)]
pub(super) struct Timing {
    pub(super) pattern: Pattern,
    pub(super) zone: Zone,
    /// Whether a time that comes twice, since the clocks are put back, runs twice.
    pub(super) runs_twice: bool,
}

/// A change of the clocks in a schedule's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockChange {
    /// When.
    pub at: Timestamp,
    /// What the clocks would say then.
    pub before: DateTime,
    /// What they say.
    pub after: DateTime,
    /// What becomes of the schedule's runs.
    pub effect: ClockEffect,
}

/// What a change of the clocks does to the runs of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockEffect {
    /// A run keeps its time by the clock on the wall.
    Kept,
    /// The first run that is left out: the clocks skip its time.
    LeftOut(DateTime),
    /// The first run whose time comes twice; it runs the first time only.
    Once(DateTime),
    /// The first run whose time comes twice; it runs both times.
    Twice(DateTime),
}

impl Timing {
    /// The first run after `after`.
    pub(super) fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let mut from = Timestamp::from_second((after.as_second().div_euclid(60) + 1) * 60).ok()?;
        // From change to change the clocks run evenly, so that what they skip is never looked at.
        loop {
            let offset = self.zone.offset(from);
            let run = offset
                .to_timestamp(self.pattern.first(offset.to_datetime(from))?)
                .ok()?;
            match self.zone.next_change(from) {
                Some(change) if run >= change.at => from = change.at,
                _ if !self.runs_twice && self.zone.is_repeated(run) => {
                    from = run.checked_add(SignedDuration::from_mins(1)).ok()?;
                }
                _ => return Some(run),
            }
        }
    }

    /// The last run before a change of the clocks.
    fn last_before(&self, change: &Change) -> Option<Timestamp> {
        let offset = self
            .zone
            .offset(change.at.checked_sub(SignedDuration::from_secs(1)).ok()?);
        let mut before = change.before;
        loop {
            let civil = self.pattern.last_before(before)?;
            let run = offset.to_timestamp(civil).ok()?;
            // Further back the offset may be another one: the first run after a moment well before is found forwards.
            if self.zone.offset(run) != offset {
                let well_before = self.next(run.checked_sub(SignedDuration::from_hours(48)).ok()?);
                let runs = std::iter::successors(well_before, |run| self.next(*run));
                return runs.take_while(|run| *run < change.at).last();
            }
            if self.runs_twice || !self.zone.is_repeated(run) {
                return Some(run);
            }
            before = civil;
        }
    }

    /// The longest time between two runs: `usual`, or longer where the clocks are changed.
    pub(super) fn longest_interval(&self, usual: SignedDuration) -> SignedDuration {
        let (start, end) = (start_of(HORIZON_YEARS.start), start_of(HORIZON_YEARS.end));
        let across = |change: Change| {
            let last = self.last_before(&change)?;
            Some(self.next(last)?.duration_since(last))
        };
        self.zone.changes(start, end).filter_map(across).fold(usual, Ord::max)
    }

    pub(super) fn clock_changes(&self, from: Timestamp, to: Timestamp) -> Vec<ClockChange> {
        let effect = |change: &Change| {
            let (earlier, later) = (change.before.min(change.after), change.before.max(change.after));
            match self.pattern.first(earlier).filter(|run| *run < later) {
                None => ClockEffect::Kept,
                Some(run) if change.before < change.after => ClockEffect::LeftOut(run),
                Some(run) if self.runs_twice => ClockEffect::Twice(run),
                Some(run) => ClockEffect::Once(run),
            }
        };
        let changes = self.zone.changes(from, to).map(|change| ClockChange {
            at: change.at,
            before: change.before,
            after: change.after,
            effect: effect(&change),
        });
        changes.collect()
    }

    /// The text that reads back to it, in words where they mean the same.
    ///
    /// # Errors
    /// What its dialect cannot say.
    pub(super) fn text(&self, dialect: Dialect) -> Result<String, String> {
        let said = words::say(&self.pattern).filter(|_| !self.runs_twice);
        let zone = self.zone.name();
        match (said, &self.pattern) {
            (Some(words), _) if self.zone.is_utc() => Ok(words),
            (Some(words), _) => Ok(format!("{words} {zone}")),
            (None, Pattern::Cron(fields, _)) => {
                let (text, in_front) = match dialect {
                    Dialect::Aws => (cron::aws_fields(fields)?, false),
                    Dialect::Velero => (cron::five_fields(fields), true),
                };
                Ok(match (self.zone.is_utc(), in_front) {
                    (true, _) => text,
                    (false, true) => format!("CRON_TZ={zone} {text}"),
                    (false, false) => format!("{text} {zone}"),
                })
            }
            (None, Pattern::Fortnightly { .. }) => Err("every two weeks is said in words".to_owned()),
        }
    }
}

impl Runs {
    /// Whether one run follows another before an hour has passed.
    pub(super) fn are_within_an_hour(&self) -> bool {
        match self {
            Self::Rate(interval) => *interval < SignedDuration::from_hours(1),
            Self::At(timing) => match &timing.pattern {
                Pattern::Cron(fields, _) => fields.minutes.only().is_none(),
                Pattern::Fortnightly { .. } => false,
            },
        }
    }

    /// # Errors
    /// Why the dialect cannot say it.
    pub(super) fn expression(&self, dialect: Dialect) -> Result<Expression, String> {
        let timing = match (self, dialect) {
            (Self::At(timing), _) => timing,
            (Self::Rate(interval), Dialect::Velero) => {
                return Ok(Expression {
                    text: every(*interval),
                    zone: None,
                });
            }
            (Self::Rate(interval), Dialect::Aws) => {
                let text =
                    in_aws_words(*interval).ok_or_else(|| format!("{}, and counts in whole hours", cron::AWS_FLOOR));
                return text.map(|text| Expression { text, zone: None });
            }
        };
        let Pattern::Cron(fields, _) = &timing.pattern else {
            return Err("no cron says \"every two weeks\": Holdfast starts these runs itself".to_owned());
        };
        let zone = (!timing.zone.is_utc()).then(|| timing.zone.name().to_owned());
        match dialect {
            Dialect::Aws => Ok(Expression {
                text: cron::to_aws(fields)?,
                zone,
            }),
            Dialect::Velero => {
                let fields = cron::to_velero(fields)?;
                let text = zone.map_or_else(|| fields.clone(), |zone| format!("CRON_TZ={zone} {fields}"));
                Ok(Expression { text, zone: None })
            }
        }
    }
}

/// `rate(6 hours)` or `@every 6h`. `None`: it is neither.
pub(super) fn rate(text: &str) -> Option<Result<SignedDuration, String>> {
    let interval = if let Some(rest) = text.strip_prefix("rate(") {
        rest.strip_suffix(')').and_then(aws_rate).ok_or_else(|| {
            format!("`{text}` is no rate: AWS takes such as `rate(1 hour)`, `rate(6 hours)` or `rate(1 day)`")
        })
    } else {
        let rest = text.strip_prefix("@every")?.trim();
        let letters = !rest.is_empty()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"hms.".contains(&byte));
        let interval = letters.then(|| rest.parse().ok()).flatten();
        interval.ok_or_else(|| format!("`{text}` has no duration: Velero takes such as `@every 6h` or `@every 1h30m`"))
    };
    Some(interval.and_then(|interval| {
        let whole = interval.subsec_nanos() == 0 && interval.as_secs() % 60 == 0;
        let (least, most) = (SignedDuration::from_mins(1), SignedDuration::from_hours(366 * 24));
        if whole && (least..=most).contains(&interval) {
            Ok(interval)
        } else {
            Err(format!(
                "`{text}` is not allowed: whole minutes from 1 minute to 366 days are"
            ))
        }
    }))
}

/// `1 hour`, `6 hours`, `1 day`, `30 minutes`.
fn aws_rate(rate: &str) -> Option<SignedDuration> {
    let (number, unit) = rate.split_once(' ')?;
    let number: u16 = number.parse().ok()?;
    let minutes = match (number, unit) {
        (1, "minute") | (2.., "minutes") => 1,
        (1, "hour") | (2.., "hours") => 60,
        (1, "day") | (2.., "days") => 24 * 60,
        _ => return None,
    };
    Some(SignedDuration::from_mins(i64::from(number) * minutes))
}

/// In AWS's words where they suffice, otherwise in Velero's.
pub(super) fn say_rate(interval: SignedDuration) -> String {
    in_aws_words(interval).unwrap_or_else(|| every(interval))
}

fn in_aws_words(interval: SignedDuration) -> Option<String> {
    let minutes = interval.as_mins();
    let (number, unit) = match (minutes % (24 * 60), minutes % 60) {
        (0, _) => (minutes / (24 * 60), "day"),
        (_, 0) => (minutes / 60, "hour"),
        _ => return None,
    };
    Some(format!("rate({number} {unit}{})", if number == 1 { "" } else { "s" }))
}

fn every(interval: SignedDuration) -> String {
    match (interval.as_mins() / 60, interval.as_mins() % 60) {
        (hours, 0) => format!("@every {hours}h"),
        (0, minutes) => format!("@every {minutes}m"),
        (hours, minutes) => format!("@every {hours}h{minutes}m"),
    }
}
