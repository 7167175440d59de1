//! Repositories and issues that change their name, their place, or whether they are there at all.

use serde_json::{Value, json};

use crate::support::{APP, Got, INSTALLATION, REPO, World, kinds};

const CAROL: &str = "carol-token";

async fn patch(w: &World, body: Value) -> Got {
    w.call("PATCH", REPO, CAROL, Some(body)).await
}

/// What a redirect points to, below the root.
fn target<'a>(w: &World, got: &'a Got) -> &'a str {
    let url = got.headers["location"].to_str().unwrap();
    assert_eq!(
        (&got.body["message"], &got.body["url"]),
        (&json!("Moved Permanently"), &json!(url))
    );
    url.strip_prefix(&w.running.github_url).unwrap()
}

#[tokio::test]
async fn a_former_name_leads_to_the_repository() {
    let mut w = World::start().await;
    w.issue("x").await;
    w.events().await;
    assert_eq!(
        patch(&w, json!({"name": "copies"})).await.body["full_name"],
        "acme/copies"
    );
    let events = w.events().await;
    assert_eq!(kinds(&events), ["repository.renamed"]);
    assert_eq!(
        events[0].1["changes"],
        json!({"repository": {"name": {"from": "backups"}}})
    );
    assert_eq!(events[0].1["repository"]["name"], "copies");

    let moved = w.get(&format!("{REPO}/issues/1?x=y"), "alice-token").await;
    assert_eq!(
        (moved.status, target(&w, &moved)),
        (301, "/repositories/10/issues/1?x=y")
    );
    let there = w.get("/repositories/10/issues/1", "alice-token").await;
    assert_eq!(there.body["title"], "x");
    let comment = Some(json!({"body": "c"}));
    let moved = w
        .call(
            "POST",
            &format!("{REPO}/issues/1/comments"),
            "alice-token",
            comment.clone(),
        )
        .await;
    assert_eq!(
        (moved.status, target(&w, &moved)),
        (307, "/repositories/10/issues/1/comments")
    );
    let commented = w
        .call("POST", "/repositories/10/issues/1/comments", "alice-token", comment)
        .await;
    assert_eq!(commented.status, 201);
    let app = w.get(&format!("{REPO}/installation"), &w.jwt(APP, 300)).await;
    assert_eq!(target(&w, &app), "/repositories/10/installation");

    let taken = json!({"full_name": "acme/backups"});
    w.control("POST", "/github/repos", Some(taken)).await;
    assert_eq!(
        w.get(&format!("{REPO}/issues/1"), "alice-token").await.status,
        404,
        "the name is another's now"
    );
}

#[tokio::test]
async fn a_repository_that_is_hidden_or_gone_is_not_there_under_any_name() {
    let mut w = World::start().await;
    patch(&w, json!({"name": "copies"})).await;
    let path = "/repos/acme/copies";
    w.call("PATCH", path, CAROL, Some(json!({"private": true}))).await;
    for path in [path, REPO, "/repositories/10"] {
        assert_eq!(w.get(path, "alice-token").await.status, 404, "{path}");
    }
    assert_eq!(w.get(REPO, "bob-token").await.status, 301);
    assert_eq!(w.call("DELETE", path, "bob-token", None).await.status, 403);
    assert_eq!(w.call("DELETE", path, CAROL, None).await.status, 204);
    for path in [path, REPO, "/repositories/10"] {
        assert_eq!(w.get(path, CAROL).await.status, 404, "{path}");
    }
    assert_eq!(
        kinds(&w.events().await),
        ["repository.renamed", "repository.privatized", "repository.deleted"]
    );
}

#[tokio::test]
async fn an_archived_repository_is_read_only() {
    let mut w = World::start().await;
    let path = format!("{REPO}/issues/{}", w.issue("x").await);
    assert_eq!(patch(&w, json!({"archived": true})).await.body["archived"], true);
    for (method, path, body) in [
        ("PATCH", path.clone(), json!({"title": "y"})),
        ("POST", format!("{path}/comments"), json!({"body": "c"})),
        ("POST", format!("{path}/labels"), json!(["l"])),
        ("PATCH", REPO.to_owned(), json!({"name": "copies"})),
    ] {
        let refused = w.call(method, &path, CAROL, Some(body)).await;
        assert_eq!(
            (refused.status, &refused.body["message"]),
            (403, &json!("Repository was archived so is read-only."))
        );
    }
    assert_eq!(w.get(&path, "alice-token").await.body["title"], "x");
    patch(&w, json!({"archived": false})).await;
    patch(&w, json!({"archived": false, "name": "backups", "private": false})).await;
    assert_eq!(
        kinds(&w.events().await),
        ["issues.opened", "repository.archived", "repository.unarchived"],
        "what stays the same is no event"
    );
}

#[tokio::test]
async fn a_transferred_repository_takes_the_app_along_only_where_the_new_owner_has_it() {
    let mut w = World::start().await;
    let path = format!("{REPO}/transfer");
    let to = |owner: &str| Some(json!({"new_owner": owner}));
    let refused = w.call("POST", &path, "bob-token", to("carol")).await;
    assert_eq!(refused.status, 403);
    assert_eq!(w.call("POST", &path, CAROL, to("nobody")).await.status, 422);
    let left = w.call("POST", &path, CAROL, to("carol")).await;
    assert_eq!(
        (left.status, &left.body["full_name"]),
        (202, &json!("acme/backups")),
        "as it was before"
    );
    let events = w.events().await;
    assert_eq!(kinds(&events), ["installation_repositories.removed"]);
    assert_eq!(events[0].1["repositories_removed"][0]["id"], 10);
    assert_eq!(
        w.get("/repos/carol/backups/installation", &w.jwt(APP, 300))
            .await
            .status,
        404
    );

    let own = json!({"full_name": "globex/own", "installation_id": 78});
    w.control("POST", "/github/repos", Some(own)).await;
    w.call("POST", "/repos/carol/backups/transfer", CAROL, to("globex"))
        .await;
    let events = w.events().await;
    assert_eq!(
        kinds(&events),
        ["installation_repositories.added", "repository.transferred"]
    );
    assert_eq!(
        (
            &events[1].1["installation"]["id"],
            &events[1].1["changes"]["owner"]["from"]["user"]["login"]
        ),
        (&json!(78), &json!("carol"))
    );
    let moved = w.get(REPO, "alice-token").await;
    assert_eq!(target(&w, &moved), "/repositories/10");
    assert_eq!(
        w.get("/repositories/10", "alice-token").await.body["full_name"],
        "globex/backups"
    );
}

#[tokio::test]
async fn a_transferred_issue_is_found_where_it_went_and_a_deleted_one_is_gone() {
    let mut w = World::start().await;
    let path = format!("{REPO}/issues/{}", w.issue("x").await);
    w.call(
        "POST",
        &format!("{path}/comments"),
        "bob-token",
        Some(json!({"body": "c"})),
    )
    .await;
    w.call("POST", &format!("{path}/labels"), "bob-token", Some(json!(["l"])))
        .await;
    let other = json!({"full_name": "acme/other", "id": 20, "installation_id": INSTALLATION, "collaborators": {"carol": "admin"}});
    w.control("POST", "/github/repos", Some(other)).await;
    w.events().await;
    let transfer = |by: &str| json!({"repository": "acme/backups", "number": 1, "to": "acme/other", "by": by});
    let refused = w
        .control("POST", "/github/issues/transfer", Some(transfer("alice")))
        .await;
    assert_eq!(refused.status, 403);
    w.control("POST", "/github/issues/transfer", Some(transfer("carol")))
        .await;
    let events = w.events().await;
    assert_eq!(kinds(&events), ["issues.transferred", "issues.opened"]);
    assert_eq!(events[0].1["changes"]["new_repository"]["full_name"], "acme/other");
    assert_eq!(events[1].1["changes"]["old_issue"]["number"], 1);

    let moved = w.get(&path, "alice-token").await;
    assert_eq!((moved.status, target(&w, &moved)), (301, "/repositories/20/issues/1"));
    let moved = w.get(&format!("{path}/comments"), "alice-token").await;
    assert_eq!(target(&w, &moved), "/repositories/20/issues/1/comments");
    let there = w.get("/repos/acme/other/issues/1", "alice-token").await.body;
    assert_eq!(
        (&there["title"], &there["comments"], &there["labels"]),
        (&json!("x"), &json!(1), &json!([])),
        "labels that the target does not know stay behind"
    );
    assert_eq!(w.issue("next").await, 2, "a number is used once");

    let delete = json!({"repository": "acme/other", "number": 1, "by": "carol"});
    assert_eq!(
        w.control("POST", "/github/issues/delete", Some(delete)).await.status,
        204
    );
    let deleted = w.get("/repos/acme/other/issues/1", "alice-token").await;
    assert_eq!(
        (deleted.status, &deleted.body["message"]),
        (410, &json!("This issue was deleted"))
    );
    assert_eq!(kinds(&w.events().await), ["issues.opened", "issues.deleted"]);

    w.call("PATCH", "/repos/acme/other", CAROL, Some(json!({"private": true})))
        .await;
    assert_eq!(
        w.get(&path, "alice-token").await.status,
        404,
        "where it went is a secret"
    );
}

#[tokio::test]
async fn a_suspended_installation_sleeps_and_a_deleted_one_is_gone() {
    let mut w = World::start().await;
    let (jwt, token) = (w.jwt(APP, 300), w.installation_token().await);
    let path = format!("/app/installations/{INSTALLATION}");
    let (suspended, tokens) = (format!("{path}/suspended"), format!("{path}/access_tokens"));
    assert_eq!(w.call("PUT", &suspended, &jwt, None).await.status, 204);
    assert!(w.get(&path, &jwt).await.body["suspended_at"].is_string());
    for refused in [w.get(REPO, &token).await, w.call("POST", &tokens, &jwt, None).await] {
        assert_eq!(
            (refused.status, &refused.body["message"]),
            (403, &json!("This installation has been suspended"))
        );
    }
    w.issue("nobody hears of it").await;
    w.call("DELETE", &suspended, &jwt, None).await;
    assert_eq!(w.get(REPO, &token).await.status, 200);
    assert_eq!(w.call("DELETE", &path, &jwt, None).await.status, 204);
    assert_eq!(w.get(REPO, &token).await.status, 401);
    assert_eq!(w.get(&path, &jwt).await.status, 404);
    assert_eq!(w.get("/app/installations", &jwt).await.body, json!([]));
    w.issue("nor of this").await;
    let events = w.events().await;
    assert_eq!(
        kinds(&events),
        ["installation.suspend", "installation.unsuspend", "installation.deleted"]
    );
    assert_eq!(events[2].1["repositories"][0]["full_name"], "acme/backups");
}
