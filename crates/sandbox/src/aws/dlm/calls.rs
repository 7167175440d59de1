//! Policies: made, shown, changed, deleted.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::rest::Exception;
use super::details::{Details, Policy, invalid, required};
use super::{Desk, State, Task};
use crate::aws::queue::Place;

/// Policies of one account in one region.
const MOST: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    execution_role_arn: Option<String>,
    description: Option<String>,
    state: Option<String>,
    policy_details: Option<Value>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    default_policy: Option<String>,
}

impl Put {
    /// Whether it is switched on; `None` where nothing is said.
    fn enabled(&self) -> Result<Option<bool>, Exception> {
        match self.state.as_deref() {
            None => Ok(None),
            Some("ENABLED") => Ok(Some(true)),
            Some("DISABLED") => Ok(Some(false)),
            Some(other) => Err(invalid(format!("Invalid State: {other}"))),
        }
    }
}

pub(crate) fn create(desk: &mut Desk<'_>) -> Result<Value, Exception> {
    let asked: Put = desk.ask.body()?;
    let enabled = asked.enabled()?.ok_or_else(|| required("State"))?;
    let role = checked_role(asked.execution_role_arn.ok_or_else(|| required("ExecutionRoleArn"))?)?;
    let description = checked_description(asked.description.ok_or_else(|| required("Description"))?)?;
    if asked.default_policy.is_some() {
        return Err(invalid("The sandbox does not offer default policies."));
    }
    let (details, plan) = Details::read(asked.policy_details.ok_or_else(|| required("PolicyDetails"))?)?;
    let (now, place) = (desk.now, desk.place.clone());
    if desk.state.read(&place).len() >= MOST {
        return Err(
            Exception::new(429, "LimitExceededException", "The limit of policies is reached.")
                .with("ResourceType", "policy"),
        );
    }
    let id = format!("policy-0{}", &Uuid::new_v4().simple().to_string()[..16]);
    let policy = Policy {
        id: id.clone(),
        description,
        role,
        enabled,
        error: None,
        created: now,
        modified: now,
        details,
        plan,
        tags: asked.tags,
        version: 1,
        counted: BTreeMap::new(),
    };
    desk.state.policies(&place).insert(id.clone(), policy);
    plan_runs(desk.state, &place, &id, now);
    Ok(json!({"PolicyId": id}))
}

pub(crate) fn update(desk: &mut Desk<'_>) -> Result<Value, Exception> {
    let asked: Put = desk.ask.body()?;
    let enabled = asked.enabled()?;
    let id = named(desk)?.id.clone();
    let role = asked.execution_role_arn.map(checked_role).transpose()?;
    let description = asked.description.map(checked_description).transpose()?;
    let details = asked.policy_details.map(Details::read).transpose()?;
    let (now, place) = (desk.now, desk.place.clone());
    if let Some(policy) = desk.state.policies(&place).get_mut(&id) {
        policy.enabled = enabled.unwrap_or(policy.enabled);
        policy.role = role.unwrap_or_else(|| policy.role.clone());
        policy.description = description.unwrap_or_else(|| policy.description.clone());
        if let Some((details, plan)) = details {
            (policy.details, policy.plan) = (details, plan);
        }
        (policy.modified, policy.error) = (now, None);
        policy.version += 1;
    }
    plan_runs(desk.state, &place, &id, now);
    Ok(json!({}))
}

/// Plans the next run of each schedule.
fn plan_runs(state: &mut State, place: &Place, id: &str, now: jiff::Timestamp) {
    let Some(policy) = state.read(place).get(id).filter(|policy| policy.enabled) else {
        return;
    };
    let version = policy.version;
    let runs: Vec<_> = policy
        .plan
        .schedules
        .iter()
        .enumerate()
        .filter_map(|(schedule, rules)| Some((schedule, rules.create_rule.as_ref()?.next(now)?)))
        .collect();
    for (schedule, at) in runs {
        let policy = id.to_owned();
        state.due.plan(
            at,
            place,
            Task::Run {
                policy,
                schedule,
                version,
            },
        );
    }
}

pub(crate) fn get(desk: &mut Desk<'_>) -> Result<Value, Exception> {
    let policy = named(desk)?;
    let mut shown = json!({
        "PolicyId": policy.id,
        "Description": policy.description,
        "State": policy.state(),
        "StatusMessage": policy.error.as_deref().unwrap_or(policy.state()),
        "ExecutionRoleArn": policy.role,
        "DateCreated": policy.created.to_string(),
        "DateModified": policy.modified.to_string(),
        "PolicyDetails": policy.details,
        "PolicyArn": policy.arn(&desk.place),
        "DefaultPolicy": false,
    });
    with_tags(&mut shown, policy);
    Ok(json!({"Policy": shown}))
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Result<Value, Exception> {
    let ask = &desk.ask;
    let (ids, states): (Vec<_>, Vec<_>) = (ask.queries("policyIds").collect(), ask.queries("state").collect());
    let types: Vec<_> = ask.queries("resourceTypes").collect();
    let (targets, added): (Vec<_>, Vec<_>) = (ask.queries("targetTags").collect(), ask.queries("tagsToAdd").collect());
    let wanted = |policy: &&Policy| {
        let plan = &policy.plan;
        let one = |asked: &[&str], is: &str| asked.is_empty() || asked.contains(&is);
        let tagged = |asked: &[&str], mut tags: Box<dyn Iterator<Item = String> + '_>| {
            asked.is_empty() || tags.any(|tag| asked.contains(&tag.as_str()))
        };
        let pair = |tag: &super::details::Tag| format!("{}={}", tag.key, tag.value);
        one(&ids, &policy.id)
            && one(&states, policy.state())
            && plan.resource_types.iter().any(|kind| one(&types, kind))
            && tagged(&targets, Box::new(plan.target_tags.iter().map(pair)))
            && tagged(
                &added,
                Box::new(plan.schedules.iter().flat_map(|rules| &rules.tags_to_add).map(pair)),
            )
    };
    let shown = |policy: &Policy| {
        let mut shown = json!({
            "PolicyId": policy.id,
            "Description": policy.description,
            "State": policy.state(),
            "PolicyType": "EBS_SNAPSHOT_MANAGEMENT",
            "DefaultPolicy": false,
        });
        with_tags(&mut shown, policy);
        shown
    };
    let policies: Vec<Value> = desk
        .state
        .read(&desk.place)
        .values()
        .filter(wanted)
        .map(shown)
        .collect();
    Ok(json!({"Policies": policies}))
}

/// AWS leaves out an empty map of tags.
fn with_tags(shown: &mut Value, policy: &Policy) {
    if !policy.tags.is_empty() {
        shown["Tags"] = json!(policy.tags);
    }
}

/// Snapshots that are kept by age still end; those kept by number stay for ever.
pub(crate) fn delete(desk: &mut Desk<'_>) -> Result<Value, Exception> {
    let id = named(desk)?.id.clone();
    let place = desk.place.clone();
    desk.state.policies(&place).remove(&id);
    Ok(json!({}))
}

fn named<'a>(desk: &'a Desk<'_>) -> Result<&'a Policy, Exception> {
    let id = desk.ask.path("policyId");
    desk.state.read(&desk.place).get(id).ok_or_else(|| not_found(id))
}

pub(crate) fn not_found(id: &str) -> Exception {
    Exception::new(
        404,
        "ResourceNotFoundException",
        format!("The requested policy {id} was not found."),
    )
    .with("ResourceType", "policy")
    .with("ResourceIds", json!([id]))
}

fn checked_role(arn: String) -> Result<String, Exception> {
    let is_role = arn.starts_with("arn:aws") && arn.contains(":iam::") && arn.contains(":role/");
    if is_role {
        Ok(arn)
    } else {
        Err(invalid(format!("Invalid ExecutionRoleArn: {arn}")))
    }
}

fn checked_description(text: String) -> Result<String, Exception> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b" _-".contains(&byte);
    if (1..=500).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(text)
    } else {
        Err(invalid(
            "Invalid Description: it may hold letters, digits, blanks, _ and -, 1 to 500 of them.",
        ))
    }
}
