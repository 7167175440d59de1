//! Faults and the call log.

use kube::api::{ListParams, Patch, PatchParams, PostParams, WatchParams};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Sandbox, backup, refused};

#[tokio::test]
async fn each_fault_answers_in_the_words_of_the_api_server() {
    let sandbox = Sandbox::start().await;
    let place = sandbox.place();
    let list = || {
        sandbox
            .raw(Method::GET, "/apis/velero.io/v1/namespaces/velero/backups")
            .send()
    };
    sandbox.fault("list/backups", "throttle").await;
    let throttled = list().await.unwrap();
    assert_eq!(
        (throttled.status().as_u16(), &throttled.headers()["retry-after"]),
        (429, &"1".parse().unwrap())
    );
    let status: Value = throttled.json().await.unwrap();
    assert_eq!(status["reason"], "TooManyRequests");
    sandbox.fault("list/backups", "error").await;
    assert_eq!(list().await.unwrap().status(), 500);
    sandbox.fault("list/backups", "access-denied").await;
    let status = refused(place.backups().list(&ListParams::default()).await);
    assert_eq!(
        status.message,
        "backups.velero.io is forbidden: User \"holdfast\" cannot list resource \"backups\" in API group \"velero.io\" in \
         the namespace \"velero\""
    );
    sandbox.fault("list/backups", "garbage").await;
    assert!(matches!(
        place.backups().list(&ListParams::default()).await,
        Err(kube::Error::SerdeError(_))
    ));
    sandbox.fault("watch/backups", "error").await;
    let watch = place.backups().watch(&WatchParams::default(), "0").await;
    assert_eq!(
        watch
            .err()
            .map(|error| matches!(error, kube::Error::Api(status) if status.code == 500)),
        Some(true)
    );
}

#[tokio::test]
async fn a_lost_response_has_an_effect_and_a_refused_call_has_none() {
    let sandbox = Sandbox::start().await;
    let place = sandbox.place();
    sandbox.fault("create/backups", "lost-response").await;
    assert!(
        place
            .backups()
            .create(&PostParams::default(), &backup("b"))
            .await
            .is_err()
    );
    assert!(place.backups().get_opt("b").await.unwrap().is_some());
    sandbox.fault("patch/backups", "error").await;
    let patch = Patch::Merge(json!({"spec": {"ttl": "2h"}}));
    assert_eq!(
        refused(place.backups().patch("b", &PatchParams::default(), &patch).await).code,
        500
    );
    assert_eq!(place.backups().get("b").await.unwrap().data["spec"]["ttl"], "1h0m0s");
    let calls = sandbox
        .control(
            Method::GET,
            "/calls?tenant=c&service=kubernetes&op=create/backups",
            Value::Null,
        )
        .await;
    let created = &calls["items"][0];
    assert_eq!(
        (&created["fault"], &created["effect"]),
        (&json!("lost-response"), &json!(true))
    );
    assert_eq!(
        (&created["principal"], &created["status"]),
        (&json!("holdfast"), &json!(201))
    );
    assert_eq!(created["request"]["body"]["metadata"]["name"], "b");
    let patched = sandbox
        .control(Method::GET, "/calls?op=patch/backups", Value::Null)
        .await;
    assert_eq!(
        (&patched["items"][0]["error"], &patched["items"][0]["effect"]),
        (&json!("InternalError"), &json!(false))
    );
}

#[tokio::test]
async fn values_of_secrets_are_not_logged() {
    let sandbox = Sandbox::start().await;
    let secret = json!({"metadata": {"name": "s"}, "stringData": {"key": "hidden"}});
    sandbox
        .place()
        .send("POST", "/api/v1/namespaces/velero/secrets", &secret)
        .await
        .unwrap();
    let calls = sandbox
        .control(Method::GET, "/calls?op=create/secrets", Value::Null)
        .await;
    assert_eq!(calls["total"], 1);
    assert!(!calls.to_string().contains("hidden"));
}
