//! Expired backups are found, and asked to be deleted.

use std::sync::Arc;

use serde_json::{Value, json};

use super::desk::{Desk, phase};
use super::{deletion, labels, location};
use crate::cluster::kind::{BACKUP_STORAGE_LOCATIONS, BACKUPS, DELETE_BACKUP_REQUESTS};
use crate::cluster::meta;

/// The label of a backup that could not be deleted although it has expired.
const FAILURE: &str = "velero.io/gc-failure";

/// Asks for the deletion of every expired backup.
pub(crate) fn collect(desk: &mut Desk<'_>) {
    let now = desk.stamp();
    let now = now.as_str().unwrap_or_default();
    let expired: Vec<Arc<Value>> = desk
        .list(&BACKUPS)
        // Times in this form sort as text.
        .filter(|backup| backup["status"]["expiration"].as_str().is_some_and(|at| at <= now))
        .cloned()
        .collect();
    for backup in expired {
        collect_one(desk, &backup);
    }
}

fn collect_one(desk: &mut Desk<'_>, backup: &Value) {
    let name = backup["spec"]["storageLocation"].as_str().unwrap_or_default();
    let failure = match desk.get(&BACKUP_STORAGE_LOCATIONS, name) {
        None => Some("BSLNotFound"),
        Some(found) if !location::available(&found) => return,
        Some(found) if location::read_only(&found) => Some("BSLReadOnly"),
        Some(_) => None,
    };
    let written = &backup["metadata"]["labels"][FAILURE];
    if written.as_str() != failure {
        desk.change(&BACKUPS, meta::name(backup), |backup| {
            let labels = &mut backup["metadata"]["labels"];
            match failure {
                Some(failure) => labels[FAILURE] = failure.into(),
                None => {
                    labels.as_object_mut().map(|labels| labels.remove(FAILURE));
                }
            }
        });
    }
    if failure.is_none() {
        request(desk, backup);
    }
}

fn request(desk: &mut Desk<'_>, backup: &Value) {
    let (name, uid) = (meta::name(backup), meta::uid(backup));
    let pending = desk
        .labelled(&DELETE_BACKUP_REQUESTS, "velero.io/backup-uid", uid)
        .iter()
        .any(|request| phase(request) != "Processed");
    if pending {
        return;
    }
    let request = json!({
        "metadata": {
            "generateName": format!("{name}-"),
            "labels": {"velero.io/backup-name": labels::fitting(name), "velero.io/backup-uid": uid},
        },
        "spec": {"backupName": name},
    });
    if let Some(request) = desk.create(&DELETE_BACKUP_REQUESTS, request) {
        deletion::begin(desk, &request);
    }
}
