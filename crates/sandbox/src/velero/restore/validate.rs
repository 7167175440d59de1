//! What Velero fills into a restore, and what it finds wrong with it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::cluster::kind::{BACKUP_STORAGE_LOCATIONS, BACKUPS};
use crate::cluster::meta;
use crate::velero::desk::{Desk, moment, phase};
use crate::velero::filters::Filters;
use crate::velero::{location, schedule};

/// Kinds that no restore brings back.
const NEVER: [&str; 9] = [
    "nodes",
    "events",
    "events.events.k8s.io",
    "backups.velero.io",
    "restores.velero.io",
    "resticrepositories.velero.io",
    "csinodes.storage.k8s.io",
    "volumeattachments.storage.k8s.io",
    "backuprepositories.velero.io",
];

/// Completes the spec; returns the validation errors in Velero's words and order.
pub(super) fn complete(desk: &Desk<'_>, restore: &mut Value) -> Vec<String> {
    let spec = meta::member(restore, "spec");
    if spec
        .get("itemOperationTimeout")
        .is_none_or(|timeout| timeout.is_null() || *timeout == "0s")
    {
        spec.insert("itemOperationTimeout".to_owned(), json!("4h0m0s"));
    }
    let excluded = spec.entry("excludedResources").or_insert_with(|| json!([]));
    let mut list = excluded.as_array().cloned().unwrap_or_default();
    list.extend(
        NEVER
            .iter()
            .map(|kind| json!(kind))
            .filter(|kind| !list.contains(kind))
            .collect::<Vec<_>>(),
    );
    *excluded = list.into();

    let filters: Filters = match serde_json::from_value(restore["spec"].clone()) {
        Ok(filters) => filters,
        Err(error) => return vec![format!("error decoding restore spec: {error}")],
    };
    let included = |kind: &&&str| filters.included_resources.iter().any(|listed| listed == **kind);
    let mut wrong: Vec<String> = NEVER
        .iter()
        .filter(included)
        .map(|kind| format!("{kind} are non-restorable resources"))
        .collect();
    wrong.extend(filters.wrong_for_restore());

    let spec = &restore["spec"];
    let text = |name: &str| spec[name].as_str().unwrap_or_default().to_owned();
    let (backup, of_schedule, policy) = (text("backupName"), text("scheduleName"), text("existingResourcePolicy"));
    if backup.is_empty() == of_schedule.is_empty() {
        wrong
            .push("Either a backup or schedule must be specified as a source for the restore, but not both".to_owned());
        return wrong;
    }
    if !matches!(policy.as_str(), "" | "none" | "update") {
        wrong.push(format!("Invalid ExistingResourcePolicy: {policy}"));
    }
    let backup = if of_schedule.is_empty() {
        backup
    } else {
        match newest(desk, &of_schedule) {
            Ok(backup) => backup,
            Err(errors) => {
                wrong.extend(errors);
                return wrong;
            }
        }
    };
    wrong.extend(source(desk, &backup));
    restore["spec"]["backupName"] = backup.clone().into();
    let schedule = desk
        .get(&BACKUPS, &backup)
        .map(|backup| backup["metadata"]["labels"][schedule::LABEL].clone());
    if let Some(schedule) = schedule.filter(|schedule| of_schedule.is_empty() && schedule.is_string()) {
        restore["spec"]["scheduleName"] = schedule;
    }
    wrong
}

/// The newest backup of a schedule that is completed.
fn newest(desk: &Desk<'_>, schedule: &str) -> Result<String, Vec<String>> {
    let backups: Vec<Arc<Value>> = desk.labelled(&BACKUPS, schedule::LABEL, schedule);
    let completed = backups.iter().filter(|backup| phase(backup) == "Completed");
    let newest = completed.max_by_key(|backup| moment(&backup["status"]["startTimestamp"]));
    newest.map(|backup| meta::name(backup).to_owned()).ok_or_else(|| {
        let none = backups.is_empty().then(|| "No backups found for schedule".to_owned());
        let none_completed = Some("No completed backups found for schedule".to_owned());
        none.into_iter().chain(none_completed).collect()
    })
}

/// What is wrong with the backup to restore from.
fn source(desk: &Desk<'_>, name: &str) -> Option<String> {
    let Some(backup) = desk.get(&BACKUPS, name) else {
        return Some(format!(
            "Error retrieving backup: can't find backup velero/{name}: Backup.velero.io {name:?} not found"
        ));
    };
    let location = backup["spec"]["storageLocation"].as_str().unwrap_or_default();
    match desk.get(&BACKUP_STORAGE_LOCATIONS, location) {
        None => Some(format!(
            "Error retrieving backup: BackupStorageLocation.velero.io {location:?} not found"
        )),
        Some(found) if !location::available(&found) => {
            Some(format!("The BSL {location} is unavailable, cannot retrieve the backup"))
        }
        Some(_) => None,
    }
}
