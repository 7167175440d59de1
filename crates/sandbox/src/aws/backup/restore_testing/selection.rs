//! Selections of a restore testing plan: which resources of one type are tested, and how.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::super::rest::{self, Exception};
use super::super::desk::{Desk, Reply, present, time};
use super::super::limits;
use super::super::resource::{Kind, Resource};
use super::pick::MOST_NAMED;
use super::{TestingPlan, between, check_creator_request, check_name, named, named_mut};

/// Selections that a plan may have.
const MOST: usize = 30;

#[derive(Debug, Clone)]
pub(super) struct Selection {
    pub(super) name: String,
    pub(super) role: String,
    pub(super) kind: Kind,
    /// ARNs, or `*`.
    arns: Vec<String>,
    conditions: Conditions,
    pub(super) overrides: BTreeMap<String, String>,
    /// Hours for which what was restored is kept.
    pub(super) validation_hours: i64,
    created: Timestamp,
    creator_request: Option<String>,
}

/// On a resource's tags: each must hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Conditions {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    string_equals: Vec<Pair>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    string_not_equals: Vec<Pair>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pair {
    /// `aws:ResourceTag/KEY`, or the key alone.
    key: String,
    value: String,
}

impl Pair {
    fn holds(&self, resource: &Resource) -> bool {
        let key = self.key.strip_prefix("aws:ResourceTag/").unwrap_or(&self.key);
        resource.tags.get(key) == Some(&self.value)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    restore_testing_selection: Option<Asked>,
    creator_request_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    restore_testing_selection_name: Option<String>,
    iam_role_arn: Option<String>,
    protected_resource_type: Option<String>,
    protected_resource_arns: Option<Vec<String>>,
    protected_resource_conditions: Option<Conditions>,
    restore_metadata_overrides: Option<BTreeMap<String, String>>,
    validation_window_hours: Option<i64>,
}

impl Selection {
    /// With what is asked for in place of what was.
    fn with(mut self, asked: Asked) -> Result<Self, Exception> {
        if let Some(role) = asked.iam_role_arn {
            limits::check_role(&role)?;
            self.role = role;
        }
        self.arns = asked.protected_resource_arns.unwrap_or(self.arns);
        self.conditions = asked.protected_resource_conditions.unwrap_or(self.conditions);
        self.overrides = asked.restore_metadata_overrides.unwrap_or(self.overrides);
        // What a test restores into is deleted after it.
        let reuses = |(name, value): (&String, &String)| name.to_lowercase().starts_with("new") && value == "false";
        if self.overrides.iter().any(reuses) {
            return Err(Exception::invalid_parameter(
                "A restore test restores to a new resource",
            ));
        }
        let hours = asked.validation_window_hours.unwrap_or(self.validation_hours);
        self.validation_hours = between("ValidationWindowHours", hours, 0..=168)?;
        self.check()?;
        Ok(self)
    }

    fn check(&self) -> Result<(), Exception> {
        let everything = self.arns == ["*"];
        let conditions = self.conditions.string_equals.len() + self.conditions.string_not_equals.len();
        let wrong = |message: String| Err(Exception::invalid_parameter(message));
        if self.arns.is_empty() && conditions == 0 {
            return wrong("Either ProtectedResourceArns or ProtectedResourceConditions is required".to_owned());
        }
        if !everything && self.arns.iter().any(|arn| arn == "*") {
            return wrong("ProtectedResourceArns has either the wildcard or ARNs, not both".to_owned());
        }
        if !everything && !self.arns.is_empty() && conditions > 0 {
            return wrong("ProtectedResourceConditions cannot be combined with ARNs".to_owned());
        }
        if self.arns.len() > MOST_NAMED || conditions > MOST_NAMED {
            return wrong(format!("At most {MOST_NAMED} resources or conditions can be named"));
        }
        let other = |arn: &&String| !everything && Kind::of(arn) != Some(self.kind);
        if let Some(other) = self.arns.iter().find(other) {
            return wrong(format!("{other} is not of type {}", self.kind.name()));
        }
        Ok(())
    }

    pub(super) fn takes(&self, resource: &Resource) -> bool {
        let named = self.arns.is_empty() || self.arns == ["*"] || self.arns.contains(&resource.arn);
        resource.kind == self.kind
            && named
            && self.conditions.string_equals.iter().all(|pair| pair.holds(resource))
            && !self
                .conditions
                .string_not_equals
                .iter()
                .any(|pair| pair.holds(resource))
    }

    fn shown(&self, plan: &TestingPlan) -> Value {
        json!({
            "RestoreTestingPlanName": plan.name,
            "RestoreTestingSelectionName": self.name,
            "CreationTime": time(self.created),
            "IamRoleArn": self.role,
            "ProtectedResourceType": self.kind.name(),
            "ValidationWindowHours": self.validation_hours,
        })
    }

    fn in_full(&self, plan: &TestingPlan) -> Value {
        let mut shown = self.shown(plan);
        shown["CreatorRequestId"] = json!(self.creator_request);
        shown["ProtectedResourceArns"] = json!(self.arns);
        shown["ProtectedResourceConditions"] = json!(self.conditions);
        shown["RestoreMetadataOverrides"] = json!(self.overrides);
        present(shown)
    }
}

pub(crate) fn create(desk: &mut Desk<'_>) -> Reply {
    let body: Body = desk.ask.body()?;
    let needed = Exception::missing_parameter;
    let asked = body
        .restore_testing_selection
        .ok_or_else(|| needed("RestoreTestingSelection"))?;
    let name = asked.restore_testing_selection_name.clone();
    let name = name.ok_or_else(|| needed("RestoreTestingSelectionName"))?;
    let role = asked.iam_role_arn.clone().ok_or_else(|| needed("IamRoleArn"))?;
    let kind = asked
        .protected_resource_type
        .as_deref()
        .ok_or_else(|| needed("ProtectedResourceType"))?;
    check_name("RestoreTestingSelectionName", &name)?;
    check_creator_request(body.creator_request_id.as_deref())?;
    let kind = Kind::ALL
        .into_iter()
        .find(|known| known.name() == kind)
        .ok_or_else(|| Exception::invalid_parameter(format!("Unsupported resource type: {kind}")))?;
    let empty = Selection {
        name: name.clone(),
        role,
        kind,
        arns: Vec::new(),
        conditions: Conditions::default(),
        overrides: BTreeMap::new(),
        validation_hours: 0,
        created: desk.now,
        creator_request: body.creator_request_id,
    };
    let selection = empty.with(asked)?;
    let of = desk.ask.path("RestoreTestingPlanName");
    let plan = named_mut(desk.region(), of)?;
    if let Some(there) = plan.selections.get(&name) {
        // The same request again gets the same answer.
        if selection.creator_request.is_some() && there.creator_request == selection.creator_request {
            return Ok(made(plan, there).into());
        }
        return Err(Exception::already_exists(format!(
            "Restore testing selection {name} already exists"
        )));
    }
    if plan.selections.len() >= MOST {
        let message = format!("A restore testing plan has at most {MOST} selections");
        return Err(Exception::new(400, "LimitExceededException", message));
    }
    let answer = made(plan, &selection);
    plan.selections.insert(name, selection);
    Ok(answer.into())
}

fn made(plan: &TestingPlan, selection: &Selection) -> Map<String, Value> {
    Map::from_iter([
        ("RestoreTestingPlanArn".to_owned(), json!(plan.arn)),
        ("RestoreTestingPlanName".to_owned(), json!(plan.name)),
        ("RestoreTestingSelectionName".to_owned(), json!(selection.name)),
        ("CreationTime".to_owned(), time(selection.created)),
    ])
}

pub(crate) fn get(desk: &mut Desk<'_>) -> Reply {
    let plan = named(desk.read(), desk.ask.path("RestoreTestingPlanName"))?;
    let name = desk.ask.path("RestoreTestingSelectionName");
    let selection = plan.selections.get(name).ok_or_else(|| no_selection(name))?;
    Ok(json!({"RestoreTestingSelection": selection.in_full(plan)}))
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Reply {
    let plan = named(desk.read(), desk.ask.path("RestoreTestingPlanName"))?;
    let items = plan
        .selections
        .values()
        .map(|selection| (selection.name.clone(), selection));
    let page = rest::page(
        &desk.ask,
        ("MaxResults", "NextToken"),
        "RestoreTestingSelections",
        items,
        |selection| selection.shown(plan),
    )?;
    Ok(page.into())
}

pub(crate) fn update(desk: &mut Desk<'_>) -> Reply {
    let body: Body = desk.ask.body()?;
    let asked = body.restore_testing_selection;
    let asked = asked.ok_or_else(|| Exception::missing_parameter("RestoreTestingSelection"))?;
    let (of, name) = (
        desk.ask.path("RestoreTestingPlanName"),
        desk.ask.path("RestoreTestingSelectionName"),
    );
    let now = desk.now;
    let plan = named_mut(desk.region(), of)?;
    let there = plan.selections.get(name).cloned().ok_or_else(|| no_selection(name))?;
    let changed = there.with(asked)?;
    let mut answer = made(plan, &changed);
    answer.insert("UpdateTime".to_owned(), time(now));
    plan.selections.insert(name.to_owned(), changed);
    Ok(answer.into())
}

pub(crate) fn delete(desk: &mut Desk<'_>) -> Reply {
    let (of, name) = (
        desk.ask.path("RestoreTestingPlanName"),
        desk.ask.path("RestoreTestingSelectionName"),
    );
    let plan = named_mut(desk.region(), of)?;
    plan.selections.remove(name).ok_or_else(|| no_selection(name))?;
    Ok(Value::Null)
}

fn no_selection(name: &str) -> Exception {
    Exception::not_found(format!("Restore testing selection {name} does not exist"))
}
