//! Requests for files of the bucket, and for the server's version.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::desk::{Desk, after, moment, phase};
use super::links::Links;
use super::{VERSION, files, location};
use crate::cluster::kind::{BACKUPS, DOWNLOAD_REQUESTS, RESTORES, SERVER_STATUS_REQUESTS};
use crate::cluster::meta;

/// Seconds for which a link is valid, and after which its request is deleted.
pub(crate) const LINK_LIVES: i64 = 600;

/// So long a status request stays once it is answered.
const STATUS_KEPT: SignedDuration = SignedDuration::from_mins(1);

/// Answers a download request, if the file's backup exists; otherwise it waits.
pub(crate) fn download(desk: &mut Desk<'_>, request: &Value, links: &Links) {
    let target = &request["spec"]["target"];
    let text = |name: &str| target[name].as_str().unwrap_or_default();
    let (kind, name) = (text("kind"), text("name"));
    let backup = if kind.starts_with("Restore") {
        let restore = desk.get(&RESTORES, name);
        restore.map(|restore| restore["spec"]["backupName"].as_str().unwrap_or_default().to_owned())
    } else {
        Some(name.to_owned())
    };
    let place = backup
        .and_then(|backup| desk.get(&BACKUPS, &backup))
        .and_then(|backup| location::of_backup(desk, &backup));
    let expiration = meta::stamp(after(desk.now, LINK_LIVES));
    let mut report = json!({"expiration": expiration});
    if let Some((_, place)) = place
        && let Some(key) = files::key(kind, name)
    {
        report["phase"] = "Processed".into();
        report["downloadURL"] = links.sign(&place, &key, desk.now, LINK_LIVES).into();
    } else if !request["status"]["expiration"].is_null() {
        return;
    }
    desk.report(&DOWNLOAD_REQUESTS, meta::name(request), &report);
}

pub(crate) fn status(desk: &mut Desk<'_>, request: &Value) {
    let plugins = [
        ("velero.io/crd-remap-version", "BackupItemAction"),
        ("velero.io/pod", "BackupItemAction"),
        ("velero.io/pv", "BackupItemAction"),
        ("velero.io/service-account", "BackupItemAction"),
        ("velero.io/csi-pvc-backupper", "BackupItemActionV2"),
        ("velero.io/csi-volumesnapshot-backupper", "BackupItemActionV2"),
        ("velero.io/aws", "ObjectStore"),
        ("velero.io/add-pv-from-pvc", "RestoreItemAction"),
        ("velero.io/change-storage-class", "RestoreItemAction"),
        ("velero.io/service", "RestoreItemAction"),
        ("velero.io/csi-pvc-restorer", "RestoreItemActionV2"),
        ("velero.io/aws", "VolumeSnapshotter"),
    ];
    let plugins: Vec<Value> = plugins
        .iter()
        .map(|(name, kind)| json!({"name": name, "kind": kind}))
        .collect();
    let report = json!({
        "phase": "Processed",
        "processedTimestamp": desk.stamp(),
        "serverVersion": VERSION,
        "plugins": plugins,
    });
    desk.report(&SERVER_STATUS_REQUESTS, meta::name(request), &report);
}

/// Removes what is answered and has expired.
pub(crate) fn clean_up(desk: &mut Desk<'_>) {
    let now = desk.now;
    let downloads: Vec<Arc<Value>> = desk
        .list(&DOWNLOAD_REQUESTS)
        .filter(|request| moment(&request["status"]["expiration"]).is_some_and(|at| at < now))
        .cloned()
        .collect();
    for request in downloads {
        desk.delete(&DOWNLOAD_REQUESTS, meta::name(&request));
    }
    let answered: Vec<Arc<Value>> = desk
        .list(&SERVER_STATUS_REQUESTS)
        .filter(|request| phase(request) == "Processed")
        .filter(|request| {
            let at = moment(&request["status"]["processedTimestamp"]);
            at.is_some_and(|at| at.duration_until(now) >= STATUS_KEPT)
        })
        .cloned()
        .collect();
    for request in answered {
        desk.delete(&SERVER_STATUS_REQUESTS, meta::name(&request));
    }
}
