//! A Postgres server as its users see it: an address and two roles.

use std::ffi::OsStr;
use std::process::Stdio;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::binaries::Binaries;

/// Owns the databases and migrates them; sees every tenant's rows.
pub const OWNER_ROLE: &str = "holdfast_owner";
/// What the application connects as; owns nothing and is held by row-level security.
pub const APP_ROLE: &str = "holdfast_app";

/// A server with the two roles of Holdfast.
#[derive(Debug, Clone)]
pub struct DatabaseServer {
    owner: SecretString,
    app: SecretString,
}

/// A database was not created or dropped.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// No `createdb` and `dropdb` on this machine.
    #[error("no PostgreSQL client programs found")]
    NoBinaries,
    /// Not a Postgres URL.
    #[error("not a database address")]
    Address(#[source] url::ParseError),
    /// The client program did not start.
    #[error("starting {program}")]
    Start {
        /// Its name.
        program: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// There is one of that name.
    #[error("database `{database}` exists already")]
    Exists {
        /// The database.
        database: String,
    },
    /// The server refused.
    #[error("{program} of database `{database}`: {said}")]
    Refused {
        /// The client program.
        program: &'static str,
        /// The database.
        database: String,
        /// What the program printed.
        said: String,
    },
}

impl DatabaseServer {
    /// Server addresses without a database, one per role: `postgres://role:password@host:port`.
    pub fn new(owner: SecretString, app: SecretString) -> Self {
        Self { owner, app }
    }

    pub(super) fn local(port: u16, owner_password: &str, app_password: &str) -> Self {
        let url = |role: &str, password: &str| format!("postgres://{role}:{password}@127.0.0.1:{port}").into();
        Self::new(url(OWNER_ROLE, owner_password), url(APP_ROLE, app_password))
    }

    /// As given to [`Self::new`], for the role that owns databases.
    pub fn owner_server(&self) -> &SecretString {
        &self.owner
    }

    /// As given to [`Self::new`], for the application's role.
    pub fn app_server(&self) -> &SecretString {
        &self.app
    }

    /// Address of `database` for the role that owns and migrates it.
    pub fn owner_url(&self, database: &str) -> SecretString {
        join(&self.owner, database)
    }

    /// Address of `database` for the application's role.
    pub fn app_url(&self, database: &str) -> SecretString {
        join(&self.app, database)
    }

    /// Creates `name`, owned by the owner's role, empty or as a copy of `template` (to which nobody may be connected).
    ///
    /// # Errors
    /// [`DatabaseError::Exists`], and the others.
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> Result<(), DatabaseError> {
        let template = template.map(|template| format!("--template={template}"));
        self.run("createdb", name, template.as_slice()).await
    }

    /// Drops `name` and ends its connections; a database that is not there is no error.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn drop_database(&self, name: &str) -> Result<(), DatabaseError> {
        self.run("dropdb", name, &["--if-exists", "--force"]).await
    }

    async fn run(
        &self,
        program: &'static str,
        database: &str,
        options: &[impl AsRef<OsStr>],
    ) -> Result<(), DatabaseError> {
        let binaries = Binaries::find(None).ok_or(DatabaseError::NoBinaries)?;
        let url = Url::parse(self.owner.expose_secret()).map_err(DatabaseError::Address)?;
        let output = tokio::process::Command::new(binaries.program(program))
            .env("PGPASSWORD", url.password().unwrap_or_default())
            .arg(format!("--host={}", url.host_str().unwrap_or_default()))
            .arg(format!("--port={}", url.port().unwrap_or(5432)))
            .arg(format!("--username={}", url.username()))
            .arg("--maintenance-db=postgres")
            .args(options)
            .args(["--", database])
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(|source| DatabaseError::Start { program, source })?;
        if output.status.success() {
            return Ok(());
        }
        let database = database.to_owned();
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        // The cluster was made with English messages.
        if said.ends_with("already exists") {
            return Err(DatabaseError::Exists { database });
        }
        Err(DatabaseError::Refused {
            program,
            database,
            said,
        })
    }
}

fn join(server: &SecretString, database: &str) -> SecretString {
    format!("{}/{database}", server.expose_secret()).into()
}
