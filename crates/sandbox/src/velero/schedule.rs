//! Schedules: validated, due, and turned into backups.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::cron::Cron;
use super::desk::{Desk, moment, owned_by, phase, set_status};
use super::{backup, labels};
use crate::cluster::kind::{BACKUPS, SCHEDULES};
use crate::cluster::meta;

/// The label that a backup carries of its schedule.
pub(crate) const LABEL: &str = "velero.io/schedule-name";

/// The enabled schedules, so that a look at the clock costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Schedules(BTreeMap<String, Planned>);

#[derive(Debug)]
struct Planned {
    cron: Cron,
    /// `None`: a day that never comes. Velero takes it for long past.
    next: Option<Timestamp>,
}

impl Planned {
    fn due(&self, now: Timestamp) -> bool {
        self.next.is_none_or(|next| now > next)
    }
}

impl Schedules {
    /// Looks at every schedule anew; others than Velero may have changed them.
    pub(crate) fn notice(&mut self, desk: &mut Desk<'_>) {
        self.0.clear();
        let schedules: Vec<Arc<Value>> = desk.list(&SCHEDULES).cloned().collect();
        for schedule in schedules.iter().filter(|schedule| schedule["spec"]["paused"] != true) {
            let name = meta::name(schedule);
            desk.metrics.look_at_schedule(name);
            let checked = match Cron::parse(text(schedule)) {
                _ if text(schedule).is_empty() => Err("Schedule must be a non-empty valid Cron expression".to_owned()),
                Ok(cron) => Ok(cron),
                Err(error) => Err(format!("invalid schedule: {error}")),
            };
            let Some(schedule) = judge(desk, schedule, checked.as_ref().err()) else {
                continue;
            };
            if let Ok(cron) = checked {
                let next = last_run(&schedule).and_then(|last| cron.next(last));
                self.0.insert(name.to_owned(), Planned { cron, next });
            }
        }
    }

    /// Makes a backup of each schedule that is due, unless one of it is new or in progress.
    pub(crate) fn tick(&mut self, desk: &mut Desk<'_>) {
        let now = desk.now;
        for name in self.0.keys() {
            desk.metrics.look_at_schedule(name);
        }
        let due: Vec<String> = self
            .0
            .iter()
            .filter(|(_, planned)| planned.due(now))
            .map(|(name, _)| name.clone())
            .collect();
        for name in due {
            if busy(desk, &name) {
                continue;
            }
            let Some(schedule) = desk.get(&SCHEDULES, &name) else {
                continue;
            };
            // A label cannot hold a longer name: the cluster refuses such a backup again and again.
            let created = Some(made_from(&schedule, now)).filter(|_| name.len() <= labels::LONGEST);
            let Some(created) = created.and_then(|backup| desk.create(&BACKUPS, backup)) else {
                continue;
            };
            backup::enqueue(desk, meta::name(&created));
            let last = json!({"lastBackup": desk.stamp()});
            desk.report(&SCHEDULES, &name, &last);
            if let Some(planned) = self.0.get_mut(&name) {
                planned.next = planned.cron.next(now);
            }
        }
    }
}

fn text(schedule: &Value) -> &str {
    schedule["spec"]["schedule"].as_str().unwrap_or_default()
}

/// Writes the verdict, and honours `skipImmediately`.
fn judge(desk: &mut Desk<'_>, schedule: &Arc<Value>, error: Option<&String>) -> Option<Arc<Value>> {
    let skip = &schedule["spec"]["skipImmediately"];
    let verdict = match error {
        Some(error) => json!({"phase": "FailedValidation", "validationErrors": [error]}),
        None => json!({"phase": "Enabled", "validationErrors": null}),
    };
    if *skip == false && phase(schedule) == verdict["phase"] {
        return Some(schedule.clone());
    }
    let skipped = (*skip == true).then(|| desk.stamp());
    desk.change(&SCHEDULES, meta::name(schedule), |schedule| {
        schedule["spec"]["skipImmediately"] = false.into();
        set_status(schedule, &verdict);
        if let Some(at) = skipped {
            set_status(schedule, &json!({"lastSkipped": at}));
        }
    })
}

/// From here the next run is counted: missed ones are not caught up.
fn last_run(schedule: &Value) -> Option<Timestamp> {
    let status = &schedule["status"];
    let last = moment(&status["lastBackup"]).or_else(|| moment(&schedule["metadata"]["creationTimestamp"]))?;
    Some(moment(&status["lastSkipped"]).map_or(last, |skipped| skipped.max(last)))
}

fn busy(desk: &Desk<'_>, schedule: &str) -> bool {
    desk.list(&BACKUPS).any(|backup| {
        matches!(phase(backup), "" | "New" | "InProgress") && backup["metadata"]["labels"][LABEL] == schedule
    })
}

fn made_from(schedule: &Value, now: Timestamp) -> Value {
    let (name, spec) = (meta::name(schedule), &schedule["spec"]);
    let labels = [&spec["template"]["metadata"]["labels"], &schedule["metadata"]["labels"]];
    let mut labels = labels
        .into_iter()
        .find(|labels| labels.is_object())
        .cloned()
        .unwrap_or_else(|| json!({}));
    labels[LABEL] = name.into();
    let stamp = now.to_zoned(TimeZone::UTC).strftime("%Y%m%d%H%M%S");
    let mut backup = json!({
        "metadata": {"name": format!("{name}-{stamp}"), "labels": labels},
        "spec": spec["template"],
    });
    for empty in ["hooks", "metadata"] {
        if backup["spec"][empty].is_null() {
            backup["spec"][empty] = json!({});
        }
    }
    if schedule["metadata"]["annotations"].is_object() {
        backup["metadata"]["annotations"] = schedule["metadata"]["annotations"].clone();
    }
    if spec["useOwnerReferencesInBackup"] == true {
        backup["metadata"]["ownerReferences"] = owned_by(schedule);
    }
    backup
}
