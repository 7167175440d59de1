//! Copy jobs: a recovery point goes to another vault, in any region and account.
//!
//! | AWS | Here |
//! |---|---|
//! | Copies between accounts need one organisation, and the feature switched on in it | every account is a member of one, and it is on |
//! | A role needs the permissions of the copy in both accounts, and the keys' policies must allow it | the role must exist, and vault policies must allow it |
//! | A volume's own key can be the customer's | ministack keeps none: an encrypted volume counts as encrypted with AWS's key |
//! | The copy of a database or volume is its snapshot | that of a passing resource of the same kind, made at the destination |
//! | The copy of a DynamoDB backup is `arn:aws:backup:…:recovery-point:…`, and keeps indexes and settings | a backup in DynamoDB, with keys and items |
//! | Images, file systems and buckets are copied | nothing is but the recovery point |
//! | `StartCopyJob` takes no continuous backups | it does: the copy is a snapshot, as a plan's copy action makes it |

mod admission;
mod calls;
mod steps;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub(crate) use self::calls::{describe, list, start};
pub(crate) use self::steps::proceed;
use super::super::events::Event;
use super::desk::{present, time};
use super::job::Stage;
use super::recovery_point::{CreatedBy, Lifecycle};
use super::resource::Resource;
use super::state::{Place, State, Task};
use super::vault;
use crate::faults::Fault;

/// A job that was accepted starts after so long.
const UNTIL_RUNNING: SignedDuration = SignedDuration::from_secs(1);

/// What a copy job is to do, however it was started.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// ARN of the recovery point.
    pub(crate) point: String,
    /// Name of the vault that it is in, where the job runs.
    pub(crate) source_vault: String,
    /// ARN of the vault that it goes to.
    pub(crate) destination_vault: String,
    /// What the recovery point is of.
    pub(crate) resource: Resource,
    pub(crate) role: String,
    /// Of the copy; without an end it is kept for ever, whatever the original's.
    pub(crate) lifecycle: Lifecycle,
    pub(crate) created_by: Option<CreatedBy>,
    /// Id of the backup job whose rule asked for the copy.
    pub(crate) backup_job: Option<String>,
    /// What it ends with instead of a copy.
    pub(crate) failing: Option<Fault>,
}

#[derive(Debug, Clone)]
pub(crate) struct CopyJob {
    pub(crate) id: String,
    pub(crate) order: Order,
    pub(crate) stage: Stage,
    pub(crate) message: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) ended: Option<Timestamp>,
    /// Where the job worked out.
    pub(crate) made: Option<Made>,
}

/// The copy.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) arn: String,
    /// ARN of the destination vault's key.
    pub(crate) key: String,
    pub(crate) vault_kind: vault::Kind,
}

impl CopyJob {
    pub(crate) fn shown(&self, place: &Place) -> Value {
        let order = &self.order;
        let resource = &order.resource;
        let made = self.made.as_ref();
        present(json!({
            "AccountId": place.account,
            "CopyJobId": self.id,
            "SourceBackupVaultArn": self.source_vault(place),
            "SourceRecoveryPointArn": order.point,
            "DestinationBackupVaultArn": order.destination_vault,
            "DestinationVaultType": made.map(|made| made.vault_kind.name()),
            "DestinationRecoveryPointArn": made.map(|made| &made.arn),
            "DestinationEncryptionKeyArn": made.map(|made| &made.key),
            "DestinationRecoveryPointLifecycle": made.map(|_| order.lifecycle),
            "ResourceArn": resource.arn,
            "ResourceType": resource.kind.name(),
            "ResourceName": resource.name,
            "CreationDate": time(self.created),
            "CompletionDate": self.ended.map(time),
            "State": self.stage.name(),
            "StatusMessage": self.message,
            "MessageCategory": self.message.as_ref().map_or("SUCCESS", |_| "FAILURE"),
            "BackupSizeInBytes": resource.bytes,
            "IamRoleArn": order.role,
            "CreatedBy": order.created_by,
            "CreatedByBackupJobId": order.backup_job,
            "IsParent": false,
        }))
    }

    fn source_vault(&self, place: &Place) -> String {
        place.arn(&format!("backup-vault:{}", self.order.source_vault))
    }

    fn event(&self, place: &Place, at: Timestamp) -> Event {
        let order = &self.order;
        let iso = |at: Timestamp| at.to_string();
        Event {
            source: "aws.backup",
            detail_type: "Copy Job State Change",
            resources: vec![order.point.clone()],
            detail: present(json!({
                "copyJobId": self.id,
                "backupSizeInBytes": order.resource.bytes,
                "creationDate": iso(self.created),
                "completionDate": self.ended.map(iso),
                "iamRoleArn": order.role,
                "resourceArn": order.resource.arn,
                "resourceType": order.resource.kind.name(),
                "sourceBackupVaultArn": self.source_vault(place),
                "state": self.stage.name(),
                "statusMessage": self.message,
                "destinationBackupVaultArn": order.destination_vault,
                "destinationRecoveryPointArn": self.made.as_ref().map(|made| &made.arn),
                "createdBy": order.created_by.as_ref().map(CreatedBy::in_event),
            })),
            at,
        }
    }
}

/// Makes the job at `place`, the recovery point's, which goes its way from here; its id.
pub(crate) fn accept(state: &mut State, place: &Place, order: Order, now: Timestamp) -> String {
    let job = CopyJob {
        id: uuid::Uuid::new_v4().to_string().to_uppercase(),
        order,
        stage: Stage::Created,
        message: None,
        created: now,
        ended: None,
        made: None,
    };
    let id = job.id.clone();
    tell(state, place, &job, now);
    state.region(place).copy_jobs.insert(id.clone(), job);
    state.plan(now + UNTIL_RUNNING, place, Task::CopyJob(id.clone()));
    id
}

/// Both ends hear of it.
fn tell(state: &mut State, place: &Place, job: &CopyJob, at: Timestamp) {
    let destination = Place::of_vault(&job.order.destination_vault).map(|(destination, _)| destination);
    if let Some(destination) = destination.filter(|destination| destination != place) {
        state.tell(&destination, job.event(place, at));
    }
    state.tell(place, job.event(place, at));
}
