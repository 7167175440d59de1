//! The end of a restore, and what is left of it in the bucket.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{FINALIZER, Run, Step};
use crate::cluster::kind::{BACKUPS, DATA_DOWNLOADS, POD_VOLUME_RESTORES, RESTORES};
use crate::cluster::meta;
use crate::velero::bucket::Record;
use crate::velero::desk::{Desk, after, moment, phase};
use crate::velero::{agenda, labels, location, mover};

/// How often the server looks at the operations of a restore.
const LOOKS_EVERY: i64 = 10;

/// Does one of the last three steps, if the restore still waits for it.
pub(super) fn go_on(desk: &mut Desk<'_>, restore: &Arc<Value>, step: Step) {
    match (step, phase(restore)) {
        (Step::Finish, "InProgress") => finish(desk, restore),
        (Step::Operations, waiting) if waiting.starts_with("WaitingForPluginOperations") => operations(desk, restore),
        (Step::Finalize, finalizing) if finalizing.starts_with("Finalizing") => finalize(desk, restore),
        _ => {}
    }
}

/// Ends a restore that failed as a whole.
pub(super) fn fail(desk: &mut Desk<'_>, restore: &Value, why: &str) {
    let failed = json!({"phase": "Failed", "failureReason": why, "completionTimestamp": desk.stamp()});
    desk.report(&RESTORES, meta::name(restore), &failed);
    let schedule = restore["spec"]["scheduleName"].as_str().unwrap_or_default();
    desk.metrics.count("restore_failed_total", schedule);
}

fn finish(desk: &mut Desk<'_>, restore: &Arc<Value>) {
    let name = meta::name(restore);
    let Some(mut run) = desk.restores.remove(name) else {
        return;
    };
    if let Some(why) = &run.fails {
        fail(desk, restore, why);
        return;
    }
    for volume in desk.labelled(&POD_VOLUME_RESTORES, "velero.io/restore-uid", meta::uid(restore)) {
        let message = volume["status"]["message"].as_str().unwrap_or_default();
        match phase(&volume) {
            "Completed" => {}
            "Failed" | "Canceled" => {
                run.errors.velero.push(format!("pod volume restore failed: {message}"));
            }
            _ => run
                .errors
                .velero
                .push("timed out waiting for all PodVolumeRestores to complete".to_owned()),
        }
    }
    let errors = run.errors.count();
    let phase = match (run.downloads > 0, errors > 0) {
        (true, false) => "WaitingForPluginOperations",
        (true, true) => "WaitingForPluginOperationsPartiallyFailed",
        (false, false) => "Finalizing",
        (false, true) => "FinalizingPartiallyFailed",
    };
    let report = json!({
        "phase": phase,
        "warnings": some(run.warnings.count()),
        "errors": some(errors),
        "restoreItemOperationsAttempted": some(run.downloads),
        "hookStatus": {},
    });
    let Some(done) = desk.report(&RESTORES, name, &report) else {
        return;
    };
    let next = if run.downloads > 0 {
        (run.moved.max(after(desk.now, LOOKS_EVERY)), Step::Operations)
    } else {
        (after(desk.now, 1), Step::Finalize)
    };
    record(desk, &done, run);
    desk.agenda.add(next.0, agenda::Step::Restore(name.to_owned(), next.1));
}

/// A count of zero is left out.
fn some(count: usize) -> Value {
    if count == 0 { Value::Null } else { count.into() }
}

fn record(desk: &mut Desk<'_>, restore: &Value, run: Run) {
    let record = Record {
        restore: restore.clone(),
        restored: run.restored,
        warnings: run.warnings,
        errors: run.errors,
    };
    desk.buckets.put_record(&run.place, meta::name(restore), record);
}

/// Looks whether the data downloads have ended, until they have or the time for them is over.
fn operations(desk: &mut Desk<'_>, restore: &Arc<Value>) {
    let name = meta::name(restore);
    let downloads = desk.labelled(&DATA_DOWNLOADS, "velero.io/restore-name", &labels::fitting(name));
    let started = moment(&restore["status"]["startTimestamp"]).unwrap_or(desk.now);
    let late = desk.now >= after(started, mover::TIMEOUT);
    if !late && downloads.iter().any(|download| !mover::ended(download)) {
        let next = agenda::Step::Restore(name.to_owned(), Step::Operations);
        desk.agenda.add(after(desk.now, LOOKS_EVERY), next);
        return;
    }
    let failed = downloads
        .iter()
        .filter(|download| phase(download) != "Completed")
        .count();
    let told = restore["status"]["errors"].as_u64().unwrap_or(0);
    let errors = told.saturating_add(failed as u64);
    let report = json!({
        "phase": if errors > 0 { "FinalizingPartiallyFailed" } else { "Finalizing" },
        "errors": if errors > 0 { json!(errors) } else { Value::Null },
        "restoreItemOperationsCompleted": some(downloads.len() - failed),
        "restoreItemOperationsFailed": some(failed),
    });
    desk.report(&RESTORES, name, &report);
    let next = agenda::Step::Restore(name.to_owned(), Step::Finalize);
    desk.agenda.add(after(desk.now, 1), next);
}

fn finalize(desk: &mut Desk<'_>, restore: &Arc<Value>) {
    let backup = restore["spec"]["backupName"].as_str().unwrap_or_default();
    let gone = desk.get(&BACKUPS, backup).is_none();
    let (phase, counter) = match phase(restore) {
        "Finalizing" if !gone => ("Completed", "restore_success_total"),
        _ => ("PartiallyFailed", "restore_partial_failure_total"),
    };
    let done = json!({"phase": phase, "completionTimestamp": desk.stamp()});
    desk.report(&RESTORES, meta::name(restore), &done);
    let schedule = restore["spec"]["scheduleName"].as_str().unwrap_or_default();
    desk.metrics.count(counter, schedule);
}

/// Deletes the files of a restore that is being deleted, and lets it go.
pub(crate) fn forget(desk: &mut Desk<'_>, restore: &Arc<Value>) {
    let backup = restore["spec"]["backupName"].as_str().unwrap_or_default();
    let place = desk
        .get(&BACKUPS, backup)
        .and_then(|backup| location::of_backup(desk, &backup));
    if let Some((location, place)) = place {
        if !location::available(&location) {
            return;
        }
        desk.buckets.remove_record(&place, meta::name(restore));
    }
    desk.change(&RESTORES, meta::name(restore), |restore| {
        let left: Vec<Value> = meta::finalizers(restore)
            .filter(|finalizer| *finalizer != FINALIZER)
            .map(Value::from)
            .collect();
        restore["metadata"]["finalizers"] = left.into();
    });
}
