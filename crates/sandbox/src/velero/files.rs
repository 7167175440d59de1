//! The files that Velero keeps in the bucket, made when they are asked for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::bucket::{Archive, Buckets, Place, Record, Told};
use super::desk::moment;
use super::volumes::{Method, Volume};
use crate::cluster::kind::Kind;
use crate::cluster::meta;

/// Kind of a download, folder, and the file's name around the name of the backup or restore.
const FILES: [(&str, &str, &str, &str); 14] = [
    ("BackupLog", "backups", "", "-logs.gz"),
    ("BackupContents", "backups", "", ".tar.gz"),
    ("BackupVolumeSnapshots", "backups", "", "-volumesnapshots.json.gz"),
    ("BackupItemOperations", "backups", "", "-itemoperations.json.gz"),
    ("BackupResourceList", "backups", "", "-resource-list.json.gz"),
    ("BackupResults", "backups", "", "-results.gz"),
    ("BackupVolumeInfos", "backups", "", "-volumeinfo.json.gz"),
    (
        "CSIBackupVolumeSnapshots",
        "backups",
        "",
        "-csi-volumesnapshots.json.gz",
    ),
    (
        "CSIBackupVolumeSnapshotContents",
        "backups",
        "",
        "-csi-volumesnapshotcontents.json.gz",
    ),
    ("RestoreLog", "restores", "restore-", "-logs.gz"),
    ("RestoreResults", "restores", "restore-", "-results.gz"),
    ("RestoreResourceList", "restores", "restore-", "-resource-list.json.gz"),
    (
        "RestoreItemOperations",
        "restores",
        "restore-",
        "-itemoperations.json.gz",
    ),
    ("RestoreVolumeInfo", "restores", "", "-volumeinfo.json.gz"),
];

/// Where a download lies below the prefix; `None` for an unknown kind.
pub(crate) fn key(kind: &str, name: &str) -> Option<String> {
    let (_, folder, before, after) = FILES.iter().find(|(known, ..)| *known == kind)?;
    Some(format!("{folder}/{name}/{before}{name}{after}"))
}

/// The gzipped file at `bucket/prefix/folder/name/file`; `None` where there is none.
///
/// # Errors
/// Compression fails, which it does not in memory.
pub(crate) fn read(buckets: &Buckets, path: &str) -> io::Result<Option<Vec<u8>>> {
    let Some(found) = find(path) else {
        return Ok(None);
    };
    let (place, kind, name) = found;
    if kind.starts_with("Restore") {
        let Some(record) = buckets.record(&place, &name) else {
            return Ok(None);
        };
        return restore_file(kind, &record).map(Some);
    }
    let Some(archive) = buckets.backup(&place, &name) else {
        return Ok(None);
    };
    backup_file(kind, &archive).map(Some)
}

/// The place, kind and name that a path tells.
fn find(path: &str) -> Option<(Place, &'static str, String)> {
    let (bucket, key) = path.trim_start_matches('/').split_once('/')?;
    let mut parts = key.rsplitn(4, '/');
    let (file, name, folder) = (parts.next()?, parts.next()?, parts.next()?);
    let prefix = parts.next().unwrap_or_default();
    let (kind, ..) = FILES.iter().find(|(_, of, before, after)| {
        *of == folder && file.strip_prefix(before).and_then(|file| file.strip_suffix(after)) == Some(name)
    })?;
    let place = Place {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
    };
    Some((place, kind, name.to_owned()))
}

fn backup_file(kind: &str, archive: &Archive) -> io::Result<Vec<u8>> {
    match kind {
        "BackupLog" => gzip(backup_log(archive).as_bytes()),
        "BackupContents" => tarball(archive),
        "BackupResults" => results(&archive.warnings, &archive.errors),
        "BackupResourceList" => gzip_json(&resource_list(archive)),
        "BackupVolumeInfos" => gzip_json(&archive.volumes.iter().map(volume_info).collect::<Vec<_>>()),
        _ => gzip_json(&json!([])),
    }
}

fn restore_file(kind: &str, record: &Record) -> io::Result<Vec<u8>> {
    match kind {
        "RestoreLog" => gzip(restore_log(record).as_bytes()),
        "RestoreResults" => results(&record.warnings, &record.errors),
        "RestoreResourceList" => {
            let mut list = BTreeMap::<&str, Vec<String>>::new();
            for item in &record.restored {
                let line = format!("{}({})", item.name, item.action);
                list.entry(&item.kind).or_default().push(line);
            }
            gzip_json(&list)
        }
        _ => gzip_json(&json!([])),
    }
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
}

fn gzip_json(content: &impl Serialize) -> io::Result<Vec<u8>> {
    gzip(&serde_json::to_vec(content)?)
}

fn results(warnings: &Told, errors: &Told) -> io::Result<Vec<u8>> {
    gzip_json(&json!({"warnings": warnings, "errors": errors}))
}

fn resource_list(archive: &Archive) -> BTreeMap<String, Vec<String>> {
    let mut list = BTreeMap::<String, Vec<String>>::new();
    for item in &archive.items {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        let kind = format!("{}/{}", text("apiVersion"), text("kind"));
        list.entry(kind).or_default().push(full_name(item));
    }
    list
}

fn full_name(item: &Value) -> String {
    match meta::namespace(item) {
        "" => meta::name(item).to_owned(),
        namespace => format!("{namespace}/{}", meta::name(item)),
    }
}

fn volume_info(volume: &Volume) -> Value {
    let method = match volume.method {
        Method::FileSystem => "PodVolumeBackup",
        Method::DataMover | Method::Snapshot => "CSISnapshot",
    };
    json!({
        "pvcName": volume.claim,
        "pvcNamespace": volume.namespace,
        "pvName": volume.persistent_volume,
        "backupMethod": method,
        "snapshotDataMoved": volume.method == Method::DataMover,
        "result": "succeeded",
    })
}

/// The items as `resources/<kind>/namespaces/<namespace>/<name>.json`, as Velero lays them out.
fn tarball(archive: &Archive) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    let mut add = |path: &str, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        header.set_cksum();
        tar.append_data(&mut header, path, content)
    };
    add("metadata/version", b"1.1.0")?;
    for item in &archive.items {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        let Some(kind) = Kind::of(text("apiVersion"), text("kind")) else {
            continue;
        };
        let (resource, name) = (kind.resource(), meta::name(item));
        let place = match meta::namespace(item) {
            "" => "cluster".to_owned(),
            namespace => format!("namespaces/{namespace}"),
        };
        let content = serde_json::to_vec(&**item)?;
        add(&format!("resources/{resource}/{place}/{name}.json"), &content)?;
        let preferred = format!(
            "resources/{resource}/{}-preferredversion/{place}/{name}.json",
            kind.version
        );
        add(&preferred, &content)?;
    }
    tar.into_inner()?.finish()
}

/// A log as Velero's server writes it.
struct Log {
    text: String,
    /// `backup=velero/nightly`.
    about: String,
    at: Timestamp,
}

impl Log {
    fn new(kind: &str, object: &Value) -> Self {
        Self {
            text: String::new(),
            about: format!("{kind}=velero/{}", meta::name(object)),
            at: moment(&object["status"]["startTimestamp"]).unwrap_or_default(),
        }
    }

    fn line(&mut self, level: &str, message: &str, source: &str, fields: &str) {
        // Writing to a string cannot fail.
        let _written = writeln!(
            self.text,
            "time=\"{}\" level={level} msg={message:?} {} logSource=\"pkg/{source}\"{fields}",
            self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            self.about
        );
    }

    fn told(&mut self, level: &str, told: &Told, source: &str) {
        for message in told.velero.iter().chain(&told.cluster) {
            self.line(level, message.trim(), source, "");
        }
        for (namespace, messages) in &told.namespaces {
            for message in messages {
                self.line(level, message.trim(), source, &format!(" namespace={namespace}"));
            }
        }
    }
}

fn backup_log(archive: &Archive) -> String {
    let mut log = Log::new("backup", &archive.backup);
    log.line(
        "info",
        "Setting up backup temp file",
        "controller/backup_controller.go:682",
        "",
    );
    log.line("info", "Writing backup version file", "backup/backup.go:291", "");
    let spec = &archive.backup["spec"];
    for (what, list) in [("Including", "includedNamespaces"), ("Excluding", "excludedNamespaces")] {
        let names: Vec<&str> = spec[list]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let names = match (names.is_empty(), what) {
            (true, "Including") => "*".to_owned(),
            (true, _) => "<none>".to_owned(),
            _ => names.join(", "),
        };
        log.line(
            "info",
            &format!("{what} namespaces: {names}"),
            "backup/backup.go:297",
            "",
        );
    }
    let count = archive.items.len();
    let collected = format!(
        "Collected {count} items matching the backup spec from the Kubernetes API (actual number of items backed up may be more or less \
         depending on velero.io/exclude-from-backup annotation, plugins returning additional related items to back up, etc.)"
    );
    log.line("info", &collected, "backup/backup.go:393", "");
    for (number, item) in (1..).zip(&archive.items) {
        let kind = item["kind"].as_str().unwrap_or_default().to_lowercase();
        let fields = format!(
            " name={} namespace={} resource={kind}s",
            meta::name(item),
            meta::namespace(item)
        );
        let message = format!(
            "Backed up {number} items out of an estimated total of {count} (estimate will change throughout the backup)"
        );
        log.line("info", &message, "backup/backup.go:483", &fields);
    }
    log.told("warning", &archive.warnings, "backup/item_backupper.go:171");
    log.told("error", &archive.errors, "backup/backup.go:511");
    if let Some(why) = archive.backup["status"]["failureReason"].as_str() {
        let fields = format!(" error={why:?}");
        log.line("error", "backup failed", "controller/backup_controller.go:291", &fields);
    }
    log.at = moment(&archive.backup["status"]["completionTimestamp"]).unwrap_or(log.at);
    let message = format!("Backed up a total of {count} items");
    log.line("info", &message, "backup/backup.go:522", "");
    log.text
}

fn restore_log(record: &Record) -> String {
    let mut log = Log::new("restore", &record.restore);
    log.line("info", "starting restore", "controller/restore_controller.go:563", "");
    let count = record.restored.len();
    for (number, item) in (1..).zip(&record.restored) {
        let message = format!(
            "Restored {number} items out of an estimated total of {count} (estimate will change throughout the restore)"
        );
        let fields = format!(" name={} resource={} action={}", item.name, item.kind, item.action);
        log.line("info", &message, "restore/restore.go:789", &fields);
    }
    log.told("error", &record.errors, "controller/restore_controller.go:609");
    log.told("warning", &record.warnings, "controller/restore_controller.go:620");
    log.line("info", "restore completed", "controller/restore_controller.go:628", "");
    log.text
}
