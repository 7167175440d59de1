//! Clock, faults, call log, seeding.

use serde_json::json;

use crate::support::{REPO, World};

#[tokio::test]
async fn the_clock_goes_twenty_years_ahead_and_no_further() {
    let w = World::start().await;
    let far = json!({"advance_seconds": u32::MAX});
    assert_eq!(w.control("POST", "/clock", Some(far)).await.status, 422);
    let now = w.control("GET", "/clock", None).await;
    let now: jiff::Timestamp = now.body["now"].as_str().unwrap().parse().unwrap();
    assert!(
        now < "2100-01-01T00:00:00Z".parse().unwrap(),
        "it stayed where it was: {now}"
    );
}

#[tokio::test]
async fn the_clock_moves_what_is_stamped() {
    let w = World::start().await;
    let before: jiff::Timestamp = w.control("GET", "/clock", None).await.body["now"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let after = w
        .control("POST", "/clock", Some(json!({"advance_seconds": 86_400})))
        .await;
    let after: jiff::Timestamp = after.body["now"].as_str().unwrap().parse().unwrap();
    assert!(after.duration_since(before) >= jiff::SignedDuration::from_hours(24));
    w.issue("x").await;
    let created = w.get(&format!("{REPO}/issues/1"), "alice-token").await.body["created_at"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(created.parse::<jiff::Timestamp>().unwrap().as_second() >= after.as_second());
}

#[tokio::test]
async fn calls_are_logged_with_their_effect_and_counted() {
    let w = World::start().await;
    w.issue("x").await;
    w.get(&format!("{REPO}/issues"), "bob-token").await;
    w.get("/user", "bob-token").await;
    let calls = w
        .control("GET", "/calls?tenant=acme/backups&service=github", None)
        .await
        .body;
    assert_eq!(calls["total"], 2);
    let created = &calls["items"][0];
    assert_eq!(
        (&created["operation"], &created["principal"]),
        (&json!("issues/create"), &json!("alice"))
    );
    assert_eq!((&created["status"], &created["effect"]), (&json!(201), &json!(true)));
    assert_eq!(created["request"]["body"]["title"], "x");
    let listed = w.control("GET", "/calls?op=issues/list-for-repo", None).await.body;
    assert_eq!(
        (&listed["total"], &listed["items"][0]["effect"]),
        (&json!(1), &json!(false))
    );
    let counters = w.control("GET", "/counters", None).await.body["items"].clone();
    let created =
        json!({"service": "github", "operation": "issues/create", "account": "acme/backups", "calls": 1, "effects": 1});
    assert!(counters.as_array().unwrap().contains(&created), "{counters}");
}

#[tokio::test]
async fn faults_are_listed_logged_with_the_call_and_cleared() {
    let w = World::start().await;
    let path = format!("{REPO}/issues/{}/comments", w.issue("x").await);
    w.fault("issues/create-comment", "lost-response").await;
    assert_eq!(w.get(&path, "alice-token").await.status, 200, "another operation");
    let comment = Some(json!({"body": "c"}));
    assert!(w.send("POST", &path, "alice-token", comment).await.is_err());
    let logged = w.control("GET", "/calls?op=issues/create-comment", None).await.body;
    assert_eq!(
        (&logged["items"][0]["fault"], &logged["items"][0]["effect"]),
        (&json!("lost-response"), &json!(true))
    );
    w.control("POST", "/faults", Some(json!({"kind": "error", "nth": 100})))
        .await;
    let rules = w.control("GET", "/faults", None).await.body;
    assert_eq!(rules["items"].as_array().unwrap().len(), 2);
    assert_eq!(w.control("DELETE", "/faults", None).await.status, 204);
    assert_eq!(w.control("GET", "/faults", None).await.body, json!({"items": []}));
}

#[tokio::test]
async fn a_held_request_ends_with_the_sandbox() {
    let w = World::start().await;
    w.control(
        "POST",
        "/faults",
        Some(json!({"operation": "users/get-authenticated", "kind": "timeout"})),
    )
    .await;
    let url = format!("{}/user", w.running.github_url);
    let held = tokio::spawn(w.http.get(url).bearer_auth("alice-token").send());
    while w.control("GET", "/calls?op=users/get-authenticated", None).await.body["total"] == 0 {}
    w.running.shutdown().await;
    assert!(held.await.unwrap().is_err());
}

#[tokio::test]
async fn an_unknown_field_is_refused_with_the_allowed_ones() {
    let w = World::start().await;
    for (path, known) in [
        ("/faults", "`nth`"),
        ("/clock", "`advance_seconds`"),
        ("/github/users", "`login`"),
        ("/github/repos", "`full_name`"),
        ("/github/rate-limit", "`limit`"),
        ("/github/release", "`order`"),
        ("/github/issues/transfer", "`number`"),
        ("/github/issues/delete", "`number`"),
    ] {
        let refused = w.control("POST", path, Some(json!({"wrong": 1}))).await;
        let error = refused.body["error"].as_str().unwrap();
        assert_eq!(refused.status, 400);
        assert!(error.contains("`wrong`") && error.contains(known), "{error}");
    }
    assert_eq!(w.control("GET", "/calls?wrong=1", None).await.status, 400);
}

#[tokio::test]
async fn users_and_repositories_can_be_added_and_sandboxes_share_nothing() {
    let (w, other) = (World::start().await, World::start().await);
    let user = w.control("POST", "/github/users", Some(json!({"login": "dave"}))).await;
    assert_eq!(user.status, 201);
    let token = user.body["token"].as_str().unwrap();
    let repo = json!({"full_name": "dave/app", "installation_id": 78, "private": true});
    assert_eq!(w.control("POST", "/github/repos", Some(repo.clone())).await.status, 201);
    assert_eq!(
        w.control("POST", "/github/repos", Some(repo)).await.status,
        422,
        "it exists already"
    );
    assert_eq!(w.get("/repos/dave/app", token).await.body["permissions"]["admin"], true);
    assert_eq!(other.get("/repos/dave/app", token).await.status, 401);
}
