//! What a schedule means, as JSON.

use domain::schedule::{Dialect, Schedule};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::SHOWN_RUNS;

/// What a schedule means.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Meaning {
    /// In words where there are any; what a change request and the scope of work say.
    schedule: String,
    /// The longest time between two runs, changes of the clocks included.
    interval_seconds: i64,
    /// The IANA zone of its times; `null` when it names none.
    zone: Option<String>,
    /// For AWS Backup.
    aws: Expression,
    /// For Velero.
    velero: Expression,
    /// The next five; none where the times are not known beforehand.
    next_runs: Vec<Timestamp>,
    /// Why no times are known beforehand; `null`: they are.
    left_to_provider: Option<&'static str>,
    /// What cannot be had so often, and what can; `null`: nothing is to be said.
    advice: Option<String>,
}

/// A cron expression, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Expression {
    /// `null`: this dialect cannot say it.
    expression: Option<String>,
    /// The IANA zone that is given beside it; `null`: UTC, or named in the expression.
    zone: Option<String>,
    /// Why there is no expression.
    why_not: Option<String>,
}

impl Meaning {
    pub(crate) fn new(schedule: &Schedule, now: Timestamp) -> Self {
        let runs = schedule.next_runs(now, SHOWN_RUNS);
        Self {
            schedule: schedule.to_string(),
            interval_seconds: schedule.interval().as_secs(),
            zone: schedule.zone().map(ToOwned::to_owned),
            aws: Expression::new(schedule, Dialect::Aws),
            velero: Expression::new(schedule, Dialect::Velero),
            next_runs: runs.iter().map(jiff::Zoned::timestamp).collect(),
            left_to_provider: schedule.left_to_provider(),
            advice: schedule.too_often_for_snapshots(),
        }
    }
}

impl Expression {
    fn new(schedule: &Schedule, dialect: Dialect) -> Self {
        match schedule.cron_for(dialect) {
            Ok(said) => Self {
                expression: Some(said.text),
                zone: said.zone,
                why_not: None,
            },
            Err(why) => Self {
                expression: None,
                zone: None,
                why_not: Some(why),
            },
        }
    }
}
