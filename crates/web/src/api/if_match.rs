//! The `ETag` of what is read, and the `If-Match` of a decision: the revision that was read before it.

use std::fmt::Display;

use app::Decision;
use app::idempotency::Idempotency;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;

use crate::error::{ApiError, Failure};

const BAD_TAG: Failure = Failure::new(
    StatusCode::BAD_REQUEST,
    "The tag is not usable",
    "An If-Match is one ETag as it was given, with its quotes, or *.",
);

/// The body, with the revision that it has as its `ETag`.
pub(crate) fn tagged<T: Serialize>(revision: impl Display, body: T) -> Response {
    ([(header::ETAG, format!("\"{revision}\""))], Json(body)).into_response()
}

/// The revision that has to stand; `None`: any will do.
pub(crate) struct IfMatch(Option<i64>);

impl IfMatch {
    /// A decision on this record at that revision, carried out once under the key.
    pub(crate) fn decide<Id>(&self, on: Id, key: Option<Idempotency>) -> Decision<Id> {
        Decision {
            on,
            revision: self.0,
            key,
        }
    }

    /// The revision that has to stand before an update; `None`: any will do.
    pub(crate) const fn revision(&self) -> Option<i64> {
        self.0
    }

    /// A proxy that compresses makes tags weak; ours number what is told, not its bytes.
    fn read(headers: &HeaderMap) -> Option<Self> {
        let mut tags = headers.get_all(header::IF_MATCH).iter();
        let Some(tag) = tags.next() else {
            return Some(Self(None));
        };
        let tag = tag.to_str().ok().filter(|_| tags.next().is_none())?;
        if tag == "*" {
            return Some(Self(None));
        }
        let number = tag
            .strip_prefix("W/")
            .unwrap_or(tag)
            .strip_prefix('"')?
            .strip_suffix('"')?;
        Some(Self(Some(number.parse().ok()?)))
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        Self::read(&parts.headers).ok_or(ApiError(BAD_TAG))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(tags: &[&'static str]) -> Option<Option<i64>> {
        let mut headers = HeaderMap::new();
        for tag in tags {
            headers.append(header::IF_MATCH, HeaderValue::from_static(tag));
        }
        IfMatch::read(&headers).map(|IfMatch(revision)| revision)
    }

    #[test]
    fn one_tag_as_it_was_given_is_understood_and_nothing_else() {
        assert_eq!(read(&["\"7\""]), Some(Some(7)));
        assert_eq!(read(&["W/\"7\""]), Some(Some(7)));
        assert_eq!((read(&[]), read(&["*"])), (Some(None), Some(None)));
        for misshapen in [
            &[""][..],
            &["7"],
            &["\"x\""],
            &["\"7"],
            &["\"7\", \"8\""],
            &["\"7\"", "\"8\""],
        ] {
            assert_eq!(read(misshapen), None, "{misshapen:?}");
        }
    }
}
