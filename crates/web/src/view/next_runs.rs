//! When a schedule runs next, as a page shows it: in the reader's zone, beside the schedule's own.

use domain::schedule::{ClockChange, ClockEffect, Schedule};
use jiff::{Timestamp, Zoned};

use super::RunMoment;

/// How many runs are shown.
pub(crate) const SHOWN: usize = 5;

/// The next runs of a schedule; `templates/partials/next_runs.html` draws them.
#[derive(Debug, Clone)]
pub(crate) struct NextRuns {
    /// Why no times are known beforehand, in one sentence; `None`: they are.
    pub(crate) unknown: Option<&'static str>,
    /// The zone that the schedule's times are in.
    pub(crate) zone: String,
    pub(crate) runs: Vec<Run>,
    /// What a change of the clocks before the last of them does to the runs.
    pub(crate) clock_change: Option<String>,
    /// Whether a run is left out.
    pub(crate) leaves_out: bool,
}

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) at: RunMoment,
    /// The same in the schedule's own zone; `None`: that is UTC.
    pub(crate) local: Option<String>,
}

impl NextRuns {
    pub(crate) fn new(schedule: &Schedule, now: Timestamp) -> Self {
        let zone = schedule.zone().unwrap_or("UTC").to_owned();
        let runs = schedule.next_runs(now, SHOWN);
        let changes = match runs.last() {
            Some(last) => schedule.clock_changes(now, last.timestamp()),
            None => Vec::new(),
        };
        let worst = changes.iter().find(|change| change.effect != ClockEffect::Kept);
        let change = worst.or(changes.first());
        let local = |run: &Zoned| (zone != "UTC").then(|| run.strftime("%a %H:%M").to_string());
        Self {
            unknown: schedule.left_to_provider(),
            runs: runs
                .iter()
                .map(|run| Run {
                    at: RunMoment(run.timestamp()),
                    local: local(run),
                })
                .collect(),
            clock_change: change.map(|change| sentence(change, &zone)),
            leaves_out: change.is_some_and(|change| matches!(change.effect, ClockEffect::LeftOut(_))),
            zone,
        }
    }
}

fn sentence(change: &ClockChange, zone: &str) -> String {
    let day = change.before.strftime("%-d %b %Y");
    let (before, after) = (change.before.strftime("%H:%M"), change.after.strftime("%H:%M"));
    let effect = match change.effect {
        ClockEffect::Kept => "the runs keep their time there, and come at another time in UTC".to_owned(),
        ClockEffect::LeftOut(run) => {
            format!(
                "{} does not come that day, so that run is left out",
                run.strftime("%H:%M")
            )
        }
        ClockEffect::Once(run) => format!(
            "{} comes twice that day, and it runs the first time only",
            run.strftime("%H:%M")
        ),
        ClockEffect::Twice(run) => format!("{} comes twice that day, and it runs both times", run.strftime("%H:%M")),
    };
    format!("On {day} the clocks in {zone} go from {before} to {after}: {effect}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(text: &str, now: &str) -> NextRuns {
        NextRuns::new(&text.parse().unwrap(), now.parse().unwrap())
    }

    #[test]
    fn five_runs_are_shown_in_both_zones_with_the_change_of_the_clocks_between_them() {
        let spring = next("daily at 02:30 Europe/Brussels", "2027-03-26T12:00:00Z");
        assert_eq!(spring.runs.len(), SHOWN);
        assert_eq!(spring.runs[0].local.as_deref(), Some("Sat 02:30"));
        assert!(spring.leaves_out);
        assert_eq!(
            spring.clock_change.unwrap(),
            "On 28 Mar 2027 the clocks in Europe/Brussels go from 02:00 to 03:00: 02:30 does not come that day, so that run is left out."
        );
        let autumn = next("daily at 12:00 Europe/Brussels", "2026-10-23T12:00:00Z");
        assert!(!autumn.leaves_out);
        assert!(
            autumn
                .clock_change
                .unwrap()
                .ends_with("the runs keep their time there, and come at another time in UTC.")
        );
    }

    #[test]
    fn in_utc_no_clock_is_changed_and_no_second_time_is_shown() {
        let next = next("daily at 02:30", "2027-03-26T12:00:00Z");
        assert_eq!((next.zone.as_str(), next.clock_change), ("UTC", None));
        assert!(next.runs.iter().all(|run| run.local.is_none()));
    }

    #[test]
    fn where_the_provider_chooses_the_time_that_is_said() {
        for text in ["daily", "continuous", "rate(6 hours)"] {
            let next = next(text, "2027-03-26T12:00:00Z");
            assert!(next.unknown.is_some() && next.runs.is_empty(), "{text}");
        }
    }
}
