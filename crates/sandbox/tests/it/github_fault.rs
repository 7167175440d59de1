//! Faults at GitHub: each kind, for an operation, a repository and the nth call.

use serde_json::{Value, json};

use crate::support::{APP, Got, REPO, World, kinds};

const OPERATION: &str = "issues/create-comment";

/// A world with an issue, and the path of its comments.
async fn world() -> (World, String) {
    let mut w = World::start().await;
    let path = format!("{REPO}/issues/{}/comments", w.issue("x").await);
    w.events().await;
    (w, path)
}

async fn comment(w: &World, path: &str) -> Got {
    w.call("POST", path, "alice-token", Some(json!({"body": "c"}))).await
}

async fn comments(w: &World, path: &str) -> usize {
    w.get(path, "bob-token").await.body.as_array().unwrap().len()
}

#[tokio::test]
async fn throttle_error_and_access_denied_refuse_without_an_effect() {
    let (mut w, path) = world().await;
    for (kind, status, message) in [
        (
            "throttle",
            403,
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        ),
        ("error", 500, "Server Error"),
        ("access-denied", 403, "Resource not accessible by integration"),
    ] {
        w.fault(OPERATION, kind).await;
        let hit = comment(&w, &path).await;
        assert_eq!((hit.status, &hit.body["message"]), (status, &json!(message)));
        assert_eq!(hit.headers.contains_key("retry-after"), kind == "throttle");
        assert_ne!(
            hit.headers["x-ratelimit-remaining"], "0",
            "a secondary limit leaves the primary alone"
        );
    }
    assert_eq!((comments(&w, &path).await, w.events().await), (0, vec![]));
}

#[tokio::test]
async fn garbage_breaks_off_without_an_effect() {
    let (w, path) = world().await;
    w.fault(OPERATION, "garbage").await;
    let garbage = comment(&w, &path).await;
    assert_eq!((garbage.status, garbage.body), (200, Value::Null));
    assert_eq!(comments(&w, &path).await, 0);
}

#[tokio::test]
async fn a_timeout_has_no_effect_and_no_answer_for_as_long_as_the_rule_says() {
    let (w, path) = world().await;
    w.fault(OPERATION, "timeout").await;
    let body = Some(json!({"body": "c"}));
    assert!(w.send("POST", &path, "alice-token", body).await.is_err());
    assert_eq!(comments(&w, &path).await, 0);
    w.control("POST", "/faults", Some(json!({"kind": "timeout"}))).await;
    let rules = w.control("GET", "/faults", None).await.body;
    assert_eq!(rules["items"][1]["hold_seconds"], 30, "unless the rule says otherwise");
}

#[tokio::test]
async fn a_lost_response_has_its_effect_and_its_event() {
    let (mut w, path) = world().await;
    w.fault(OPERATION, "lost-response").await;
    let body = Some(json!({"body": "c"}));
    assert!(w.send("POST", &path, "alice-token", body).await.is_err());
    assert_eq!(comments(&w, &path).await, 1);
    assert_eq!(kinds(&w.events().await), ["issue_comment.created"]);
}

#[tokio::test]
async fn job_failed_answers_and_loses_the_event_until_it_is_sent_again() {
    let (mut w, path) = world().await;
    w.fault(OPERATION, "job-failed").await;
    assert_eq!(comment(&w, &path).await.status, 201);
    assert_eq!(w.events().await, []);
    let jwt = w.jwt(APP, 300);
    let failed = &w.get("/app/hook/deliveries", &jwt).await.body[0];
    assert_eq!(
        (&failed["event"], &failed["status_code"]),
        (&json!("issue_comment"), &json!(502))
    );
    let again = format!("/app/hook/deliveries/{}/attempts", failed["id"]);
    w.call("POST", &again, &jwt, None).await;
    assert_eq!(kinds(&w.events().await), ["issue_comment.created"]);
}

#[tokio::test]
async fn a_rule_hits_its_repository_at_its_nth_call() {
    let w = World::start().await;
    let rule =
        json!({"service": "github", "operation": "repos/get", "account": "acme/backups", "nth": 2, "kind": "error"});
    w.control("POST", "/faults", Some(rule)).await;
    let mut statuses = Vec::new();
    for path in ["/repos/carol/open", REPO, "/repos/carol/open", "/repositories/10", REPO] {
        statuses.push(w.get(path, "alice-token").await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 500, 200], "by number too");
}
