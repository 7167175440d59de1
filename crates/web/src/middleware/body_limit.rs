//! Reads the whole body before the handler runs, within a limit.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::BytesMut;
use http::StatusCode;
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Failure, answer_for};

/// Pages and API.
pub(crate) const ORDINARY_BYTES: usize = 1024 * 1024;

/// An onboarding document of 10 MiB, and what carries it.
pub(crate) const DOCUMENT_BYTES: usize = 12 * 1024 * 1024;

/// What GitHub promises to stay below.
pub(crate) const WEBHOOK_BYTES: usize = 25 * 1024 * 1024;

/// How much of a body that is too large is read and thrown away, so that its sender hears the answer
/// instead of a broken pipe.
const DRAIN_BYTES: usize = 64 * 1024 * 1024;

/// How many bodies over [`ORDINARY_BYTES`] are held in memory at once.
const LARGE_AT_ONCE: usize = 8;

const TOO_LARGE: Failure = Failure::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "Too much at once",
    "What was sent is larger than Holdfast accepts here.",
);

const BROKEN: Failure = Failure::new(
    StatusCode::BAD_REQUEST,
    "The request broke off",
    "The connection ended before everything had arrived.",
);

/// The limit of some routes, and the room that large bodies share.
#[derive(Clone)]
pub(crate) struct BodyLimit {
    bytes: usize,
    /// Routes that take more, by their templates.
    wider: &'static [(&'static str, usize)],
    room: Arc<Semaphore>,
}

impl BodyLimit {
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            bytes,
            wider: &[],
            room: Arc::new(Semaphore::new(LARGE_AT_ONCE)),
        }
    }

    /// The same, but for these routes with a limit of their own.
    pub(crate) fn but(self, wider: &'static [(&'static str, usize)]) -> Self {
        Self { wider, ..self }
    }

    /// The limit of the route that a request goes to.
    fn of(&self, route: Option<&MatchedPath>) -> usize {
        let own = |route: &MatchedPath| self.wider.iter().find(|(template, _)| *template == route.as_str());
        route.and_then(own).map_or(self.bytes, |(_, bytes)| *bytes)
    }
}

/// Hands the handler a body that is complete and within the limit, or answers 413.
pub(crate) async fn read_whole(State(limit): State<BodyLimit>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = limit.of(parts.extensions.get::<MatchedPath>());
    match read(body, &BodyLimit { bytes, ..limit }).await {
        // The permit is held until the handler is done with the bytes.
        Ok((bytes, _permit)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(failure) => answer_for(parts.uri.path(), failure),
    }
}

async fn read(mut body: Body, limit: &BodyLimit) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Failure> {
    let mut taken = BytesMut::new();
    let mut seen = 0;
    let mut permit = None;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BROKEN)?.into_data() else {
            continue;
        };
        seen += data.len();
        if seen > limit.bytes {
            taken = BytesMut::new();
            permit = None;
            if seen > DRAIN_BYTES {
                break;
            }
            continue;
        }
        if seen > ORDINARY_BYTES && permit.is_none() {
            let room = Arc::clone(&limit.room).acquire_owned().await;
            permit = Some(room.expect("the semaphore is never closed"));
        }
        taken.extend_from_slice(&data);
    }
    if seen > limit.bytes {
        Err(TOO_LARGE)
    } else {
        Ok((taken.freeze(), permit))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A body that arrives in chunks, and how much of it was read.
    fn streamed(bytes: usize) -> (Body, Arc<AtomicUsize>) {
        const CHUNK: usize = 256 * 1024;
        let read = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&read);
        let sizes = std::iter::repeat_n(CHUNK, bytes / CHUNK).chain(std::iter::once(bytes % CHUNK));
        let chunks = sizes.map(move |size| {
            count.fetch_add(size, Ordering::Relaxed);
            Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; size]))
        });
        (Body::from_stream(futures::stream::iter(chunks)), read)
    }

    async fn size_read(bytes: usize, limit: usize) -> (Result<usize, StatusCode>, usize) {
        let (body, read_so_far) = streamed(bytes);
        let result = read(body, &BodyLimit::new(limit)).await;
        let result = result.map(|(bytes, _)| bytes.len()).map_err(|failure| failure.status);
        (result, read_so_far.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn a_body_of_exactly_the_limit_is_taken() {
        assert_eq!(WEBHOOK_BYTES, 26_214_400);
        for limit in [ORDINARY_BYTES, WEBHOOK_BYTES] {
            assert_eq!(size_read(limit, limit).await.0, Ok(limit));
        }
    }

    #[tokio::test]
    async fn a_byte_over_the_limit_is_refused_after_the_rest_was_drained() {
        for (limit, sent) in [(ORDINARY_BYTES, ORDINARY_BYTES + 1), (WEBHOOK_BYTES, 60_000_000)] {
            assert_eq!(size_read(sent, limit).await, (Err(StatusCode::PAYLOAD_TOO_LARGE), sent));
        }
    }

    #[tokio::test]
    async fn draining_ends_somewhere() {
        let (result, read) = size_read(4 * DRAIN_BYTES, WEBHOOK_BYTES).await;
        assert_eq!(result, Err(StatusCode::PAYLOAD_TOO_LARGE));
        assert!(read < 2 * DRAIN_BYTES, "{read}");
    }
}
