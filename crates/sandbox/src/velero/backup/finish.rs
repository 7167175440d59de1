//! The end of a backup: its data goes to the bucket, its data movers end, its phase becomes the last.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Run, Step, queue, schedule_of};
use crate::cluster::kind::{BACKUPS, DATA_UPLOADS, POD_VOLUME_BACKUPS};
use crate::cluster::meta;
use crate::velero::bucket::Archive;
use crate::velero::desk::{Desk, after, moment, phase};
use crate::velero::volumes::Method;
use crate::velero::{agenda, location, mover};

/// How often the server looks at the operations of a backup.
const LOOKS_EVERY: i64 = 10;

/// Does one of the last three steps, if the backup still waits for it.
pub(crate) fn go_on(desk: &mut Desk<'_>, backup: &Arc<Value>, step: Step) {
    match (step, phase(backup)) {
        (Step::Finish, "InProgress") => finish(desk, backup),
        (Step::Operations, waiting) if waiting.starts_with("WaitingForPluginOperations") => operations(desk, backup),
        (Step::Finalize, finalizing) if finalizing.starts_with("Finalizing") => finalize(desk, backup),
        _ => {}
    }
}

/// Ends a backup that failed as a whole; `None` where it is gone.
pub(super) fn fail(desk: &mut Desk<'_>, backup: &Value, why: &str) -> Option<Arc<Value>> {
    let at = desk.stamp();
    let failed = json!({"phase": "Failed", "failureReason": why, "completionTimestamp": at});
    let failed = desk.report(&BACKUPS, meta::name(backup), &failed);
    desk.metrics.count("backup_failure_total", schedule_of(backup));
    desk.metrics.set("backup_last_status", schedule_of(backup), 0);
    if let Some(backup) = &failed {
        took(desk, backup);
    }
    queue::look(desk);
    failed
}

fn finish(desk: &mut Desk<'_>, backup: &Arc<Value>) {
    let name = meta::name(backup);
    let Some(mut run) = desk.backups.remove(name) else {
        return;
    };
    let pod_volume_backups = desk.labelled(&POD_VOLUME_BACKUPS, "velero.io/backup-uid", meta::uid(backup));
    for volume in &pod_volume_backups {
        let (pod, message) = (
            &volume["spec"]["pod"],
            volume["status"]["message"].as_str().unwrap_or_default(),
        );
        let namespace = pod["namespace"].as_str().unwrap_or_default();
        match phase(volume) {
            "Completed" => {}
            "Failed" | "Canceled" => run.errors.add(
                namespace,
                format!(
                    " name: /{} message: /Error backing up item error: /pod volume backup failed: {message}",
                    pod["name"].as_str().unwrap_or_default()
                ),
            ),
            _ => run
                .errors
                .velero
                .push(" message: /timed out waiting for all PodVolumeBackups to complete".to_owned()),
        }
    }
    let count = |method| run.volumes.iter().filter(|volume| volume.method == method).count();
    let (snapshots, uploads) = (count(Method::Snapshot), count(Method::DataMover));
    let phase = match (uploads > 0, run.errors.count() > 0) {
        (true, false) => "WaitingForPluginOperations",
        (true, true) => "WaitingForPluginOperationsPartiallyFailed",
        (false, false) => "Finalizing",
        (false, true) => "FinalizingPartiallyFailed",
    };
    let items = run.items.len();
    let report = json!({
        "phase": phase,
        "progress": {"totalItems": items, "itemsBackedUp": items},
        "warnings": some(run.warnings.count()),
        "errors": some(run.errors.count()),
        "csiVolumeSnapshotsAttempted": some(snapshots),
        "backupItemOperationsAttempted": some(snapshots + uploads),
        "backupItemOperationsCompleted": some(snapshots),
        "hookStatus": {},
    });
    let Some(done) = desk.report(&BACKUPS, name, &report) else {
        return;
    };
    measure(desk, &done, &run);
    let fails = run.fails.take();
    let moved = run.moved;
    store(desk, &done, run, pod_volume_backups);
    if let Some(why) = fails {
        if let Some(failed) = fail(desk, &done, &why) {
            rewrite(desk, &failed, |_| {});
        }
        return;
    }
    let next = if uploads > 0 {
        (moved.max(after(desk.now, LOOKS_EVERY)), Step::Operations)
    } else {
        (after(desk.now, 1), Step::Finalize)
    };
    desk.agenda.add(next.0, agenda::Step::Backup(name.to_owned(), next.1));
    queue::look(desk);
}

fn measure(desk: &mut Desk<'_>, backup: &Value, run: &Run) {
    let schedule = schedule_of(backup);
    desk.metrics.set("backup_items_total", schedule, run.items.len());
    desk.metrics.set("backup_items_errors", schedule, run.errors.count());
    if run.warnings.count() > 0 {
        desk.metrics.count("backup_warning_total", schedule);
    }
}

/// A count of zero is left out.
fn some(count: usize) -> Value {
    if count == 0 { Value::Null } else { count.into() }
}

fn store(desk: &mut Desk<'_>, backup: &Value, run: Run, pod_volume_backups: Vec<Arc<Value>>) {
    let Some((_, place)) = location::of_backup(desk, backup) else {
        return;
    };
    let archive = Archive {
        backup: backup.clone(),
        items: run.items,
        volumes: run.volumes,
        pod_volume_backups,
        warnings: run.warnings,
        errors: run.errors,
    };
    desk.buckets
        .put_backup(&place, desk.cluster, meta::name(backup), archive);
}

/// Looks whether the data uploads have ended, until they have or the time for them is over.
fn operations(desk: &mut Desk<'_>, backup: &Arc<Value>) {
    let name = meta::name(backup);
    let uploads = desk.labelled(&DATA_UPLOADS, "velero.io/backup-uid", meta::uid(backup));
    let started = moment(&backup["status"]["startTimestamp"]).unwrap_or(desk.now);
    let late = desk.now >= after(started, mover::TIMEOUT);
    if !late && uploads.iter().any(|upload| !mover::ended(upload)) {
        let next = agenda::Step::Backup(name.to_owned(), Step::Operations);
        desk.agenda.add(after(desk.now, LOOKS_EVERY), next);
        return;
    }
    let failed: Vec<String> = uploads
        .iter()
        .filter(|upload| phase(upload) != "Completed")
        .map(|upload| match upload["status"]["message"].as_str() {
            Some(message) if mover::ended(upload) => message.to_owned(),
            _ => "Asynchronous action timed out".to_owned(),
        })
        .collect();
    let told = backup["status"]["errors"].as_u64().unwrap_or(0);
    let errors = told.saturating_add(failed.len() as u64);
    let snapshots = backup["status"]["csiVolumeSnapshotsAttempted"].as_u64().unwrap_or(0);
    let completed = snapshots + (uploads.len() - failed.len()) as u64;
    let phase = if errors > 0 {
        "FinalizingPartiallyFailed"
    } else {
        "Finalizing"
    };
    let report = json!({
        "phase": phase,
        "errors": if errors > 0 { json!(errors) } else { Value::Null },
        "backupItemOperationsCompleted": completed,
        "backupItemOperationsFailed": some(failed.len()),
    });
    let Some(done) = desk.report(&BACKUPS, name, &report) else {
        return;
    };
    rewrite(desk, &done, |archive| {
        let errors = failed
            .into_iter()
            .map(|why| format!(" message: /error from backup item operation error: /{why}"));
        archive.errors.velero.extend(errors);
    });
    let next = agenda::Step::Backup(name.to_owned(), Step::Finalize);
    desk.agenda.add(after(desk.now, 1), next);
}

fn finalize(desk: &mut Desk<'_>, backup: &Arc<Value>) {
    let schedule = schedule_of(backup);
    let (phase, counter, status) = match phase(backup) {
        "Finalizing" => ("Completed", "backup_success_total", 1),
        _ => ("PartiallyFailed", "backup_partial_failure_total", 0),
    };
    let at = desk.stamp();
    let snapshots = backup["status"]["csiVolumeSnapshotsAttempted"].clone();
    let report = json!({"phase": phase, "completionTimestamp": at, "csiVolumeSnapshotsCompleted": snapshots});
    let Some(done) = desk.report(&BACKUPS, meta::name(backup), &report) else {
        return;
    };
    desk.metrics.count(counter, schedule);
    desk.metrics.set("backup_last_status", schedule, status);
    took(desk, &done);
    rewrite(desk, &done, |_| {});
}

fn took(desk: &mut Desk<'_>, backup: &Value) {
    if let Some(started) = moment(&backup["status"]["startTimestamp"]) {
        desk.metrics.took(schedule_of(backup), started.duration_until(desk.now));
    }
}

/// Writes the backup's object to the bucket again, with whatever else changed.
fn rewrite(desk: &mut Desk<'_>, backup: &Arc<Value>, change: impl FnOnce(&mut Archive)) {
    let Some((_, place)) = location::of_backup(desk, backup) else {
        return;
    };
    if let Some(archive) = desk.buckets.backup(&place, meta::name(backup)) {
        let mut archive = Archive::clone(&archive);
        archive.backup = Value::clone(backup);
        change(&mut archive);
        desk.buckets
            .put_backup(&place, desk.cluster, meta::name(backup), archive);
    }
}
