//! The data of restored volumes: which are made anew, and what fills them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::apply::Work;
use crate::cluster::kind::{DATA_DOWNLOADS, POD_VOLUME_RESTORES};
use crate::cluster::meta;
use crate::velero::bucket::Archive;
use crate::velero::desk::{after, owned_by, phase};
use crate::velero::volumes::{Method, Volume};
use crate::velero::{labels, location, mover};

impl Work<'_, '_> {
    /// Whether a claim gets a new volume instead of this one.
    pub(super) fn reprovisioned(&self, volume: &Value) -> bool {
        let name = meta::name(volume);
        let moved = |taken: &Volume| taken.persistent_volume.as_deref() == Some(name);
        volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete" || self.archive.volumes.iter().any(moved)
    }

    /// Whether the volume that a claim was bound to is not restored.
    pub(super) fn volume_is_new(&self, claim: &Value) -> bool {
        let name = claim["spec"]["volumeName"].as_str().unwrap_or_default();
        let stored = self
            .archive
            .items
            .iter()
            .find(|item| item["kind"] == "PersistentVolume" && meta::name(item) == name);
        stored.is_none_or(|volume| self.reprovisioned(volume))
    }

    /// Starts the restores of the volumes of a pod.
    pub(super) fn fill_volumes(&mut self, item: &Arc<Value>, pod: &Arc<Value>) {
        let archive = self.archive;
        let source = meta::namespace(item);
        for volume in volumes_of(archive, source, meta::name(item)) {
            let spec = &volume["spec"];
            let bytes = volume["status"]["progress"]["totalBytes"].as_u64().unwrap_or(0);
            let mut object = json!({
                "metadata": self.child(),
                "spec": {
                    "pod": {"kind": "Pod", "namespace": meta::namespace(pod), "name": meta::name(pod), "uid": meta::uid(pod)},
                    "volume": spec["volume"],
                    "snapshotID": volume["status"]["snapshotID"],
                    "snapshotSize": bytes,
                    "backupStorageLocation": self.location(),
                    "repoIdentifier": spec["repoIdentifier"],
                    "uploaderType": spec["uploaderType"],
                    "sourceNamespace": source,
                },
            });
            object["metadata"]["labels"]["velero.io/pod-uid"] = meta::uid(pod).into();
            let taken = archive
                .volumes
                .iter()
                .find(|taken| taken.pod.as_deref() == Some(meta::name(item)) && spec["volume"] == taken.name.as_str());
            let seconds = taken.map_or(1, Volume::seconds);
            let end = mover::begin(self.desk, &POD_VOLUME_RESTORES, object, bytes, seconds);
            self.ends = self.ends.max(after(end, 1));
        }
    }

    /// Starts the download of what a data mover took of a claim.
    pub(super) fn download(&mut self, item: &Arc<Value>, claim: &Arc<Value>) {
        if self.restore["spec"]["restorePVs"] == false {
            return;
        }
        let archive = self.archive;
        let taken = archive.volumes.iter().find(|taken| {
            taken.method == Method::DataMover
                && taken.namespace == meta::namespace(item)
                && taken.name == meta::name(item)
        });
        let Some(taken) = taken else {
            return;
        };
        let mut object = json!({
            "metadata": self.child(),
            "spec": {
                "targetVolume": {"namespace": meta::namespace(claim), "pvc": meta::name(claim), "pv": ""},
                "backupStorageLocation": self.location(),
                "sourceNamespace": taken.namespace,
                "snapshotID": meta::uid(item).replace('-', ""),
                "operationTimeout": archive.backup["spec"]["csiSnapshotTimeout"],
            },
        });
        let operation = format!(
            "dd-{}.{}",
            meta::uid(self.restore),
            meta::uid(claim).get(..8).unwrap_or_default()
        );
        object["metadata"]["labels"]["velero.io/async-operation-id"] = labels::fitting(&operation).into();
        let end = mover::begin(self.desk, &DATA_DOWNLOADS, object, taken.bytes, taken.seconds());
        self.run.moved = self.run.moved.max(end);
        self.run.downloads += 1;
    }

    /// Metadata of what a restore makes: it goes with the restore.
    fn child(&self) -> Value {
        let name = meta::name(self.restore);
        json!({
            "generateName": format!("{name}-"),
            "ownerReferences": owned_by(self.restore),
            "labels": {"velero.io/restore-name": labels::fitting(name), "velero.io/restore-uid": meta::uid(self.restore)},
        })
    }

    fn location(&self) -> Value {
        let found = location::of_backup(self.desk, &self.archive.backup);
        found.map_or(Value::Null, |(location, _)| meta::name(&location).into())
    }
}

/// What was read of a pod's volumes.
fn volumes_of<'a>(archive: &'a Archive, namespace: &'a str, pod: &'a str) -> impl Iterator<Item = &'a Arc<Value>> {
    archive.pod_volume_backups.iter().filter(move |volume| {
        let of = &volume["spec"]["pod"];
        phase(volume) == "Completed" && of["namespace"] == namespace && of["name"] == pod
    })
}
