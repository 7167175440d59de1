//! Tokens and rules.

use k8s_openapi::api::authorization::v1::SelfSubjectRulesReview;
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::api::{Api, ListParams, PostParams};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Sandbox, backup, client, refused};

#[tokio::test]
async fn another_token_is_unauthorized() {
    let sandbox = Sandbox::start().await;
    let stranger = client(&sandbox.server, "wrong").await;
    let status = refused(Api::<Pod>::all(stranger).list(&ListParams::default()).await);
    assert_eq!(
        (status.code, status.reason.as_str(), status.message.as_str()),
        (401, "Unauthorized", "Unauthorized")
    );
}

#[tokio::test]
async fn a_limited_token_may_do_what_its_rules_say() {
    let rules = json!([
        {"verbs": ["get", "list", "create"], "apiGroups": ["velero.io"], "resources": ["*"], "namespace": "velero"},
        {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["cloud-credentials"]},
    ]);
    let sandbox = Sandbox::with(json!({"rules": rules, "user": "backup-operator"})).await;
    let place = sandbox.place();
    place.backup("b").await;
    let status = refused(place.backups().delete("b", &kube::api::DeleteParams::default()).await);
    assert_eq!((status.code, status.reason.as_str()), (403, "Forbidden"));
    assert_eq!(
        status.message,
        "backups.velero.io \"b\" is forbidden: User \"backup-operator\" cannot delete resource \"backups\" in API group \
         \"velero.io\" in the namespace \"velero\""
    );
    let pods = Api::<Pod>::all(sandbox.client.clone());
    assert_eq!(
        refused(pods.list(&ListParams::default()).await).message,
        "pods is forbidden: User \"backup-operator\" cannot list resource \"pods\" in API group \"\" at the cluster scope"
    );
    let secrets = Api::<Secret>::namespaced(sandbox.client.clone(), "velero");
    assert_eq!(refused(secrets.get("cloud-credentials").await).code, 404);
    assert_eq!(refused(secrets.get("another").await).code, 403);
    for (verb, allowed) in [("create", true), ("delete", false)] {
        let review = json!({"spec": {"resourceAttributes": {
            "verb": verb, "group": "velero.io", "resource": "backups", "namespace": "velero"}}});
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        let answer = place.send("POST", path, &review).await.unwrap();
        assert_eq!(answer["status"]["allowed"], allowed, "{verb}");
    }
    let reviews = Api::<SelfSubjectRulesReview>::all(sandbox.client.clone());
    let review = serde_json::from_value(json!({"spec": {"namespace": "default"}})).unwrap();
    let answer = reviews.create(&PostParams::default(), &review).await.unwrap();
    assert_eq!(
        answer.status.unwrap().resource_rules.len(),
        1,
        "one of the rules is for another namespace"
    );
}

#[tokio::test]
async fn clusters_are_made_listed_and_removed() {
    let sandbox = Sandbox::with(json!({"objects": [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop"}, "status": {"phase": "Running"}},
    ]})).await;
    let listed = sandbox.control(Method::GET, "/clusters", Value::Null).await;
    assert_eq!(listed["items"][0]["server"], sandbox.server.as_str());
    let running = ListParams::default().fields("status.phase=Running");
    let pods = Api::<Pod>::all(sandbox.client.clone()).list(&running).await.unwrap();
    assert_eq!(pods.items.len(), 1);
    let url = format!("{}/_sandbox/clusters", sandbox.running.url);
    for (seed, status) in [
        (json!({"name": "c", "bucket": "b"}), 409),
        (json!({"name": "d/e", "bucket": "b"}), 422),
        (json!({"name": "d", "bucket": "b", "wrong": 1}), 400),
        (
            json!({"name": "d", "bucket": "b", "objects": [{"apiVersion": "v1", "kind": "None"}]}),
            422,
        ),
    ] {
        assert_eq!(
            sandbox.http.post(&url).json(&seed).send().await.unwrap().status(),
            status,
            "{seed}"
        );
    }
    let other = json!({"name": "d", "bucket": "b"});
    let other = sandbox.control(Method::POST, "/clusters", other).await;
    let theirs = client(other["server"].as_str().unwrap(), other["token"].as_str().unwrap()).await;
    assert_eq!(
        Api::<Pod>::all(theirs)
            .list(&ListParams::default())
            .await
            .unwrap()
            .items
            .len(),
        0
    );
    let foreign = client(&sandbox.server, other["token"].as_str().unwrap()).await;
    assert_eq!(
        refused(Api::<Pod>::all(foreign).list(&ListParams::default()).await).code,
        401
    );
    let refusal = refused(
        sandbox
            .place()
            .backups()
            .create(&PostParams::default(), &backup("x/y"))
            .await,
    );
    assert_eq!(refusal.code, 422);
}
