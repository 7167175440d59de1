//! How `with-world` tells the tests where the world is.

/// Address of the server for the role that owns databases, without a database.
pub const POSTGRES_OWNER: &str = "HOLDFAST_TEST_POSTGRES_OWNER";
/// Address of the server for the application's role, without a database.
pub const POSTGRES_APP: &str = "HOLDFAST_TEST_POSTGRES_APP";
/// Address of ministack, without a trailing slash.
pub const MINISTACK: &str = "HOLDFAST_TEST_MINISTACK";
/// Address of a sandbox in front of that ministack, without a trailing slash.
pub const AWS_FRONT: &str = "HOLDFAST_TEST_AWS_FRONT";

/// The value of one of the names above.
///
/// # Panics
/// When the test was not started by `with-world`; says how to.
pub fn var(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: run the tests by `make test`, or one crate's by \
             `cargo run -p testkit --bin with-world -- cargo nextest run -p <crate>`"
        )
    })
}
