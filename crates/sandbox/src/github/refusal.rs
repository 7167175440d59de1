//! Refusals in GitHub's words.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    errors: Option<Value>,
    header: Option<(HeaderName, &'static str)>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            status,
            message: message.into(),
            errors: None,
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

    /// 422 for one field; `code` is one of GitHub's, such as `missing_field`, `invalid` or `already_exists`.
    pub(crate) fn invalid(resource: &str, field: &str, code: &str) -> Self {
        let errors = json!([{"resource": resource, "field": field, "code": code}]);
        Self {
            errors: Some(errors),
            ..Self::new(422, "Validation Failed")
        }
    }

    pub(crate) fn secondary_rate_limit(message: String) -> Self {
        Self {
            header: Some((RETRY_AFTER, "1")),
            ..Self::new(403, message)
        }
    }

    /// 200 with JSON that breaks off.
    pub(crate) fn garbage() -> Self {
        Self {
            header: Some((CONTENT_TYPE, "application/json; charset=utf-8")),
            ..Self::new(200, r#"{"id": 1, "node_"#)
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = if self.status.is_success() {
            self.message.into_response()
        } else {
            let mut body = json!({
                "message": self.message,
                "documentation_url": "https://docs.github.com/rest",
                "status": self.status.as_str(),
            });
            if let Some(errors) = self.errors {
                body["errors"] = errors;
            }
            (self.status, Json(body)).into_response()
        };
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
