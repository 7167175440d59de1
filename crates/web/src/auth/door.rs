//! The doors that the route table names: a handler behind one knows who calls.

use app::{Actor, session};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use http::request::Parts;
use http::{Method, StatusCode, header};

use super::cookie;
use crate::error::{ApiError, Failure, PageError};
use crate::state::Web;

const SIGN_IN: Failure = Failure::new(
    StatusCode::UNAUTHORIZED,
    "You are signed out",
    "Sign in again, then repeat what you did.",
);

const NO_TOKEN: Failure = Failure::new(
    StatusCode::UNAUTHORIZED,
    "A token is needed",
    "Send a valid API token as `Authorization: Bearer hf_…`.",
);

/// Lets people with a session in. Whoever opens a page without one is sent to the sign-in page and back.
pub(crate) async fn signed_in(State(web): State<Web>, jar: CookieJar, mut request: Request, next: Next) -> Response {
    let caller = match cookie::token(&web.settings, &jar) {
        Some(token) => session::authenticate(&web.cx, token).await,
        None => Ok(None),
    };
    match caller {
        Ok(Some(actor)) => {
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        // A script that reads a part of a page must not be given the sign-in page instead.
        Ok(None) if request.method() == Method::GET && !request.headers().contains_key("hx-request") => {
            let wanted = request.uri().path_and_query().map_or("/", |path| path.as_str());
            let wanted: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
            Redirect::to(&format!("/login?next={wanted}")).into_response()
        }
        Ok(None) => PageError(SIGN_IN).into_response(),
        Err(error) => PageError::from(error).into_response(),
    }
}

/// Lets programs with a token in. A cookie does not count here, so that no foreign page can use it.
pub(crate) async fn bearer(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let caller = match given.and_then(|value| value.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            session::authenticate_token(&web.cx, token).await
        }
        _ => Ok(None),
    };
    match caller {
        Ok(Some(actor)) => {
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Ok(None) => ([(header::WWW_AUTHENTICATE, "Bearer")], ApiError(NO_TOKEN)).into_response(),
        Err(error) => ApiError::from(error).into_response(),
    }
}

/// Who the door let in. Only for routes behind [`signed_in`] or [`bearer`].
pub(crate) struct Caller(pub(crate) Actor);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, PageError> {
        parts
            .extensions
            .get::<Actor>()
            .cloned()
            .map(Self)
            .ok_or(PageError(Failure::INTERNAL))
    }
}
