//! The `Idempotency-Key` of a post.

use app::idempotency::Idempotency;
use axum::extract::FromRequestParts;
use domain::digest::Digest;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use serde::Serialize;

use crate::error::{ApiError, Failure};

const BAD_KEY: Failure = Failure::new(
    StatusCode::BAD_REQUEST,
    "The key is not usable",
    "An Idempotency-Key is 1 to 200 visible ASCII characters.",
);

/// The key that came with a request, if one did, and what it came with.
pub(crate) struct IdempotencyKey {
    key: Option<String>,
    method: Method,
    path: String,
}

impl IdempotencyKey {
    /// The key for this body; the same key with another body is refused.
    pub(crate) fn of<T: Serialize>(self, body: &T) -> Option<Idempotency> {
        let request = Digest::of(&(self.method.as_str(), &self.path, body));
        self.key.map(|key| Idempotency {
            key: format!("api:{key}"),
            request,
        })
    }
}

fn usable(key: &HeaderValue) -> Option<&str> {
    let text = key.to_str().ok()?;
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    (visible && (1..=200).contains(&text.len())).then_some(text)
}

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let key = match parts.headers.get("idempotency-key") {
            None => None,
            Some(value) => Some(usable(value).ok_or(ApiError(BAD_KEY))?.to_owned()),
        };
        Ok(Self {
            key,
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
        })
    }
}
