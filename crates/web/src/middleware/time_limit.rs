//! A request that takes too long is given up, and whoever waits for it is told so.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;

use crate::error::{Failure, answer_for};

const TOO_SLOW: Failure = Failure::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "This took too long",
    "It was given up. Try again in a moment.",
);

/// Answers 503 when there is no answer within the limit. A body that streams may take longer.
pub(super) async fn within(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    tokio::time::timeout(limit, next.run(request))
        .await
        .unwrap_or_else(|_| answer_for(&path, TOO_SLOW))
}
