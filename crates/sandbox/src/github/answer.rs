//! One call from request to answer: faults, limits, the handler, the log.

use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, DATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::asked::Asked;
use super::refusal::Refusal;
use super::turn::{Reply, Turn};
use super::{caller, condition, moved, rate, route, whole_seconds};
use crate::calls;
use crate::faults::{self, Fault, Kind};
use crate::world::World;

/// What every answer of the API says about itself.
const SELF: [(&str, &str); 3] = [
    ("x-github-api-version-selected", "2022-11-28"),
    ("x-github-media-type", "github.v3; format=json"),
    ("x-content-type-options", "nosniff"),
];

/// Answers one request, meets faults, and logs it.
pub(crate) async fn answer(world: &World, request: Request) -> Response {
    let mut asked = Asked::read(request).await;
    let now = whole_seconds(world.clock.now());
    let (call, fault, mut response) = respond(world, &mut asked, now);
    sign(response.headers_mut(), now);
    world.calls.add(call);
    faults::send(fault.as_ref(), response).await
}

/// Nothing here waits, so a call sees and leaves a consistent state.
fn respond(world: &World, asked: &mut Asked, now: Timestamp) -> (calls::Call, Option<Fault>, Response) {
    let github = &world.github;
    let mut state = github.lock();
    asked.resolve(&state);
    let (operation, handler) = route::find(asked);
    let caller = caller::authenticate(&state, github.app.as_ref(), asked);
    let holder = caller.as_ref().ok().copied();
    let standing = rate::standing(&state, holder, now);
    let counted = operation != rate::OPERATION && !standing.used_up();
    let principal = holder.and_then(|caller| caller.login(&state));
    let account = asked.account(&state);
    let fault = world.faults.meet("github", operation, account.as_deref());
    // What a change starts is the delivery of its webhooks.
    let failing = match &fault {
        None if asked.changes() => world.faults.meet_job("github", operation, account.as_deref()),
        _ => None,
    };
    let kind = fault.as_ref().or(failing.as_ref()).map(|fault| fault.kind);

    let handle = || {
        asked.acceptable()?;
        if operation != rate::OPERATION {
            standing.check(holder, state.app)?;
        }
        let mut turn = Turn {
            caller: caller?,
            state: &mut state,
            links: &github.links,
            asked,
            now,
            loses_deliveries: failing.is_some(),
        };
        moved::check(&turn)?;
        handler(&mut turn)
    };
    let handled = fault.as_ref().and_then(refuse).map_or_else(handle, Err);
    let error = handled.as_ref().err().map(|refusal| refusal.message.clone());
    let effect = asked.changes() && handled.is_ok();
    let mut response = shown(handled, asked);
    if counted && response.status() != StatusCode::NOT_MODIFIED {
        state.limits.spend(holder, now);
    }
    rate::standing(&state, holder, now).write(response.headers_mut());
    let call = calls::Call {
        at: now,
        service: "github".to_owned(),
        operation: operation.to_owned(),
        account,
        region: None,
        principal,
        status: response.status().as_u16(),
        error,
        fault: kind,
        request: json!({"path": asked.path, "query": asked.query, "body": asked.readable_body()}),
        effect,
    };
    (call, fault, response)
}

fn shown(handled: Result<Reply, Refusal>, asked: &Asked) -> Response {
    match handled {
        Ok(reply) => condition::answer(reply, asked),
        Err(refusal) => refusal.into_response(),
    }
}

fn sign(headers: &mut HeaderMap, now: Timestamp) {
    if headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json") {
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        );
    }
    for (name, value) in SELF {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let mut own = |name, value: Option<String>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    };
    let id = Uuid::new_v4().simple().to_string().to_uppercase();
    own(HeaderName::from_static("x-github-request-id"), Some(id));
    // Clients count from it to `x-ratelimit-reset`, which lies on the same clock.
    own(DATE, condition::http_date(now));
}

/// What the fault answers in place of GitHub; `None` lets the call through.
fn refuse(fault: &Fault) -> Option<Refusal> {
    let message = |default: &str| fault.message.clone().unwrap_or_else(|| default.to_owned());
    Some(match fault.kind {
        Kind::Throttle => Refusal::secondary_rate_limit(message(
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        )),
        Kind::Error => Refusal::new(500, message("Server Error")),
        Kind::AccessDenied => Refusal::new(403, message("Resource not accessible by integration")),
        Kind::Garbage => Refusal::garbage(),
        // The status is for the log only: the answer is never sent.
        Kind::Timeout => Refusal::new(504, message("held without an answer")),
        Kind::LostResponse | Kind::JobFailed => return None,
    })
}
