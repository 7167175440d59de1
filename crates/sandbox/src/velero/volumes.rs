//! Which volumes a backup takes, how, and how much is in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::cluster::kind::{PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES};
use crate::cluster::{Store, meta};

const GIB: u64 = 1 << 30;

/// How the data of a volume is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// From the node's file system, by a PodVolumeBackup.
    FileSystem,
    /// From a CSI snapshot, by a DataUpload.
    DataMover,
    /// As a CSI snapshot that stays in the storage system.
    Snapshot,
}

/// A volume that a backup takes.
#[derive(Debug, Clone)]
pub(crate) struct Volume {
    pub(crate) method: Method,
    pub(crate) namespace: String,
    /// The pod through which its file system is read.
    pub(crate) pod: Option<String>,
    /// Its name in the pod, or its claim's name.
    pub(crate) name: String,
    /// `None`: it has no claim, as an `emptyDir`.
    pub(crate) claim: Option<String>,
    pub(crate) persistent_volume: Option<String>,
    pub(crate) bytes: u64,
}

impl Volume {
    /// Virtual seconds that moving its data takes: a second for each GiB.
    pub(crate) fn seconds(&self) -> i64 {
        i64::try_from(self.bytes / GIB).unwrap_or(i64::MAX).clamp(1, 3_600)
    }
}

/// What the spec of a backup says of volumes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wishes {
    pub(crate) file_system_by_default: bool,
    pub(crate) snapshots: bool,
    pub(crate) move_data: bool,
}

/// The volumes of the chosen pods and claims, and warnings about those that are skipped.
pub(crate) fn choose(store: &Store, items: &[Arc<Value>], wishes: Wishes) -> (Vec<Volume>, Vec<(String, String)>) {
    let (mut volumes, mut warnings, mut claimed) = (Vec::new(), Vec::new(), BTreeSet::new());
    for pod in items.iter().filter(|item| item["kind"] == "Pod") {
        let (namespace, name) = (meta::namespace(pod), meta::name(pod));
        for volume in pod_volumes(pod, wishes.file_system_by_default) {
            let status = pod["status"]["phase"].as_str().unwrap_or_default();
            if status != "Running" {
                let why = format!(
                    "Skip pod volume {} error=\"pod is not in the expected status, name={name}, namespace={namespace}, phase={status}: pod is not running\"",
                    text(volume, "name")
                );
                warnings.push((namespace.to_owned(), why));
                continue;
            }
            let claim = volume["persistentVolumeClaim"]["claimName"].as_str();
            // A volume that several pods share is taken once.
            if claim.is_some_and(|claim| !claimed.insert((namespace.to_owned(), claim.to_owned()))) {
                continue;
            }
            let object = claim.and_then(|claim| store.get(&PERSISTENT_VOLUME_CLAIMS, Some(namespace), claim));
            volumes.push(Volume {
                method: Method::FileSystem,
                namespace: namespace.to_owned(),
                pod: Some(name.to_owned()),
                name: text(volume, "name").to_owned(),
                claim: claim.map(str::to_owned),
                persistent_volume: object.and_then(|object| bound_to(object)).map(str::to_owned),
                bytes: filled(object.map(|object| &**object), namespace, text(volume, "name")),
            });
        }
    }
    if wishes.snapshots {
        let claims = items.iter().filter(|item| item["kind"] == "PersistentVolumeClaim");
        for claim in claims {
            let (namespace, name) = (meta::namespace(claim), meta::name(claim));
            let key = (namespace.to_owned(), name.to_owned());
            let volume = bound_to(claim).and_then(|volume| store.get(&PERSISTENT_VOLUMES, None, volume));
            let Some(volume) = volume.filter(|volume| volume["spec"]["csi"].is_object()) else {
                continue;
            };
            if claimed.contains(&key) {
                continue;
            }
            volumes.push(Volume {
                method: if wishes.move_data {
                    Method::DataMover
                } else {
                    Method::Snapshot
                },
                namespace: namespace.to_owned(),
                pod: None,
                name: name.to_owned(),
                claim: Some(name.to_owned()),
                persistent_volume: Some(meta::name(volume).to_owned()),
                bytes: filled(Some(claim), namespace, name),
            });
        }
    }
    (volumes, warnings)
}

fn bound_to(claim: &Value) -> Option<&str> {
    claim["spec"]["volumeName"].as_str().filter(|name| !name.is_empty())
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// The volumes of a pod that its annotations choose, or all but those that they exclude.
fn pod_volumes(pod: &Value, by_default: bool) -> Vec<&Value> {
    let annotated = |name: &str| -> Vec<&str> {
        let list = pod["metadata"]["annotations"][name].as_str().unwrap_or_default();
        list.split(',').filter(|name| !name.is_empty()).collect()
    };
    let (wanted, unwanted) = (
        annotated("backup.velero.io/backup-volumes"),
        annotated("backup.velero.io/backup-volumes-excludes"),
    );
    let all = pod["spec"]["volumes"].as_array().into_iter().flatten();
    let never = ["hostPath", "secret", "configMap", "projected", "downwardAPI"];
    all.filter(|volume| {
        let name = text(volume, "name");
        if by_default {
            !unwanted.contains(&name) && never.iter().all(|source| volume[source].is_null())
        } else {
            wanted.contains(&name)
        }
    })
    .collect()
}

/// Bytes in a volume: a share of what its claim requests that depends on its name alone. Without a claim a MiB.
fn filled(claim: Option<&Value>, namespace: &str, name: &str) -> u64 {
    let request = &claim.map_or(Value::Null, |claim| {
        claim["spec"]["resources"]["requests"]["storage"].clone()
    });
    let Some(size) = request.as_str().and_then(quantity) else {
        return 1 << 20;
    };
    let sum: u64 = namespace.bytes().chain(name.bytes()).map(u64::from).sum();
    size / 100 * (20 + sum % 60)
}

/// `10Gi`, `500M`, `1024` in bytes.
fn quantity(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "" => 1,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => GIB,
        "Ti" => GIB << 10,
        "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(annotations: Value, by_default: bool) -> Vec<String> {
        let pod = json!({
            "metadata": {"annotations": annotations},
            "spec": {"volumes": [
                {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
                {"name": "cache", "emptyDir": {}},
                {"name": "token", "projected": {}},
                {"name": "logs", "hostPath": {"path": "/var/log"}},
            ]},
        });
        let chosen = pod_volumes(&pod, by_default);
        chosen.iter().map(|volume| text(volume, "name").to_owned()).collect()
    }

    #[test]
    fn volumes_are_chosen_by_annotation_or_all_but_the_excluded_ones() {
        assert_eq!(names(json!({}), false), Vec::<String>::new());
        assert_eq!(
            names(json!({"backup.velero.io/backup-volumes": "data"}), false),
            ["data"]
        );
        assert_eq!(names(json!({}), true), ["data", "cache"]);
        assert_eq!(
            names(json!({"backup.velero.io/backup-volumes-excludes": "cache"}), true),
            ["data"]
        );
    }

    #[test]
    fn a_volume_is_filled_in_part_of_its_request() {
        let claim = json!({"spec": {"resources": {"requests": {"storage": "10Gi"}}}});
        let bytes = filled(Some(&claim), "shop", "data");
        assert!((2 * GIB..8 * GIB).contains(&bytes), "{bytes}");
        assert_eq!(quantity("10Gi"), Some(10 * GIB));
        assert_eq!(quantity("lots"), None);
    }
}
