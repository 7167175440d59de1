//! What Velero's server tells Prometheus. Lost when the server restarts, but for what it counts from the objects.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::desk::{moment, phase};
use super::schedule;

/// A metric of Velero, without its prefix `velero_`.
struct Family {
    name: &'static str,
    type_: &'static str,
    help: &'static str,
    /// Whether a schedule has it from the moment at which the server sees it.
    from_start: bool,
}

const fn counter(name: &'static str, help: &'static str) -> Family {
    Family {
        name,
        type_: "counter",
        help,
        from_start: true,
    }
}

const fn gauge(name: &'static str, from_start: bool, help: &'static str) -> Family {
    Family {
        name,
        type_: "gauge",
        help,
        from_start,
    }
}

/// Those that are told by schedule; an object without one has the schedule "".
const BY_SCHEDULE: [Family; 18] = [
    counter("backup_attempt_total", "Total number of attempted backups"),
    counter(
        "backup_deletion_attempt_total",
        "Total number of attempted backup deletions",
    ),
    counter(
        "backup_deletion_failure_total",
        "Total number of failed backup deletions",
    ),
    counter(
        "backup_deletion_success_total",
        "Total number of successful backup deletions",
    ),
    counter("backup_failure_total", "Total number of failed backups"),
    gauge(
        "backup_items_errors",
        true,
        "Total number of errors encountered during backup",
    ),
    gauge("backup_items_total", true, "Total number of items backed up"),
    gauge(
        "backup_last_status",
        true,
        "Last status of the backup. A value of 1 is success, 0 is failure",
    ),
    gauge(
        "backup_last_successful_timestamp",
        false,
        "Last time a backup ran successfully, Unix timestamp in seconds",
    ),
    counter(
        "backup_partial_failure_total",
        "Total number of partially failed backups",
    ),
    counter("backup_success_total", "Total number of successful backups"),
    counter(
        "backup_validation_failure_total",
        "Total number of validation failed backups",
    ),
    counter("backup_warning_total", "Total number of warned backups"),
    counter("restore_attempt_total", "Total number of attempted restores"),
    counter("restore_failed_total", "Total number of failed restores"),
    counter(
        "restore_partial_failure_total",
        "Total number of partially failed restores",
    ),
    counter("restore_success_total", "Total number of successful restores"),
    counter(
        "restore_validation_failed_total",
        "Total number of failed restores failing validations",
    ),
];

/// Upper bounds of `backup_duration_seconds`, in seconds.
const BUCKETS: [i64; 9] = [60, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400];

#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// Schedule to name to value.
    values: BTreeMap<String, BTreeMap<&'static str, f64>>,
    /// Schedule to the durations so far.
    durations: BTreeMap<String, Durations>,
    /// Location to whether it is available.
    locations: BTreeMap<String, bool>,
}

#[derive(Debug, Default)]
struct Durations {
    within: [u64; BUCKETS.len()],
    count: u64,
    sum: i64,
}

impl Metrics {
    /// A schedule's metrics begin at 0, and its last status at 1: so it is set whenever the server looks at the schedule.
    pub(crate) fn look_at_schedule(&mut self, schedule: &str) {
        let values = match self.values.get_mut(schedule) {
            Some(known) => known,
            None => self.values.entry(schedule.to_owned()).or_insert_with(|| {
                let from_start = BY_SCHEDULE.iter().filter(|family| family.from_start);
                from_start.map(|family| (family.name, 0.0)).collect()
            }),
        };
        values.insert("backup_last_status", 1.0);
    }

    /// `name` is one of Velero's metrics by schedule.
    pub(crate) fn count(&mut self, name: &'static str, schedule: &str) {
        *self.value(name, schedule) += 1.0;
    }

    /// `name` is one of Velero's metrics by schedule.
    pub(crate) fn set(&mut self, name: &'static str, schedule: &str, value: usize) {
        *self.value(name, schedule) = f64::from(u32::try_from(value).unwrap_or(u32::MAX));
    }

    pub(crate) fn took(&mut self, schedule: &str, duration: SignedDuration) {
        let seconds = duration.as_secs();
        let durations = self.durations.entry(schedule.to_owned()).or_default();
        for (within, bound) in durations.within.iter_mut().zip(BUCKETS) {
            *within += u64::from(seconds <= bound);
        }
        durations.count += 1;
        durations.sum += seconds;
    }

    pub(crate) fn location(&mut self, name: &str, available: bool) {
        self.locations.insert(name.to_owned(), available);
    }

    fn value(&mut self, name: &'static str, schedule: &str) -> &mut f64 {
        self.values
            .entry(schedule.to_owned())
            .or_default()
            .entry(name)
            .or_insert(0.0)
    }

    /// In Prometheus' text format, with what is counted from the objects themselves.
    pub(crate) fn text(&self, backups: &[&Arc<Value>], restores: usize) -> String {
        let mut text = String::new();
        let last = last_successes(backups);
        plain(
            &mut text,
            "backup_total",
            "Current number of existent backups",
            backups.len(),
        );
        plain(
            &mut text,
            "restore_total",
            "Current number of existent restores",
            restores,
        );
        for family in &BY_SCHEDULE {
            let own = |schedule: &str, values: &BTreeMap<_, f64>| match family.name {
                "backup_last_successful_timestamp" => None,
                name => Some((schedule.to_owned(), *values.get(name)?)),
            };
            let mut lines: Vec<(String, f64)> = self
                .values
                .iter()
                .filter_map(|(schedule, values)| own(schedule, values))
                .collect();
            if family.name == "backup_last_successful_timestamp" {
                lines.extend(
                    last.iter()
                        .map(|(schedule, at)| (schedule.clone(), at.as_duration().as_secs_f64())),
                );
            }
            if !lines.is_empty() {
                head(&mut text, family.name, family.type_, family.help);
            }
            for (schedule, value) in lines {
                line(&mut text, &format!("{}{{schedule={schedule:?}}} {value}", family.name));
            }
        }
        self.write_durations(&mut text);
        if !self.locations.is_empty() {
            let help = "The status of backup location.  A value of 1 is available, 0 is unavailable";
            head(&mut text, "backup_location_status_gauge", "gauge", help);
        }
        for (location, available) in &self.locations {
            let value = u8::from(*available);
            let labels = format!("{{backup_location_name={location:?}}}");
            line(&mut text, &format!("backup_location_status_gauge{labels} {value}"));
        }
        text
    }

    fn write_durations(&self, text: &mut String) {
        let name = "backup_duration_seconds";
        if !self.durations.is_empty() {
            head(text, name, "histogram", "Time taken to complete backup, in seconds");
        }
        for (schedule, durations) in &self.durations {
            for (within, bound) in durations.within.iter().zip(BUCKETS) {
                line(
                    text,
                    &format!("{name}_bucket{{schedule={schedule:?},le=\"{bound}\"}} {within}"),
                );
            }
            let (count, sum) = (durations.count, durations.sum);
            line(
                text,
                &format!("{name}_bucket{{schedule={schedule:?},le=\"+Inf\"}} {count}"),
            );
            line(text, &format!("{name}_sum{{schedule={schedule:?}}} {sum}"));
            line(text, &format!("{name}_count{{schedule={schedule:?}}} {count}"));
        }
    }
}

/// Schedule to the completion of its newest completed backup.
fn last_successes(backups: &[&Arc<Value>]) -> BTreeMap<String, Timestamp> {
    let mut last = BTreeMap::new();
    for backup in backups.iter().filter(|backup| phase(backup) == "Completed") {
        let Some(at) = moment(&backup["status"]["completionTimestamp"]) else {
            continue;
        };
        let schedule = backup["metadata"]["labels"][schedule::LABEL]
            .as_str()
            .unwrap_or_default();
        let newest = last.entry(schedule.to_owned()).or_insert(at);
        *newest = at.max(*newest);
    }
    last
}

fn plain(text: &mut String, name: &str, help: &str, value: usize) {
    head(text, name, "gauge", help);
    line(text, &format!("{name} {value}"));
}

fn head(text: &mut String, name: &str, type_: &str, help: &str) {
    // Writing to a string cannot fail.
    let _written = writeln!(text, "# HELP velero_{name} {help}\n# TYPE velero_{name} {type_}");
}

fn line(text: &mut String, rest: &str) {
    let _written = writeln!(text, "velero_{rest}");
}
