//! Restore jobs: a recovery point becomes a resource again.
//!
//! | AWS | Here |
//! |---|---|
//! | The objects of a bucket, and the files of a file system, come back | an empty one is made |
//! | A machine comes back with its volumes | without: ministack starts machines from any image |
//! | A cluster, and a database to a moment, comes back with its data and its master user | a new one is made with the same engine, size and name of the database |
//! | Metadata can say everything that the service's own restore takes | names, classes, zones, sizes, subnets, ports, encryption; other keys are kept and mean nothing |
//! | A role needs the permissions of the restore | the role must exist |
//! | The words of a refusal for missing metadata are AWS's own | close to them: AWS documents none |

mod calls;
mod steps;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub(crate) use self::calls::{describe, list, list_by_resource, metadata, point_metadata, start};
pub(crate) use self::steps::proceed;
use super::super::events::Event;
use super::desk::{present, time};
use super::job::Stage;
use super::recovery_point::RecoveryPoint;
use super::state::{Place, State, Task};
use crate::faults::Fault;

/// A job that was accepted starts after so long.
const UNTIL_RUNNING: SignedDuration = SignedDuration::from_secs(1);

/// What a restore job is to do, however it was started.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// As it was when the job was accepted.
    pub(crate) point: RecoveryPoint,
    /// Name of the vault that it is in.
    pub(crate) vault: String,
    /// How to restore, with keys that each type has.
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) role: String,
    /// Of the new resource.
    pub(crate) tags: BTreeMap<String, String>,
    /// What it is a test of.
    pub(crate) test: Option<Test>,
    /// What it ends with instead of a resource.
    pub(crate) failing: Option<Fault>,
}

/// A restore that a restore testing plan asked for.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    /// ARN of the plan.
    pub(crate) plan: String,
    /// Hours for which the resource is kept.
    pub(crate) validation_hours: i64,
}

/// Where the validation or the deletion of a test's resource is, in AWS's words, with a message.
pub(crate) type Progress = Option<(&'static str, Option<String>)>;

#[derive(Debug, Clone)]
pub(crate) struct RestoreJob {
    pub(crate) id: String,
    pub(crate) order: Order,
    pub(crate) stage: Stage,
    pub(crate) message: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) ended: Option<Timestamp>,
    /// Minutes that it is thought to take.
    pub(crate) expected_minutes: Option<i64>,
    /// ARN of the new resource.
    pub(crate) made: Option<String>,
    pub(crate) validation: Progress,
    pub(crate) deletion: Progress,
}

/// A database that a restore made, and that RDS creates until the job is done.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) place: Place,
    /// Identifier.
    pub(crate) instance: String,
    pub(crate) since: Timestamp,
    pub(crate) ready_at: Timestamp,
}

impl RestoreJob {
    pub(crate) fn shown(&self, place: &Place) -> Value {
        let point = &self.order.point;
        present(json!({
            "AccountId": place.account,
            "RestoreJobId": self.id,
            "RecoveryPointArn": point.arn,
            "RecoveryPointCreationDate": time(point.created),
            "SourceResourceArn": point.resource.arn,
            "BackupVaultArn": place.arn(&format!("backup-vault:{}", self.order.vault)),
            "ResourceType": point.resource.kind.name(),
            "CreationDate": time(self.created),
            "CompletionDate": self.ended.map(time),
            "Status": self.stage.name(),
            "StatusMessage": self.message,
            "PercentDone": format!("{:.2}%", self.percent()),
            "BackupSizeInBytes": point.resource.bytes,
            "IamRoleArn": self.order.role,
            "ExpectedCompletionTimeMinutes": self.expected_minutes,
            "CreatedResourceArn": self.made,
            "CreatedBy": self.order.test.as_ref().map(|test| json!({"RestoreTestingPlanArn": test.plan})),
            "ValidationStatus": status(&self.validation),
            "ValidationStatusMessage": message(&self.validation),
            "DeletionStatus": status(&self.deletion),
            "DeletionStatusMessage": message(&self.deletion),
            "IsParent": false,
        }))
    }

    fn percent(&self) -> f64 {
        if self.stage == Stage::Completed { 100.0 } else { 0.0 }
    }

    fn event(&self, place: &Place, at: Timestamp) -> Event {
        let point = &self.order.point;
        let iso = |at: Timestamp| at.to_string();
        Event {
            source: "aws.backup",
            detail_type: "Restore Job State Change",
            resources: vec![point.arn.clone()],
            detail: present(json!({
                "restoreJobId": self.id,
                "backupSizeInBytes": point.resource.bytes.to_string(),
                "creationDate": iso(self.created),
                "completionDate": self.ended.map(iso),
                "iamRoleArn": self.order.role,
                "percentDone": self.percent(),
                "resourceType": point.resource.kind.name(),
                "sourceResourceArn": point.resource.arn,
                "backupVaultArn": place.arn(&format!("backup-vault:{}", self.order.vault)),
                "status": self.stage.name(),
                "statusMessage": self.message,
                "createdResourceArn": self.made,
                "restoreTestingPlanArn": self.order.test.as_ref().map(|test| &test.plan),
                "validationStatus": status(&self.validation),
                "validationStatusMessage": message(&self.validation),
                "deletionStatus": status(&self.deletion),
                "deletionStatusMessage": message(&self.deletion),
            })),
            at,
        }
    }
}

fn status(progress: &Progress) -> Option<&str> {
    progress.as_ref().map(|(status, _)| *status)
}

fn message(progress: &Progress) -> Option<&str> {
    progress.as_ref()?.1.as_deref()
}

/// Tells what has become of the job.
pub(crate) fn changed(state: &mut State, place: &Place, id: &str, at: Timestamp) {
    let job = state.read(place).restore_jobs.get(id);
    if let Some(event) = job.map(|job| job.event(place, at)) {
        state.tell(place, event);
    }
}

/// Makes the job, which goes its way from here; its id.
pub(crate) fn accept(state: &mut State, place: &Place, order: Order, now: Timestamp) -> String {
    let job = RestoreJob {
        id: uuid::Uuid::new_v4().to_string().to_uppercase(),
        order,
        stage: Stage::Pending,
        message: None,
        created: now,
        ended: None,
        expected_minutes: None,
        made: None,
        validation: None,
        deletion: None,
    };
    let id = job.id.clone();
    state.tell(place, job.event(place, now));
    state.region(place).restore_jobs.insert(id.clone(), job);
    state.plan(now + UNTIL_RUNNING, place, Task::RestoreJob(id.clone()));
    id
}
