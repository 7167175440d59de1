//! A request that a cookie vouches for changes something only when it comes from our own pages.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

use crate::error::{Failure, PageError};

/// The origin that pages are served from; `None`: whatever the `Host` header says.
pub(crate) type OwnOrigin = Option<Url>;

const FOREIGN: Failure = Failure::new(
    StatusCode::FORBIDDEN,
    "This did not come from Holdfast",
    "Open the page here and send the form again.",
);

/// Refuses a state-changing request unless the browser says that it is same-origin.
pub(crate) async fn guard(State(own): State<OwnOrigin>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_same_origin(request.headers(), own.as_ref()) {
        next.run(request).await
    } else {
        PageError(FOREIGN).into_response()
    }
}

/// `Sec-Fetch-Site` decides where it is sent; a browser that lacks it must send our `Origin`.
fn is_same_origin(headers: &HeaderMap, own: Option<&Url>) -> bool {
    match (headers.get("sec-fetch-site"), headers.get(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let Some(origin) = origin.to_str().ok().and_then(|text| Url::parse(text).ok()) else {
                return false;
            };
            match own {
                Some(own) => own.origin().is_tuple() && origin.origin() == own.origin(),
                None => headers.get(header::HOST).is_some_and(|host| {
                    let authority = &origin[url::Position::BeforeHost..url::Position::AfterPort];
                    !authority.is_empty() && host.as_bytes() == authority.as_bytes()
                }),
            }
        }
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "http://portal.example:8080";
    const FOREIGN: &str = "https://evil.example";

    fn passes(site: Option<&str>, origin: Option<&str>, own: Option<&Url>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "portal.example:8080".parse().unwrap());
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
        }
        is_same_origin(&headers, own)
    }

    #[test]
    fn only_same_origin_passes() {
        let configured = Url::parse(OWN).unwrap();
        let origins = [
            None,
            Some(OWN),
            Some(FOREIGN),
            Some("null"),
            Some("http://portal.example"),
            Some(""),
        ];
        for own in [None, Some(&configured)] {
            for origin in origins {
                assert!(passes(Some("same-origin"), origin, own), "same-origin, {origin:?}");
                for site in ["cross-site", "same-site", "none", "", "Same-Origin"] {
                    assert!(!passes(Some(site), origin, own), "{site}, {origin:?}");
                }
                assert_eq!(passes(None, origin, own), origin == Some(OWN), "absent, {origin:?}");
            }
        }
    }

    #[test]
    fn a_configured_origin_is_compared_with_its_scheme() {
        let https = Url::parse("https://portal.example:8080").unwrap();
        assert!(!passes(None, Some(OWN), Some(&https)));
    }
}
