//! Creating, reading and replacing.

use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::ResourceExt;
use kube::api::{Api, PostParams};
use serde_json::json;

use super::{backup, conformance, refused};

#[tokio::test]
async fn what_is_created_is_read_back_with_what_the_server_sets() {
    conformance(|place| async move {
        let made = place.backup("b").await;
        assert_eq!(place.backups().get("b").await.unwrap(), made);
        assert!(made.uid().is_some() && made.creation_timestamp().is_some() && made.resource_version().is_some());
        assert_eq!(
            (made.metadata.generation, made.data["spec"]["ttl"].as_str()),
            (Some(1), Some("1h0m0s"))
        );
        let fields = &made.managed_fields()[0];
        assert_eq!(fields.operation.as_deref(), Some("Update"));
        let owned = serde_json::to_value(&fields.fields_v1).unwrap();
        assert_eq!(owned, json!({"f:spec": {".": {}, "f:ttl": {}}}));
    })
    .await;
}

#[tokio::test]
async fn a_generated_name_begins_with_what_was_asked_for() {
    conformance(|place| async move {
        let mut unnamed = backup("");
        unnamed.metadata.name = None;
        unnamed.metadata.generate_name = Some("nightly-".to_owned());
        let made = place.backups().create(&PostParams::default(), &unnamed).await.unwrap();
        let suffix = made.name_any().strip_prefix("nightly-").unwrap().len();
        assert_eq!(suffix, 5);
    })
    .await;
}

#[tokio::test]
async fn a_write_from_an_old_reading_is_a_conflict() {
    conformance(|place| async move {
        let (backups, by) = (place.backups(), PostParams::default());
        let first = place.backup("b").await;
        let mut changed = first.clone();
        changed.data["spec"]["ttl"] = json!("2h0m0s");
        let second = backups.replace("b", &by, &changed).await.unwrap();
        assert_ne!(second.resource_version(), first.resource_version());
        assert_eq!(second.metadata.generation, Some(2));
        let status = refused(backups.replace("b", &by, &changed).await);
        assert_eq!((status.code, status.reason.as_str()), (409, "Conflict"));
        assert_eq!(
            status.message,
            "Operation cannot be fulfilled on backups.velero.io \"b\": the object has been modified; please apply \
             your changes to the latest version and try again"
        );
        let details = status.details.unwrap();
        assert_eq!(
            (details.group.as_str(), details.kind.as_str()),
            ("velero.io", "backups")
        );
    })
    .await;
}

#[tokio::test]
async fn a_write_that_changes_nothing_keeps_the_resource_version() {
    conformance(|place| async move {
        let made = place.backup("b").await;
        let again = place
            .backups()
            .replace("b", &PostParams::default(), &made)
            .await
            .unwrap();
        assert_eq!(again.resource_version(), made.resource_version());
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_answers_and_stores_nothing() {
    conformance(|place| async move {
        let (backups, dry) = (
            place.backups(),
            PostParams {
                dry_run: true,
                field_manager: None,
            },
        );
        let shown = backups.create(&dry, &backup("b")).await.unwrap();
        assert!(shown.uid().is_some());
        assert_eq!(backups.get_opt("b").await.unwrap(), None);
        let made = place.backup("b").await;
        let mut changed = made.clone();
        changed.data["spec"]["ttl"] = json!("9h0m0s");
        let shown = backups.replace("b", &dry, &changed).await.unwrap();
        assert_eq!(shown.data["spec"]["ttl"], "9h0m0s");
        assert_eq!(backups.get("b").await.unwrap(), made);
        let deletion = kube::api::DeleteParams::default().dry_run();
        backups.delete("b", &deletion).await.unwrap();
        assert_eq!(backups.get("b").await.unwrap(), made);
    })
    .await;
}

#[tokio::test]
async fn what_a_secret_was_given_as_text_is_kept_as_bytes() {
    conformance(|place| async move {
        let secrets = Api::<Secret>::namespaced(place.client.clone(), &place.namespace);
        let secret = json!({"metadata": {"name": "s"}, "stringData": {"key": "value"}});
        let made = secrets
            .create(&PostParams::default(), &serde_json::from_value(secret).unwrap())
            .await
            .unwrap();
        assert_eq!(made.type_.as_deref(), Some("Opaque"));
        assert_eq!(made.data.unwrap()["key"].0, b"value");
        assert_eq!(made.string_data, None);
    })
    .await;
}

#[tokio::test]
async fn status_of_a_pod_is_written_through_its_subresource_alone() {
    conformance(|place| async move {
        let pods = Api::<Pod>::namespaced(place.client.clone(), &place.namespace);
        // No node has the name, so that nothing else writes to the pod.
        let pod = json!({"metadata": {"name": "p"}, "status": {"phase": "Running"}, "spec": {
            "nodeSelector": {"none": "such"}, "containers": [{"name": "x", "image": "x"}]}});
        let mut pod: Pod = pods
            .create(&PostParams::default(), &serde_json::from_value(pod).unwrap())
            .await
            .unwrap();
        assert_eq!(pod.status.clone().unwrap().phase.as_deref(), Some("Pending"));
        pod.status.as_mut().unwrap().phase = Some("Succeeded".to_owned());
        pod.metadata.resource_version = None;
        let written = pods.replace_status("p", &PostParams::default(), &pod).await.unwrap();
        assert_eq!(written.status.unwrap().phase.as_deref(), Some("Succeeded"));
    })
    .await;
}
