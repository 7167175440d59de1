//! The primary rate limit.

use serde_json::json;

use crate::support::{Got, INSTALLATION, REPO, World};

fn number(got: &Got, name: &str) -> i64 {
    got.headers[name].to_str().unwrap().parse().unwrap()
}

fn used(got: &Got) -> (i64, i64, i64) {
    (
        number(got, "x-ratelimit-limit"),
        number(got, "x-ratelimit-used"),
        number(got, "x-ratelimit-remaining"),
    )
}

#[tokio::test]
async fn every_answer_says_how_much_is_left() {
    let w = World::start().await;
    let first = w.get("/user", "alice-token").await;
    assert_eq!(used(&first), (5_000, 1, 4_999));
    assert_eq!(first.headers["x-ratelimit-resource"], "core");
    let date = jiff::fmt::rfc2822::parse(first.headers["date"].to_str().unwrap()).unwrap();
    assert_eq!(
        number(&first, "x-ratelimit-reset") - date.timestamp().as_second(),
        3_600
    );
    assert_eq!(
        used(&w.get("/nowhere", "alice-token").await),
        (5_000, 2, 4_998),
        "a refusal counts"
    );
    assert_eq!(
        used(&w.get("/user", "bob-token").await),
        (5_000, 1, 4_999),
        "each has a limit of their own"
    );
    assert_eq!(
        used(&w.get("/user", "nobody").await),
        (60, 1, 59),
        "by address without credentials"
    );
    let later = w
        .control("POST", "/clock", Some(json!({"advance_seconds": 3_600})))
        .await;
    assert_eq!(later.status, 200);
    assert_eq!(used(&w.get("/user", "alice-token").await), (5_000, 1, 4_999));
}

#[tokio::test]
async fn nothing_is_done_once_the_limit_is_used_up_until_the_window_moves() {
    let w = World::start().await;
    let limit = json!({"of": {"login": "alice"}, "limit": 2});
    assert_eq!(w.control("POST", "/github/rate-limit", Some(limit)).await.status, 204);
    w.issue("one").await;
    let path = format!("{REPO}/issues");
    let last = w.get(&path, "alice-token").await;
    assert_eq!((last.status, used(&last)), (200, (2, 2, 0)));
    let refused = w
        .call("POST", &path, "alice-token", Some(json!({"title": "two"})))
        .await;
    assert_eq!((refused.status, used(&refused)), (403, (2, 2, 0)));
    assert_eq!(refused.body["message"], "API rate limit exceeded for user ID 1.");
    assert_eq!(
        w.get(&path, "bob-token").await.body.as_array().unwrap().len(),
        1,
        "only the first was opened"
    );

    let asked = w.get("/rate_limit", "alice-token").await;
    assert_eq!(asked.status, 200, "asking is free");
    let core = &asked.body["resources"]["core"];
    assert_eq!(
        core,
        &json!({"limit": 2, "used": 2, "remaining": 0, "reset": number(&refused, "x-ratelimit-reset")})
    );

    w.control("POST", "/clock", Some(json!({"advance_seconds": 3_600})))
        .await;
    assert_eq!(w.get(&path, "alice-token").await.status, 200);
}

#[tokio::test]
async fn an_installations_tokens_share_its_limit() {
    let w = World::start().await;
    let limit = json!({"of": {"installation": INSTALLATION}, "limit": 1});
    w.control("POST", "/github/rate-limit", Some(limit)).await;
    let (first, second) = (w.installation_token().await, w.installation_token().await);
    assert_eq!(w.get(REPO, &first).await.status, 200);
    let refused = w.get(REPO, &second).await;
    assert_eq!(
        (refused.status, &refused.body["message"]),
        (403, &json!("API rate limit exceeded for installation ID 77."))
    );
    let nobody = json!({"of": {"login": "nobody"}, "limit": 1});
    assert_eq!(w.control("POST", "/github/rate-limit", Some(nobody)).await.status, 404);
}
