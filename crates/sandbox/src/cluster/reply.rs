//! An answer that is no refusal.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, WARNING};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::view;

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    content_type: &'static str,
    body: Body,
    /// Told beside the answer.
    warnings: Vec<String>,
    /// Of an object that was made.
    pub(crate) uid: Option<String>,
}

impl Reply {
    pub(crate) fn bytes(bytes: Vec<u8>) -> Self {
        Self::body(Body::from(bytes))
    }

    /// JSON that may go on for long.
    pub(crate) fn body(body: Body) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: "application/json",
            body,
            warnings: Vec::new(),
            uid: None,
        }
    }

    pub(crate) fn json(value: &Value) -> Self {
        Self::bytes(view::json_bytes(value))
    }

    pub(crate) fn text(text: &'static str) -> Self {
        Self {
            content_type: "text/plain; charset=utf-8",
            ..Self::body(Body::from(text))
        }
    }

    /// A `Status` that says that all went well.
    pub(crate) fn success(details: Value) -> Self {
        Self::json(&json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": details,
        }))
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn with_content_type(self, content_type: &'static str) -> Self {
        Self { content_type, ..self }
    }

    pub(crate) fn with_uid(self, uid: &str) -> Self {
        Self {
            uid: Some(uid.to_owned()),
            ..self
        }
    }

    pub(crate) fn with_warnings(self, warnings: Vec<String>) -> Self {
        Self { warnings, ..self }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        for warning in self.warnings {
            // A warning that no header can carry is left out.
            if let Ok(warning) = HeaderValue::try_from(format!("299 - {warning:?}")) {
                headers.append(WARNING, warning);
            }
        }
        response
    }
}
