//! A database per test, on the server that the test run shares.

use holdfast::embedded_postgres::DatabaseServer;
use secrecy::SecretString;
use uuid::Uuid;

use crate::env;

/// Name of the migrated database that each test's is a copy of.
pub const TEMPLATE: &str = "holdfast_template";

/// A migrated, otherwise empty database of one test's own; dropped with its connections when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    server: DatabaseServer,
    name: String,
}

impl TestDatabase {
    /// A new copy of the template.
    ///
    /// # Panics
    /// Without the server of `with-world`, or when it refuses.
    pub async fn new() -> Self {
        let server = DatabaseServer::new(env::var(env::POSTGRES_OWNER).into(), env::var(env::POSTGRES_APP).into());
        let name = format!("test_{}", Uuid::now_v7().simple());
        server
            .create_database(&name, Some(TEMPLATE))
            .await
            .expect("a copy of the template");
        Self { server, name }
    }

    /// Its address for the application's role, which is what a test connects as: row-level security holds.
    pub fn app_url(&self) -> SecretString {
        self.server.app_url(&self.name)
    }

    /// Its address for the role that owns and migrates it: past row-level security, to look behind the scenes.
    pub fn owner_url(&self) -> SecretString {
        self.server.owner_url(&self.name)
    }
}

impl Drop for TestDatabase {
    /// On a thread of its own, because a test's runtime cannot wait here. What fails goes with the server.
    fn drop(&mut self) {
        let dropped = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime
                .block_on(self.server.drop_database(&self.name))
                .map_err(std::io::Error::other)
        };
        std::thread::scope(|scope| {
            scope.spawn(|| dropped().unwrap_or_else(|error| eprintln!("{}: {error}", self.name)));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::TestDatabase;
    use secrecy::ExposeSecret as _;

    #[tokio::test]
    async fn each_test_has_a_database_of_its_own_that_goes_away_with_it() {
        let (one, other) = (TestDatabase::new().await, TestDatabase::new().await);
        assert_ne!(one.app_url().expose_secret(), other.app_url().expose_secret());
        assert!(one.app_url().expose_secret().starts_with("postgres://holdfast_app:"));

        let (server, name) = (one.server.clone(), one.name.clone());
        drop(one);
        server
            .create_database(&name, None)
            .await
            .expect("its name is free again");
        server.drop_database(&name).await.expect("dropped");
    }
}
