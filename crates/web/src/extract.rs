//! Forms, queries, path parameters and JSON, refused in words where they do not fit.

use axum::extract::multipart::MultipartError;
use axum::extract::rejection::{FormRejection, JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use http::{StatusCode, header};

use crate::error::{ApiError, Failure, PageError};

/// The form of a page.
#[derive(FromRequest)]
#[from_request(via(axum::Form), rejection(PageError))]
pub(crate) struct Form<T>(pub(crate) T);

/// The form of a page that can carry a file: its fields in their order, as bytes.
pub(crate) struct Upload(pub(crate) Vec<Part>);

/// A field of such a form.
pub(crate) struct Part {
    pub(crate) field: String,
    /// The name of the file, for one.
    pub(crate) file: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let with_files = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
        if !with_files {
            let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, state).await?;
            let part = |(field, text): (String, String)| Part {
                field,
                file: None,
                bytes: text.into_bytes(),
            };
            return Ok(Self(pairs.into_iter().map(part).collect()));
        }
        let wrong = |error: MultipartError| PageError(misshapen(error.status(), error.body_text()));
        let mut form = Multipart::from_request(request, state)
            .await
            .map_err(|error| PageError(misshapen(error.status(), error.body_text())))?;
        let mut parts = Vec::new();
        while let Some(field) = form.next_field().await.map_err(wrong)? {
            parts.push(Part {
                field: field.name().unwrap_or_default().to_owned(),
                file: field.file_name().map(str::to_owned),
                bytes: field.bytes().await.map_err(wrong)?.to_vec(),
            });
        }
        Ok(Self(parts))
    }
}

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
