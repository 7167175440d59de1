//! One object of a backup, made ready to be created in a cluster again.

use serde_json::Value;

use crate::cluster::kind::{Kind, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, SERVICES};
use crate::cluster::meta;
use crate::velero::labels;

/// Metadata that belongs to the object that was, not to the one that will be.
const OLD: [&str; 10] = [
    "generateName",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "ownerReferences",
    "managedFields",
];

/// How the controllers of volumes remember what they bound.
const BOUND: [&str; 2] = [
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
];

/// What is done to every object alike.
pub(super) struct Shape<'a> {
    pub(super) restore: &'a str,
    pub(super) backup: &'a str,
    pub(super) keep_node_ports: bool,
}

impl Shape<'_> {
    /// The object without its old identity, in its new namespace, with the labels of the restore.
    pub(super) fn apply(&self, kind: &Kind, object: &Value, namespace: &str) -> Value {
        let mut object = bare(object);
        if kind.namespaced {
            object["metadata"]["namespace"] = namespace.into();
        }
        self.label(&mut object);
        if *kind == SERVICES {
            self.free_addresses(&mut object);
        } else if *kind == PODS {
            meta::member(&mut object, "spec").remove("nodeName");
        } else if *kind == PERSISTENT_VOLUME_CLAIMS {
            unbind(&mut object);
        } else if *kind == PERSISTENT_VOLUMES {
            unbind(&mut object);
            let claim = object.pointer_mut("/spec/claimRef");
            if let Some(claim) = claim.and_then(Value::as_object_mut) {
                claim.remove("uid");
                claim.remove("resourceVersion");
            }
        }
        object
    }

    pub(super) fn label(&self, object: &mut Value) {
        let labels = &mut object["metadata"]["labels"];
        labels["velero.io/backup-name"] = labels::fitting(self.backup).into();
        labels["velero.io/restore-name"] = labels::fitting(self.restore).into();
    }

    /// The cluster gives a service new addresses, and new ports on its nodes unless they are to be kept.
    fn free_addresses(&self, service: &mut Value) {
        let spec = meta::member(service, "spec");
        if spec.get("clusterIP").is_none_or(|address| address != "None") {
            spec.remove("clusterIP");
            spec.remove("clusterIPs");
        }
        if self.keep_node_ports {
            return;
        }
        spec.remove("healthCheckNodePort");
        let ports = spec.get_mut("ports").and_then(Value::as_array_mut);
        for port in ports.into_iter().flatten().filter_map(Value::as_object_mut) {
            port.remove("nodePort");
        }
    }
}

/// The object without its old identity and its status.
pub(super) fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    let metadata = meta::of(&mut object);
    for field in OLD {
        metadata.remove(field);
    }
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    object
}

/// Whether its work is done, so that there is nothing to bring back.
pub(super) fn completed(kind: &Kind, object: &Value) -> bool {
    *kind == PODS && matches!(object["status"]["phase"].as_str(), Some("Failed" | "Succeeded"))
}

fn unbind(object: &mut Value) {
    let annotations = object.pointer_mut("/metadata/annotations");
    if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
        annotations.retain(|name, _| !BOUND.contains(&name.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SHAPE: Shape<'_> = Shape {
        restore: "r",
        backup: "b",
        keep_node_ports: false,
    };

    #[test]
    fn an_object_loses_its_identity_and_gets_the_labels_of_the_restore() {
        let pod = json!({
            "metadata": {"name": "web", "namespace": "shop", "uid": "1", "resourceVersion": "7", "ownerReferences": [{}], "labels": {"app": "web"}},
            "spec": {"nodeName": "node-1", "containers": []},
            "status": {"phase": "Running"},
        });
        assert_eq!(
            SHAPE.apply(&PODS, &pod, "shop-copy"),
            json!({
                "metadata": {"name": "web", "namespace": "shop-copy",
                    "labels": {"app": "web", "velero.io/backup-name": "b", "velero.io/restore-name": "r"}},
                "spec": {"containers": []},
            })
        );
    }

    #[test]
    fn a_service_gets_new_addresses_and_keeps_its_node_ports_on_request() {
        let service = json!({
            "metadata": {"name": "web"},
            "spec": {"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"], "ports": [{"port": 80, "nodePort": 30080}]},
        });
        assert_eq!(
            SHAPE.apply(&SERVICES, &service, "shop")["spec"],
            json!({"ports": [{"port": 80}]})
        );
        let keeping = Shape {
            keep_node_ports: true,
            ..SHAPE
        };
        assert_eq!(
            keeping.apply(&SERVICES, &service, "shop")["spec"]["ports"],
            json!([{"port": 80, "nodePort": 30080}])
        );
    }
}
