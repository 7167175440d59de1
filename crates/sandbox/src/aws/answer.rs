//! Answers of the query protocol and of REST-JSON.

use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

use super::xml::Element;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Of RDS, the only service of the query protocol that is answered here.
const NAMESPACE: &str = r#" xmlns="http://rds.amazonaws.com/doc/2014-10-31/""#;

/// An HTTP answer, ready to send or to correct.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn xml(status: u16, body: String) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
        headers.extend(request_id());
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            status,
            headers,
            body: body.into(),
        }
    }

    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let fault = if status < 500 { "Sender" } else { "Receiver" };
        let error = Element::new("Error")
            .with("Type", fault)
            .with("Code", code)
            .with("Message", message);
        let mut response = Element::new("ErrorResponse")
            .with_child(error)
            .with("RequestId", &Uuid::new_v4().to_string());
        response.attributes = NAMESPACE.to_owned();
        Self::xml(status, response.to_string())
    }

    /// `<{operation}Response><{operation}Result>…`.
    pub(crate) fn result(operation: &str, children: Vec<Element>) -> Self {
        let mut result = Element::new(&format!("{operation}Result"));
        result.children = children;
        let metadata = Element::new("ResponseMetadata").with("RequestId", &Uuid::new_v4().to_string());
        let mut response = Element::new(&format!("{operation}Response"))
            .with_child(result)
            .with_child(metadata);
        response.attributes = NAMESPACE.to_owned();
        Self::xml(200, response.to_string())
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.extend(request_id());
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers,
            body: body.to_string().into(),
        }
    }

    pub(crate) fn json_error(status: u16, code: &'static str, body: &Value) -> Self {
        let mut answer = Self::json(status, body);
        answer.headers.insert(ERROR_TYPE, HeaderValue::from_static(code));
        answer
    }

    /// 200 with a body that breaks off.
    pub(crate) fn garbage(body: &str, content_type: &'static str) -> Self {
        let mut answer = Self::nothing(200);
        answer
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        answer.body = Bytes::copy_from_slice(body.as_bytes());
        answer
    }

    /// Done, and there is nothing to say.
    pub(crate) fn nothing(status: u16) -> Self {
        let mut answer = Self::json(status, &Value::Null);
        answer.body = Bytes::new();
        answer
    }

    pub(crate) fn document(&self) -> Option<Element> {
        Element::parse(std::str::from_utf8(&self.body).ok()?)
    }

    /// The code of a refusal.
    pub(crate) fn error_code(&self) -> Option<String> {
        if self.status.is_success() {
            return None;
        }
        if let Some(code) = self.headers.get(ERROR_TYPE) {
            return code.to_str().ok().map(str::to_owned);
        }
        let document = self.document()?;
        // S3 says it without an envelope.
        let error = document.child("Error").unwrap_or(&document);
        Some(error.text_of("Code")?.to_owned())
    }
}

/// Its header, of a new request.
fn request_id() -> Option<(HeaderName, HeaderValue)> {
    let id = HeaderValue::try_from(Uuid::new_v4().to_string()).ok()?;
    Some((REQUEST_ID, id))
}

impl IntoResponse for Answer {
    fn into_response(mut self) -> Response {
        // ministack forgets it in some answers.
        if !self.headers.contains_key(REQUEST_ID) {
            self.headers.extend(request_id());
        }
        (self.status, self.headers, self.body).into_response()
    }
}

/// Why a call was not performed: an answer that is passed on, boxed because it is large and rare.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Answer>);

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: impl AsRef<str>) -> Self {
        Self(Box::new(Answer::error(status, code, message.as_ref())))
    }

    pub(crate) fn invalid(message: impl AsRef<str>) -> Self {
        Self::new(400, "InvalidParameterValue", message)
    }

    pub(crate) fn unavailable(message: impl AsRef<str>) -> Self {
        Self::new(503, "ServiceUnavailable", message)
    }

    pub(crate) fn unknown_key() -> Self {
        Self::new(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    }

    pub(crate) fn not_implemented(service: &str, operation: &str) -> Self {
        Self::new(
            501,
            "NotImplemented",
            format!("the sandbox does not offer {service}:{operation}"),
        )
    }

    /// Whether it has this code.
    pub(crate) fn is(&self, code: &str) -> bool {
        self.0.error_code().is_some_and(|is| is == code)
    }

    pub(crate) fn into_answer(self) -> Answer {
        *self.0
    }
}

impl From<Answer> for Refusal {
    fn from(answer: Answer) -> Self {
        Self(Box::new(answer))
    }
}
