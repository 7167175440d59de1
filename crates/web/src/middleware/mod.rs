//! What every request passes: log and id, security headers, panics, compression, NUL in the address, time and size limits.

pub(crate) mod body_limit;
pub(crate) mod csrf;
mod nul;
mod panic;
mod request_log;
mod security_headers;
mod time_limit;

use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::compression::CompressionLayer;

use self::security_headers::Transport;

/// How long a request may take. An event stream answers at once and then goes on.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Puts the common layers around all routes; the last one here is the outermost.
pub(crate) fn around(routes: Router, https_only: bool) -> Router {
    let transport = if https_only {
        Transport::HttpsOnly
    } else {
        Transport::Plain
    };
    routes
        .layer(from_fn_with_state(TIME_LIMIT, time_limit::within))
        .layer(from_fn(nul::refuse))
        .layer(CompressionLayer::new())
        .layer(from_fn(panic::caught))
        .layer(from_fn_with_state(transport, security_headers::add))
        .layer(from_fn(request_log::log))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use http::{Request, StatusCode, header};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn answer(https_only: bool, path: &str) -> http::Response<Body> {
        async fn panics() {
            if true {
                panic!("the inside")
            }
        }
        let routes = Router::new()
            .route("/ok", get(|| async { "fine" }))
            .route("/panics", get(panics))
            .route("/api/v1/panics", get(panics))
            .route("/api/v1/hangs", get(std::future::pending::<()>));
        around(routes, https_only)
            .oneshot(Request::get(path).body(Body::empty()).unwrap())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn every_answer_forbids_what_is_inline_or_foreign() {
        for path in ["/ok", "/panics", "/nowhere"] {
            let response = answer(false, path).await;
            let csp = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(
                csp.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
                "{csp}"
            );
            assert!(
                !csp.contains("unsafe") && csp.contains("frame-ancestors 'none'"),
                "{csp}"
            );
            assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
            assert!(response.headers().contains_key("x-request-id"));
        }
    }

    #[tokio::test]
    async fn strict_transport_is_asked_for_only_where_there_is_https() {
        assert!(
            !answer(false, "/ok")
                .await
                .headers()
                .contains_key(header::STRICT_TRANSPORT_SECURITY)
        );
        assert!(
            answer(true, "/ok")
                .await
                .headers()
                .contains_key(header::STRICT_TRANSPORT_SECURITY)
        );
    }

    #[tokio::test]
    async fn a_panic_ends_one_request_and_shows_nothing_of_the_inside() {
        for (path, kind) in [
            ("/panics", "text/html; charset=utf-8"),
            ("/api/v1/panics", "application/problem+json"),
        ] {
            let response = answer(false, path).await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(response.headers()[header::CONTENT_TYPE], kind);
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert!(!String::from_utf8_lossy(&body).contains("the inside"));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_given_up_in_words() {
        let response = answer(false, "/api/v1/hangs").await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
}
