//! An address with U+0000 names nothing: Postgres refuses to even look for it.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

use crate::error::{Failure, answer_for};

/// Answers such an address as any other that does not exist.
pub(crate) async fn refuse(request: Request, next: Next) -> Response {
    let uri = request.uri();
    if uri
        .path_and_query()
        .is_some_and(|address| address.as_str().contains("%00"))
    {
        answer_for(uri.path(), Failure::NOT_FOUND)
    } else {
        next.run(request).await
    }
}
