//! Rules that run by themselves: at each moment of a rule's schedule a backup of everything that the plan's selections mean.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::super::ministack::Ministack;
use super::super::job::{self, Order};
use super::super::recovery_point::CreatedBy;
use super::super::state::{Place, State, Task};
use super::super::{Backup, limits, resource};
use super::document::Rule;
use super::selection::{self, Chosen};
use super::{Plan, select};
use crate::faults::Faults;

/// A rule of a version of a plan; another version runs by its own schedule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Firing {
    plan: String,
    version: String,
    rule: String,
}

/// What a run needs to know of its plan.
struct Run {
    rule: Rule,
    created_by: CreatedBy,
    /// By type of resource.
    options: BTreeMap<&'static str, BTreeMap<String, String>>,
    selections: Vec<Chosen>,
}

/// Plans the next run of each rule.
pub(super) fn schedule(state: &mut State, place: &Place, plan: &Plan, after: Timestamp) {
    for (id, rule) in plan.current.rules() {
        let firing = Firing {
            plan: plan.id.clone(),
            version: plan.current.id.clone(),
            rule: id.to_owned(),
        };
        next(state, place, rule, firing, after);
    }
}

fn next(state: &mut State, place: &Place, rule: &Rule, firing: Firing, after: Timestamp) {
    if let Some(at) = rule.next(after) {
        state.plan(at, place, Task::PlanRule(firing));
    }
}

/// Runs the rule, unless its plan has changed or is gone, and plans its next run.
pub(crate) async fn fire(
    backup: &Backup,
    (ministack, faults): (Option<&Ministack>, &Faults),
    place: &Place,
    firing: Firing,
    at: Timestamp,
) {
    let Some(run) = begin(&mut backup.lock(), place, firing, at) else {
        return;
    };
    if run.selections.is_empty() {
        return;
    }
    let mut found = resource::all(ministack, place).await;
    let mut state = backup.lock();
    let settings = &state.read(place).settings;
    found.retain(|resource| settings.backs_up(resource.kind));
    // A resource of several selections is backed up once, with the role of the first.
    let mut roles: BTreeMap<String, &str> = BTreeMap::new();
    for chosen in &run.selections {
        for arn in select::select(chosen, &found, place) {
            roles.entry(arn).or_insert(&chosen.iam_role_arn);
        }
    }
    for (arn, role) in roles {
        let failing = faults.meet_job("backup", "StartBackupJob", Some(&place.account));
        if let Some(order) = run.order(arn, role, at) {
            job::accept(&mut state, place, Order { failing, ..order }, at);
        }
    }
}

/// What runs now; `None` for what is no longer so.
fn begin(state: &mut State, place: &Place, firing: Firing, at: Timestamp) -> Option<Run> {
    let plan = state.region(place).plans.get_mut(&firing.plan)?;
    if plan.deleted.is_some() || plan.current.id != firing.version {
        return None;
    }
    let (_, rule) = plan.current.rules().find(|(id, _)| *id == firing.rule)?;
    let rule = rule.clone();
    let document = &plan.current.document;
    let run = Run {
        created_by: CreatedBy {
            backup_plan_arn: plan.arn(place),
            backup_plan_id: plan.id.clone(),
            backup_plan_name: document.backup_plan_name.clone(),
            backup_plan_version: plan.current.id.clone(),
            backup_rule_id: firing.rule.clone(),
            backup_rule_name: rule.rule_name.clone(),
            backup_rule_cron: rule.schedule_expression.clone(),
            backup_rule_timezone: rule.schedule_expression_timezone.clone(),
        },
        options: resource::Kind::ALL
            .into_iter()
            .map(|kind| (kind.name(), document.options(kind.name())))
            .collect(),
        selections: selection::of(&plan.selections),
        rule: rule.clone(),
    };
    if !run.selections.is_empty() {
        plan.executed = Some(at);
    }
    next(state, place, &rule, firing, at);
    Some(run)
}

impl Run {
    /// `None` for windows that the plan was not accepted with.
    fn order(&self, resource: String, role: &str, at: Timestamp) -> Option<Order> {
        let rule = &self.rule;
        let windows = (rule.start_window_minutes, rule.completion_window_minutes);
        let (start_by, complete_by) = limits::windows(at, Some(windows.0), Some(windows.1)).ok()?;
        let kind = resource::Kind::of(&resource)?;
        Some(Order {
            vault: rule.target_backup_vault_name.clone(),
            role: role.to_owned(),
            lifecycle: rule.lifecycle.unwrap_or_default(),
            start_by,
            complete_by,
            tags: rule.recovery_point_tags.clone(),
            options: self.options.get(kind.name()).cloned().unwrap_or_default(),
            created_by: Some(self.created_by.clone()),
            continuous: rule.enable_continuous_backup && kind.is_continuous(),
            copies: rule.copy_actions.clone(),
            failing: None,
            resource,
        })
    }
}
