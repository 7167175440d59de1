//! Backups of the bucket appear in every cluster that points to it, and backups whose data is gone disappear.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::bucket::{Archive, Place};
use super::desk::{Desk, moment, phase};
use super::labels;
use crate::cluster::kind::{BACKUPS, POD_VOLUME_BACKUPS, SCHEDULES};
use crate::cluster::meta;

pub(crate) fn sync(desk: &mut Desk<'_>, location: &str, place: &Place) {
    let stored: BTreeSet<String> = desk.buckets.backup_names(place).into_iter().collect();
    let missing = stored.iter().filter(|name| desk.get(&BACKUPS, name).is_none());
    for name in missing.cloned().collect::<Vec<_>>() {
        if let Some(archive) = desk.buckets.backup(place, &name) {
            adopt(desk, location, &archive);
        }
    }
    let label = labels::fitting(location);
    let orphans: Vec<Arc<Value>> = desk
        .labelled(&BACKUPS, "velero.io/storage-location", &label)
        .into_iter()
        .filter(|backup| matches!(phase(backup), "Completed" | "PartiallyFailed"))
        .filter(|backup| !stored.contains(meta::name(backup)))
        .collect();
    for orphan in orphans {
        desk.delete(&BACKUPS, meta::name(&orphan));
    }
}

/// Makes the objects of a stored backup; one that is not finished is left alone until it has expired.
fn adopt(desk: &mut Desk<'_>, location: &str, archive: &Archive) {
    let mut backup = archive.backup.clone();
    if unfinished(phase(&backup)) {
        if moment(&backup["status"]["expiration"]).is_none_or(|at| at > desk.now) {
            return;
        }
        backup["status"]["phase"] = "PartiallyFailed".into();
    }
    let owners: Vec<Value> = meta::owner_references(&backup)
        .filter(|owner| owner["kind"] != "Schedule" || schedule_exists(desk, owner))
        .cloned()
        .collect();
    let metadata = meta::of(&mut backup);
    metadata.remove("resourceVersion");
    metadata.remove("ownerReferences");
    if !owners.is_empty() {
        metadata.insert("ownerReferences".to_owned(), owners.into());
    }
    backup["metadata"]["labels"]["velero.io/storage-location"] = labels::fitting(location).into();
    backup["spec"]["storageLocation"] = location.into();
    let Some(backup) = desk.create(&BACKUPS, backup) else {
        return;
    };
    for stored in &archive.pod_volume_backups {
        let mut volume = Value::clone(stored);
        meta::of(&mut volume).remove("resourceVersion");
        volume["metadata"]["ownerReferences"] = super::desk::owned_by(&backup);
        volume["metadata"]["labels"]["velero.io/backup-uid"] = meta::uid(&backup).into();
        volume["spec"]["backupStorageLocation"] = location.into();
        desk.create(&POD_VOLUME_BACKUPS, volume);
    }
}

fn unfinished(phase: &str) -> bool {
    phase.starts_with("WaitingForPluginOperations") || phase.starts_with("Finalizing")
}

fn schedule_exists(desk: &Desk<'_>, owner: &Value) -> bool {
    let schedule = owner["name"].as_str().and_then(|name| desk.get(&SCHEDULES, name));
    schedule.is_some_and(|schedule| schedule["metadata"]["uid"] == owner["uid"])
}
