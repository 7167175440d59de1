//! The customers' clusters, in the sandbox: some namespaces with data, and a Velero that nobody has asked for anything yet.

use serde_json::{Value, json};

use super::facts::ClusterFacts;
use super::rest::{CallError, Rest};

/// Namespaces with a volume of so many GiB each: 6 of 12.
const STATEFUL: [(&str, u32); 6] = [
    ("shop", 20),
    ("search", 50),
    ("wiki", 5),
    ("payments", 30),
    ("checkout", 10),
    ("registry", 40),
];
const STATELESS: [&str; 6] = ["gateway", "batch", "frontend", "mailer", "ingress", "jobs"];

/// Makes the cluster `name` of a customer, whose backups go below a prefix of its own; `None` where the sandbox does not tell how it is
/// reached.
///
/// # Errors
/// When the sandbox refuses.
pub async fn make(sandbox: &Rest, customer: &str, name: &str) -> Result<Option<ClusterFacts>, CallError> {
    let asked = json!({
        "name": format!("{customer}-{name}"),
        "bucket": "velero-backups",
        "prefix": format!("{customer}/{name}"),
        "objects": objects(customer, name),
    });
    let made = sandbox.post("/_sandbox/clusters", &asked).await?;
    Ok(serde_json::from_value(made).ok())
}

fn objects(customer: &str, name: &str) -> Vec<Value> {
    let location = json!({
        "apiVersion": "velero.io/v1",
        "kind": "BackupStorageLocation",
        "metadata": {"name": "default", "namespace": "velero"},
        "spec": {
            "provider": "aws", "default": true, "accessMode": "ReadWrite",
            "objectStorage": {"bucket": "velero-backups", "prefix": format!("{customer}/{name}")},
        },
    });
    let namespaces = STATEFUL.iter().map(|(namespace, _)| *namespace).chain(STATELESS);
    let namespaces =
        namespaces.map(|namespace| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}));
    let stateful = STATEFUL
        .iter()
        .flat_map(|(namespace, gibibytes)| volume(namespace, *gibibytes));
    namespaces.chain(stateful).chain([location]).collect()
}

/// A pod with its claim and the volume that is bound to it.
fn volume(namespace: &str, gibibytes: u32) -> [Value; 3] {
    let size = json!({"storage": format!("{gibibytes}Gi")});
    let volume = format!("pvc-{namespace}");
    let access = json!(["ReadWriteOnce"]);
    [
        json!({
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": volume},
            "spec": {
                "capacity": size, "accessModes": access, "storageClassName": "gp3",
                "claimRef": {"namespace": namespace, "name": "data"},
                "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": format!("vol-{namespace}")},
            },
            "status": {"phase": "Bound"},
        }),
        json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": namespace},
            "spec": {
                "accessModes": access, "storageClassName": "gp3", "volumeName": volume, "resources": {"requests": size},
            },
            "status": {"phase": "Bound", "capacity": size},
        }),
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "database-0", "namespace": namespace, "labels": {"app": "database"}},
            "spec": {
                "containers": [{"name": "database", "image": "postgres:16", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}],
                "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
            },
            "status": {"phase": "Running"},
        }),
    ]
}
