//! Bringing the objects of a backup back into the cluster.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Run;
use super::item::{Shape, bare, completed};
use crate::cluster::kind::{
    KINDS, Kind, NAMESPACES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, SERVICE_ACCOUNTS,
};
use crate::cluster::{Writer, meta};
use crate::velero::bucket::{Archive, Restored};
use crate::velero::desk::Desk;
use crate::velero::filters::Filters;
use crate::velero::select::Scope;

/// Velero's order of kinds; the others follow.
const FIRST: [&str; 12] = [
    "customresourcedefinitions.apiextensions.k8s.io",
    "namespaces",
    "storageclasses.storage.k8s.io",
    "volumesnapshotclasses.snapshot.storage.k8s.io",
    "volumesnapshotcontents.snapshot.storage.k8s.io",
    "volumesnapshots.snapshot.storage.k8s.io",
    "persistentvolumes",
    "persistentvolumeclaims",
    "serviceaccounts",
    "secrets",
    "configmaps",
    "pods",
];

/// One restore at work.
pub(super) struct Work<'a, 'd> {
    pub(super) desk: &'a mut Desk<'d>,
    pub(super) restore: &'a Arc<Value>,
    pub(super) archive: &'a Archive,
    pub(super) run: &'a mut Run,
    shape: Shape<'a>,
    /// When the pods' volumes are filled.
    pub(super) ends: Timestamp,
}

/// Creates what the restore's filters take; returns when the volumes of its pods are filled.
pub(super) fn apply(desk: &mut Desk<'_>, restore: &Arc<Value>, archive: &Archive, run: &mut Run) -> Timestamp {
    let spec = &restore["spec"];
    let filters: Filters = serde_json::from_value(spec.clone()).unwrap_or_default();
    let scope = Scope::of_restore(&filters);
    let mut items: Vec<(usize, &'static Kind, &Arc<Value>)> = archive
        .items
        .iter()
        .filter_map(|item| {
            let kind = Kind::of(item["apiVersion"].as_str()?, item["kind"].as_str()?)?;
            (kind != &NAMESPACES && taken(kind, item, &scope, &filters)).then(|| (rank(kind), kind, item))
        })
        .collect();
    items.sort_by_key(|(rank, ..)| *rank);
    let mut work = Work {
        ends: desk.now,
        desk,
        restore,
        archive,
        run,
        shape: Shape {
            restore: meta::name(restore),
            backup: spec["backupName"].as_str().unwrap_or_default(),
            keep_node_ports: spec["preserveNodePorts"] == true,
        },
    };
    for namespace in namespaces(archive, &scope, &items) {
        work.ensure_namespace(&namespace);
    }
    for (_, kind, item) in items {
        work.restore(kind, item);
    }
    work.ends
}

/// The namespaces that the restore makes sure of: those of its objects, and those that it takes for themselves.
fn namespaces(archive: &Archive, scope: &Scope, items: &[(usize, &'static Kind, &Arc<Value>)]) -> BTreeSet<String> {
    let of_items = items.iter().map(|(_, _, item)| meta::namespace(item).to_owned());
    let own = archive
        .items
        .iter()
        .filter(|item| item["kind"] == NAMESPACES.kind && scope.takes_kind(&NAMESPACES) && scope.takes_labels(item))
        .map(|item| meta::name(item).to_owned())
        .filter(|name| scope.takes_namespace(name));
    of_items.chain(own).filter(|name| !name.is_empty()).collect()
}

fn rank(kind: &Kind) -> usize {
    let resource = kind.resource();
    let place = KINDS.iter().position(|known| *known == kind).unwrap_or_default();
    FIRST
        .iter()
        .position(|first| *first == resource)
        .unwrap_or(FIRST.len() + place)
}

fn taken(kind: &Kind, item: &Value, scope: &Scope, filters: &Filters) -> bool {
    let place = if kind.namespaced {
        scope.takes_namespace(meta::namespace(item))
    } else {
        filters
            .include_cluster_resources
            .unwrap_or_else(|| scope.all_namespaces() || *kind == PERSISTENT_VOLUMES)
    };
    place && scope.takes_resource(kind) && scope.takes_labels(item) && !completed(kind, item)
}

impl Work<'_, '_> {
    fn restore(&mut self, kind: &'static Kind, item: &Arc<Value>) {
        if kind == &PERSISTENT_VOLUMES && self.reprovisioned(item) {
            self.tell(kind, item, "skipped");
            return;
        }
        let namespace = self.target(meta::namespace(item));
        let mut object = self.shape.apply(kind, item, &namespace);
        if kind == &PERSISTENT_VOLUME_CLAIMS && self.volume_is_new(item) {
            meta::member(&mut object, "spec").remove("volumeName");
        }
        let live = self.desk.store.get(kind, Some(&namespace), meta::name(item)).cloned();
        match live {
            Some(live) => self.meet(kind, item, &live, object),
            None => self.create(kind, item, object),
        }
    }

    fn create(&mut self, kind: &'static Kind, item: &Arc<Value>, mut object: Value) {
        if let Some(status) = self.status(kind, item) {
            object["status"] = status;
        }
        match self
            .desk
            .store
            .create(kind, object, &Writer::new("velero-server", self.desk.now))
        {
            Ok(created) => {
                self.tell(kind, &created, "created");
                if kind == &PODS {
                    self.fill_volumes(item, &created);
                } else if kind == &PERSISTENT_VOLUME_CLAIMS {
                    self.download(item, &created);
                }
            }
            Err(refusal) => {
                let namespace = self.target(meta::namespace(item));
                let place = if namespace.is_empty() {
                    String::new()
                } else {
                    format!("{namespace}/")
                };
                let what = format!("{}/{place}{}", kind.resource(), meta::name(item));
                let error = format!("error restoring {what}: {}", refusal.message);
                self.run.errors.add(&namespace, error);
                self.tell(kind, item, "failed");
            }
        }
    }

    /// The object exists: it stays, or is updated if the restore says so.
    fn meet(&mut self, kind: &'static Kind, item: &Arc<Value>, live: &Arc<Value>, wanted: Value) {
        let mut is = bare(live);
        self.shape.label(&mut is);
        let policy = self.restore["spec"]["existingResourcePolicy"]
            .as_str()
            .unwrap_or_default();
        let same = is == self.settled(kind, &is, &wanted);
        if policy == "update" {
            let mut object = Value::clone(live);
            let wanted = if same { is } else { wanted };
            merge(&mut object, &wanted);
            let updated = self
                .desk
                .store
                .update(kind, object, &Writer::new("velero-server", self.desk.now));
            match updated {
                Ok(_) => self.tell(kind, item, if same { "skipped" } else { "updated" }),
                Err(refusal) => {
                    self.run.warnings.add(meta::namespace(live), refusal.message);
                    self.tell(kind, item, "failed");
                }
            }
        } else if same || kind == &SERVICE_ACCOUNTS {
            self.tell(kind, item, "skipped");
        } else {
            let (name, kind_name) = (meta::name(live), kind.kind);
            let which = match policy {
                "" => format!("{kind_name}:{name}"),
                _ => format!("{kind_name} {name:?}"),
            };
            let warning = format!(
                "could not restore, {which} already exists. Warning: the in-cluster version is different than the backed-up version"
            );
            self.run.warnings.add(meta::namespace(live), warning);
            self.tell(kind, item, "failed");
        }
    }

    /// What is wanted, with what the cluster fills in by itself.
    fn settled(&self, kind: &Kind, is: &Value, wanted: &Value) -> Value {
        let mut wanted = wanted.clone();
        let fields: &[&str] = match kind.plural {
            "services" => &["clusterIP", "clusterIPs", "ports"],
            "pods" => &["nodeName"],
            "persistentvolumeclaims" => &["volumeName"],
            "persistentvolumes" => &["claimRef"],
            _ => &[],
        };
        for field in fields {
            if !is["spec"][field].is_null() {
                wanted["spec"][field] = is["spec"][field].clone();
            }
        }
        if *kind == PERSISTENT_VOLUME_CLAIMS || *kind == PERSISTENT_VOLUMES {
            wanted["metadata"]["annotations"] = is["metadata"]["annotations"].clone();
            if wanted["metadata"]["annotations"].is_null() {
                meta::of(&mut wanted).remove("annotations");
            }
        }
        wanted
    }

    /// The status that comes along: as it was where the restore says so. Pods run and claims are bound, as nobody else would see to it.
    fn status(&self, kind: &Kind, item: &Value) -> Option<Value> {
        let wishes = &self.restore["spec"]["restoreStatus"];
        let listed = |list: &str| {
            let items = wishes[list].as_array().into_iter().flatten().filter_map(Value::as_str);
            items.map(str::to_owned).collect::<Vec<_>>()
        };
        let filters = Filters {
            included_resources: listed("includedResources"),
            excluded_resources: listed("excludedResources"),
            ..Filters::default()
        };
        if !wishes.is_null() && Scope::of_restore(&filters).takes_resource(kind) {
            return Some(item["status"].clone()).filter(|status| !status.is_null());
        }
        match kind.plural {
            "pods" => Some(json!({"phase": "Running"})),
            "persistentvolumeclaims" => Some(json!({"phase": "Bound"})),
            _ => None,
        }
    }

    fn ensure_namespace(&mut self, source: &str) {
        let target = self.target(source);
        if self.desk.store.get(&NAMESPACES, None, &target).is_some() {
            return;
        }
        let of = |item: &&Arc<Value>| item["kind"] == NAMESPACES.kind && meta::name(item) == source;
        let mut namespace = self
            .archive
            .items
            .iter()
            .find(of)
            .map_or_else(|| json!({}), |found| bare(found));
        namespace["metadata"]["name"] = target.clone().into();
        if let Some(labels) = namespace["metadata"]["labels"].as_object_mut() {
            labels.remove("kubernetes.io/metadata.name");
        }
        let created = self
            .desk
            .store
            .create(&NAMESPACES, namespace, &Writer::new("velero-server", self.desk.now));
        match created {
            Ok(created) => self.tell(&NAMESPACES, &created, "created"),
            Err(refusal) => self.run.errors.velero.push(refusal.message),
        }
    }

    /// Where objects of a namespace go.
    fn target(&self, namespace: &str) -> String {
        let mapped = self.restore["spec"]["namespaceMapping"][namespace].as_str();
        mapped.unwrap_or(namespace).to_owned()
    }

    fn tell(&mut self, kind: &Kind, object: &Value, action: &'static str) {
        let (namespace, name) = (self.target(meta::namespace(object)), meta::name(object));
        self.run.restored.push(Restored {
            kind: format!("{}/{}", kind.api_version(), kind.kind),
            name: if namespace.is_empty() {
                name.to_owned()
            } else {
                format!("{namespace}/{name}")
            },
            action,
        });
    }
}

/// Lays one object over another, member by member.
fn merge(object: &mut Value, over: &Value) {
    match (object, over) {
        (Value::Object(object), Value::Object(over)) => {
            for (name, value) in over {
                merge(object.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (object, over) => *object = over.clone(),
    }
}
