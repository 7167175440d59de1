//! The files of `static/`, served from memory under `/static` with an `ETag`, and at addresses that hold
//! their hash so that a browser may keep them.

use std::sync::LazyLock;

use axum::Router;
use memory_serve::{CacheControl, Manifest, MemoryServe};

/// Where they are served.
const PREFIX: &str = "/static";

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| files().manifest());

fn files() -> MemoryServe {
    memory_serve::load!()
        .index_file(None)
        .cache_control(CacheControl::Medium)
        .enable_hashed_routes(true)
}

/// The routes of all files. Once per process: memory-serve keeps what it serves for good.
pub(crate) fn routes() -> Router {
    static ROUTES: LazyLock<Router> = LazyLock::new(|| Router::new().nest(PREFIX, files().into_router()));
    ROUTES.clone()
}

/// The address of a file of `static/`, such as `css/base.css`.
///
/// # Panics
/// When there is no such file: a template names it, so the first test that renders it says so.
pub(crate) fn url(file: &str) -> String {
    let route = format!("/{file}");
    let served = MANIFEST
        .get(&route)
        .unwrap_or_else(|| panic!("static/{file} does not exist"));
    format!("{PREFIX}{served}")
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::{Request, StatusCode, header};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_file_is_served_at_an_address_that_changes_with_it() {
        let address = url("css/base.css");
        assert_ne!(address, "/static/css/base.css");
        let response = routes()
            .oneshot(Request::get(&address).body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/css");
        let etag = response.headers()[header::ETAG].clone();

        let again = Request::get(&address)
            .header(header::IF_NONE_MATCH, etag)
            .body(Body::empty())
            .unwrap();
        assert_eq!(
            routes().oneshot(again).await.unwrap().status(),
            StatusCode::NOT_MODIFIED
        );
    }
}
