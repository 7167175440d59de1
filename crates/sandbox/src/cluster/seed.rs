//! Making clusters.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::kind::{CUSTOM_RESOURCE_DEFINITIONS, Kind, NAMESPACES, STORAGE_CLASSES};
use super::meta;
use super::rbac::{Rule, User};
use super::store::Store;
use super::writer::Writer;
use super::{Cluster, crd, validate};

/// A cluster as a test asks for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedCluster {
    /// Part of its address; unique.
    pub(crate) name: String,
    /// Bearer token of its one user. `None`: a random one.
    token: Option<String>,
    /// Name of that user. `None`: `holdfast`.
    user: Option<String>,
    /// What that user may do. `None`: everything.
    rules: Option<Vec<Rule>>,
    /// Where its Velero keeps backups.
    bucket: String,
    /// Below the bucket.
    #[serde(default)]
    prefix: String,
    /// As `/version` tells it. `None`: v1.34.2.
    kubernetes_version: Option<String>,
    /// Objects that are there from the start, with their status.
    #[serde(default)]
    objects: Vec<Value>,
}

/// Why a cluster cannot be made, with the status that says so.
#[derive(Debug)]
pub(crate) struct SeedRefused(pub(crate) StatusCode, pub(crate) String);

impl SeedCluster {
    pub(crate) fn build(self, now: Timestamp) -> Result<Cluster, SeedRefused> {
        let simple = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if self.name.is_empty() || !self.name.chars().all(simple) {
            let message = "a cluster's name is made of letters, digits, `-`, `_` and `.`".to_owned();
            return Err(SeedRefused(StatusCode::UNPROCESSABLE_ENTITY, message));
        }
        let mut store = Store::default();
        for (kind, object) in initial() {
            add(&mut store, kind, object, now)?;
        }
        for object in self.objects {
            let text = |field: &str| object[field].as_str().unwrap_or_default();
            let kind = Kind::of(text("apiVersion"), text("kind")).ok_or_else(|| {
                let message = format!("no kind {:?} in {:?}", text("kind"), text("apiVersion"));
                SeedRefused(StatusCode::UNPROCESSABLE_ENTITY, message)
            })?;
            add(&mut store, kind, object, now)?;
        }
        let user = User {
            name: self.user.unwrap_or_else(|| "holdfast".to_owned()),
            rules: self.rules,
        };
        let token = self.token.unwrap_or_else(|| Uuid::new_v4().simple().to_string());
        let version = self.kubernetes_version.unwrap_or_else(|| "v1.34.2".to_owned());
        Ok(Cluster::new(
            self.name,
            token,
            user,
            version,
            self.bucket,
            self.prefix,
            store,
        ))
    }
}

/// What a cluster has before anybody uses it.
fn initial() -> impl Iterator<Item = (&'static Kind, Value)> {
    let namespaces =
        ["default", "kube-system", "velero"].map(|name| (&NAMESPACES, json!({"metadata": {"name": name}})));
    let class = json!({
        "metadata": {"name": "gp3", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "ebs.csi.aws.com",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    });
    let definitions = crd::all().map(|definition| (&CUSTOM_RESOURCE_DEFINITIONS, definition));
    namespaces
        .into_iter()
        .chain([(&STORAGE_CLASSES, class)])
        .chain(definitions)
}

fn add(store: &mut Store, kind: &'static Kind, mut object: Value, now: Timestamp) -> Result<(), SeedRefused> {
    object["apiVersion"] = kind.api_version().into();
    object["kind"] = kind.kind.into();
    if kind.namespaced && meta::namespace(&object).is_empty() {
        meta::of(&mut object).insert("namespace".to_owned(), json!("default"));
    }
    validate::admit(kind, &mut object)
        .and_then(|_| store.create(kind, object, &Writer::new("seed", now)))
        .map(|_| ())
        .map_err(|refusal| SeedRefused(StatusCode::UNPROCESSABLE_ENTITY, refusal.message))
}
