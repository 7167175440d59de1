//! Forms, queries, path parameters and JSON, refused in words where they do not fit.

use axum::extract::rejection::{FormRejection, JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts};
use http::StatusCode;

use crate::error::{ApiError, Failure, PageError};

/// The form of a page.
#[derive(FromRequest)]
#[from_request(via(axum::Form), rejection(PageError))]
pub(crate) struct Form<T>(pub(crate) T);

/// The query of a page.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(PageError))]
pub(crate) struct Query<T>(pub(crate) T);

/// The path of a page.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(PageError))]
pub(crate) struct Path<T>(pub(crate) T);

/// The body of a call of the API.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub(crate) struct ApiJson<T>(pub(crate) T);

/// The query of a call of the API.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub(crate) struct ApiQuery<T>(pub(crate) T);

/// The path of a call of the API.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub(crate) struct ApiPath<T>(pub(crate) T);

/// A path that does not parse names nothing.
fn no_such_path(_: PathRejection) -> Failure {
    Failure::NOT_FOUND
}

fn misshapen(status: StatusCode, detail: String) -> Failure {
    Failure {
        detail: detail.into(),
        ..Failure::new(status, "This was not understood", "")
    }
}

impl From<PathRejection> for PageError {
    fn from(rejection: PathRejection) -> Self {
        Self(no_such_path(rejection))
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self(no_such_path(rejection))
    }
}

impl From<FormRejection> for PageError {
    fn from(rejection: FormRejection) -> Self {
        Self(misshapen(rejection.status(), rejection.body_text()))
    }
}

impl From<QueryRejection> for PageError {
    fn from(rejection: QueryRejection) -> Self {
        Self(misshapen(rejection.status(), rejection.body_text()))
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self(misshapen(rejection.status(), rejection.body_text()))
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self(misshapen(rejection.status(), rejection.body_text()))
    }
}
