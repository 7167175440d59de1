//! Whether the process lives, and whether it can serve.

use app::Cx;
use axum::extract::State;
use http::StatusCode;

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// The database answers and has the newest schema.
pub(crate) async fn ready(State(cx): State<Cx>) -> (StatusCode, &'static str) {
    match cx.is_ready().await {
        Ok(true) => (StatusCode::OK, "ready\n"),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "the database is not migrated\n"),
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "Not ready: the database does not answer"
            );
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
