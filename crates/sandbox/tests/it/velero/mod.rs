//! Velero as its users see it: through the Kubernetes API, on the virtual clock.

mod backups;
mod buckets;
mod failures;
mod restores;
mod schedules;

use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ListParams, PostParams};
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::support::World;

/// One cluster of a sandbox, with Velero and a small shop.
pub(crate) struct Cluster<'a> {
    pub(crate) world: &'a World,
    pub(crate) name: String,
    client: Client,
}

impl<'a> Cluster<'a> {
    /// Its Velero keeps backups in the bucket `backups`, below the cluster's name.
    pub(crate) async fn new(world: &'a World, name: &str) -> Self {
        Self::at(world, name, name).await
    }

    pub(crate) async fn at(world: &'a World, name: &str, prefix: &str) -> Self {
        let location = json!({
            "apiVersion": "velero.io/v1", "kind": "BackupStorageLocation",
            "metadata": {"name": "default", "namespace": "velero"},
            "spec": {"provider": "aws", "default": true, "objectStorage": {"bucket": "backups", "prefix": prefix}},
        });
        let seed =
            json!({"name": name, "token": "t", "bucket": "backups", "prefix": prefix, "objects": shop(location)});
        let made = world.control("POST", "/clusters", Some(seed)).await;
        assert_eq!(made.status, 201, "{made:?}");
        let mut config = kube::Config::new(made.body["server"].as_str().unwrap().parse().unwrap());
        config.auth_info.token = Some("t".to_owned().into());
        let cluster = Self {
            world,
            name: name.to_owned(),
            client: Client::try_from(config).unwrap(),
        };
        cluster.advance(0).await;
        cluster
    }

    pub(crate) fn api(&self, kind: &str) -> Api<DynamicObject> {
        self.api_in("velero", kind)
    }

    pub(crate) fn api_in(&self, namespace: &str, kind: &str) -> Api<DynamicObject> {
        let (group, version) = match kind {
            "DataUpload" | "DataDownload" => ("velero.io", "v2alpha1"),
            "Pod" | "ConfigMap" | "Secret" | "PersistentVolumeClaim" => ("", "v1"),
            _ => ("velero.io", "v1"),
        };
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        Api::namespaced_with(self.client.clone(), namespace, &resource)
    }

    pub(crate) async fn create(&self, kind: &str, name: &str, spec: Value) -> DynamicObject {
        let api = self.api(kind);
        let object = json!({"apiVersion": "velero.io/v1", "kind": kind, "metadata": {"name": name}, "spec": spec});
        let object: DynamicObject = serde_json::from_value(object).unwrap();
        api.create(&PostParams::default(), &object).await.unwrap()
    }

    /// The object as JSON; `Null` where there is none.
    pub(crate) async fn get(&self, kind: &str, name: &str) -> Value {
        let found = self.api(kind).get_opt(name).await.unwrap();
        found.map_or(Value::Null, |found| serde_json::to_value(found).unwrap())
    }

    pub(crate) async fn status(&self, kind: &str, name: &str) -> Value {
        self.get(kind, name).await["status"].clone()
    }

    pub(crate) async fn list(&self, kind: &str) -> Vec<Value> {
        let list = self.api(kind).list(&ListParams::default()).await.unwrap();
        list.items
            .into_iter()
            .map(|item| serde_json::to_value(item).unwrap())
            .collect()
    }

    pub(crate) async fn names(&self, kind: &str) -> Vec<String> {
        let list = self.list(kind).await;
        list.iter()
            .map(|item| item["metadata"]["name"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) async fn advance(&self, seconds: u32) {
        let leap = json!({"advance_seconds": seconds});
        assert_eq!(self.world.control("POST", "/clock", Some(leap)).await.status, 200);
    }

    /// A fault of this cluster's Velero.
    pub(crate) async fn fault(&self, operation: &str, kind: &str, message: &str) {
        let rule = json!({"service": "velero", "operation": operation, "account": self.name, "kind": kind, "message": message});
        assert_eq!(self.world.control("POST", "/faults", Some(rule)).await.status, 201);
    }

    pub(crate) async fn restart(&self) {
        let asked = json!({"cluster": self.name});
        assert_eq!(
            self.world.control("POST", "/velero/restart", Some(asked)).await.status,
            204
        );
    }

    /// A backup that has ended, as it is then.
    pub(crate) async fn backup(&self, name: &str, spec: Value) -> Value {
        self.create("Backup", name, spec).await;
        self.advance(600).await;
        self.get("Backup", name).await
    }

    pub(crate) async fn restore(&self, name: &str, spec: Value) -> Value {
        self.create("Restore", name, spec).await;
        self.advance(600).await;
        self.get("Restore", name).await
    }

    pub(crate) async fn metrics(&self) -> String {
        let url = format!("{}/_velero/clusters/{}/metrics", self.world.running.url, self.name);
        self.world.http.get(url).send().await.unwrap().text().await.unwrap()
    }
}

/// The location, and a namespace with a pod that keeps data on a volume.
fn shop(location: Value) -> Value {
    let claim = |name: &str, volume: &str| {
        json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {"volumeName": volume, "storageClassName": "gp3", "resources": {"requests": {"storage": "10Gi"}}},
            "status": {"phase": "Bound"},
        })
    };
    let volume = |name: &str| {
        json!({
            "apiVersion": "v1", "kind": "PersistentVolume",
            "metadata": {"name": name},
            "spec": {"persistentVolumeReclaimPolicy": "Delete", "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": name}},
        })
    };
    let map = |name: &str, labels: Value| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": "shop", "labels": labels},
            "data": {"colour": "blue"},
        })
    };
    json!([
        location,
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "web"}}},
        claim("data", "pv-data"),
        volume("pv-data"),
        {
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "db", "namespace": "shop", "labels": {"app": "db"}, "annotations": {"backup.velero.io/backup-volumes": "data"}},
            "spec": {
                "nodeName": "node-1",
                "containers": [{"name": "db", "image": "postgres"}],
                "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}, {"name": "cache", "emptyDir": {}}],
            },
            "status": {"phase": "Running"},
        },
        map("settings", json!({"app": "db"})),
        map("scratch", json!({"velero.io/exclude-from-backup": "true"})),
    ])
}
