//! A backup from the queue to its last phase.

mod finish;
mod queue;
mod validate;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::agenda;
use super::bucket::Told;
use super::collect::collect;
use super::desk::{Desk, after, owned_by, phase};
use super::filters::Filters;
use super::select::Scope;
use super::volumes::{Method, Volume, Wishes, choose};
use super::{labels, location, mover, schedule};
use crate::cluster::kind::{BACKUPS, DATA_UPLOADS, PERSISTENT_VOLUME_CLAIMS, POD_VOLUME_BACKUPS, PODS};
use crate::cluster::meta;
use crate::faults::{Fault, Kind};

pub(crate) use self::finish::go_on as finish;
pub(crate) use self::queue::{enqueue, look};

/// Items that the server backs up in a second.
const ITEMS_A_SECOND: usize = 50;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// It starts, if it is valid.
    Start,
    /// Half of the items are backed up.
    Halfway,
    /// All items are backed up.
    Finish,
    /// Looks whether the data movers have ended.
    Operations,
    Finalize,
}

/// What is remembered of the backups in progress, by name. A restart forgets it.
pub(crate) type Runs = BTreeMap<String, Run>;

#[derive(Debug)]
pub(crate) struct Run {
    items: Vec<Arc<Value>>,
    volumes: Vec<Volume>,
    warnings: Told,
    errors: Told,
    /// Why it will fail as a whole.
    fails: Option<String>,
    /// When the last data mover ends, or is given up.
    moved: Timestamp,
}

/// Does the step, unless the backup is gone or was changed meanwhile.
pub(crate) fn go_on(desk: &mut Desk<'_>, name: &str, step: Step) {
    let Some(backup) = desk.get(&BACKUPS, name) else {
        desk.backups.remove(name);
        queue::look(desk);
        return;
    };
    match (step, phase(&backup)) {
        (Step::Start, "ReadyToStart") => start(desk, &backup),
        (Step::Halfway, "InProgress") => {
            let items = desk.backups.get(name).map_or(0, |run| run.items.len());
            let progress = json!({"progress": {"totalItems": items, "itemsBackedUp": items / 2}});
            desk.report(&BACKUPS, name, &progress);
        }
        (step, _) => finish(desk, &backup, step),
    }
}

fn start(desk: &mut Desk<'_>, backup: &Arc<Value>) {
    let name = meta::name(backup);
    let mut completed = Value::clone(backup);
    let wrong = validate::complete(desk, &mut completed);
    let schedule = schedule_of(backup);
    let spec = completed["spec"].clone();
    let metadata = completed["metadata"].clone();
    let mut report = completed["status"].clone();
    if wrong.is_empty() {
        report["phase"] = "InProgress".into();
        report["startTimestamp"] = desk.stamp();
    } else {
        report["phase"] = "FailedValidation".into();
        report["validationErrors"] = wrong.clone().into();
    }
    let Some(backup) = desk.change(&BACKUPS, name, |backup| {
        backup["spec"] = spec;
        backup["metadata"] = metadata;
        backup["status"] = report;
    }) else {
        return;
    };
    if !wrong.is_empty() {
        desk.metrics.count("backup_validation_failure_total", schedule);
        desk.metrics.set("backup_last_status", schedule, 0);
        queue::look(desk);
        return;
    }
    desk.metrics.count("backup_attempt_total", schedule);
    run(desk, &backup);
}

/// Takes the items as they are now, starts the data movers, and plans the rest.
fn run(desk: &mut Desk<'_>, backup: &Arc<Value>) {
    let name = meta::name(backup);
    let fault = desk.fault("backup");
    let stored =
        location::of_backup(desk, backup).is_some_and(|(_, place)| desk.buckets.backup(&place, name).is_some());
    if stored {
        finish::fail(desk, backup, "backup already exists in object storage");
        return;
    }
    let spec = &backup["spec"];
    let filters: Filters = serde_json::from_value(spec.clone()).unwrap_or_default();
    let items = collect(desk.store, &Scope::of_backup(&filters));
    let wishes = Wishes {
        file_system_by_default: spec["defaultVolumesToFsBackup"] == true,
        snapshots: spec["snapshotVolumes"] != false,
        move_data: spec["snapshotMoveData"] == true,
    };
    desk.report(&BACKUPS, name, &json!({"progress": {"totalItems": items.len()}}));
    let (volumes, skipped) = choose(desk.store, &items, wishes);
    let (mut warnings, mut errors) = (Told::default(), Told::default());
    for (namespace, why) in skipped {
        warnings.add(&namespace, format!(" message: /{why}"));
    }
    let fails = failure(desk, backup, fault.as_ref());
    let hangs = fault.as_ref().is_some_and(|fault| fault.kind == Kind::Timeout);
    if let Some(fault) = fault.filter(|_| fails.is_none() && !hangs) {
        let (namespace, error) = item_error(&items, fault.message);
        errors.add(&namespace, error);
    }
    let ends = movers(desk, backup, &volumes);
    let count = items.len();
    let seconds = 2 + i64::try_from(count / ITEMS_A_SECOND).unwrap_or(i64::MAX).min(600);
    let run = Run {
        items,
        volumes,
        warnings,
        errors,
        fails,
        moved: ends.uploads,
    };
    desk.backups.insert(name.to_owned(), run);
    let finish = after(desk.now, seconds).max(ends.pod_volumes);
    if !hangs {
        desk.agenda.add(
            after(desk.now, seconds / 2),
            agenda::Step::Backup(name.to_owned(), Step::Halfway),
        );
        desk.agenda
            .add(finish, agenda::Step::Backup(name.to_owned(), Step::Finish));
    }
}

/// Why the backup fails as a whole; `None` where it does not.
fn failure(desk: &Desk<'_>, backup: &Value, fault: Option<&Fault>) -> Option<String> {
    let own = desk.store.failure(meta::uid(backup)).map(str::to_owned);
    let fault = fault.filter(|fault| matches!(fault.kind, Kind::JobFailed | Kind::AccessDenied));
    own.or_else(|| {
        let fault = fault?;
        let default = match fault.kind {
            Kind::AccessDenied => {
                "error checking if backup already exists in object storage: rpc error: code = Unknown desc = operation error S3: HeadObject, \
                 https response error StatusCode: 403, api error Forbidden: Forbidden"
            }
            _ => "rpc error: code = Unknown desc = operation error S3: PutObject, https response error StatusCode: 500, InternalError",
        };
        Some(fault.message.clone().unwrap_or_else(|| default.to_owned()))
    })
}

/// An error that leaves one item out, as the server's log tells it.
fn item_error(items: &[Arc<Value>], message: Option<String>) -> (String, String) {
    let why = message.unwrap_or_else(|| {
        "error executing custom action: rpc error: code = Unavailable desc = connection error".to_owned()
    });
    let item = items
        .iter()
        .find(|item| !meta::namespace(item).is_empty())
        .or(items.first());
    let (namespace, name) = item.map_or(("", ""), |item| (meta::namespace(item), meta::name(item)));
    (
        namespace.to_owned(),
        format!(" name: /{name} message: /Error backing up item error: /{why}"),
    )
}

/// When the data movers of a backup end.
struct Ends {
    pod_volumes: Timestamp,
    uploads: Timestamp,
}

fn movers(desk: &mut Desk<'_>, backup: &Value, volumes: &[Volume]) -> Ends {
    let mut ends = Ends {
        pod_volumes: desk.now,
        uploads: desk.now,
    };
    let Some((location, _)) = location::of_backup(desk, backup) else {
        return ends;
    };
    for volume in volumes.iter().filter(|volume| volume.method != Method::Snapshot) {
        mover::ensure_repository(desk, &volume.namespace, meta::name(&location));
        let (bytes, seconds) = (volume.bytes, volume.seconds());
        if volume.method == Method::FileSystem {
            let object = pod_volume_backup(desk, backup, &location, volume);
            let end = mover::begin(desk, &POD_VOLUME_BACKUPS, object, bytes, seconds);
            ends.pod_volumes = ends.pod_volumes.max(after(end, 1));
        } else {
            let object = data_upload(desk, backup, volume);
            let end = mover::begin(desk, &DATA_UPLOADS, object, bytes, seconds);
            ends.uploads = ends.uploads.max(end);
        }
    }
    ends
}

fn pod_volume_backup(desk: &Desk<'_>, backup: &Value, location: &Value, volume: &Volume) -> Value {
    let (namespace, pod) = (&volume.namespace, volume.pod.as_deref().unwrap_or_default());
    let live = desk.store.get(&PODS, Some(namespace), pod).cloned().unwrap_or_default();
    let mut object = json!({
        "metadata": child(backup),
        "spec": {
            "node": live["spec"]["nodeName"].as_str().unwrap_or_default(),
            "pod": {"kind": "Pod", "namespace": namespace, "name": pod, "uid": meta::uid(&live)},
            "volume": volume.name,
            "backupStorageLocation": meta::name(location),
            "repoIdentifier": mover::repository(location, namespace),
            "uploaderType": "kopia",
            "tags": {
                "backup": meta::name(backup),
                "backup-uid": meta::uid(backup),
                "pod": pod,
                "pod-uid": meta::uid(&live),
                "ns": namespace,
                "volume": volume.name,
            },
        },
    });
    if let Some(claim) = &volume.claim {
        let uid = claim_uid(desk, namespace, claim);
        object["metadata"]["annotations"]["velero.io/pvc-name"] = claim.clone().into();
        object["metadata"]["labels"]["velero.io/pvc-uid"] = uid.clone().into();
        object["spec"]["tags"]["pvc-uid"] = uid.into();
    }
    object
}

fn data_upload(desk: &Desk<'_>, backup: &Value, volume: &Volume) -> Value {
    let uid = claim_uid(desk, &volume.namespace, &volume.name);
    let claim = desk
        .store
        .get(&PERSISTENT_VOLUME_CLAIMS, Some(&volume.namespace), &volume.name)
        .cloned()
        .unwrap_or_default();
    let mut object = json!({
        "metadata": child(backup),
        "spec": {
            "snapshotType": "CSI",
            "csiSnapshot": {
                "volumeSnapshot": format!("velero-{}", volume.name),
                "storageClass": claim["spec"]["storageClassName"].as_str().unwrap_or_default(),
                "snapshotClass": "",
            },
            "sourcePVC": volume.name,
            "sourceNamespace": volume.namespace,
            "backupStorageLocation": backup["spec"]["storageLocation"],
            "operationTimeout": backup["spec"]["csiSnapshotTimeout"],
        },
    });
    object["metadata"]["labels"]["velero.io/pvc-uid"] = uid.clone().into();
    let operation = format!("du-{}.{}", meta::uid(backup), &uid.get(..8).unwrap_or_default());
    object["metadata"]["labels"]["velero.io/async-operation-id"] = labels::fitting(&operation).into();
    object
}

fn claim_uid(desk: &Desk<'_>, namespace: &str, claim: &str) -> String {
    let claim = desk.store.get(&PERSISTENT_VOLUME_CLAIMS, Some(namespace), claim);
    claim.map(|claim| meta::uid(claim).to_owned()).unwrap_or_default()
}

/// Metadata of what a backup makes: it goes with the backup.
fn child(backup: &Value) -> Value {
    let name = meta::name(backup);
    json!({
        "generateName": format!("{name}-"),
        "ownerReferences": owned_by(backup),
        "labels": {"velero.io/backup-name": labels::fitting(name), "velero.io/backup-uid": meta::uid(backup)},
    })
}

/// Empty for a backup without a schedule.
pub(crate) fn schedule_of(backup: &Value) -> &str {
    backup["metadata"]["labels"][schedule::LABEL]
        .as_str()
        .unwrap_or_default()
}
