//! Moving the data of one volume: the life of a PodVolumeBackup, DataUpload, PodVolumeRestore or DataDownload.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::agenda::Step;
use super::desk::{Desk, after, phase, set_status};
use crate::cluster::kind::{BACKUP_REPOSITORIES, DATA_UPLOADS, Kind, POD_VOLUME_BACKUPS};
use crate::cluster::meta;
use crate::faults;

/// After so many seconds Velero gives up waiting: four hours.
pub(crate) const TIMEOUT: i64 = 4 * 3_600;

/// One step in the life of such an object.
#[derive(Debug)]
pub(crate) struct Move {
    kind: &'static Kind,
    name: String,
    bytes: u64,
    seconds: i64,
    outcome: Outcome,
    stage: Stage,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Prepare,
    Start,
    End,
}

#[derive(Debug)]
enum Outcome {
    Completes,
    Fails(String),
    /// Goes on for ever.
    Hangs,
}

/// Creates the object that asks for the move; returns when it will have ended, or has to be given up.
pub(crate) fn begin(
    desk: &mut Desk<'_>,
    kind: &'static Kind,
    mut object: Value,
    bytes: u64,
    seconds: i64,
) -> Timestamp {
    object["status"] = json!({"phase": "New"});
    let Some(created) = desk.create(kind, object) else {
        return desk.now;
    };
    let outcome = match desk.fault("datamover") {
        None => Outcome::Completes,
        Some(fault) if fault.kind == faults::Kind::Timeout => Outcome::Hangs,
        Some(fault) => {
            let default =
                "error running the data path: unable to save snapshot: error when uploading: connection reset by peer";
            Outcome::Fails(fault.message.unwrap_or_else(|| default.to_owned()))
        }
    };
    let name = meta::name(&created).to_owned();
    let ends = match outcome {
        Outcome::Hangs => after(desk.now, TIMEOUT),
        _ => after(desk.now, 2 + seconds),
    };
    let stage = Stage::Prepare;
    let next = Move {
        kind,
        name,
        bytes,
        seconds,
        outcome,
        stage,
    };
    desk.agenda.add(after(desk.now, 1), Step::Move(next));
    ends
}

/// Does the step, and plans the next.
pub(crate) fn go_on(desk: &mut Desk<'_>, step: Move) {
    let Some(object) = desk.get(step.kind, &step.name).filter(|object| !ended(object)) else {
        return;
    };
    let at = desk.stamp();
    let node = node(&object);
    let (report, next) = match (step.stage, &step.outcome) {
        (Stage::Prepare, _) => (
            json!({"phase": "Prepared", "acceptedTimestamp": at}),
            Some((Stage::Start, 1)),
        ),
        (Stage::Start, _) => {
            let progress = json!({"totalBytes": step.bytes, "bytesDone": step.bytes / 2});
            (
                json!({"phase": "InProgress", "startTimestamp": at, "node": node, "progress": progress}),
                Some((Stage::End, step.seconds)),
            )
        }
        (Stage::End, Outcome::Hangs) => return,
        (Stage::End, Outcome::Fails(why)) => (
            json!({"phase": "Failed", "completionTimestamp": at, "message": why}),
            None,
        ),
        (Stage::End, Outcome::Completes) => {
            let progress = json!({"totalBytes": step.bytes, "bytesDone": step.bytes});
            let done = json!({"phase": "Completed", "completionTimestamp": at, "progress": progress});
            (with_snapshot(step.kind, done, &object, step.bytes), None)
        }
    };
    desk.report(step.kind, &step.name, &for_kind(step.kind, report));
    if let Some((stage, seconds)) = next {
        let next = Move { stage, ..step };
        desk.agenda.add(after(desk.now, seconds), Step::Move(next));
    }
}

/// Ends those that somebody asked to cancel.
pub(crate) fn honour_cancels(desk: &mut Desk<'_>, kind: &'static Kind) {
    let asked: Vec<Arc<Value>> = desk
        .list(kind)
        .filter(|object| object["spec"]["cancel"] == true && !ended(object))
        .cloned()
        .collect();
    for object in asked {
        let message = object["status"]["message"].as_str().unwrap_or_default();
        let message = format!("found a {} with cancel request: {message}", kind.singular);
        let canceled = json!({"phase": "Canceled", "completionTimestamp": desk.stamp(), "message": message});
        desk.report(kind, meta::name(&object), &canceled);
    }
}

/// Whether nothing more will happen to it.
pub(crate) fn ended(object: &Value) -> bool {
    matches!(phase(object), "Completed" | "Failed" | "Canceled")
}

/// A pod volume backup names its node in its spec.
fn for_kind(kind: &Kind, mut report: Value) -> Value {
    if let Some(fields) = report.as_object_mut().filter(|_| *kind == POD_VOLUME_BACKUPS) {
        fields.remove("node");
    }
    report
}

/// A backup tells the snapshot in the repository from which a restore reads.
fn with_snapshot(kind: &Kind, mut done: Value, object: &Value, bytes: u64) -> Value {
    if *kind == POD_VOLUME_BACKUPS || *kind == DATA_UPLOADS {
        done["snapshotID"] = meta::uid(object).replace('-', "").into();
        done["path"] = format!("/host_pods/{}", meta::uid(object)).into();
        done["incrementalBytes"] = (bytes / 20).into();
    }
    done
}

fn node(object: &Value) -> Value {
    let node = object["spec"]["node"].as_str().filter(|node| !node.is_empty());
    node.unwrap_or("node-0").into()
}

/// Makes sure that the namespace's volumes have a repository in the location.
pub(crate) fn ensure_repository(desk: &mut Desk<'_>, namespace: &str, location: &str) {
    let exists = desk.list(&BACKUP_REPOSITORIES).any(|repository| {
        repository["spec"]["volumeNamespace"] == namespace && repository["spec"]["backupStorageLocation"] == location
    });
    if exists {
        return;
    }
    let repository = json!({
        "metadata": {
            "generateName": format!("{namespace}-{location}-kopia-"),
            "labels": {
                "velero.io/volume-namespace": super::labels::fitting(namespace),
                "velero.io/storage-location": super::labels::fitting(location),
                "velero.io/repository-type": "kopia",
            },
        },
        "spec": {
            "volumeNamespace": namespace,
            "backupStorageLocation": location,
            "repositoryType": "kopia",
            "maintenanceFrequency": "1h0m0s",
        },
        "status": {"phase": "New"},
    });
    if let Some(created) = desk.create(&BACKUP_REPOSITORIES, repository) {
        let step = Step::Repository(meta::name(&created).to_owned());
        desk.agenda.add(after(desk.now, 1), step);
    }
}

pub(crate) fn repository_is_ready(desk: &mut Desk<'_>, name: &str) {
    let ready = json!({"phase": "Ready", "lastMaintenanceTime": desk.stamp()});
    desk.report(&BACKUP_REPOSITORIES, name, &ready);
}

/// The address of a namespace's repository, as the objects name it.
pub(crate) fn repository(location: &Value, namespace: &str) -> String {
    let storage = &location["spec"]["objectStorage"];
    let (bucket, prefix) = (&storage["bucket"], &storage["prefix"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let region = location["spec"]["config"]["region"].as_str().unwrap_or("us-east-1");
    format!(
        "s3:s3-{region}.amazonaws.com/{}/{}/restic/{namespace}",
        text(bucket),
        text(prefix)
    )
}

/// Asks those that are under way to stop, as a starting server does with what its predecessor began.
pub(crate) fn cancel(desk: &mut Desk<'_>, kind: &'static Kind, label: &str, owner: &str) {
    let running: Vec<Arc<Value>> = desk
        .labelled(kind, label, owner)
        .into_iter()
        .filter(|object| !ended(object))
        .collect();
    for object in running {
        let why = format!(
            "{} is in status {:?} during the velero server starting, mark it as cancel",
            capitalised(kind.singular),
            phase(&object)
        );
        desk.change(kind, meta::name(&object), |object| {
            object["spec"]["cancel"] = true.into();
            set_status(object, &json!({"message": why}));
        });
    }
    honour_cancels(desk, kind);
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + chars.as_str()
    })
}
