//! Recovery points: what a vault holds.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::{present, time};
use super::resource::Resource;
use super::state::Place;
use super::vault::Vault;

/// When a recovery point moves to cold storage, and when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Lifecycle {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) move_to_cold_storage_after_days: Option<i64>,
    /// `None`: kept for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delete_after_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) opt_in_to_archive_for_supported_resources: Option<bool>,
}

/// The plan and rule that a scheduled backup comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatedBy {
    pub(crate) backup_plan_arn: String,
    pub(crate) backup_plan_id: String,
    pub(crate) backup_plan_name: String,
    pub(crate) backup_plan_version: String,
    pub(crate) backup_rule_id: String,
    pub(crate) backup_rule_name: String,
    pub(crate) backup_rule_cron: String,
    pub(crate) backup_rule_timezone: String,
}

impl CreatedBy {
    /// As the events of jobs name it.
    pub(crate) fn in_event(&self) -> Value {
        json!({
            "backupPlanId": self.backup_plan_id,
            "backupPlanArn": self.backup_plan_arn,
            "backupPlanVersion": self.backup_plan_version,
            "backupPlanRuleId": self.backup_rule_id,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Completed,
    Partial,
    /// Its time is over, but a legal hold keeps it.
    Expired,
    Deleting,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Completed => "COMPLETED",
            Self::Partial => "PARTIAL",
            Self::Expired => "EXPIRED",
            Self::Deleting => "DELETING",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct RecoveryPoint {
    pub(crate) arn: String,
    /// What was backed up, as it was then.
    pub(crate) resource: Resource,
    pub(crate) role: String,
    pub(crate) created: Timestamp,
    pub(crate) completed: Timestamp,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) created_by: Option<CreatedBy>,
    /// ARN of the vault that it was copied from.
    pub(crate) source_vault: Option<String>,
    /// Of a continuous backup: restorable to any moment since then.
    pub(crate) continuous_since: Option<Timestamp>,
    pub(crate) status: Status,
    pub(crate) key: String,
    pub(crate) last_restored: Option<Timestamp>,
}

impl RecoveryPoint {
    /// `None`: never. A continuous one lives on with each run.
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        let days = self.lifecycle.delete_after_days?;
        let since = self.continuous_since.map_or(self.created, |_| self.completed);
        Some(since + SignedDuration::from_hours(24 * days))
    }

    /// `None`: never.
    fn moves_to_cold_storage(&self) -> Option<Timestamp> {
        let days = self.lifecycle.move_to_cold_storage_after_days?;
        Some(self.created + SignedDuration::from_hours(24 * days))
    }

    pub(crate) fn storage_class(&self, now: Timestamp) -> &'static str {
        match self.moves_to_cold_storage() {
            Some(moves) if moves <= now => "COLD",
            _ => "WARM",
        }
    }

    /// As describe and lists show it, in its vault.
    pub(crate) fn shown(&self, place: &Place, vault: &Vault) -> Value {
        let moves = self.moves_to_cold_storage();
        present(json!({
            "RecoveryPointArn": self.arn,
            "BackupVaultName": vault.name,
            "BackupVaultArn": vault.arn(place),
            "SourceBackupVaultArn": self.source_vault,
            "ResourceArn": self.resource.arn,
            "ResourceType": self.resource.kind.name(),
            "ResourceName": self.resource.name,
            "CreatedBy": self.created_by,
            "IamRoleArn": self.role,
            "Status": self.status.name(),
            "CreationDate": time(self.created),
            "InitiationDate": time(self.created),
            "CompletionDate": time(self.completed),
            "BackupSizeInBytes": self.resource.bytes,
            "CalculatedLifecycle": present(json!({
                "MoveToColdStorageAt": moves.map(time),
                "DeleteAt": self.expires().map(time),
            })),
            "Lifecycle": self.lifecycle,
            "EncryptionKeyArn": self.key,
            "IsEncrypted": self.resource.encrypted,
            "LastRestoreTime": self.last_restored.map(time),
            "IsParent": false,
            "VaultType": vault.kind.name(),
        }))
    }
}
