//! One log line and one measurement per request, under an id that the answer repeats.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tracing::Instrument;
use uuid::Uuid;

/// The header that carries the id. One that the client sent is ignored: ids in our log are ours.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Logs method, route template, status and duration. Never the address as typed: it may hold a secret.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().to_string();
    let method = request.method().clone();
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", request.id = %id, %method, path);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = started.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| {
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(status, duration_ms, "{method} {path} {status}");
    });
    metrics::histogram!(
        "http_request_duration_seconds",
        "method" => method.to_string(), "path" => path, "status" => status.to_string(),
    )
    .record(took);
    let id = HeaderValue::from_str(&id).expect("a UUID is ASCII");
    response.headers_mut().insert(REQUEST_ID, id);
    response
}
