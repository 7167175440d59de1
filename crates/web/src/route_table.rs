//! The form of the route table: what is not a row of it cannot be reached.

/// Who may call a route. A handler behind a door runs only after the door let the caller in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Auth {
    /// Anybody.
    Public,
    /// A person with a session cookie; others are sent to the sign-in page.
    SignedIn,
    /// A program with a bearer token; others get 401. A cookie does not count.
    Bearer,
    /// Whoever signed the body with the webhook's secret.
    Signature,
}

/// One route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteSpec {
    /// `GET` (answers `HEAD` too), `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// The template, such as `/customers/{slug}`.
    pub path: &'static str,
    /// Who may call it.
    pub auth: Auth,
}

/// Makes the public table of routes, and the routers behind each door, from the same rows.
macro_rules! route_table {
    (state $state:ty; $($auth:ident $method:ident $path:literal => $handler:path;)+) => {
        /// Every route that exists, except the files below `/static`.
        pub const ROUTES: &[$crate::route_table::RouteSpec] = &[$($crate::route_table::RouteSpec {
            method: stringify!($method),
            path: $path,
            auth: $crate::route_table::Auth::$auth,
        }),+];

        /// The routes behind one door.
        fn behind(door: $crate::route_table::Auth) -> axum::Router<$state> {
            let mut router = axum::Router::new();
            $(if door == $crate::route_table::Auth::$auth {
                router = router.route($path, axum::routing::on(axum::routing::MethodFilter::$method, $handler));
            })+
            router
        }
    };
}
pub(crate) use route_table;
