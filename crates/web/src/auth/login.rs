//! Signing in and out.

use app::{AppError, session};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;

use super::cookie;
use crate::client_address::ClientAddress;
use crate::error::{Page, PageError};
use crate::extract::{Form, Query};
use crate::state::Web;
use crate::view::Frame;

#[derive(Template)]
#[template(path = "auth/login.html")]
struct LoginPage {
    frame: Frame,
    refusal: Option<&'static str>,
    next: String,
    email: String,
}

impl LoginPage {
    fn new(next: &str) -> Self {
        Self {
            frame: Frame::bare("Sign in"),
            refusal: None,
            next: local(next),
            email: String::new(),
        }
    }
}

/// Where to go after sign-in.
#[derive(Debug, Deserialize)]
pub(crate) struct LoginQuery {
    #[serde(default)]
    next: String,
}

/// The form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginForm {
    email: String,
    password: SecretString,
    #[serde(default)]
    next: String,
}

pub(crate) async fn show(Query(query): Query<LoginQuery>) -> Response {
    Page(LoginPage::new(&query.next)).into_response()
}

pub(crate) async fn sign_in(
    State(web): State<Web>,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
    Form(form): Form<LoginForm>,
) -> Result<Response, PageError> {
    let previous = cookie::token(&web.settings, &jar);
    match session::sign_in(&web.cx, &form.email, form.password, address, previous).await {
        Ok(token) => {
            let jar = jar.add(cookie::issued(&web.settings, token.expose()));
            Ok((jar, Redirect::to(&local(&form.next))).into_response())
        }
        Err(AppError::SignIn) => {
            let refusal = Some("The e-mail address or the password is wrong, or there were too many attempts.");
            let page = LoginPage {
                refusal,
                email: form.email,
                ..LoginPage::new(&form.next)
            };
            Ok((StatusCode::UNAUTHORIZED, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn sign_out(State(web): State<Web>, jar: CookieJar) -> Result<(CookieJar, Redirect), PageError> {
    if let Some(token) = cookie::token(&web.settings, &jar) {
        session::sign_out(&web.cx, token).await?;
    }
    Ok((cookie::removed(&web.settings, jar), Redirect::to("/login")))
}

/// The address when it is one of ours, else the start: nobody is led elsewhere after signing in.
fn local(next: &str) -> String {
    let ours =
        next.starts_with('/') && !next.starts_with("//") && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if ours { next.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for next in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nb",
            "javascript:x",
            "/\t/evil.example",
        ] {
            assert_eq!(local(next), "/", "{next:?}");
        }
        assert_eq!(local("/customers/acme?state=planned"), "/customers/acme?state=planned");
    }
}
