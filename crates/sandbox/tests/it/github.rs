//! Issues, comments, labels and who may touch them.

use serde_json::{Value, json};

use crate::support::{REPO, World};

fn names(labels: &Value) -> Vec<&str> {
    labels
        .as_array()
        .unwrap()
        .iter()
        .map(|label| label["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_issue_is_opened_changed_and_closed() {
    let w = World::start().await;
    let number = w.issue("Back up prod-pg").await;
    let path = format!("{REPO}/issues/{number}");
    let change =
        json!({"title": "Back up prod-pg daily", "body": null, "state": "closed", "state_reason": "not_planned"});
    let closed = w.call("PATCH", &path, "alice-token", Some(change)).await;
    assert_eq!(closed.status, 200);
    let again = w.get(&path, "bob-token").await.body;
    assert_eq!(again, closed.body);
    assert_eq!(again["title"], "Back up prod-pg daily");
    assert_eq!(again["body"], Value::Null);
    assert_eq!(
        (&again["state"], &again["state_reason"]),
        (&json!("closed"), &json!("not_planned"))
    );
    assert_eq!(again["closed_by"]["login"], "alice");
    let open = w.get(&format!("{REPO}/issues"), "alice-token").await;
    assert_eq!(open.body, json!([]));
}

#[tokio::test]
async fn issues_are_listed_by_state_label_and_time_page_by_page() {
    let w = World::start().await;
    for title in ["one", "two", "three"] {
        w.issue(title).await;
        w.control("POST", "/clock", Some(json!({"advance_seconds": 60}))).await;
    }
    w.call(
        "POST",
        &format!("{REPO}/issues/1/labels"),
        "bob-token",
        Some(json!({"labels": ["backup"]})),
    )
    .await;
    let numbers = |listed: &Value| -> Vec<u64> {
        listed
            .as_array()
            .unwrap()
            .iter()
            .map(|issue| issue["number"].as_u64().unwrap())
            .collect()
    };

    let path = format!("{REPO}/issues?state=all&sort=updated&direction=desc&per_page=2");
    let first = w.get(&path, "alice-token").await;
    assert_eq!(numbers(&first.body), [1, 3]);
    let link = first.headers["link"].to_str().unwrap();
    assert!(
        link.contains("page=2") && link.contains(r#"rel="next""#) && link.contains(r#"rel="last""#),
        "{link}"
    );
    let second = w.get(&format!("{path}&page=2"), "alice-token").await;
    assert_eq!(numbers(&second.body), [2]);
    assert!(!second.headers["link"].to_str().unwrap().contains(r#"rel="next""#));

    let since = w.get(&format!("{REPO}/issues/2"), "alice-token").await.body["updated_at"]
        .as_str()
        .unwrap()
        .to_owned();
    let recent = w
        .get(
            &format!("{REPO}/issues?since={since}&sort=created&direction=asc"),
            "alice-token",
        )
        .await;
    assert_eq!(
        numbers(&recent.body),
        [1, 2, 3],
        "the second itself, the third, and the first, labelled since"
    );
    let labelled = w.get(&format!("{REPO}/issues?labels=backup"), "alice-token").await;
    assert_eq!(numbers(&labelled.body), [1]);
    for (filter, expected) in [
        ("creator=ALICE", 3),
        ("creator=bob", 0),
        ("assignee=alice", 0),
        ("assignee=none", 3),
    ] {
        let listed = w.get(&format!("{REPO}/issues?{filter}"), "alice-token").await;
        assert_eq!(numbers(&listed.body).len(), expected, "{filter}");
    }
}

#[tokio::test]
async fn labels_are_added_set_and_removed() {
    let w = World::start().await;
    let path = format!("{REPO}/issues/{}/labels", w.issue("x").await);
    let added = w.call("POST", &path, "bob-token", Some(json!(["a", "b c"]))).await;
    assert_eq!(names(&added.body), ["a", "b c"]);
    let removed = w.call("DELETE", &format!("{path}/b%20c"), "bob-token", None).await;
    assert_eq!(names(&removed.body), ["a"]);
    let set = w.call("PUT", &path, "bob-token", Some(json!({"labels": ["d"]}))).await;
    assert_eq!(names(&set.body), ["d"]);
    assert_eq!(names(&w.get(&path, "alice-token").await.body), ["d"]);
    let missing = w.call("DELETE", &format!("{path}/a"), "bob-token", None).await;
    assert_eq!(
        (missing.status, &missing.body["message"]),
        (404, &json!("Label does not exist"))
    );
}

#[tokio::test]
async fn a_reader_cannot_label_or_edit_what_others_wrote() {
    let w = World::start().await;
    let labelled = json!({"title": "t", "labels": ["urgent"]});
    let opened = w
        .call("POST", &format!("{REPO}/issues"), "alice-token", Some(labelled))
        .await;
    assert_eq!(
        opened.body["labels"],
        json!([]),
        "dropped without a word, as GitHub does"
    );
    let by_bob = w
        .call(
            "POST",
            &format!("{REPO}/issues"),
            "bob-token",
            Some(json!({"title": "t"})),
        )
        .await;
    let path = format!("{REPO}/issues/{}", by_bob.body["number"]);
    assert_eq!(
        w.call("PATCH", &path, "alice-token", Some(json!({"title": "u"})))
            .await
            .status,
        403
    );
    assert_eq!(
        w.call("POST", &format!("{path}/labels"), "alice-token", Some(json!(["a"])))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn comments_are_listed_oldest_first_and_can_be_edited() {
    let w = World::start().await;
    let path = format!("{REPO}/issues/{}/comments", w.issue("x").await);
    let first = w.call("POST", &path, "alice-token", Some(json!({"body": "one"}))).await;
    assert_eq!(first.status, 201);
    w.call("POST", &path, "bob-token", Some(json!({"body": "two"}))).await;
    let comment = format!("{REPO}/issues/comments/{}", first.body["id"]);
    assert_eq!(
        w.call("PATCH", &comment, "alice-token", Some(json!({"body": "ONE"})))
            .await
            .status,
        200
    );
    let listed = w.get(&path, "alice-token").await.body;
    let bodies: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|comment| comment["body"].as_str().unwrap())
        .collect();
    assert_eq!(bodies, ["ONE", "two"]);
    assert_eq!(
        w.get(&format!("{REPO}/issues/1"), "alice-token").await.body["comments"],
        2
    );
}

#[tokio::test]
async fn refusals_read_as_github_words_them() {
    let w = World::start().await;
    let path = format!("{REPO}/issues");
    let told = |got: crate::support::Got| (got.status, got.body["message"].as_str().unwrap().to_owned());
    assert_eq!(told(w.get(&path, "nobody").await), (401, "Bad credentials".to_owned()));
    assert_eq!(
        told(w.get("/repos/acme/missing", "alice-token").await),
        (404, "Not Found".to_owned())
    );
    assert_eq!(
        told(w.get("/repos/carol/secret", "alice-token").await),
        (404, "Not Found".to_owned())
    );
    let untitled = w.call("POST", &path, "alice-token", Some(json!({"title": " "}))).await;
    assert_eq!(
        untitled.body["errors"],
        json!([{"resource": "Issue", "field": "title", "code": "missing_field"}])
    );
    assert!(untitled.body["documentation_url"].is_string());
    assert_eq!(told(untitled), (422, "Validation Failed".to_owned()));
}

#[tokio::test]
async fn people_and_permissions_can_be_looked_up() {
    let w = World::start().await;
    let bearer = w
        .http
        .get(format!("{}/user", w.running.github_url))
        .bearer_auth("alice-token")
        .send()
        .await
        .unwrap();
    assert_eq!(bearer.json::<Value>().await.unwrap()["login"], "alice");
    assert_eq!(w.get("/users/BOB", "alice-token").await.body["id"], 2);
    let permission = w
        .get(&format!("{REPO}/collaborators/bob/permission"), "bob-token")
        .await;
    assert_eq!(
        (&permission.body["permission"], &permission.body["user"]["id"]),
        (&json!("write"), &json!(2))
    );
    let permission = w
        .get(&format!("{REPO}/collaborators/alice/permission"), "bob-token")
        .await;
    assert_eq!(permission.body["permission"], "read");
    assert_eq!(
        w.get("/repositories/10", "alice-token").await.body["full_name"],
        "acme/backups"
    );
}
