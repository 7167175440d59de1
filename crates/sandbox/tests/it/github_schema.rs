//! Answers and webhooks against GitHub's own description of them (npm `@octokit/openapi`, `@octokit/openapi-webhooks`).

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{APP, INSTALLATION, REPO, World};

const ALICE: &str = "alice-token";
const BOB: &str = "bob-token";
const CAROL: &str = "carol-token";

/// What every answer carries.
const HEADERS: [&str; 9] = [
    "date",
    "x-github-api-version-selected",
    "x-github-media-type",
    "x-github-request-id",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-ratelimit-resource",
    "x-ratelimit-used",
];

#[tokio::test]
async fn every_offered_operation_and_webhook_is_shaped_as_githubs() {
    let mut w = World::start().await;
    let mut witness = Witness::new(&w);
    witness.issues().await;
    witness.labels().await;
    witness.people_and_limits().await;
    witness.the_app().await;
    witness.moves().await;
    witness.the_end().await;
    let mut shapes = witness.shapes;

    let offered = w.control("GET", "/github/operations", None).await.body;
    let operations = offered["items"].as_array().unwrap();
    let offered_operations = set(operations.iter().map(|route| &route["operation"]));
    let called = set(shapes.iter().map(|shape| &shape["operation"]));
    assert_eq!(called, offered_operations, "a route without a witness, or the reverse");
    let logged = w.control("GET", "/calls?service=github", None).await.body;
    let logged = logged["items"].as_array().unwrap().iter();
    let logged: Vec<&Value> = logged.map(|call| &call["operation"]).collect();
    let claimed: Vec<&Value> = shapes.iter().map(|shape| &shape["operation"]).collect();
    assert_eq!(claimed, logged, "each shape is of the operation that it claims");

    let mut sent = BTreeSet::new();
    let mut webhooks = Vec::new();
    for (headers, payload) in w.received().await {
        let event = headers["x-github-event"].to_str().unwrap();
        let action = payload["action"].as_str().unwrap();
        sent.insert(format!("{event}.{action}"));
        webhooks.push(json!({
            "webhook": format!("{event}-{action}").replace('_', "-"),
            "headers": headers.keys().map(reqwest::header::HeaderName::as_str).collect::<Vec<_>>(),
            "body": payload,
        }));
    }
    assert_eq!(sent, set(offered["events"].as_array().unwrap().iter()));
    shapes.extend(webhooks);
    check(&Value::Array(shapes));
}

fn set<'a>(names: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    names.map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Calls operations, and keeps how each was answered.
struct Witness<'a> {
    world: &'a World,
    jwt: String,
    shapes: Vec<Value>,
}

impl<'a> Witness<'a> {
    fn new(world: &'a World) -> Self {
        Self {
            world,
            jwt: world.jwt(APP, 300),
            shapes: Vec::new(),
        }
    }

    /// A `Null` body sends none.
    async fn call(&mut self, operation: &str, method: &str, path: &str, token: &str, body: Value) -> Value {
        let body = Some(body).filter(|body| !body.is_null());
        let got = self.world.call(method, path, token, body).await;
        for name in HEADERS {
            assert!(
                got.headers.contains_key(name),
                "{operation} {} lacks {name}",
                got.status
            );
        }
        assert_eq!(
            got.headers.get("content-type").map(|kind| kind.to_str().unwrap()),
            (got.status != 204).then_some("application/json; charset=utf-8")
        );
        self.shapes
            .push(json!({"operation": operation, "status": got.status, "body": got.body}));
        got.body
    }

    async fn get(&mut self, operation: &str, path: &str, token: &str) -> Value {
        self.call(operation, "GET", path, token, Value::Null).await
    }

    async fn by_app(&mut self, operation: &str, method: &str, path: &str, body: Value) -> Value {
        let jwt = self.jwt.clone();
        self.call(operation, method, path, &jwt, body).await
    }

    async fn token(&mut self) -> String {
        let path = format!("/app/installations/{INSTALLATION}/access_tokens");
        let operation = "apps/create-installation-access-token";
        let created = self.by_app(operation, "POST", &path, Value::Null).await;
        created["token"].as_str().unwrap().to_owned()
    }

    async fn issues(&mut self) {
        let issues = format!("{REPO}/issues");
        let issue = format!("{issues}/1");
        let comments = format!("{issue}/comments");
        let app = self.token().await;
        let new = json!({"title": "t", "body": "b"});
        self.call("issues/create", "POST", &issues, ALICE, new).await;
        self.call("issues/create", "POST", &issues, ALICE, json!({})).await;
        self.call("issues/create", "POST", &issues, ALICE, json!({"title": ""}))
            .await;
        self.call("issues/create", "POST", &issues, ALICE, json!([])).await;
        self.call("issues/create", "POST", "/repos/acme/none/issues", ALICE, json!({}))
            .await;
        let text = json!({"body": "c"});
        let comment = self.call("issues/create-comment", "POST", &comments, &app, text).await;
        let blank = json!({"body": ""});
        self.call("issues/create-comment", "POST", &comments, ALICE, blank)
            .await;
        let comment = format!("{issues}/comments/{}", comment["id"]);
        let text = json!({"body": "d"});
        self.call("issues/update-comment", "PATCH", &comment, &app, text).await;
        self.get("issues/get-comment", &comment, ALICE).await;
        self.get("issues/list-comments", &comments, ALICE).await;
        let path = format!("{issues}/comments?since=2000-01-01T00:00:00Z");
        self.get("issues/list-comments-for-repo", &path, ALICE).await;
        self.call("issues/delete-comment", "DELETE", &comment, &app, Value::Null)
            .await;
        self.get("issues/get-comment", &comment, ALICE).await;
        let change = json!({"body": "e", "state": "closed"});
        self.call("issues/update", "PATCH", &issue, ALICE, change).await;
        self.get("issues/get", &issue, ALICE).await;
        self.call("issues/update", "PATCH", &issue, &app, json!({"state": "open"}))
            .await;
        self.call("issues/update", "PATCH", &issue, &app, json!({"state": "shut"}))
            .await;
        self.get("issues/list-for-repo", &issues, ALICE).await;
        self.get("issues/list-for-repo", &format!("{issues}?state=shut"), ALICE)
            .await;
        self.get("issues/get", &format!("{issues}/9"), ALICE).await;
    }

    async fn labels(&mut self) {
        let labels = format!("{REPO}/issues/1/labels");
        self.call("issues/add-labels", "POST", &labels, BOB, json!(["l"])).await;
        self.get("issues/list-labels-on-issue", &labels, BOB).await;
        let path = format!("{labels}/l");
        self.call("issues/remove-label", "DELETE", &path, BOB, Value::Null)
            .await;
        self.call("issues/set-labels", "PUT", &labels, BOB, json!({"labels": ["l"]}))
            .await;
        let all = format!("{REPO}/labels");
        let new = json!({"name": "m", "color": "f29513", "description": "d"});
        self.call("issues/create-label", "POST", &all, BOB, new.clone()).await;
        self.call("issues/create-label", "POST", &all, BOB, new).await;
        self.get("issues/list-labels-for-repo", &all, ALICE).await;
        let label = format!("{all}/m");
        self.get("issues/get-label", &label, ALICE).await;
        let change = json!({"new_name": "n", "color": "000000", "description": "e"});
        self.call("issues/update-label", "PATCH", &label, BOB, change).await;
        self.get("issues/get-label", &label, ALICE).await;
        let label = format!("{all}/n");
        self.call("issues/delete-label", "DELETE", &label, BOB, Value::Null)
            .await;
    }

    async fn people_and_limits(&mut self) {
        self.get("users/get-authenticated", "/user", ALICE).await;
        self.get("users/get-by-username", "/users/bob", ALICE).await;
        self.get("users/get-by-username", "/users/nobody", ALICE).await;
        let path = format!("{REPO}/collaborators/bob/permission");
        self.get("repos/get-collaborator-permission-level", &path, BOB).await;
        self.get("rate-limit/get", "/rate_limit", ALICE).await;
    }

    async fn the_app(&mut self) {
        let app = self.token().await;
        self.by_app("apps/get-authenticated", "GET", "/app", Value::Null).await;
        // GitHub describes an account in this list as a user and an enterprise at once, so an item is checked as what it is.
        let list = self
            .by_app("apps/list-installations", "GET", "/app/installations", Value::Null)
            .await;
        let last = self.shapes.last_mut().unwrap();
        *last = json!({"operation": "apps/list-installations", "schema": "installation", "body": list[0]});
        let path = format!("/app/installations/{INSTALLATION}");
        self.by_app("apps/get-installation", "GET", &path, Value::Null).await;
        let path = format!("{REPO}/installation");
        self.by_app("apps/get-repo-installation", "GET", &path, Value::Null)
            .await;
        self.get(
            "apps/list-repos-accessible-to-installation",
            "/installation/repositories",
            &app,
        )
        .await;
        let config = "/app/hook/config";
        self.by_app("apps/get-webhook-config-for-app", "GET", config, Value::Null)
            .await;
        let same = json!({"content_type": "json", "insecure_ssl": "0"});
        self.by_app("apps/update-webhook-config-for-app", "PATCH", config, same)
            .await;
        self.world.control("POST", "/github/drain", None).await;
        let path = "/app/hook/deliveries";
        let deliveries = self
            .by_app("apps/list-webhook-deliveries", "GET", path, Value::Null)
            .await;
        let wrong = format!("{path}?cursor=first");
        self.by_app("apps/list-webhook-deliveries", "GET", &wrong, Value::Null)
            .await;
        let path = format!("{path}/{}", deliveries[0]["id"]);
        self.by_app("apps/get-webhook-delivery", "GET", &path, Value::Null)
            .await;
        let path = format!("{path}/attempts");
        self.by_app("apps/redeliver-webhook-delivery", "POST", &path, Value::Null)
            .await;
    }

    /// Renamed, hidden, archived, transferred; an issue too.
    async fn moves(&mut self) {
        for (body, path) in [
            (json!({"archived": true}), REPO),
            (json!({"archived": false}), REPO),
            (json!({"private": true}), REPO),
            (json!({"visibility": "public"}), REPO),
            (json!({"name": "copies"}), REPO),
            (json!({"name": "again"}), REPO),
            (json!({"name": "backups"}), "/repos/acme/copies"),
            (json!({"visibility": "secret"}), REPO),
        ] {
            self.call("repos/update", "PATCH", path, CAROL, body).await;
        }
        self.get("repos/get", "/repos/acme/copies", ALICE).await;
        self.get("repos/get", "/repositories/10", ALICE).await;
        self.get("issues/list-for-repo", "/repos/acme/copies/issues", ALICE)
            .await;

        let admin = json!({"carol": "admin"});
        let other = json!({"full_name": "acme/other", "id": 20, "collaborators": admin});
        self.world.control("POST", "/github/repos", Some(other)).await;
        let reached = format!("/user/installations/{INSTALLATION}/repositories/20");
        for (operation, method) in [
            ("apps/add-repo-to-installation-for-authenticated-user", "PUT"),
            ("apps/remove-repo-from-installation-for-authenticated-user", "DELETE"),
            ("apps/remove-repo-from-installation-for-authenticated-user", "DELETE"),
            ("apps/add-repo-to-installation-for-authenticated-user", "PUT"),
        ] {
            self.call(operation, method, &reached, CAROL, Value::Null).await;
        }
        let transfer = json!({"repository": "acme/backups", "number": 1, "to": "acme/other", "by": "carol"});
        let moved = self
            .world
            .control("POST", "/github/issues/transfer", Some(transfer))
            .await;
        assert_eq!(moved.status, 200, "{moved:?}");
        self.get("issues/get", &format!("{REPO}/issues/1"), ALICE).await;
        let delete = json!({"repository": "acme/other", "number": 1, "by": "carol"});
        let deleted = self.world.control("POST", "/github/issues/delete", Some(delete)).await;
        assert_eq!(deleted.status, 204, "{deleted:?}");
        self.get("issues/get", "/repos/acme/other/issues/1", ALICE).await;

        let globex = json!({"full_name": "globex/own", "installation_id": 78});
        self.world.control("POST", "/github/repos", Some(globex)).await;
        let to = json!({"new_owner": "globex"});
        let path = format!("{REPO}/transfer");
        self.call("repos/transfer", "POST", &path, CAROL, to).await;
        self.get("repos/get", REPO, ALICE).await;
    }

    async fn the_end(&mut self) {
        let path = "/repos/globex/backups";
        self.call("repos/delete", "DELETE", path, BOB, Value::Null).await;
        self.call("repos/delete", "DELETE", path, CAROL, Value::Null).await;
        self.get("repos/get", path, CAROL).await;
        let path = format!("/app/installations/{INSTALLATION}");
        let suspended = format!("{path}/suspended");
        for (operation, method, path) in [
            ("apps/suspend-installation", "PUT", &suspended),
            ("apps/unsuspend-installation", "DELETE", &suspended),
            ("apps/delete-installation", "DELETE", &path),
            ("apps/delete-installation", "DELETE", &path),
            ("apps/suspend-installation", "PUT", &suspended),
        ] {
            self.by_app(operation, method, path, Value::Null).await;
        }
    }
}

/// Runs the schemas over the shapes, in node, where their validator lives.
fn check(shapes: &Value) {
    let crate_dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let tools = std::env::var_os("HOLDFAST_TOOLS_DIR").map_or_else(|| crate_dir.join("../../.tools"), PathBuf::from);
    let packages = tools.join("npm/node_modules");
    for package in ["@octokit/openapi", "@octokit/openapi-webhooks"] {
        assert!(
            packages.join(package).is_dir(),
            "{} lacks {package}: run `make test`, which installs it",
            packages.display()
        );
    }
    let mut node = Command::new("node")
        .arg(crate_dir.join("tests/it/github_schema.mjs"))
        .arg(&packages)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("node is missing: run `make test`, which installs it");
    node.stdin
        .take()
        .unwrap()
        .write_all(shapes.to_string().as_bytes())
        .unwrap();
    let done = node.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
