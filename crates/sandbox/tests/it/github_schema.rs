//! Answers and webhooks against GitHub's own description of them (npm `@octokit/openapi`).

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{APP, INSTALLATION, REPO, World};

#[tokio::test]
async fn every_shape_is_githubs() {
    let mut w = World::start().await;
    let mut shapes = answers(&w).await;
    for (kind, payload) in w.events().await {
        let schema = format!("webhook-{}", kind.replace(['.', '_'], "-"));
        shapes.push(json!({"schema": schema, "body": payload}));
    }
    let webhooks = shapes
        .iter()
        .filter(|shape| {
            shape["schema"]
                .as_str()
                .is_some_and(|schema| schema.starts_with("webhook-"))
        })
        .count();
    assert_eq!(
        webhooks, 8,
        "opened, commented twice, edited, closed, reopened, labeled, unlabeled"
    );
    check(&Value::Array(shapes));
}

/// Each offered operation once, with its answer.
async fn answers(w: &World) -> Vec<Value> {
    let (jwt, installation) = (w.jwt(APP, 300), w.installation_token().await);
    let (alice, bob) = ("alice-token", "bob-token");
    let mut shapes = Vec::new();
    let mut call = async |operation: &str, method: &str, path: &str, token: &str, body: Option<Value>| {
        let got = w.call(method, path, token, body).await;
        shapes.push(json!({"operation": operation, "status": got.status, "body": got.body}));
        got.body
    };
    let issues = format!("{REPO}/issues");
    let issue = format!("{REPO}/issues/1");
    call(
        "issues/create",
        "POST",
        &issues,
        alice,
        Some(json!({"title": "t", "body": "b"})),
    )
    .await;
    call("issues/create", "POST", &issues, alice, Some(json!({}))).await;
    let comment = call(
        "issues/create-comment",
        "POST",
        &format!("{issue}/comments"),
        &installation,
        Some(json!({"body": "c"})),
    )
    .await;
    let comment = format!("{REPO}/issues/comments/{}", comment["id"]);
    call(
        "issues/update-comment",
        "PATCH",
        &comment,
        &installation,
        Some(json!({"body": "d"})),
    )
    .await;
    call("issues/list-comments", "GET", &format!("{issue}/comments"), alice, None).await;
    call(
        "issues/update",
        "PATCH",
        &issue,
        alice,
        Some(json!({"body": "e", "state": "closed"})),
    )
    .await;
    call("issues/get", "GET", &issue, alice, None).await;
    call(
        "issues/update",
        "PATCH",
        &issue,
        &installation,
        Some(json!({"state": "open"})),
    )
    .await;
    call(
        "issues/add-labels",
        "POST",
        &format!("{issue}/labels"),
        bob,
        Some(json!(["l"])),
    )
    .await;
    call(
        "issues/list-labels-on-issue",
        "GET",
        &format!("{issue}/labels"),
        bob,
        None,
    )
    .await;
    call("issues/list-for-repo", "GET", &issues, alice, None).await;
    call("issues/remove-label", "DELETE", &format!("{issue}/labels/l"), bob, None).await;
    call(
        "issues/set-labels",
        "PUT",
        &format!("{issue}/labels"),
        bob,
        Some(json!([])),
    )
    .await;
    call("issues/get", "GET", &format!("{REPO}/issues/9"), alice, None).await;

    call("repos/get", "GET", REPO, alice, None).await;
    call("repos/get", "GET", "/repositories/10", alice, None).await;
    call(
        "repos/get-collaborator-permission-level",
        "GET",
        &format!("{REPO}/collaborators/bob/permission"),
        bob,
        None,
    )
    .await;
    call("users/get-authenticated", "GET", "/user", alice, None).await;
    call("users/get-by-username", "GET", "/users/bob", alice, None).await;

    call("apps/get-authenticated", "GET", "/app", &jwt, None).await;
    call(
        "apps/get-installation",
        "GET",
        &format!("/app/installations/{INSTALLATION}"),
        &jwt,
        None,
    )
    .await;
    call(
        "apps/get-repo-installation",
        "GET",
        &format!("{REPO}/installation"),
        &jwt,
        None,
    )
    .await;
    let tokens = format!("/app/installations/{INSTALLATION}/access_tokens");
    call("apps/create-installation-access-token", "POST", &tokens, &jwt, None).await;
    call(
        "apps/list-repos-accessible-to-installation",
        "GET",
        "/installation/repositories",
        &installation,
        None,
    )
    .await;

    w.control("POST", "/github/drain", None).await;
    let deliveries = call(
        "apps/list-webhook-deliveries",
        "GET",
        "/app/hook/deliveries",
        &jwt,
        None,
    )
    .await;
    let delivery = format!("/app/hook/deliveries/{}", deliveries[0]["id"]);
    call("apps/get-webhook-delivery", "GET", &delivery, &jwt, None).await;
    // GitHub describes an account in this list as a user and an enterprise at once, so each item is checked as what it is.
    let installations = w.get("/app/installations", &jwt).await.body;
    shapes.push(json!({"schema": "installation", "body": installations[0]}));
    shapes
}

/// Runs the schemas over the shapes, in node, where their validator lives.
fn check(shapes: &Value) {
    let crate_dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let tools = std::env::var_os("HOLDFAST_TOOLS_DIR").map_or_else(|| crate_dir.join("../../.tools"), PathBuf::from);
    let packages = tools.join("npm/node_modules");
    assert!(
        packages.join("@octokit/openapi").is_dir(),
        "{} lacks @octokit/openapi: run `make test`, which installs it",
        packages.display()
    );
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
