//! The App: its JWT, its installations, its tokens.

use serde_json::json;

use crate::support::{APP, INSTALLATION, REPO, World};

#[tokio::test]
async fn a_jwt_finds_the_installation_of_a_repository() {
    let w = World::start().await;
    let jwt = w.jwt(APP, 300);
    assert_eq!(w.get("/app", &jwt).await.body["id"], APP);
    let found = w.get(&format!("{REPO}/installation"), &jwt).await.body;
    assert_eq!(
        (&found["id"], &found["account"]["login"]),
        (&json!(INSTALLATION), &json!("acme"))
    );
    assert_eq!(w.get("/app/installations", &jwt).await.body, json!([found]));
    assert_eq!(
        w.get(&format!("/app/installations/{INSTALLATION}"), &jwt).await.body,
        found
    );
    assert_eq!(w.get("/repos/carol/open/installation", &jwt).await.status, 404);
}

#[tokio::test]
async fn a_jwt_of_another_key_issuer_or_life_is_refused() {
    let w = World::start().await;
    let stranger = World::start().await;
    let refused = [
        stranger.jwt(APP, 300),
        w.jwt(APP + 1, 300),
        w.jwt(APP, 3_600),
        w.jwt(APP, -10),
        "a.b.c".to_owned(),
        "alice-token".to_owned(),
    ];
    for jwt in refused {
        let answer = w.get("/app", &jwt).await;
        assert_eq!(answer.status, 401, "{jwt}: {answer:?}");
    }
}

#[tokio::test]
async fn an_installation_token_acts_as_the_bot_in_its_repositories_only() {
    let w = World::start().await;
    let token = w.installation_token().await;
    let number = w.issue("x").await;
    let comment = w
        .call(
            "POST",
            &format!("{REPO}/issues/{number}/comments"),
            &token,
            Some(json!({"body": "planned"})),
        )
        .await;
    assert_eq!(comment.status, 201);
    assert_eq!(
        (&comment.body["user"]["login"], &comment.body["user"]["type"]),
        (&json!("app-42[bot]"), &json!("Bot"))
    );
    let closed = w
        .call(
            "PATCH",
            &format!("{REPO}/issues/{number}"),
            &token,
            Some(json!({"state": "closed"})),
        )
        .await;
    assert_eq!(closed.body["state"], "closed");

    let reached = w.get("/installation/repositories", &token).await.body;
    assert_eq!(
        (&reached["total_count"], &reached["repositories"][0]["full_name"]),
        (&json!(1), &json!("acme/backups"))
    );
    assert_eq!(w.get("/repos/carol/secret", &token).await.status, 404);
    let elsewhere = w
        .call("POST", "/repos/carol/open/issues", &token, Some(json!({"title": "t"})))
        .await;
    assert_eq!(
        (elsewhere.status, &elsewhere.body["message"]),
        (403, &json!("Resource not accessible by integration"))
    );
}
