//! Webhooks, as a receiver sees them.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{APP, INSTALLATION, REPO, SECRET, World, kinds};

fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn an_opened_issue_is_delivered_signed() {
    let mut w = World::start().await;
    w.issue("Back up prod-pg").await;
    let (headers, body) = w.hooks.received.recv().await.unwrap();
    assert_eq!(headers["x-github-event"], "issues");
    assert_eq!(headers["x-hub-signature-256"], signature(SECRET, &body).as_str());
    assert!(
        headers["x-github-delivery"]
            .to_str()
            .unwrap()
            .parse::<uuid::Uuid>()
            .is_ok()
    );
    assert!(headers["user-agent"].to_str().unwrap().starts_with("GitHub-Hookshot/"));
    assert!(headers.contains_key("x-github-hook-id"));
    let payload: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(payload["action"], "opened");
    assert_eq!(payload["issue"]["title"], "Back up prod-pg");
    assert_eq!(
        (&payload["repository"]["id"], &payload["installation"]["id"]),
        (&json!(10), &json!(INSTALLATION))
    );
    assert_eq!(payload["sender"]["login"], "alice");
}

#[tokio::test]
async fn each_change_is_an_event_with_what_was_before_and_no_change_is_none() {
    let mut w = World::start().await;
    let path = format!("{REPO}/issues/{}", w.issue("x").await);
    w.events().await;
    let change = json!({"title": "y", "body": "second", "state": "closed", "labels": ["a"]});
    w.call("PATCH", &path, "bob-token", Some(change.clone())).await;
    let events = w.events().await;
    assert_eq!(
        kinds(&events),
        ["issues.edited", "issues.closed", "label.created", "issues.labeled"]
    );
    assert_eq!(
        events[0].1["changes"],
        json!({"title": {"from": "x"}, "body": {"from": "first"}})
    );
    assert_eq!(events[3].1["label"]["name"], "a");
    w.call("PATCH", &path, "bob-token", Some(change)).await;
    assert_eq!(w.events().await, []);
    w.call(
        "PATCH",
        &path,
        "bob-token",
        Some(json!({"state": "open", "labels": []})),
    )
    .await;
    assert_eq!(kinds(&w.events().await), ["issues.reopened", "issues.unlabeled"]);
}

#[tokio::test]
async fn comments_are_events_of_their_own() {
    let mut w = World::start().await;
    let path = format!("{REPO}/issues/{}/comments", w.issue("x").await);
    w.events().await;
    let token = w.installation_token().await;
    let comment = w.call("POST", &path, &token, Some(json!({"body": "one"}))).await.body;
    w.call(
        "PATCH",
        &format!("{REPO}/issues/comments/{}", comment["id"]),
        &token,
        Some(json!({"body": "two"})),
    )
    .await;
    let events = w.events().await;
    assert_eq!(kinds(&events), ["issue_comment.created", "issue_comment.edited"]);
    assert_eq!(events[0].1["sender"]["type"], "Bot");
    assert_eq!(events[1].1["changes"], json!({"body": {"from": "one"}}));
    assert_eq!(
        (&events[1].1["comment"]["body"], &events[1].1["issue"]["number"]),
        (&json!("two"), &json!(1))
    );
}

#[tokio::test]
async fn a_repository_without_the_app_sends_nothing() {
    let mut w = World::start().await;
    let opened = w
        .call(
            "POST",
            "/repos/carol/open/issues",
            "alice-token",
            Some(json!({"title": "t"})),
        )
        .await;
    assert_eq!(opened.status, 201);
    assert_eq!(w.events().await, []);
}

#[tokio::test]
async fn a_refused_delivery_is_listed_and_sent_again_only_when_asked() {
    let mut w = World::start().await;
    w.hooks.answer_with(500);
    w.issue("x").await;
    assert_eq!(w.events().await.len(), 1);
    let jwt = w.jwt(APP, 300);
    let failed = w.get("/app/hook/deliveries", &jwt).await.body;
    assert_eq!(failed.as_array().unwrap().len(), 1);
    assert_eq!(
        (&failed[0]["status_code"], &failed[0]["redelivery"]),
        (&json!(500), &json!(false))
    );

    w.hooks.answer_with(202);
    let path = format!("/app/hook/deliveries/{}", failed[0]["id"]);
    assert_eq!(
        w.call("POST", &format!("{path}/attempts"), &jwt, None).await.status,
        202
    );
    assert_eq!(kinds(&w.events().await), ["issues.opened"]);
    let first_page = w.get("/app/hook/deliveries?per_page=1", &jwt).await;
    let again = &first_page.body[0];
    assert_eq!(
        (&again["guid"], &again["redelivery"], &again["status_code"]),
        (&failed[0]["guid"], &json!(true), &json!(202))
    );
    let link = first_page.headers["link"].to_str().unwrap();
    let next = link
        .trim_start_matches('<')
        .split_once('>')
        .unwrap()
        .0
        .strip_prefix(&w.running.github_url)
        .unwrap();
    assert_eq!(w.get(next, &jwt).await.body, failed);
    let path_of_failed = "/app/hook/deliveries?status=failure";
    assert_eq!(w.get(path_of_failed, &jwt).await.body, failed);
    let whole = w.get(&path, &jwt).await.body;
    assert_eq!(whole["request"]["payload"]["action"], "opened");
    assert_eq!(whole["request"]["headers"]["x-github-event"], "issues");
}

#[tokio::test]
async fn any_payload_can_be_sent_with_any_secret() {
    let mut w = World::start().await;
    w.hooks.answer_with(401);
    let sent = json!({"event": "issues", "body": "{not json", "secret": "another"});
    let said = w.control("POST", "/github/deliver", Some(sent)).await;
    assert_eq!(said.body["status_code"], 401);
    let (headers, body) = w.hooks.received.recv().await.unwrap();
    assert_eq!(&body[..], b"{not json");
    assert_eq!(
        headers["x-hub-signature-256"],
        signature("another", b"{not json").as_str()
    );
    assert_eq!(headers["x-github-delivery"], said.body["delivery"].as_str().unwrap());
}

#[tokio::test]
async fn deliveries_are_kept_for_three_days() {
    let mut w = World::start().await;
    w.issue("x").await;
    w.events().await;
    let jwt = w.jwt(APP, 300);
    let path = "/app/hook/deliveries";
    let id = w.get(path, &jwt).await.body[0]["id"].clone();
    let day = Some(json!({"advance_seconds": 86_401}));
    for kept in [true, true, false] {
        w.control("POST", "/clock", day.clone()).await;
        let listed = w.get(path, &jwt).await.body;
        let listed = listed.as_array().unwrap().iter().any(|delivery| delivery["id"] == id);
        let found = w.get(&format!("{path}/{id}"), &jwt).await.status;
        let again = format!("{path}/{id}/attempts");
        let again = w.call("POST", &again, &jwt, None).await.status;
        let expected = if kept { (true, 200, 202) } else { (false, 404, 404) };
        assert_eq!((listed, found, again), expected);
    }
}

#[tokio::test]
async fn the_app_can_point_its_webhook_elsewhere() {
    let mut w = World::start().await;
    let (jwt, path) = (w.jwt(APP, 300), "/app/hook/config");
    let config = json!({"url": w.hooks.url, "content_type": "json", "insecure_ssl": "0", "secret": "********"});
    assert_eq!(w.get(path, &jwt).await.body, config);
    let url = format!("{}/elsewhere", w.hooks.url);
    let changed = w
        .call("PATCH", path, &jwt, Some(json!({"url": url, "secret": "another"})))
        .await;
    assert_eq!(changed.body["url"], url);
    w.issue("x").await;
    let (headers, body) = w.hooks.received.recv().await.unwrap();
    assert_eq!(headers["x-hub-signature-256"], signature("another", &body).as_str());
    for wrong in [
        json!({"url": "nowhere"}),
        json!({"content_type": "form"}),
        json!({"insecure_ssl": "1"}),
    ] {
        let refused = w.call("PATCH", path, &jwt, Some(wrong)).await;
        assert_eq!(
            (refused.status, &refused.body["message"]),
            (422, &json!("Validation Failed"))
        );
    }
    assert_eq!(w.get(path, "alice-token").await.status, 401);
}

#[tokio::test]
async fn an_edit_tells_what_changed_and_nothing_else() {
    let mut w = World::start().await;
    let path = format!("{REPO}/issues/{}", w.issue("x").await);
    let comments = format!("{path}/comments");
    let comment = w
        .call("POST", &comments, "alice-token", Some(json!({"body": "c"})))
        .await;
    let comment = format!("{REPO}/issues/comments/{}", comment.body["id"]);
    let label = json!({"name": "l", "color": "111111"});
    w.call("POST", &format!("{REPO}/labels"), "bob-token", Some(label))
        .await;
    w.call("POST", &format!("{path}/labels"), "bob-token", Some(json!(["l"])))
        .await;
    w.events().await;

    let same = [
        (&path, json!({"title": "x", "body": "first"})),
        (&comment, json!({"body": "c"})),
        (&format!("{REPO}/labels/l"), json!({"new_name": "l", "color": "111111"})),
    ];
    for (path, body) in same {
        assert_eq!(w.call("PATCH", path, "bob-token", Some(body)).await.status, 200);
    }
    assert_eq!(w.events().await, []);

    let changes = [
        (
            &path,
            json!({"title": "x", "body": "second"}),
            json!({"body": {"from": "first"}}),
        ),
        (
            &path,
            json!({"title": "y", "body": "second"}),
            json!({"title": {"from": "x"}}),
        ),
        (&comment, json!({"body": "d"}), json!({"body": {"from": "c"}})),
        (
            &format!("{REPO}/labels/l"),
            json!({"new_name": "m", "color": "111111"}),
            json!({"name": {"from": "l"}}),
        ),
    ];
    for (path, body, changes) in changes {
        w.call("PATCH", path, "bob-token", Some(body)).await;
        let events = w.events().await;
        assert_eq!((events.len(), &events[0].1["changes"]), (1, &changes));
    }
    let labels = w.get(&path, "alice-token").await.body["labels"].clone();
    assert_eq!(labels[0]["name"], "m", "on the issue too");
}
