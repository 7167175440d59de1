//! A stub that plays the parts of GitHub that the client's tests need.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use github::{App, GitHub, Repository};
use serde_json::{Value, json};

/// A GitHub of one repository, `acme/backups`, with one issue, number 1.
#[derive(Default)]
pub(crate) struct Stub {
    pub(crate) tokens: Vec<String>,
    pub(crate) comments: Vec<(u64, String)>,
    pub(crate) labels: BTreeSet<String>,
    pub(crate) state: (String, Value),
    /// Given instead of the next answers.
    pub(crate) next: VecDeque<Response>,
    pub(crate) hangs: bool,
    /// Comments are stored, but the answer says otherwise.
    pub(crate) loses_posts: bool,
}

pub(crate) type Shared = Arc<Mutex<Stub>>;

pub(crate) fn answer(status: u16, body: &Value) -> Response {
    Response::builder()
        .status(status)
        .body(Body::from(body.to_string()))
        .unwrap()
}

fn issue(changes: Value) -> Value {
    let mut issue = json!({"id": 1001, "node_id": "I_1", "number": 1, "title": "Scope change",
        "repository_url": "http://localhost/_github/repos/acme/backups", "body": null, "state": "open", "user": null,
        "updated_at": "2026-11-21T10:00:00Z", "labels": []});
    issue
        .as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    issue
}

async fn serve(State(stub): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let hangs = stub.lock().unwrap().hangs;
    if hangs {
        std::future::pending::<()>().await;
    }
    let mut stub = stub.lock().unwrap();
    let bearer = parts.headers["authorization"]
        .to_str()
        .unwrap()
        .trim_start_matches("Bearer ")
        .to_owned();
    let path = parts
        .uri
        .path()
        .strip_prefix("/_github")
        .unwrap_or("outside the base path");
    if let Some(rest) = path.strip_prefix("/app/installations/") {
        assert_eq!(bearer.split('.').count(), 3, "the App shows a JWT");
        let token = format!("t{}", rest.trim_end_matches("/access_tokens"));
        stub.tokens.push(token.clone());
        return answer(
            201,
            &json!({"token": token, "expires_at": "2999-01-01T00:00:00Z", "permissions": {}}),
        );
    }
    if path == "/app" {
        assert_eq!(bearer.split('.').count(), 3, "the App shows a JWT");
    } else {
        assert!(stub.tokens.contains(&bearer), "{path} with {bearer}");
    }
    if let Some(next) = stub.next.pop_front() {
        return next;
    }
    let page = |items: &[Value]| {
        let query = parts.uri.query().unwrap();
        let page: usize = query.rsplit_once("page=").unwrap().1.parse().unwrap();
        answer(200, &items.chunks(100).nth(page - 1).unwrap_or_default().into())
    };
    match (parts.method.as_str(), path) {
        ("GET", "/app") => answer(200, &json!({"id": 1, "name": "Holdfast at Acme"})),
        ("GET", "/repos/acme/backups") => answer(200, &json!({"id": 42})),
        ("GET", "/repos/acme/backups/issues/1" | "/repositories/42/issues/1") => {
            let labels: Vec<_> = stub.labels.iter().map(|name| json!({"name": name})).collect();
            answer(200, &issue(json!({"labels": labels, "user": {"id": 7, "login": "jo"}})))
        }
        ("PATCH", "/repos/acme/backups/issues/1") => {
            stub.state = (body["state"].as_str().unwrap().to_owned(), body["state_reason"].clone());
            answer(200, &issue(json!({})))
        }
        ("GET", "/repos/acme/backups/issues/1/comments") => {
            let comments = stub.comments.iter().map(|(id, body)| json!({"id": id, "body": body}));
            page(&comments.collect::<Vec<_>>())
        }
        ("POST", "/repos/acme/backups/issues/1/comments") => {
            let id = stub.comments.len() as u64 + 1;
            stub.comments.push((id, body["body"].as_str().unwrap().to_owned()));
            let status = if stub.loses_posts { 502 } else { 201 };
            answer(status, &json!({"id": id, "body": body["body"]}))
        }
        ("POST", "/repos/acme/backups/issues/1/labels") => {
            stub.labels.extend(
                body["labels"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|l| l.as_str().unwrap().to_owned()),
            );
            answer(200, &json!([]))
        }
        ("DELETE", path) => {
            let name = path.strip_prefix("/repos/acme/backups/issues/1/labels/").unwrap();
            let name = name.replace("%3A", ":").replace("%20", " ").replace("%2F", "/");
            answer(if stub.labels.remove(&name) { 200 } else { 404 }, &json!([]))
        }
        _ => answer(404, &json!({"message": "Not Found"})),
    }
}

pub(crate) async fn start() -> (Shared, GitHub) {
    let stub = Shared::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/_github", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let router = axum::Router::new().fallback(serve).with_state(Arc::clone(&stub));
    tokio::spawn(async { axum::serve(listener, router).await });
    let private_key = include_str!("app-key.pem").into();
    (
        stub,
        GitHub::new(&App {
            id: 1,
            private_key,
            base_url,
        })
        .unwrap(),
    )
}

pub(crate) async fn repository() -> (Shared, Repository) {
    let (stub, github) = start().await;
    let repository = github.repository(7, "acme/backups".parse().unwrap()).unwrap();
    (stub, repository)
}
