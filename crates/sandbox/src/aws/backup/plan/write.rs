//! Making, changing and deleting plans.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::super::super::events::Event;
use super::super::super::rest::Exception;
use super::super::desk::{Desk, Reply, time};
use super::super::state::{Place, State};
use super::super::tags;
use super::document::Document;
use super::{Plan, Version, check_name, fire, limit_exceeded, live};

const PLANS: usize = 300;
const VERSIONS: usize = 2000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    backup_plan: Option<Document>,
    #[serde(default)]
    backup_plan_tags: BTreeMap<String, String>,
    creator_request_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    backup_plan: Option<Document>,
}

pub(crate) fn create(desk: &mut Desk<'_>) -> Reply {
    let asked: Create = desk.ask.body()?;
    let document = checked(desk, asked.backup_plan)?;
    if let Some(id) = &asked.creator_request_id {
        check_name("CreatorRequestId", id)?;
    }
    let (place, now) = (desk.place.clone(), desk.now);
    let live = || desk.read().plans.values().filter(|plan| plan.deleted.is_none());
    // The same request again gets the same answer.
    let again = live().find(|plan| plan.creator_request.is_some() && plan.creator_request == asked.creator_request_id);
    if let Some(there) = again {
        return Ok(there.written(&place));
    }
    if let Some(there) = live().find(|plan| plan.current.document == document) {
        return Err(
            Exception::already_exists("Backup plan with the same plan document already exists")
                .with("CreatorRequestId", there.creator_request.clone())
                .with("Arn", there.arn(&place)),
        );
    }
    if live().count() >= PLANS {
        return Err(limit_exceeded("Backup plan"));
    }
    let plan = Plan {
        id: uuid::Uuid::new_v4().to_string(),
        creator_request: asked.creator_request_id,
        current: Version::new(document, None, now),
        former: Vec::new(),
        executed: None,
        deleted: None,
        selections: BTreeMap::new(),
    };
    let answer = plan.written(&place);
    told(desk.state, &place, &plan, ("CREATED", "creationDate"), now);
    fire::schedule(desk.state, &place, &plan, now);
    tags::put(desk, &plan.arn(&place), asked.backup_plan_tags);
    desk.region().plans.insert(plan.id.clone(), plan);
    Ok(answer)
}

pub(crate) fn update(desk: &mut Desk<'_>) -> Reply {
    let id = desk.ask.path("backupPlanId");
    let asked: Update = desk.ask.body()?;
    live(desk.region(), id)?;
    let document = checked(desk, asked.backup_plan)?;
    let (place, now) = (desk.place.clone(), desk.now);
    let plan = live(desk.region(), id)?;
    if plan.versions().count() >= VERSIONS {
        return Err(limit_exceeded("Backup plan version"));
    }
    let next = Version::new(document, Some(&plan.current), now);
    let former = std::mem::replace(&mut plan.current, next);
    plan.former.push(former);
    let answer = plan.written(&place);
    follow(desk.state, &place, id, ("MODIFIED", "modifiedAt"), now);
    Ok(answer)
}

pub(crate) fn delete(desk: &mut Desk<'_>) -> Reply {
    let id = desk.ask.path("backupPlanId");
    let (place, now) = (desk.place.clone(), desk.now);
    let plan = live(desk.region(), id)?;
    if !plan.selections.is_empty() {
        return Err(Exception::invalid_request(
            "Related backup plan selections must be deleted prior to backup plan deletion",
        ));
    }
    plan.deleted = Some(now);
    let answer = json!({
        "BackupPlanId": plan.id,
        "BackupPlanArn": plan.arn(&place),
        "DeletionDate": time(now),
        "VersionId": plan.current.id,
    });
    follow(desk.state, &place, id, ("DELETED", "deletionDate"), now);
    Ok(answer)
}

/// The document, when AWS takes it here and now.
fn checked(desk: &Desk<'_>, document: Option<Document>) -> Result<Document, Exception> {
    let document = document.ok_or_else(|| Exception::missing_parameter("BackupPlan"))?;
    document.check(desk.now)?;
    let vaults = &desk.read().vaults;
    for rule in &document.rules {
        let vault = &rule.target_backup_vault_name;
        match vaults.get(vault) {
            Some(vault) => vault.check_takes_backups()?,
            None => return Err(rule.error(&format!("Backup vault {vault} does not exist"))),
        }
    }
    Ok(document)
}

/// What a change leads to: the event, and the runs of the rules as they are now.
fn follow(state: &mut State, place: &Place, id: &str, change: (&str, &str), now: Timestamp) {
    // Out and in again, so that the state can be written to beside it.
    let Some(plan) = state.region(place).plans.remove(id) else {
        return;
    };
    told(state, place, &plan, change, now);
    if plan.deleted.is_none() {
        fire::schedule(state, place, &plan, now);
    }
    state.region(place).plans.insert(id.to_owned(), plan);
}

fn told(state: &mut State, place: &Place, plan: &Plan, (change, moment): (&str, &str), now: Timestamp) {
    let event = Event {
        source: "aws.backup",
        detail_type: "Backup Plan State Change",
        resources: vec![plan.arn(place)],
        detail: json!({
            "backupPlanId": plan.id,
            "versionId": plan.current.id,
            moment: now.to_string(),
            "state": change,
        }),
        at: now,
    };
    state.tell(place, event);
}
