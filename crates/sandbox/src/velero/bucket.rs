//! Object storage: what Velero keeps of backups and restores outside of its clusters. Clusters that point to the same place share it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use super::volumes::Volume;

/// A bucket, and the folder in it that Velero was given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) bucket: String,
    /// Without slashes at its ends; empty for the bucket's root.
    pub(crate) prefix: String,
}

/// One backup as it lies in the bucket.
#[derive(Debug, Clone)]
pub(crate) struct Archive {
    /// `velero-backup.json`.
    pub(crate) backup: Value,
    /// The objects in it, in the order in which they were backed up.
    pub(crate) items: Vec<Arc<Value>>,
    pub(crate) volumes: Vec<Volume>,
    pub(crate) pod_volume_backups: Vec<Arc<Value>>,
    pub(crate) warnings: Told,
    pub(crate) errors: Told,
}

/// What a restore leaves in the bucket.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The restore as it was when it ended.
    pub(crate) restore: Value,
    /// Kind, namespace and name to what was done: `created`, `updated`, `skipped`, `failed`.
    pub(crate) restored: Vec<Restored>,
    pub(crate) warnings: Told,
    pub(crate) errors: Told,
}

#[derive(Debug, Clone)]
pub(crate) struct Restored {
    /// `v1/Pod`.
    pub(crate) kind: String,
    /// `namespace/name`, or the name alone.
    pub(crate) name: String,
    pub(crate) action: &'static str,
}

/// Warnings or errors, by what they concern.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Told {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) velero: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) cluster: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) namespaces: BTreeMap<String, Vec<String>>,
}

impl Told {
    /// An empty namespace is the cluster.
    pub(crate) fn add(&mut self, namespace: &str, message: String) {
        match namespace {
            "" => self.cluster.push(message),
            namespace => self.namespaces.entry(namespace.to_owned()).or_default().push(message),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.velero.len() + self.cluster.len() + self.namespaces.values().map(Vec::len).sum::<usize>()
    }
}

#[derive(Debug, Default)]
struct Contents {
    backups: BTreeMap<String, Arc<Archive>>,
    restores: BTreeMap<String, Arc<Record>>,
    /// Cluster to the number of backups that it added or removed.
    changes: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
struct Inner {
    names: BTreeSet<String>,
    places: BTreeMap<Place, Contents>,
}

#[derive(Debug, Default)]
pub(crate) struct Buckets(Mutex<Inner>);

impl Buckets {
    /// Makes a bucket, unless it exists.
    pub(crate) fn make(&self, bucket: &str) {
        self.lock().names.insert(bucket.to_owned());
    }

    pub(crate) fn exists(&self, bucket: &str) -> bool {
        self.lock().names.contains(bucket)
    }

    pub(crate) fn backup(&self, place: &Place, name: &str) -> Option<Arc<Archive>> {
        self.lock().places.get(place)?.backups.get(name).cloned()
    }

    pub(crate) fn backup_names(&self, place: &Place) -> Vec<String> {
        let inner = self.lock();
        inner
            .places
            .get(place)
            .map(|contents| contents.backups.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Grows whenever another cluster than this one adds or removes a backup.
    pub(crate) fn foreign_changes(&self, place: &Place, cluster: &str) -> u64 {
        let inner = self.lock();
        let others = inner
            .places
            .get(place)
            .into_iter()
            .flat_map(|contents| &contents.changes)
            .filter(|(name, _)| *name != cluster);
        others.map(|(_, changes)| changes).sum()
    }

    pub(crate) fn put_backup(&self, place: &Place, cluster: &str, name: &str, archive: Archive) {
        let mut inner = self.lock();
        let contents = inner.places.entry(place.clone()).or_default();
        contents.backups.insert(name.to_owned(), Arc::new(archive));
        *contents.changes.entry(cluster.to_owned()).or_default() += 1;
    }

    pub(crate) fn remove_backup(&self, place: &Place, cluster: &str, name: &str) {
        if let Some(contents) = self.lock().places.get_mut(place)
            && contents.backups.remove(name).is_some()
        {
            *contents.changes.entry(cluster.to_owned()).or_default() += 1;
        }
    }

    pub(crate) fn record(&self, place: &Place, restore: &str) -> Option<Arc<Record>> {
        self.lock().places.get(place)?.restores.get(restore).cloned()
    }

    pub(crate) fn put_record(&self, place: &Place, restore: &str, record: Record) {
        let mut inner = self.lock();
        let contents = inner.places.entry(place.clone()).or_default();
        contents.restores.insert(restore.to_owned(), Arc::new(record));
    }

    pub(crate) fn remove_record(&self, place: &Place, restore: &str) {
        if let Some(contents) = self.lock().places.get_mut(place) {
            contents.restores.remove(restore);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
