//! Refusals in GitHub's words.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

const DOCS: &str = "https://docs.github.com/rest";
const DOCS_OF_LIMITS: &str = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api";
const DOCS_OF_SECONDARY_LIMITS: &str =
    "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits";
const DOCS_OF_REDIRECTS: &str =
    "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects";
const DOCS_OF_MEDIA: &str = "https://docs.github.com/v3/media";

#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    docs: &'static str,
    /// Fields of the body beside the usual ones.
    more: Map<String, Value>,
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            status,
            message: message.into(),
            docs: DOCS,
            more: Map::new(),
            header: None,
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    pub(crate) fn bad_credentials() -> Self {
        Self::new(401, "Bad credentials")
    }

    pub(crate) fn not_for_integrations() -> Self {
        Self::new(403, "Resource not accessible by integration")
    }

    pub(crate) fn suspended() -> Self {
        Self::new(403, "This installation has been suspended")
    }

    pub(crate) fn archived() -> Self {
        Self::new(403, "Repository was archived so is read-only.")
    }

    /// 422 for one field; `code` is one of GitHub's, such as `missing_field`, `invalid` or `already_exists`.
    pub(crate) fn invalid(resource: &str, field: &str, code: &str) -> Self {
        Self::failed(json!({"resource": resource, "field": field, "code": code}))
    }

    /// 422 for one field, with a reason in words.
    pub(crate) fn unprocessable(resource: &str, field: &str, code: &str, message: &str) -> Self {
        Self::failed(json!({"resource": resource, "code": code, "field": field, "message": message}))
    }

    fn failed(error: Value) -> Self {
        Self {
            more: Map::from_iter([("errors".to_owned(), json!([error]))]),
            ..Self::new(422, "Validation Failed")
        }
    }

    /// 422 for a body whose shape is wrong; `what` says where.
    pub(crate) fn malformed(what: &str) -> Self {
        Self::new(422, format!("Invalid request.\n\n{what}"))
    }

    /// 415 for an `Accept` that asks for anything but JSON.
    pub(crate) fn not_acceptable(accept: &str) -> Self {
        Self {
            docs: DOCS_OF_MEDIA,
            ..Self::new(
                415,
                format!("Unsupported 'Accept' header: '{accept}'. Must accept 'application/json'."),
            )
        }
    }

    /// The same request belongs to `url`: 301, or 307 where a client would turn it into a GET.
    pub(crate) fn moved(method: &Method, url: &str) -> Self {
        let status = if method.is_safe() { 301 } else { 307 };
        Self {
            docs: DOCS_OF_REDIRECTS,
            more: Map::from_iter([("url".to_owned(), json!(url))]),
            header: HeaderValue::from_str(url).ok().map(|url| Box::new((LOCATION, url))),
            ..Self::new(status, "Moved Permanently")
        }
    }

    pub(crate) fn rate_limited(message: String) -> Self {
        Self {
            docs: DOCS_OF_LIMITS,
            ..Self::new(403, message)
        }
    }

    pub(crate) fn secondary_rate_limit(message: String) -> Self {
        Self {
            docs: DOCS_OF_SECONDARY_LIMITS,
            header: Some(Box::new((RETRY_AFTER, HeaderValue::from_static("1")))),
            ..Self::new(403, message)
        }
    }

    /// 200 with JSON that breaks off.
    pub(crate) fn garbage() -> Self {
        Self {
            header: Some(Box::new((
                CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=utf-8"),
            ))),
            ..Self::new(200, r#"{"id": 1, "node_"#)
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = if self.status.is_success() {
            self.message.into_response()
        } else {
            let mut body = self.more;
            body.insert("message".to_owned(), json!(self.message));
            body.insert("documentation_url".to_owned(), json!(self.docs));
            body.insert("status".to_owned(), json!(self.status.as_str()));
            (self.status, Json(body)).into_response()
        };
        if let Some(header) = self.header {
            let (name, value) = *header;
            response.headers_mut().insert(name, value);
        }
        response
    }
}
