//! What a client finds out first.

use k8s_openapi::api::authorization::v1::SelfSubjectAccessReview;
use kube::api::{Api, ListParams, PostParams};
use kube::discovery::{Discovery, Scope, verbs};
use serde_json::{Value, json};

use super::{Sandbox, conformance};

#[tokio::test]
async fn the_groups_and_kinds_are_found() {
    conformance(|place| async move {
        let filter = ["velero.io", ""];
        let whole = Discovery::new(place.client.clone()).run_aggregated().await.unwrap();
        let (schedule, can) = whole.get("velero.io").unwrap().recommended_kind("Schedule").unwrap();
        assert_eq!(
            (schedule.plural.as_str(), &can.scope),
            ("schedules", &Scope::Namespaced)
        );
        let found = Discovery::new(place.client.clone())
            .filter(&filter)
            .run()
            .await
            .unwrap();
        let velero = found.get("velero.io").unwrap();
        let (backup, can) = velero.recommended_kind("Backup").unwrap();
        assert_eq!((backup.plural.as_str(), &can.scope), ("backups", &Scope::Namespaced));
        assert!(can.supports_operation(verbs::WATCH) && can.subresources.is_empty());
        let (pod, can) = found.get("").unwrap().recommended_kind("Pod").unwrap();
        assert_eq!(pod.plural, "pods");
        assert!(
            can.subresources
                .iter()
                .any(|(subresource, _)| subresource.plural == "pods/status" || subresource.plural == "status")
        );
    })
    .await;
}

#[tokio::test]
async fn whoever_may_everything_is_told_so() {
    conformance(|place| async move {
        let reviews = Api::<SelfSubjectAccessReview>::all(place.client.clone());
        let review = json!({"spec": {"resourceAttributes": {
            "verb": "create", "group": "velero.io", "resource": "backups", "namespace": place.namespace}}});
        let review = serde_json::from_value(review).unwrap();
        let answer = reviews.create(&PostParams::default(), &review).await.unwrap();
        assert!(answer.status.unwrap().allowed);
    })
    .await;
}

#[tokio::test]
async fn metadata_can_be_had_alone() {
    conformance(|place| async move {
        let made = place.backup("b").await;
        let metadata = place.backups().get_metadata("b").await.unwrap();
        assert_eq!(metadata.metadata, made.metadata);
        let listed = place.backups().list_metadata(&ListParams::default()).await.unwrap();
        assert_eq!(listed.items[0].metadata, made.metadata);
    })
    .await;
}

#[tokio::test]
async fn the_version_is_as_the_seed_says() {
    let sandbox = Sandbox::with(json!({"kubernetes_version": "v1.33.5-eks-1"})).await;
    let version = sandbox.client.apiserver_version().await.unwrap();
    assert_eq!(
        (version.minor.as_str(), version.git_version.as_str()),
        ("33", "v1.33.5-eks-1")
    );
    let health = sandbox
        .http
        .get(format!("{}/readyz", sandbox.server))
        .send()
        .await
        .unwrap();
    assert_eq!(health.text().await.unwrap(), "ok");
    let unknown = sandbox.raw(reqwest::Method::GET, "/openapi/v3").send().await.unwrap();
    let status: Value = unknown.json().await.unwrap();
    assert_eq!(status["message"], "the server could not find the requested resource");
}
