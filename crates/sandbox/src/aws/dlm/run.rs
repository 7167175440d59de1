//! A run of a schedule: a snapshot of each target, its copies, and the end of what is no longer kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use super::super::answer::Refusal;
use super::super::events::Event;
use super::super::ministack::Ministack;
use super::super::queue::Place;
use super::super::role;
use super::details::{Policy, Schedule};
use super::snapshot::{self, Volume};
use super::{Dlm, Task};
use crate::faults::Faults;

/// Runs a schedule and plans its next run; a policy that was changed or deleted since the run was planned does nothing.
pub(crate) async fn run(
    dlm: &Dlm,
    ministack: &Ministack,
    faults: &Faults,
    place: &Place,
    (id, number, version): (&str, usize, u64),
    at: Timestamp,
) {
    let policy = dlm.lock().read(place).get(id).cloned();
    let Some(policy) = policy.filter(|policy| policy.enabled && policy.version == version) else {
        return;
    };
    let Some(schedule) = policy.plan.schedules.get(number) else {
        return;
    };
    let failing = faults.meet_job("dlm", "CreateSnapshot", Some(&place.account));
    let done = match failing {
        _ if !role::exists(Some(ministack), &place.region, &policy.role).await => {
            Err(format!("The role {} does not exist.", policy.role))
        }
        Some(fault) => Err(fault
            .message
            .unwrap_or_else(|| "The snapshot could not be created.".to_owned())),
        None => {
            let run = Run {
                dlm,
                ministack,
                place,
                policy: &policy,
                number,
                schedule,
                at,
            };
            let made = run.make().await;
            made.map_err(|refusal| {
                refusal
                    .into_answer()
                    .error_code()
                    .unwrap_or_else(|| "InternalError".to_owned())
            })
        }
    };
    let mut state = dlm.lock();
    if let Some(next) = schedule.create_rule.as_ref().and_then(|rule| rule.next(at)) {
        let (policy, schedule) = (id.to_owned(), number);
        state.due.plan(
            next,
            place,
            Task::Run {
                policy,
                schedule,
                version,
            },
        );
    }
    if let Err(message) = &done {
        let event = Event {
            source: "aws.dlm",
            detail_type: "DLM Policy State Change",
            resources: vec![policy.arn(place)],
            detail: json!({"state": "ERROR", "cause": message, "policy_id": id}),
            at,
        };
        state.events.push((place.clone(), event));
    }
    if let Some(policy) = state.policies(place).get_mut(id) {
        policy.error = done.err();
    }
}

struct Run<'a> {
    dlm: &'a Dlm,
    ministack: &'a Ministack,
    place: &'a Place,
    policy: &'a Policy,
    /// Of the schedule in its policy, from 0.
    number: usize,
    schedule: &'a Schedule,
    at: Timestamp,
}

impl Run<'_> {
    async fn make(&self) -> Result<(), Refusal> {
        let mut done = Ok(());
        for volume in snapshot::targets(self.ministack, self.place, &self.policy.plan).await? {
            let of_volume = self.back_up(volume).await;
            // The first refusal is told; the other volumes get theirs.
            done = done.and(of_volume);
        }
        done
    }

    async fn back_up(&self, volume: Volume) -> Result<(), Refusal> {
        let tags = self.tags(&volume);
        let description = format!("Created for policy: {} schedule: {}", self.policy.id, self.name());
        let made = snapshot::create(self.ministack, self.place, &volume.id, &description, &tags).await?;
        self.keep(volume, made.clone()).await;
        self.copy(&made, &tags).await
    }

    fn name(&self) -> &str {
        self.schedule.name.as_deref().unwrap_or_default()
    }

    fn tags(&self, volume: &Volume) -> BTreeMap<String, String> {
        let mut tags = if self.schedule.copy_tags {
            volume.tags.clone()
        } else {
            BTreeMap::new()
        };
        // AWS's own tags cannot be copied.
        tags.retain(|key, _| !key.starts_with("aws:"));
        let added = self
            .schedule
            .tags_to_add
            .iter()
            .map(|tag| (tag.key.clone(), tag.value.clone()));
        tags.extend(added);
        for tag in &self.schedule.variable_tags {
            let time = self.at.to_string();
            let value = tag.value.replace("$(timestamp)", &time);
            let value = value.replace("$(instance-id)", volume.instance.as_deref().unwrap_or_default());
            tags.insert(tag.key.clone(), value);
        }
        let own = [
            ("aws:dlm:lifecycle-policy-id", self.policy.id.as_str()),
            ("aws:dlm:lifecycle-schedule-name", self.name()),
            ("dlm:managed", "true"),
        ];
        tags.extend(own.map(|(key, value)| (key.to_owned(), value.to_owned())));
        tags
    }

    async fn copy(&self, made: &str, tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
        let own = |(key, _): &(&String, &String)| key.contains("dlm:");
        for rule in &self.schedule.cross_region_copy_rules {
            let Some(to) = rule.region() else { continue };
            let tags = match rule.copy_tags {
                true => tags.clone(),
                false => tags
                    .iter()
                    .filter(own)
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect(),
            };
            let key = (rule.encrypted, rule.cmk_arn.as_deref());
            let copy = snapshot::copy(self.ministack, self.place, to, made, key, &tags).await?;
            if let Some(until) = rule.retain_rule.as_ref().and_then(|rule| rule.until(self.at)) {
                self.expire(until, to, copy);
            }
        }
        Ok(())
    }

    /// Plans the snapshot's end, or ends the oldest one of its volume that is too many.
    async fn keep(&self, volume: Volume, made: String) {
        let Some(rule) = &self.schedule.retain_rule else { return };
        let Some(most) = rule.count else {
            if let Some(until) = rule.until(self.at) {
                self.expire(until, &self.place.region, made);
            }
            return;
        };
        let ended: Vec<String> = {
            let mut state = self.dlm.lock();
            let Some(policy) = state.policies(self.place).get_mut(&self.policy.id) else {
                return;
            };
            let kept = policy.counted.entry((self.number, volume.id)).or_default();
            kept.push_back(made);
            let over = kept.len().saturating_sub(most);
            kept.drain(..over).collect()
        };
        for snapshot in ended {
            snapshot::delete(self.ministack, &self.place.account, &self.place.region, &snapshot).await;
        }
    }

    fn expire(&self, at: Timestamp, region: &str, snapshot: String) {
        let region = region.to_owned();
        self.dlm
            .lock()
            .due
            .plan(at, self.place, Task::Expire { region, snapshot });
    }
}
