//! What a person or a program is told when something cannot be done: plain words, never the inside's.

use std::error::Error;

use app::AppError;
use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use domain::scope_change::FormProblem;
use http::{HeaderValue, StatusCode, header};
use jiff::SignedDuration;
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::Frame;

/// A refusal or a fault, in words that say what to do.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
    pub(crate) detail: std::borrow::Cow<'static, str>,
    /// What is wrong with which field.
    pub(crate) problems: Vec<FormProblem>,
    pub(crate) retry_after: Option<SignedDuration>,
}

impl Failure {
    /// For what does not exist, and for what another customer has: nobody can tell which.
    pub(crate) const NOT_FOUND: Self = Self::new(
        StatusCode::NOT_FOUND,
        "Nothing here",
        "This does not exist, or it is not yours to see.",
    );

    pub(crate) const INTERNAL: Self = Self::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong on our side",
        "It has been noted. Try again; if it stays, tell your provider the request id.",
    );

    pub(crate) const METHOD: Self = Self::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "Not in this way",
        "This address exists, but not for this kind of request.",
    );

    /// For a version of the scope of work that is named twice over.
    pub(crate) const ONE_OF_BOTH: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "This was not understood",
        "Give a version or a date, not both.",
    );

    pub(crate) const fn new(status: StatusCode, title: &'static str, detail: &'static str) -> Self {
        Self {
            status,
            title,
            detail: std::borrow::Cow::Borrowed(detail),
            problems: Vec::new(),
            retry_after: None,
        }
    }
}

/// A failure as a page.
#[derive(Debug)]
pub(crate) struct PageError(pub(crate) Failure);

/// A failure as RFC 9457 problem details.
#[derive(Debug)]
pub(crate) struct ApiError(pub(crate) Failure);

/// RFC 9457 problem details. The `x-request-id` header names the request in our log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: the status says it.
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    /// One per field that is missing or not understood.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// What is wrong with a field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Its id.
    field: String,
    /// The beginning of what was given, or of what stands there by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<String>,
    /// What is wrong and what is expected.
    why: String,
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        const CHANGED: Failure = Failure::new(
            StatusCode::CONFLICT,
            "This changed while you were reading it",
            "Read it again, then decide.",
        );
        let said = |status, title, detail: String| Self {
            detail: detail.into(),
            ..Self::new(status, title, "")
        };
        match error {
            AppError::NotFound => Self::NOT_FOUND,
            AppError::Forbidden(why) => Self::new(StatusCode::FORBIDDEN, "Not with your role", why),
            AppError::Refused(refused) => said(
                StatusCode::CONFLICT,
                "This cannot be done now",
                sentence(&refused.to_string()),
            ),
            AppError::NotNow(why) => said(StatusCode::CONFLICT, "This cannot be done now", sentence(&why)),
            AppError::Invalid(problems) => Self {
                problems,
                ..Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "Something is missing",
                    "Answers are missing or not understood.",
                )
            },
            AppError::Conflict => CHANGED,
            AppError::Changed => Self {
                status: StatusCode::PRECONDITION_FAILED,
                ..CHANGED
            },
            AppError::Superseded(problems) => Self {
                status: StatusCode::PRECONDITION_FAILED,
                problems,
                ..CHANGED
            },
            AppError::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This key is taken",
                "The same Idempotency-Key came with another request before.",
            ),
            AppError::SignIn => Self::new(StatusCode::UNAUTHORIZED, "Not signed in", "Sign in first."),
            AppError::Busy { retry_after } => Self {
                retry_after: Some(retry_after),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Too much at once",
                    "Try again in a moment.",
                )
            },
            AppError::Store(_) | AppError::Jobs(_) => {
                tracing::error!(error = &error as &dyn Error, "A request failed");
                Self::INTERNAL
            }
        }
    }
}

/// With a capital letter and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

impl From<AppError> for PageError {
    fn from(error: AppError) -> Self {
        Self(error.into())
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        Self(error.into())
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    failure: Failure,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, retry_after) = (self.0.status, self.0.retry_after);
        let page = ErrorPage {
            frame: Frame::bare(self.0.title),
            failure: self.0,
        };
        with_retry_after((status, Page(page)).into_response(), retry_after)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Failure {
            status,
            title,
            detail,
            problems,
            retry_after,
        } = self.0;
        let errors = problems
            .into_iter()
            .map(|problem| FieldError {
                field: problem.field,
                given: problem.given,
                why: problem.why,
            })
            .collect();
        let problem = Problem {
            r#type: "about:blank",
            title,
            status: status.as_u16(),
            detail: detail.into_owned(),
            errors,
        };
        let body = serde_json::to_string(&problem).expect("strings and numbers are JSON");
        let headers = [(header::CONTENT_TYPE, "application/problem+json")];
        with_retry_after((status, headers, body).into_response(), retry_after)
    }
}

fn with_retry_after(mut response: Response, after: Option<SignedDuration>) -> Response {
    if let Some(after) = after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs().unsigned_abs()));
    }
    response
}

/// A page for people, problem details for programs.
pub(crate) fn answer_for(path: &str, failure: Failure) -> Response {
    if path.starts_with("/api/") || path.starts_with("/webhooks/") {
        ApiError(failure).into_response()
    } else {
        PageError(failure).into_response()
    }
}

/// A template as an answer.
pub(crate) struct Page<T>(pub(crate) T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(html) => Html(html).into_response(),
            Err(error) => {
                tracing::error!(%error, "A page could not be rendered");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}
