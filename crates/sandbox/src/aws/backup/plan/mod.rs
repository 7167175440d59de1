//! Backup plans: what is backed up, when, and where to.
//!
//! | AWS | Here |
//! |---|---|
//! | Two rules of a plan that are due within one start window make one backup, of the longer retention | each makes its own |
//! | A type that is not opted in is backed up where a selection names it, as in `arn:aws:rds:*` | where its ARN is named whole |
//! | `ScanSettings`, `ScanActions`, `IndexActions`, `TargetLogicallyAirGappedBackupVaultArn` | ignored |

mod copies;
mod document;
mod fire;
mod read;
mod select;
mod selection;
mod template;
mod write;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use self::copies::copy;
pub(crate) use self::document::CopyAction;
use self::document::Document;
pub(crate) use self::fire::{Firing, fire};
pub(crate) use self::read::{get, list, list_versions};
use self::selection::Selection;
pub(crate) use self::selection::{create as create_selection, delete as delete_selection};
pub(crate) use self::selection::{get as get_selection, list as list_selections};
pub(crate) use self::template::{export, from_json, from_template, list_templates};
pub(crate) use self::write::{create, delete, update};
use super::super::rest::Exception;
use super::desk::{present, time};
use super::state::{Place, Region};

#[derive(Debug)]
pub(crate) struct Plan {
    id: String,
    creator_request: Option<String>,
    current: Version,
    /// Oldest first.
    former: Vec<Version>,
    /// When a rule of it last ran.
    executed: Option<Timestamp>,
    /// It is still shown, and runs no more.
    deleted: Option<Timestamp>,
    /// By id.
    selections: BTreeMap<String, Selection>,
}

/// A plan as it was at a time.
#[derive(Debug)]
struct Version {
    id: String,
    created: Timestamp,
    document: Document,
    /// In the order of the document's rules.
    rule_ids: Vec<String>,
}

impl Version {
    /// `before`: the version that it replaces, whose rules keep their ids.
    fn new(document: Document, before: Option<&Self>, now: Timestamp) -> Self {
        let id_of = |name: &str| {
            let kept = before.and_then(|before| before.rules().find(|(_, rule)| rule.rule_name == name));
            kept.map_or_else(|| Uuid::new_v4().to_string(), |(id, _)| id.to_owned())
        };
        let rule_ids = document.rules.iter().map(|rule| id_of(&rule.rule_name)).collect();
        Self {
            id: STANDARD.encode(Uuid::new_v4().to_string()),
            created: now,
            document,
            rule_ids,
        }
    }

    /// Each rule with its id.
    fn rules(&self) -> impl Iterator<Item = (&str, &document::Rule)> {
        self.rule_ids.iter().map(String::as_str).zip(&self.document.rules)
    }
}

impl Plan {
    pub(crate) fn arn(&self, place: &Place) -> String {
        place.arn(&format!("backup-plan:{}", self.id))
    }

    fn versions(&self) -> impl Iterator<Item = &Version> {
        self.former.iter().chain([&self.current])
    }

    /// As creating and changing answer.
    fn written(&self, place: &Place) -> Value {
        present(json!({
            "BackupPlanId": self.id,
            "BackupPlanArn": self.arn(place),
            "CreationDate": time(self.current.created),
            "VersionId": self.current.id,
            "AdvancedBackupSettings": self.current.document.settings_shown(),
        }))
    }

    /// As lists show a version of it.
    fn listed(&self, version: &Version, place: &Place) -> Value {
        present(json!({
            "BackupPlanArn": self.arn(place),
            "BackupPlanId": self.id,
            "BackupPlanName": version.document.backup_plan_name,
            "CreationDate": time(version.created),
            "DeletionDate": self.deleted.map(time),
            "VersionId": version.id,
            "CreatorRequestId": self.creator_request,
            "LastExecutionDate": self.executed.map(time),
            "AdvancedBackupSettings": version.document.settings_shown(),
        }))
    }
}

/// The plan of that id, deleted or not.
///
/// # Errors
/// `ResourceNotFoundException`.
fn named<'a>(region: &'a Region, id: &str) -> Result<&'a Plan, Exception> {
    region.plans.get(id).ok_or_else(|| no_plan(id))
}

/// The plan of that id, to be changed.
///
/// # Errors
/// `ResourceNotFoundException`, also for a deleted one.
fn live<'a>(region: &'a mut Region, id: &str) -> Result<&'a mut Plan, Exception> {
    let plan = region.plans.get_mut(id).filter(|plan| plan.deleted.is_none());
    plan.ok_or_else(|| no_plan(id))
}

fn no_plan(id: &str) -> Exception {
    Exception::not_found(format!("Cannot find Backup plan with ID {id}"))
}

/// # Errors
/// `InvalidParameterValueException` for other than 1 to 50 letters, digits and `-_.`.
fn check_name(field: &str, name: &str) -> Result<(), Exception> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if (1..=50).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(())
    } else {
        Err(Exception::invalid_parameter(format!(
            "Invalid {field}: {name}. It must contain 1 to 50 alphanumeric or '-_.' characters"
        )))
    }
}

fn limit_exceeded(what: &str) -> Exception {
    Exception::new(400, "LimitExceededException", format!("{what} limit exceeded"))
}
