//! Conditional requests, paging, and requests that are wrong.

use serde_json::{Value, json};

use crate::support::{APP, Got, REPO, World};

fn header(got: &Got, name: &str) -> String {
    got.headers[name].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_the_caller_has_already_is_not_sent_and_does_not_count() {
    let w = World::start().await;
    let path = format!("{REPO}/issues/{}", w.issue("x").await);
    let first = w.get(&path, "bob-token").await;
    let tag = header(&first, "etag");
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(header(&w.get(&path, "bob-token").await, "etag"), tag);
    let other = header(&w.get(&path, "alice-token").await, "etag");
    assert_ne!(other, tag, "a tag belongs to a token");

    let used = |got: &Got| header(got, "x-ratelimit-used").parse::<u32>().unwrap();
    let before = used(&w.get(&path, "bob-token").await);
    let tags = format!("\"another\", {}", tag.trim_start_matches("W/"));
    for condition in [&tag, &tags] {
        let same = w.get_with(&path, "bob-token", "if-none-match", condition).await;
        assert_eq!((same.status, &same.body), (304, &Value::Null));
        assert_eq!((used(&same), header(&same, "etag")), (before, tag.clone()));
    }
    w.call("PATCH", &path, "alice-token", Some(json!({"title": "y"}))).await;
    let changed = w.get_with(&path, "bob-token", "if-none-match", &tag).await;
    assert_eq!((changed.status, used(&changed)), (200, before + 1));
    assert_ne!(header(&changed, "etag"), tag);
    let posted = w
        .call(
            "POST",
            &format!("{path}/comments"),
            "bob-token",
            Some(json!({"body": "c"})),
        )
        .await;
    assert!(!posted.headers.contains_key("etag"));
}

#[tokio::test]
async fn one_thing_says_when_it_changed_and_a_list_does_not() {
    let w = World::start().await;
    let path = format!("{REPO}/issues/{}", w.issue("x").await);
    let modified = header(&w.get(&path, "bob-token").await, "last-modified");
    let same = w.get_with(&path, "bob-token", "if-modified-since", &modified).await;
    assert_eq!(same.status, 304);
    w.control("POST", "/clock", Some(json!({"advance_seconds": 60}))).await;
    w.call("PATCH", &path, "alice-token", Some(json!({"title": "y"}))).await;
    let changed = w.get_with(&path, "bob-token", "if-modified-since", &modified).await;
    assert_eq!(changed.status, 200);
    let list = w.get(&format!("{REPO}/issues"), "bob-token").await;
    assert!(list.headers.contains_key("etag") && !list.headers.contains_key("last-modified"));
}

#[tokio::test]
async fn pages_are_linked_by_the_repositorys_number() {
    let w = World::start().await;
    for title in ["one", "two", "three"] {
        w.issue(title).await;
    }
    let path = format!("{REPO}/issues?per_page=2&state=all");
    let link = header(&w.get(&path, "alice-token").await, "link");
    let next = format!(
        r#"<{}/repositories/10/issues?per_page=2&state=all&page=2>; rel="next""#,
        w.running.github_url
    );
    assert!(link.starts_with(&next), "{link}");
    let second = w
        .get("/repositories/10/issues?per_page=2&state=all&page=2", "alice-token")
        .await;
    assert_eq!(second.body[0]["title"], "one");
    let back = format!(
        "{}/repositories/10/issues?per_page=2&state=all&page=1",
        w.running.github_url
    );
    assert!(header(&second, "link").contains(&back));
}

#[tokio::test]
async fn since_is_an_instant_and_not_a_text() {
    let w = World::start().await;
    w.issue("old").await;
    w.control("POST", "/clock", Some(json!({"advance_seconds": 7_200})))
        .await;
    let new = format!("{REPO}/issues/{}", w.issue("new").await);
    let updated = w.get(&new, "alice-token").await.body["updated_at"]
        .as_str()
        .unwrap()
        .parse::<jiff::Timestamp>()
        .unwrap();
    // As text, this is hours before both.
    let west = updated
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(-11)))
        .strftime("%Y-%m-%dT%H:%M:%S%:z");
    let listed = w.get(&format!("{REPO}/issues?since={west}"), "alice-token").await.body;
    let titles: Vec<&Value> = listed.as_array().unwrap().iter().map(|issue| &issue["title"]).collect();
    assert_eq!(titles, ["new"]);
    let unreadable = w.get(&format!("{REPO}/issues?since=yesterday"), "alice-token").await;
    assert_eq!(unreadable.status, 422);
}

#[tokio::test]
async fn a_body_that_is_wrong_is_refused_in_githubs_words() {
    let w = World::start().await;
    let number = w.issue("x").await;
    let (issues, comments) = (format!("{REPO}/issues"), format!("{REPO}/issues/{number}/comments"));
    let labels = format!("{REPO}/issues/{number}/labels");
    for (path, body, status, message) in [
        (&issues, "{\"title\": ", 400, "Problems parsing JSON"),
        (&issues, "[]", 400, "Body should be a JSON object"),
        (&issues, "{}", 422, "Invalid request.\n\n\"title\" wasn't supplied."),
        (
            &issues,
            r#"{"title": "t", "body": 42}"#,
            422,
            "Invalid request.\n\nFor 'properties/body', 42 is not a string.",
        ),
        (
            &issues,
            r#"{"title": "t", "labels": {}}"#,
            422,
            "Invalid request.\n\nFor 'properties/labels', {} is not an array.",
        ),
        (
            &comments,
            r#"{"body": null}"#,
            422,
            "Invalid request.\n\nFor 'properties/body', nil is not a string.",
        ),
        (&labels, "\"l\"", 422, "Invalid request.\n\n\"l\" is not an array."),
        (&comments, r#"{"body": ""}"#, 422, "Validation Failed"),
        (&comments, "", 422, "Invalid request.\n\n\"body\" wasn't supplied."),
    ] {
        let refused = w.post_raw(path, "bob-token", body).await;
        assert_eq!(
            (refused.status, &refused.body["message"]),
            (status, &json!(message)),
            "{body}"
        );
        assert!(refused.body["documentation_url"].is_string(), "{refused:?}");
        assert_eq!(refused.body["status"], status.to_string());
    }
    let blank = w.post_raw(&comments, "alice-token", r#"{"body": " "}"#).await;
    let error = json!({"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": "Body cannot be blank"});
    assert_eq!(blank.body["errors"], json!([error]));
    let long = json!({"title": "t", "body": "a".repeat(262_145)});
    let long = w.call("POST", &issues, "alice-token", Some(long)).await;
    assert_eq!(
        long.body["errors"][0]["message"],
        "Body is too long (maximum is 65536 characters)"
    );
    assert_eq!(
        w.get(&issues, "alice-token").await.body.as_array().unwrap().len(),
        1,
        "none of it was taken"
    );
}

#[tokio::test]
async fn what_is_not_there_or_not_json_is_refused_at_once() {
    let w = World::start().await;
    for (method, path) in [
        ("GET", "/nowhere"),
        ("DELETE", "/user"),
        ("GET", "/repos/acme"),
        ("GET", "/repositories/99/issues"),
        ("GET", "/repos/acme/backups/issues/first"),
    ] {
        let missing = w.call(method, path, "alice-token", None).await;
        assert_eq!((missing.status, &missing.body["message"]), (404, &json!("Not Found")));
        assert!(missing.body["documentation_url"].is_string(), "{path}");
    }
    let xml = w.get_with("/user", "alice-token", "accept", "application/xml").await;
    assert_eq!(
        (xml.status, &xml.body["message"]),
        (
            415,
            &json!("Unsupported 'Accept' header: 'application/xml'. Must accept 'application/json'.")
        )
    );
    let accept = "text/html, application/vnd.github.raw+json;q=0.5";
    assert_eq!(w.get_with("/user", "alice-token", "accept", accept).await.status, 200);
    let head = w.call("HEAD", "/user", "alice-token", None).await;
    assert_eq!((head.status, &head.body), (200, &Value::Null));
}

#[tokio::test]
async fn no_route_breaks_on_a_body_or_a_caller_that_it_does_not_expect() {
    let w = World::start().await;
    w.issue("x").await;
    let (app, jwt) = (w.installation_token().await, w.jwt(APP, 300));
    let bodies = [
        json!([]),
        json!("text"),
        json!({"title": [], "body": {}, "labels": "l", "name": 1, "new_owner": null, "url": 1, "private": "yes"}),
        json!([{"name": {}}]),
        json!({"labels": [1], "state": 5, "archived": 1}),
    ];
    let offered = w.control("GET", "/github/operations", None).await.body;
    let mut routes = offered["items"].as_array().unwrap().clone();
    // What takes something away comes last.
    routes.sort_by_key(|route| ["PUT", "DELETE"].iter().position(|last| route["method"] == *last));
    for route in &routes {
        let (method, path) = (route["method"].as_str().unwrap(), route["path"].as_str().unwrap());
        let path = path.replace("{owner}", "acme").replace("{repo}", "backups");
        let parts = path
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        for token in ["alice-token", "carol-token", &app, &jwt, "nobody"] {
            for body in &bodies {
                let got = w.call(method, &path, token, Some(body.clone())).await;
                let told = got.status < 400 || got.body["message"].is_string();
                assert!(got.status < 500 && told, "{method} {path} {body}: {got:?}");
            }
        }
    }
}
