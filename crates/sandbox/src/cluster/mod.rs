//! Kubernetes: emulated API servers, one per cluster, told apart by the path.

mod apply;
mod asked;
mod core_schema;
mod crd;
mod defaults;
mod delete;
mod discovery;
mod fields;
mod history;
pub(crate) mod kind;
mod managed;
mod merge;
pub(crate) mod meta;
mod names;
mod patch;
mod rbac;
mod read;
pub(crate) mod refusal;
mod remove;
mod reply;
mod route;
mod schema;
mod seed;
mod selector;
mod store;
mod strategic;
mod turn;
mod update;
mod validate;
mod velero_schema;
mod view;
mod watch;
mod write;
mod writer;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use axum::http::StatusCode;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

pub(crate) use self::delete::{Deleted, Deletion};
use self::rbac::User;
pub(crate) use self::route::answer;
pub(crate) use self::seed::{SeedCluster, SeedRefused};
pub(crate) use self::store::Store;
pub(crate) use self::writer::Writer;

/// One cluster.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) name: String,
    /// The bearer token that its callers present.
    pub(crate) token: String,
    user: User,
    /// As `/version` tells it.
    pub(crate) kubernetes_version: String,
    /// Where Velero keeps its backups.
    pub(crate) bucket: String,
    /// Below the bucket; empty for its root.
    pub(crate) prefix: String,
    store: RwLock<Store>,
    /// Resource version of the last change.
    changed: tokio::sync::watch::Sender<u64>,
    gone: CancellationToken,
}

impl Cluster {
    fn new(
        name: String,
        token: String,
        user: User,
        kubernetes_version: String,
        bucket: String,
        prefix: String,
        store: Store,
    ) -> Self {
        let changed = tokio::sync::watch::Sender::new(store.version());
        Self {
            name,
            token,
            user,
            kubernetes_version,
            bucket,
            prefix,
            store: RwLock::new(store),
            changed,
            gone: CancellationToken::new(),
        }
    }

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
    pub(crate) fn changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Returns when the cluster is removed.
    pub(crate) async fn removed(&self) {
        self.gone.cancelled().await;
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

    /// # Errors
    /// The name is taken, or an object is not valid.
    pub(crate) fn add(&self, seed: SeedCluster, now: Timestamp) -> Result<Arc<Cluster>, SeedRefused> {
        let mut clusters = self.lock();
        if clusters.contains_key(&seed.name) {
            let message = format!("cluster `{}` exists already", seed.name);
            return Err(SeedRefused(StatusCode::CONFLICT, message));
        }
        let cluster = Arc::new(seed.build(now)?);
        clusters.insert(cluster.name.clone(), cluster.clone());
        Ok(cluster)
    }

    /// Removes a cluster and ends its watches; `false` where there is none.
    pub(crate) fn remove(&self, name: &str) -> bool {
        let removed = self.lock().remove(name);
        removed.is_some_and(|cluster| {
            cluster.gone.cancel();
            true
        })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Cluster>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
