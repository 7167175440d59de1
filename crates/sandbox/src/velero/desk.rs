//! What one controller works with at one virtual moment.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::agenda::Agenda;
use super::bucket::Buckets;
use super::metrics::Metrics;
use super::{backup, restore};
use crate::cluster::kind::{BACKUP_STORAGE_LOCATIONS, Kind, SCHEDULES};
use crate::cluster::{Deletion, Store, Writer, meta};
use crate::faults::{Fault, Faults};

/// Where Velero is installed, in every cluster.
pub(crate) const NAMESPACE: &str = "velero";

pub(crate) struct Desk<'a> {
    /// The cluster's name.
    pub(crate) cluster: &'a str,
    /// As the cluster tells it: `v1.34.2`.
    pub(crate) kubernetes_version: &'a str,
    pub(crate) store: &'a mut Store,
    pub(crate) buckets: &'a Buckets,
    pub(crate) faults: &'a Faults,
    pub(crate) metrics: &'a mut Metrics,
    pub(crate) agenda: &'a mut Agenda,
    pub(crate) backups: &'a mut backup::Runs,
    pub(crate) restores: &'a mut restore::Runs,
    pub(crate) now: Timestamp,
}

impl Desk<'_> {
    /// An object of Velero's namespace.
    pub(crate) fn get(&self, kind: &'static Kind, name: &str) -> Option<Arc<Value>> {
        self.store.get(kind, Some(NAMESPACE), name).cloned()
    }

    pub(crate) fn list(&self, kind: &'static Kind) -> impl Iterator<Item = &Arc<Value>> {
        self.store.list(kind, Some(NAMESPACE))
    }

    /// The objects of a kind that carry this label.
    pub(crate) fn labelled(&self, kind: &'static Kind, label: &str, value: &str) -> Vec<Arc<Value>> {
        self.list(kind)
            .filter(|object| object["metadata"]["labels"][label] == value)
            .cloned()
            .collect()
    }

    /// `None` where the cluster refuses it, as it does while Velero's namespace is being deleted.
    pub(crate) fn create(&mut self, kind: &'static Kind, mut object: Value) -> Option<Arc<Value>> {
        object["metadata"]["namespace"] = NAMESPACE.into();
        let created = self.store.create(kind, object, &self.writer(kind));
        self.told(created)
    }

    /// Rewrites an object; `None` where it is gone.
    pub(crate) fn change(
        &mut self,
        kind: &'static Kind,
        name: &str,
        change: impl FnOnce(&mut Value),
    ) -> Option<Arc<Value>> {
        let mut object = Value::clone(self.store.get(kind, Some(NAMESPACE), name)?);
        change(&mut object);
        let changed = self.store.update(kind, object, &self.writer(kind));
        self.told(changed)
    }

    /// Sets fields of the status; `null` removes one. `None` where the object is gone.
    pub(crate) fn report(&mut self, kind: &'static Kind, name: &str, fields: &Value) -> Option<Arc<Value>> {
        self.change(kind, name, |object| set_status(object, fields))
    }

    pub(crate) fn delete(&mut self, kind: &'static Kind, name: &str) {
        let deleted = self
            .store
            .delete(kind, Some(NAMESPACE), name, &Deletion::default(), self.now);
        if let Err(refusal) = deleted {
            tracing::debug!(cluster = self.cluster, name, "{}", refusal.message);
        }
    }

    /// Who owns which field is kept where others apply objects too; elsewhere it would cost most of a leap's time.
    fn writer(&self, kind: &Kind) -> Writer<'static> {
        let shared = *kind == SCHEDULES || *kind == BACKUP_STORAGE_LOCATIONS;
        Writer {
            applies: !shared,
            ..Writer::new("velero-server", self.now)
        }
    }

    /// The fault that this operation of this cluster's Velero meets.
    pub(crate) fn fault(&self, operation: &str) -> Option<Fault> {
        let job = self.faults.meet_job("velero", operation, Some(self.cluster));
        let other = self.faults.meet("velero", operation, Some(self.cluster));
        job.or(other)
    }

    pub(crate) fn stamp(&self) -> Value {
        meta::stamp(self.now)
    }

    fn told<T>(&self, done: Result<T, crate::cluster::refusal::Refusal>) -> Option<T> {
        done.map_err(|refusal| tracing::debug!(cluster = self.cluster, "{}", refusal.message))
            .ok()
    }
}

/// Sets fields of the status; `null` removes one.
pub(crate) fn set_status(object: &mut Value, fields: &Value) {
    let status = meta::member(object, "status");
    for (name, value) in fields.as_object().into_iter().flatten() {
        match value {
            Value::Null => status.remove(name),
            value => status.insert(name.clone(), value.clone()),
        };
    }
}

/// Empty for an object that no controller has seen.
pub(crate) fn phase(object: &Value) -> &str {
    object["status"]["phase"].as_str().unwrap_or_default()
}

/// A moment in an object; `None` where there is none.
pub(crate) fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

pub(crate) fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}

/// `metadata.ownerReferences` of what an object of Velero makes.
pub(crate) fn owned_by(owner: &Value) -> Value {
    json!([{
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": true,
    }])
}
