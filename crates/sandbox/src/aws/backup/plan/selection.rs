//! Selections: which resources a plan is for; made, shown, deleted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::super::rest::{self, Exception};
use super::super::desk::{Desk, Reply, present, time};
use super::super::limits;
use super::{Plan, check_name, limit_exceeded, live, named};

const SELECTIONS: usize = 100;

/// ARNs that one list of a selection may have, and those with wildcards.
const ARNS: (usize, usize) = (500, 30);

#[derive(Debug)]
pub(super) struct Selection {
    id: String,
    created: Timestamp,
    creator_request: Option<String>,
    pub(super) chosen: Chosen,
}

/// A selection as it is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Chosen {
    selection_name: String,
    pub(super) iam_role_arn: String,
    pub(super) resources: Vec<String>,
    pub(super) list_of_tags: Vec<Tagged>,
    pub(super) not_resources: Vec<String>,
    pub(super) conditions: Conditions,
}

/// A tag that a resource may have; one of several is enough.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Tagged {
    condition_type: String,
    pub(super) condition_key: String,
    pub(super) condition_value: String,
}

/// What a resource's tags have to be, all of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Conditions {
    pub(super) string_equals: Vec<Condition>,
    pub(super) string_not_equals: Vec<Condition>,
    pub(super) string_like: Vec<Condition>,
    pub(super) string_not_like: Vec<Condition>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Condition {
    /// `aws:ResourceTag/KEY`.
    condition_key: String,
    pub(super) condition_value: String,
}

impl Conditions {
    pub(super) fn all(&self) -> impl Iterator<Item = &Condition> {
        let equal = self.string_equals.iter().chain(&self.string_not_equals);
        equal.chain(&self.string_like).chain(&self.string_not_like)
    }
}

impl Condition {
    /// The tag's key; `None` where the condition is about something else.
    pub(super) fn tag(&self) -> Option<&str> {
        let key = self.condition_key.strip_prefix("aws:ResourceTag/")?;
        Some(key).filter(|key| !key.is_empty())
    }
}

impl Chosen {
    fn check(&self) -> Result<(), Exception> {
        let wrong = |message: &str| Err(Exception::invalid_parameter(message));
        if self.selection_name.is_empty() {
            return Err(Exception::missing_parameter("SelectionName"));
        }
        check_name("SelectionName", &self.selection_name)?;
        if self.iam_role_arn.is_empty() {
            return Err(Exception::missing_parameter("IamRoleArn"));
        }
        limits::check_role(&self.iam_role_arn)?;
        if self.resources.is_empty() && self.list_of_tags.is_empty() {
            return wrong("Invalid backup selection. Either 'ListOfTags' or 'Resources' section must be non-empty.");
        }
        check_arns("Resources", &self.resources)?;
        check_arns("NotResources", &self.not_resources)?;
        for tag in &self.list_of_tags {
            if tag.condition_type != "STRINGEQUALS" {
                return wrong("Invalid condition type in ListOfTags: only STRINGEQUALS is supported");
            }
            if tag.condition_key.is_empty() {
                return Err(Exception::missing_parameter("ConditionKey"));
            }
        }
        match self.conditions.all().find(|condition| condition.tag().is_none()) {
            Some(other) => wrong(&format!(
                "Invalid condition key: {}. It must start with aws:ResourceTag/",
                other.condition_key
            )),
            None => Ok(()),
        }
    }
}

/// Stars stand for a part of the ARN, or at the end.
fn check_arns(list: &str, arns: &[String]) -> Result<(), Exception> {
    let wild = arns.iter().filter(|arn| arn.contains('*')).count();
    if arns.len() > ARNS.0 || wild > ARNS.1 {
        return Err(Exception::invalid_parameter(format!(
            "{list} can have {} ARNs without wildcards and {} with",
            ARNS.0, ARNS.1
        )));
    }
    let fine = |arn: &str| {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [scheme, rest @ .., resource] = parts.as_slice() else {
            return arn == "*";
        };
        let whole = |part: &&str| *part == "*" || !part.contains('*');
        *scheme == "arn"
            && rest.len() == 4
            && rest.iter().all(whole)
            && !resource.is_empty()
            && !resource.strip_suffix('*').unwrap_or(resource).contains('*')
    };
    match arns.iter().find(|arn| !(*arn == "*" || fine(arn))) {
        Some(wrong) => Err(Exception::invalid_parameter(format!("Invalid ARN in {list}: {wrong}"))),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    backup_selection: Option<Chosen>,
    creator_request_id: Option<String>,
}

pub(crate) fn create(desk: &mut Desk<'_>) -> Reply {
    let asked: Create = desk.ask.body()?;
    let chosen = asked
        .backup_selection
        .ok_or_else(|| Exception::missing_parameter("BackupSelection"))?;
    chosen.check()?;
    if let Some(id) = &asked.creator_request_id {
        check_name("CreatorRequestId", id)?;
    }
    let (id, now) = (desk.ask.path("backupPlanId"), desk.now);
    // Of all calls about a plan, this one knows no other error.
    let plan = live(desk.region(), id).map_err(|exception| Exception::invalid_parameter(exception.message()))?;
    let mut there = plan.selections.values();
    // The same request again gets the same answer.
    let again =
        there.find(|there| there.creator_request.is_some() && there.creator_request == asked.creator_request_id);
    if let Some(there) = again {
        return Ok(made(plan, there));
    }
    if let Some(there) = plan.selections.values().find(|there| there.chosen == chosen) {
        return Err(
            Exception::already_exists("Backup selection with the same selection document already exists")
                .with("CreatorRequestId", there.creator_request.clone()),
        );
    }
    if plan.selections.len() >= SELECTIONS {
        return Err(limit_exceeded("Backup selection"));
    }
    let selection = Selection {
        id: uuid::Uuid::new_v4().to_string(),
        created: now,
        creator_request: asked.creator_request_id,
        chosen,
    };
    let answer = made(plan, &selection);
    plan.selections.insert(selection.id.clone(), selection);
    Ok(answer)
}

fn made(plan: &Plan, selection: &Selection) -> Value {
    json!({
        "SelectionId": selection.id,
        "BackupPlanId": plan.id,
        "CreationDate": time(selection.created),
    })
}

pub(crate) fn get(desk: &mut Desk<'_>) -> Reply {
    let plan = named(desk.read(), desk.ask.path("backupPlanId"))?;
    let id = desk.ask.path("selectionId");
    let selection = plan.selections.get(id).ok_or_else(|| no_selection(id))?;
    Ok(present(json!({
        "BackupSelection": selection.chosen,
        "SelectionId": selection.id,
        "BackupPlanId": plan.id,
        "CreationDate": time(selection.created),
        "CreatorRequestId": selection.creator_request,
    })))
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Reply {
    let plan = named(desk.read(), desk.ask.path("backupPlanId"))?;
    let items = plan.selections.iter().map(|(id, selection)| (id.clone(), selection));
    let page = rest::page(
        &desk.ask,
        ("maxResults", "nextToken"),
        "BackupSelectionsList",
        items,
        |selection| {
            present(json!({
                "SelectionId": selection.id,
                "SelectionName": selection.chosen.selection_name,
                "BackupPlanId": plan.id,
                "CreationDate": time(selection.created),
                "CreatorRequestId": selection.creator_request,
                "IamRoleArn": selection.chosen.iam_role_arn,
            }))
        },
    )?;
    Ok(page.into())
}

pub(crate) fn delete(desk: &mut Desk<'_>) -> Reply {
    let (plan, id) = (desk.ask.path("backupPlanId"), desk.ask.path("selectionId"));
    let plan = live(desk.region(), plan)?;
    plan.selections.remove(id).ok_or_else(|| no_selection(id))?;
    Ok(Value::Null)
}

fn no_selection(id: &str) -> Exception {
    Exception::not_found(format!("Cannot find Backup selection with ID {id}"))
}

/// What is chosen by all of a plan's selections, with the roles.
pub(super) fn of(selections: &BTreeMap<String, Selection>) -> Vec<Chosen> {
    selections.values().map(|selection| selection.chosen.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_at_the_end_or_for_a_whole_part() {
        let said = |arn: &str| check_arns("Resources", &[arn.to_owned()]);
        for arn in ["*", "arn:aws:s3:::*", "arn:aws:s3:::my-*", "arn:aws:ec2:*:*:volume/*"] {
            assert_eq!(said(arn), Ok(()), "{arn}");
        }
        for arn in [
            "",
            "my-bucket",
            "arn:aws:s3:::*-logs",
            "arn:aws:s3",
            "arn:aws:ec2:eu-*:1:volume/*",
        ] {
            assert!(said(arn).is_err(), "{arn}");
        }
        let wild = vec!["arn:aws:s3:::*".to_owned(); 31];
        assert!(check_arns("Resources", &wild).is_err());
    }

    #[test]
    fn a_selection_selects_something() {
        let role = "arn:aws:iam::111122223333:role/backup";
        let said = |rest: Value| {
            let mut selection = json!({"SelectionName": "all", "IamRoleArn": role});
            selection
                .as_object_mut()
                .unwrap()
                .extend(rest.as_object().unwrap().clone());
            let chosen: Chosen = serde_json::from_value(selection).unwrap();
            chosen.check().map_err(|exception| exception.message().to_owned())
        };
        assert_eq!(said(json!({"Resources": ["*"]})), Ok(()));
        let condition = json!({"StringEquals": [{"ConditionKey": "aws:ResourceTag/a", "ConditionValue": "b"}]});
        assert_eq!(
            said(json!({"Conditions": condition})).unwrap_err(),
            "Invalid backup selection. Either 'ListOfTags' or 'Resources' section must be non-empty."
        );
        let other = json!({"StringEquals": [{"ConditionKey": "a", "ConditionValue": "b"}]});
        assert!(said(json!({"Resources": ["*"], "Conditions": other})).is_err());
        assert!(
            said(json!({"ListOfTags": [{"ConditionType": "STRINGLIKE", "ConditionKey": "a", "ConditionValue": "b"}]}))
                .is_err()
        );
    }
}
