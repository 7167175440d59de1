//! Restore testing plans: made, shown, changed, deleted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::super::rest::{self, Exception};
use super::super::super::schedule::Schedule;
use super::super::desk::{Desk, Reply, present, time};
use super::super::state::Task;
use super::super::tags;
use super::pick::Pick;
use super::{TestingPlan, Timing, between, check_creator_request, check_name, named, named_mut};

/// Plans that an account may have in a region.
const MOST: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    restore_testing_plan: Option<Asked>,
    creator_request_id: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    restore_testing_plan: Option<Asked>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    restore_testing_plan_name: Option<String>,
    recovery_point_selection: Option<Pick>,
    schedule_expression: Option<String>,
    schedule_expression_timezone: Option<String>,
    start_window_hours: Option<i64>,
}

impl Asked {
    /// `before`: what holds where nothing is asked.
    fn timing(&self, before: Option<&Timing>) -> Result<Timing, Exception> {
        let or = |asked: &Option<String>, before: Option<&String>, default: &str| {
            let kept = asked.as_ref().or(before);
            kept.map_or_else(|| default.to_owned(), Clone::clone)
        };
        let expression = or(
            &self.schedule_expression,
            before.map(|before| &before.expression),
            "cron(0 5 ? * * *)",
        );
        let zone = or(
            &self.schedule_expression_timezone,
            before.map(|before| &before.zone),
            "Etc/UTC",
        );
        let schedule =
            Schedule::parse(&expression, &zone).map_err(|error| Exception::invalid_parameter(error.to_string()))?;
        let before = before.map_or(24, |before| before.start_window);
        let hours = self.start_window_hours.unwrap_or(before);
        Ok(Timing {
            expression,
            zone,
            schedule,
            start_window: between("StartWindowHours", hours, 1..=168)?,
        })
    }
}

impl TestingPlan {
    /// Plans the next run, in place of the one that was planned.
    pub(super) fn schedule(&mut self, after: Timestamp) -> Option<(Timestamp, Task)> {
        self.next = self.timing.schedule.after(after);
        Some((self.next?, Task::RestoreTest(self.name.clone())))
    }

    /// Begins the run of this moment; `false` where the plan is no longer for it.
    pub(super) fn begin(&mut self, at: Timestamp) -> bool {
        let begins = self.next == Some(at);
        if begins {
            self.executed = Some(at);
        }
        begins
    }

    fn shown(&self) -> Map<String, Value> {
        let shown = present(json!({
            "RestoreTestingPlanArn": self.arn,
            "RestoreTestingPlanName": self.name,
            "CreationTime": time(self.created),
            "LastExecutionTime": self.executed.map(time),
            "LastUpdateTime": self.updated.map(time),
            "ScheduleExpression": self.timing.expression,
            "ScheduleExpressionTimezone": self.timing.zone,
            "StartWindowHours": self.timing.start_window,
        }));
        match shown {
            Value::Object(shown) => shown,
            _ => Map::new(),
        }
    }

    fn in_full(&self) -> Value {
        let mut shown = self.shown();
        shown.insert("RecoveryPointSelection".to_owned(), json!(self.pick));
        if let Some(id) = &self.creator_request {
            shown.insert("CreatorRequestId".to_owned(), json!(id));
        }
        shown.into()
    }
}

pub(crate) fn create(desk: &mut Desk<'_>) -> Reply {
    let asked: Create = desk.ask.body()?;
    let needed = Exception::missing_parameter;
    let plan = asked.restore_testing_plan.ok_or_else(|| needed("RestoreTestingPlan"))?;
    let name = plan.restore_testing_plan_name.clone();
    let name = name.ok_or_else(|| needed("RestoreTestingPlanName"))?;
    check_name("RestoreTestingPlanName", &name)?;
    check_creator_request(asked.creator_request_id.as_deref())?;
    let timing = plan.timing(None)?;
    let pick = plan
        .recovery_point_selection
        .ok_or_else(|| needed("RecoveryPointSelection"))?;
    pick.check()?;
    let there = &desk.read().restore_testing_plans;
    if let Some(there) = there.get(&name) {
        // The same request again gets the same answer.
        if asked.creator_request_id.is_some() && there.creator_request == asked.creator_request_id {
            return Ok(made(there));
        }
        return Err(
            Exception::already_exists(format!("Restore testing plan {name} already exists"))
                .with("Arn", there.arn.as_str()),
        );
    }
    if there.len() >= MOST {
        let message = format!("An account has at most {MOST} restore testing plans");
        return Err(Exception::new(400, "LimitExceededException", message));
    }
    let arn = desk
        .place
        .arn(&format!("restore-testing-plan:{name}-{}", Uuid::new_v4()));
    let mut plan = TestingPlan {
        name: name.clone(),
        arn: arn.clone(),
        creator_request: asked.creator_request_id,
        created: desk.now,
        updated: None,
        executed: None,
        timing,
        pick,
        next: None,
        selections: BTreeMap::new(),
    };
    let answer = made(&plan);
    let place = desk.place.clone();
    if let Some((at, task)) = plan.schedule(desk.now) {
        desk.state.plan(at, &place, task);
    }
    desk.region().restore_testing_plans.insert(name, plan);
    tags::put(desk, &arn, asked.tags);
    Ok(answer)
}

fn made(plan: &TestingPlan) -> Value {
    json!({
        "RestoreTestingPlanArn": plan.arn,
        "RestoreTestingPlanName": plan.name,
        "CreationTime": time(plan.created),
    })
}

pub(crate) fn get(desk: &mut Desk<'_>) -> Reply {
    let plan = named(desk.read(), desk.ask.path("RestoreTestingPlanName"))?;
    Ok(json!({"RestoreTestingPlan": plan.in_full()}))
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Reply {
    let plans = desk.read().restore_testing_plans.values();
    let items = plans.map(|plan| (plan.name.clone(), plan));
    let page = rest::page(
        &desk.ask,
        ("MaxResults", "NextToken"),
        "RestoreTestingPlans",
        items,
        |plan| plan.shown().into(),
    )?;
    Ok(page.into())
}

pub(crate) fn update(desk: &mut Desk<'_>) -> Reply {
    let asked: Update = desk.ask.body()?;
    let asked = asked
        .restore_testing_plan
        .ok_or_else(|| Exception::missing_parameter("RestoreTestingPlan"))?;
    let name = desk.ask.path("RestoreTestingPlanName");
    let (place, now) = (desk.place.clone(), desk.now);
    let plan = named_mut(desk.region(), name)?;
    let timing = asked.timing(Some(&plan.timing))?;
    if let Some(pick) = asked.recovery_point_selection {
        pick.check()?;
        plan.pick = pick;
    }
    plan.timing = timing;
    plan.updated = Some(now);
    let mut answer = made(plan);
    answer["UpdateTime"] = time(now);
    if let Some((at, task)) = plan.schedule(now) {
        desk.state.plan(at, &place, task);
    }
    Ok(answer)
}

pub(crate) fn delete(desk: &mut Desk<'_>) -> Reply {
    let name = desk.ask.path("RestoreTestingPlanName");
    let plan = named(desk.read(), name).map_err(|error| Exception::invalid_request(error.message()))?;
    if !plan.selections.is_empty() {
        return Err(Exception::invalid_request(format!(
            "Restore testing plan {name} cannot be deleted: it has selections."
        )));
    }
    let arn = plan.arn.clone();
    let region = desk.region();
    region.restore_testing_plans.remove(name);
    region.tags.remove(&arn);
    Ok(Value::Null)
}
