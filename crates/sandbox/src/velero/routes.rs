//! `/_velero`: metrics, and files of the buckets.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{Denied, files};
use crate::world::World;

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/clusters/{cluster}/metrics", get(metrics))
        .route("/buckets/{*path}", get(file))
        .fallback(async || {
            (
                StatusCode::NOT_FOUND,
                "Velero serves /clusters/NAME/metrics and /buckets/...\n",
            )
        })
}

async fn metrics(State(world): State<Arc<World>>, Path(cluster): Path<String>) -> Response {
    let found = world
        .clusters
        .get(&cluster)
        .and_then(|cluster| world.velero.metrics(&cluster));
    match found {
        Some(text) => typed("text/plain; version=0.0.4; charset=utf-8", text.into()),
        None => (
            StatusCode::NOT_FOUND,
            format!("no Velero serves the cluster {cluster:?}\n"),
        )
            .into_response(),
    }
}

async fn file(
    State(world): State<Arc<World>>,
    Path(path): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let checked = world.velero.links.check(&format!("/{path}"), &query, world.clock.now());
    if let Err(denied) = checked {
        return refusal(StatusCode::FORBIDDEN, denied.code(), denied.message());
    }
    match files::read(&world.velero.buckets, &path) {
        Ok(Some(file)) => typed("application/octet-stream", file.into()),
        Ok(None) => refusal(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist."),
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", &error.to_string()),
    }
}

impl Denied {
    const fn code(&self) -> &'static str {
        match self {
            Self::Mismatch => "SignatureDoesNotMatch",
            Self::Expired => "AccessDenied",
        }
    }

    const fn message(&self) -> &'static str {
        match self {
            Self::Mismatch => {
                "The request signature we calculated does not match the signature you provided. Check your key and signing method."
            }
            Self::Expired => "Request has expired",
        }
    }
}

fn typed(content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    let mut response = typed("application/xml", body.into());
    *response.status_mut() = status;
    response
}
