//! Backup jobs.

mod calls;
mod steps;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub(crate) use self::calls::{describe, list, start, stop};
pub(crate) use self::steps::proceed;
use super::super::events::Event;
use super::desk::{present, time};
use super::plan::CopyAction;
use super::recovery_point::{CreatedBy, Lifecycle};
use super::resource::{self, Resource};
use super::state::{Place, State, Task};
use crate::faults::Fault;

/// Jobs are listed for so long after they ended.
pub(crate) const LISTED_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A job that was accepted is looked at after so long.
const UNTIL_PENDING: SignedDuration = SignedDuration::from_secs(1);

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Created,
    Pending,
    Running,
    Completed,
    Partial,
    Failed,
    Expired,
    Aborted,
}

impl Stage {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Partial => "PARTIAL",
            Self::Failed => "FAILED",
            Self::Expired => "EXPIRED",
            Self::Aborted => "ABORTED",
        }
    }

    pub(crate) fn ended(self) -> bool {
        !matches!(self, Self::Created | Self::Pending | Self::Running)
    }

    /// What a fault asks for; a job that fails is `FAILED` unless it says otherwise.
    pub(crate) fn of_fault(fault: &Fault) -> Self {
        match fault.state.as_deref() {
            Some("EXPIRED") => Self::Expired,
            Some("ABORTED") => Self::Aborted,
            Some("PARTIAL") => Self::Partial,
            _ => Self::Failed,
        }
    }
}

/// What a job is to do, however it was started.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) vault: String,
    pub(crate) resource: String,
    pub(crate) role: String,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) start_by: Timestamp,
    pub(crate) complete_by: Timestamp,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) options: BTreeMap<String, String>,
    pub(crate) created_by: Option<CreatedBy>,
    /// Whether it makes or prolongs a continuous recovery point, where it can.
    pub(crate) continuous: bool,
    /// Copies that follow when it has completed.
    pub(crate) copies: Vec<CopyAction>,
    /// What it ends with instead of a recovery point.
    pub(crate) failing: Option<Fault>,
}

#[derive(Debug, Clone)]
pub(crate) struct BackupJob {
    pub(crate) id: String,
    pub(crate) order: Order,
    pub(crate) stage: Stage,
    pub(crate) message: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) ended: Option<Timestamp>,
    /// Known from when the job runs.
    pub(crate) found: Option<Resource>,
    /// ARN.
    pub(crate) recovery_point: Option<String>,
}

impl BackupJob {
    pub(crate) fn shown(&self, place: &Place) -> Value {
        let order = &self.order;
        let found = self.found.as_ref();
        let done = self.stage == Stage::Completed;
        present(json!({
            "AccountId": place.account,
            "BackupJobId": self.id,
            "BackupVaultName": order.vault,
            "BackupVaultArn": place.arn(&format!("backup-vault:{}", order.vault)),
            "RecoveryPointArn": self.recovery_point,
            "ResourceArn": order.resource,
            "ResourceType": resource::Kind::of(&order.resource).map(resource::Kind::name),
            "ResourceName": found.map(|found| &found.name),
            "CreationDate": time(self.created),
            "InitiationDate": time(self.created),
            "CompletionDate": self.ended.map(time),
            "State": self.stage.name(),
            "StatusMessage": self.message,
            "MessageCategory": self.message.as_ref().map_or("SUCCESS", |_| "FAILURE"),
            "PercentDone": if self.stage.ended() { "100.0" } else { "0.0" },
            "BackupSizeInBytes": found.filter(|_| done).map_or(0, |found| found.bytes),
            "BytesTransferred": found.filter(|_| done).map_or(0, |found| found.bytes),
            "IamRoleArn": order.role,
            "CreatedBy": order.created_by,
            "StartBy": time(order.start_by),
            "BackupOptions": Some(&order.options).filter(|options| !options.is_empty()),
            "IsParent": false,
            "IsEncrypted": found.map(|found| found.encrypted),
            "VaultType": "BACKUP_VAULT",
        }))
    }

    fn event(&self, place: &Place, at: Timestamp) -> Event {
        let order = &self.order;
        let iso = |at: Timestamp| at.to_string();
        Event {
            source: "aws.backup",
            detail_type: "Backup Job State Change",
            resources: self.recovery_point.iter().cloned().collect(),
            detail: present(json!({
                "backupJobId": self.id,
                "backupVaultArn": place.arn(&format!("backup-vault:{}", order.vault)),
                "backupVaultName": order.vault,
                "creationDate": iso(self.created),
                "completionDate": self.ended.map(iso),
                "startBy": iso(order.start_by),
                "iamRoleArn": order.role,
                "resourceArn": order.resource,
                "resourceType": resource::Kind::of(&order.resource).map(resource::Kind::name),
                "state": self.stage.name(),
                "statusMessage": self.message,
                "percentDone": if self.stage.ended() { 100.0 } else { 0.0 },
                "createdBy": order.created_by.as_ref().map(CreatedBy::in_event),
            })),
            at,
        }
    }
}

/// Makes the job, which goes its way from here; its id.
pub(crate) fn accept(state: &mut State, place: &Place, order: Order, now: Timestamp) -> String {
    let job = BackupJob {
        id: uuid::Uuid::new_v4().to_string().to_uppercase(),
        order,
        stage: Stage::Created,
        message: None,
        created: now,
        ended: None,
        found: None,
        recovery_point: None,
    };
    let id = job.id.clone();
    state.tell(place, job.event(place, now));
    state.region(place).backup_jobs.insert(id.clone(), job);
    state.plan(now + UNTIL_PENDING, place, Task::BackupJob(id.clone()));
    id
}
