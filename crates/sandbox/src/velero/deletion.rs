//! Deleting a backup with everything that belongs to it, as a DeleteBackupRequest asks.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::agenda::Step;
use super::backup::schedule_of;
use super::desk::{Desk, after, moment, phase};
use super::{labels, location, restore};
use crate::cluster::kind::{BACKUP_STORAGE_LOCATIONS, BACKUPS, DATA_UPLOADS, DELETE_BACKUP_REQUESTS, RESTORES};
use crate::cluster::meta;
use crate::faults::Kind;

/// So long a processed request stays.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Takes up a new request: refuses it, or starts to delete.
pub(crate) fn begin(desk: &mut Desk<'_>, request: &Arc<Value>) {
    let name = request["spec"]["backupName"].as_str().unwrap_or_default();
    if name.is_empty() {
        return refuse(desk, request, "spec.backupName is required");
    }
    for other in desk.labelled(&DELETE_BACKUP_REQUESTS, "velero.io/backup-name", &labels::fitting(name)) {
        if meta::name(&other) != meta::name(request) {
            desk.delete(&DELETE_BACKUP_REQUESTS, meta::name(&other));
        }
    }
    let Some(backup) = desk.get(&BACKUPS, name) else {
        return refuse(desk, request, "backup not found");
    };
    if in_progress(phase(&backup)) {
        return refuse(desk, request, "backup is still in progress");
    }
    let place = backup["spec"]["storageLocation"].as_str().unwrap_or_default();
    let Some(location) = desk.get(&BACKUP_STORAGE_LOCATIONS, place) else {
        return refuse(desk, request, &format!("backup storage location {place} not found"));
    };
    if location::read_only(&location) {
        let why =
            format!("cannot delete backup because backup storage location {place} is currently in read-only mode");
        return refuse(desk, request, &why);
    }
    if !location::available(&location) {
        let why =
            format!("cannot delete backup because backup storage location {place} is currently in Unavailable state");
        return refuse(desk, request, &why);
    }
    let request = desk.change(&DELETE_BACKUP_REQUESTS, meta::name(request), |request| {
        let labels = &mut request["metadata"]["labels"];
        labels["velero.io/backup-name"] = labels::fitting(name).into();
        labels["velero.io/backup-uid"] = meta::uid(&backup).into();
        request["status"]["phase"] = "InProgress".into();
    });
    desk.report(&BACKUPS, name, &json!({"phase": "Deleting"}));
    desk.metrics
        .count("backup_deletion_attempt_total", schedule_of(&backup));
    if let Some(request) = request {
        let next = Step::Deletion(meta::name(&request).to_owned());
        desk.agenda.add(after(desk.now, 2), next);
    }
}

fn in_progress(phase: &str) -> bool {
    matches!(phase, "ReadyToStart" | "InProgress")
        || phase.starts_with("WaitingForPluginOperations")
        || phase.starts_with("Finalizing")
}

fn refuse(desk: &mut Desk<'_>, request: &Value, why: &str) {
    processed(desk, request, &[why.to_owned()]);
}

fn processed(desk: &mut Desk<'_>, request: &Value, errors: &[String]) {
    let errors = if errors.is_empty() { Value::Null } else { json!(errors) };
    let report = json!({"phase": "Processed", "errors": errors});
    desk.report(&DELETE_BACKUP_REQUESTS, meta::name(request), &report);
}

/// Deletes the data, the restores and the objects; then the request itself, unless there were errors.
pub(crate) fn finish(desk: &mut Desk<'_>, name: &str) {
    let Some(request) = desk.get(&DELETE_BACKUP_REQUESTS, name) else {
        return;
    };
    let of = request["spec"]["backupName"].as_str().unwrap_or_default();
    let Some(backup) = desk.get(&BACKUPS, of) else {
        return refuse(desk, &request, "backup not found");
    };
    let schedule = schedule_of(&backup);
    if let Some(fault) = desk.fault("delete") {
        // Nobody takes up a request again whose deletion hangs.
        if fault.kind != Kind::Timeout {
            let default = "rpc error: code = Unknown desc = operation error S3: DeleteObjects, https response error StatusCode: 403, \
                api error AccessDenied: Access Denied";
            let why = fault.message.unwrap_or_else(|| default.to_owned());
            desk.metrics.count("backup_deletion_failure_total", schedule);
            refuse(desk, &request, &why);
        }
        return;
    }
    let restores: Vec<Arc<Value>> = desk
        .list(&RESTORES)
        .filter(|restore| restore["spec"]["backupName"] == of)
        .cloned()
        .collect();
    for found in restores {
        desk.delete(&RESTORES, meta::name(&found));
        if let Some(marked) = desk.get(&RESTORES, meta::name(&found)) {
            restore::forget(desk, &marked);
        }
    }
    for upload in desk.labelled(&DATA_UPLOADS, "velero.io/backup-name", &labels::fitting(of)) {
        desk.delete(&DATA_UPLOADS, meta::name(&upload));
    }
    if let Some((_, place)) = location::of_backup(desk, &backup) {
        desk.buckets.remove_backup(&place, desk.cluster, of);
    }
    desk.delete(&BACKUPS, of);
    desk.metrics.count("backup_deletion_success_total", schedule);
    processed(desk, &request, &[]);
    for done in desk.labelled(&DELETE_BACKUP_REQUESTS, "velero.io/backup-uid", meta::uid(&backup)) {
        desk.delete(&DELETE_BACKUP_REQUESTS, meta::name(&done));
    }
}

/// Removes the requests that were taken up a day ago.
pub(crate) fn clean_up(desk: &mut Desk<'_>) {
    let old: Vec<Arc<Value>> = desk
        .list(&DELETE_BACKUP_REQUESTS)
        .filter(|request| matches!(phase(request), "Processed" | "InProgress"))
        .filter(|request| {
            let created = moment(&request["metadata"]["creationTimestamp"]);
            created.is_some_and(|created| created.duration_until(desk.now) >= KEPT)
        })
        .cloned()
        .collect();
    for request in old {
        desk.delete(&DELETE_BACKUP_REQUESTS, meta::name(&request));
    }
}
