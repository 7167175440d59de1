//! Kubernetes: emulated API servers, one per cluster, told apart by the path.
//!
//! No controllers of Kubernetes run: nothing schedules pods or binds volumes. What their status is to be, a test seeds or writes.
//!
//! # Where it differs from a real API server
//!
//! | Real | Here |
//! |---|---|
//! | Each cluster has an address and a certificate of its own | the cluster is the first part of the path, over plain HTTP |
//! | Users, groups, roles and bindings | one user per cluster, whose rules are given with it |
//! | Built-in kinds are decoded by their Go types: defaults, unknown fields, types, immutable fields | kept as they were sent; metadata alone is checked. Of defaults: phase of pods, volumes, claims and namespaces; type and `stringData` of secrets |
//! | `minItems`, formats and CEL rules of a CRD | required fields, enums, types and date-times only |
//! | VolumeSnapshot kinds have a schema | anything is kept |
//! | CRDs make kinds | they are listed, stored, and have no effect |
//! | Each new namespace gets a service account and a ConfigMap of root certificates | it is empty |
//! | Deleting dependents, and what is in a namespace, takes a while | it is done when the call returns; foreground deletion is background deletion |
//! | A pod is deleted after its grace period | at once |
//! | Items of a built-in list have no `apiVersion` and `kind` | all have |
//! | JSON, YAML, protobuf and CBOR | JSON; an apply patch in YAML only where it is also JSON |
//! | OpenAPI v2 and v3, the legacy watch paths, logs, exec, scale, eviction | 404 |
//! | Dates in a table are ages | they are timestamps |
//! | History is compacted by time | the newest 5000 changes are kept, across kinds; a control call forgets them |
//! | A watch's bookmark comes about each minute | so it does, and one when the watch ends at its time |
//! | Applying an empty map over an owned one leaves an empty map or nothing, by kind | what nobody owns any more goes |
//! | Strategic merge knows `retainKeys`, and orders by `$setElementOrder` | it merges, deletes and replaces; order is not kept |
//! | Parameters of a request are parsed strictly | unknown parameters are ignored |

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

pub(crate) use self::delete::Deletion;
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
