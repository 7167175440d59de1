//! What a schedule that somebody typed means, before it is asked for.

use domain::schedule::{Dialect, Schedule};
use jiff::Timestamp;

use super::{NextRuns, words};

/// What was typed, explained; `templates/partials/schedule_check.html` draws it.
#[derive(Debug, Clone)]
pub(crate) enum ScheduleCheck {
    /// Nothing was typed.
    Empty,
    /// Why it is no schedule.
    NotUnderstood(String),
    Understood(Box<Meaning>),
}

/// What a schedule means.
#[derive(Debug, Clone)]
pub(crate) struct Meaning {
    pub(crate) words: String,
    /// The longest that passes between two runs.
    pub(crate) interval: String,
    /// (who reads it, the expression, or why there is none).
    pub(crate) dialects: [(&'static str, Result<String, String>); 2],
    /// What cannot be had so often, and what can.
    pub(crate) advice: Option<String>,
    pub(crate) next_runs: NextRuns,
}

impl ScheduleCheck {
    pub(crate) fn of(text: &str, now: Timestamp) -> Self {
        if text.trim().is_empty() {
            return Self::Empty;
        }
        match Schedule::parse(text) {
            Err(invalid) => Self::NotUnderstood(words::plain(&invalid.why)),
            Ok(schedule) => Self::Understood(Box::new(Meaning::new(&schedule, now))),
        }
    }
}

impl Meaning {
    fn new(schedule: &Schedule, now: Timestamp) -> Self {
        let told = |dialect| match schedule.cron_for(dialect) {
            Ok(expression) => Ok(match expression.zone {
                None => expression.text,
                Some(zone) => format!("{} in {zone}", expression.text),
            }),
            Err(why) => Err(words::plain(&why)),
        };
        Self {
            words: words::schedule(schedule),
            interval: words::span(schedule.interval()),
            dialects: [("AWS Backup", told(Dialect::Aws)), ("Velero", told(Dialect::Velero))],
            advice: schedule.too_often_for_snapshots(),
            next_runs: NextRuns::new(schedule, now),
        }
    }
}
