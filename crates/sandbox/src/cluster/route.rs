//! From a request to its answer: who asks, whether they may, what is done.

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::asked::{Asked, Resource};
use super::refusal::Refusal;
use super::reply::Reply;
use super::turn::Turn;
use super::{Cluster, discovery, patch, read, remove, watch, write};
use crate::calls;
use crate::faults::{self, Fault, Kind};
use crate::world::World;

/// Writes that start something which goes on after the answer, and may then fail.
const STARTS: [&str; 2] = ["create/backups", "create/restores"];

/// Answers one request, meets faults, and logs it.
pub(crate) async fn answer(world: &World, request: Request) -> Response {
    let asked = match Asked::read(request).await {
        Ok(asked) => asked,
        Err(refusal) => return refusal.into_response(),
    };
    let Some(cluster) = world.clusters.get(&asked.cluster) else {
        let message = format!("this sandbox has no cluster {:?}", asked.cluster);
        return Refusal::new(404, "NotFound", message).into_response();
    };
    let now = world.clock.now();
    let resource = asked.resource();
    let operation = operation(&asked, &resource);
    let fault = world.faults.meet("kubernetes", &operation, Some(&cluster.name));
    let failing = match &fault {
        None if STARTS.contains(&operation.as_str()) => {
            world.faults.meet_job("kubernetes", &operation, Some(&cluster.name))
        }
        _ => None,
    };
    let kind = fault.as_ref().or(failing.as_ref()).map(|fault| fault.kind);
    let known = asked.token.as_ref() == Some(&cluster.token);
    let answer = match fault.as_ref().and_then(|fault| refuse(fault, &cluster, &resource)) {
        Some(answer) => answer,
        None => perform(&cluster, &asked, resource, now),
    };
    if let (Ok(reply), Some(fault)) = (&answer, failing) {
        doom(&cluster, reply, fault);
    }
    let (status, error) = match &answer {
        Ok(reply) => (reply.status.as_u16(), None),
        Err(refusal) => (refusal.code, Some(refusal.reason.to_owned())),
    };
    world.calls.add(calls::Call {
        at: now,
        service: "kubernetes".to_owned(),
        effect: answer.is_ok() && kind != Some(Kind::Garbage) && changes(&asked, &operation),
        operation,
        account: Some(cluster.name.clone()),
        region: None,
        principal: known.then(|| cluster.user.name.clone()),
        status,
        error,
        fault: kind,
        request: json!({"path": asked.path, "query": asked.query, "body": asked.shown_body()}),
    });
    faults::send(fault.as_ref(), answer).await
}

/// `list/backups`, `patch/pods/status`; of a path without a resource `get/apis/velero.io`.
fn operation(asked: &Asked, resource: &Result<Option<Resource>, Refusal>) -> String {
    match resource {
        Ok(Some(resource)) => {
            let subresource = resource.subresource.iter().map(|name| format!("/{name}"));
            format!(
                "{}/{}{}",
                resource.verb,
                resource.kind.plural,
                subresource.collect::<String>()
            )
        }
        _ if asked.method == "POST" && asked.segments.len() == 4 => format!("create/{}", asked.segments[3]),
        _ => format!("{}{}", asked.method.as_str().to_ascii_lowercase(), asked.path),
    }
}

/// A review is no change, although it is created.
fn changes(asked: &Asked, operation: &str) -> bool {
    asked.method != "GET" && !operation.ends_with("reviews") && asked.param("dryRun").is_none()
}

fn perform(
    cluster: &std::sync::Arc<Cluster>,
    asked: &Asked,
    resource: Result<Option<Resource>, Refusal>,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let public = matches!(asked.path.as_str(), "/healthz" | "/readyz" | "/livez" | "/version");
    if asked.token.as_ref() != Some(&cluster.token) && !(public && asked.token.is_none()) {
        return Err(Refusal::unauthorized());
    }
    let Some(resource) = resource? else {
        return without_resource(cluster, asked);
    };
    cluster.user.check(&resource)?;
    let turn = Turn {
        cluster,
        asked,
        resource: &resource,
        now,
    };
    match (&resource.subresource, resource.verb) {
        (None, _) => {}
        (Some(name), "get" | "update" | "patch") if name == "status" && resource.kind.status => {}
        (Some(_), _) => return Err(Refusal::no_such_path()),
    }
    match (resource.verb, resource.name.as_deref()) {
        ("get", Some(name)) => read::get(&turn, name),
        ("update", Some(name)) => write::update(&turn, name),
        ("patch", Some(name)) => patch::patch(&turn, name),
        ("delete", Some(name)) => remove::delete(&turn, name),
        ("list", None) => read::list(&turn),
        ("watch", None) => watch::watch(&turn),
        ("create", None) => write::create(&turn),
        _ => remove::delete_many(&turn),
    }
}

fn without_resource(cluster: &Cluster, asked: &Asked) -> Result<Reply, Refusal> {
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    if let ("POST", ["apis", _, "v1", review_kind]) = (asked.method.as_str(), segments.as_slice()) {
        let body: Value = asked.json()?;
        let review = Some(body).filter(Value::is_object);
        return review
            .and_then(|body| cluster.user.review(review_kind, body))
            .map(|review| Reply::json(&review).with_status(StatusCode::CREATED))
            .ok_or_else(Refusal::no_such_path);
    }
    cluster.user.check_path(asked)?;
    discovery::answer(asked, &cluster.kubernetes_version)
}

/// Marks what was just made as something that will fail.
fn doom(cluster: &Cluster, reply: &Reply, fault: Fault) {
    if let Some(uid) = &reply.uid {
        let message = fault.message.unwrap_or_else(|| "a fault was posted for it".to_owned());
        cluster.write(|store| store.fail(uid, message));
    }
}

/// What the fault answers in place of the API server; `None` lets the call through.
fn refuse(
    fault: &Fault,
    cluster: &Cluster,
    resource: &Result<Option<Resource>, Refusal>,
) -> Option<Result<Reply, Refusal>> {
    let message = |default: &str| fault.message.clone().unwrap_or_else(|| default.to_owned());
    Some(match fault.kind {
        Kind::Throttle => {
            let message = message("Too many requests, please try again later.");
            Err(Refusal::new(429, "TooManyRequests", message).retry_after(1))
        }
        Kind::Error => {
            let message = message("Internal error occurred: etcdserver: request timed out");
            Err(Refusal::new(500, "InternalError", message))
        }
        Kind::AccessDenied => Err(match resource {
            Ok(Some(resource)) if fault.message.is_none() => cluster.user.denial(resource),
            _ => Refusal::new(403, "Forbidden", message("forbidden")),
        }),
        Kind::Garbage => Ok(Reply::body(Body::from(r#"{"kind":"List","apiVersion":"v1","metad"#))),
        // The status is for the log only: the answer is never sent.
        Kind::Timeout => Err(Refusal::new(504, "Timeout", message("held without an answer"))),
        Kind::LostResponse | Kind::JobFailed => return None,
    })
}
