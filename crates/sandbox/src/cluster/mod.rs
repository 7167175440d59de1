//! Kubernetes: emulated API servers, one per cluster, told apart by the path.

mod core_schema;
mod defaults;
mod delete;
mod history;
pub(crate) mod kind;
pub(crate) mod meta;
pub(crate) mod refusal;
mod schema;
mod store;
mod update;
mod velero_schema;
mod writer;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::watch;

pub(crate) use self::delete::{Deleted, Deletion};
pub(crate) use self::store::Store;
pub(crate) use self::writer::Writer;

/// One cluster.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) name: String,
    /// The bearer token that its callers present.
    pub(crate) token: String,
    /// Where Velero keeps its backups.
    pub(crate) bucket: String,
    /// Below the bucket; empty for its root.
    pub(crate) prefix: String,
    store: RwLock<Store>,
    /// Resource version of the last change.
    changed: watch::Sender<u64>,
}

impl Cluster {
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Store) -> T) -> T {
        read(&self.store.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Wakes whoever watches if it changes something.
    pub(crate) fn write<T>(&self, write: impl FnOnce(&mut Store) -> T) -> T {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        let done = write(&mut store);
        let version = store.version();
        self.changed
            .send_if_modified(|seen| std::mem::replace(seen, version) != version);
        done
    }

    /// Tells the resource version whenever it grows.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

/// The clusters of one sandbox, by name.
#[derive(Debug, Default)]
pub(crate) struct Clusters(Mutex<BTreeMap<String, Arc<Cluster>>>);

impl Clusters {
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Cluster>> {
        self.lock().get(name).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Cluster>> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Cluster>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
