//! Which database an installation uses: the one it is given, or a private one that it keeps itself.

use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};
use store::Db;

use crate::config::{Config, DatabaseUrl};
use crate::embedded_postgres::{APP_ROLE, DatabaseError, EmbeddedPostgres, EmbeddedPostgresError, Options};

/// Name of the database in a private cluster.
const NAME: &str = "holdfast";

/// The database of this process; a private cluster lives as long as this does.
#[derive(Debug)]
pub struct Database {
    app_url: SecretString,
    cluster: Option<EmbeddedPostgres>,
}

/// There is no usable database.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The private cluster did not start.
    #[error("starting the private Postgres cluster")]
    Cluster(#[from] EmbeddedPostgresError),
    /// Its database could not be made.
    #[error("making the database")]
    Create(#[from] DatabaseError),
    /// The schema could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// This command does not start a private cluster.
    #[error("no database: set HOLDFAST_DATABASE_URL (only `holdfast run` keeps one of its own)")]
    NotGiven,
    /// Only the role that owns the schema can migrate it.
    #[error("no database to migrate: set HOLDFAST_OWNER_DATABASE_URL, its address for the role that owns the schema")]
    OwnerNotGiven,
    /// This command needs the private cluster for itself, and a running Holdfast has it.
    #[error("a running Holdfast is using `{}`: stop `holdfast run` first, or set HOLDFAST_DATABASE_URL", dir.display())]
    Running {
        /// The directory of the private cluster.
        dir: PathBuf,
    },
}

/// The schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The domain's tables.
    #[error("migrating the database")]
    Store(#[from] store::StoreError),
    /// The queue's tables.
    #[error("migrating the job queue")]
    Jobs(#[from] jobs::JobsError),
}

impl Database {
    /// The database that is given; it is not migrated here.
    ///
    /// # Errors
    /// [`OpenError::NotGiven`].
    pub fn given(config: &Config) -> Result<Self, OpenError> {
        let url = config.database_url.as_ref().ok_or(OpenError::NotGiven)?;
        Ok(Self {
            app_url: url.secret().clone(),
            cluster: None,
        })
    }

    /// The database that is given, or a private one below the data directory: started, made and migrated.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn given_or_private(config: &Config) -> Result<Self, OpenError> {
        if config.database_url.is_some() {
            return Self::given(config);
        }
        let cluster = EmbeddedPostgres::start(&config.data_dir, Options::default()).await?;
        match cluster.server().create_database(NAME, None).await {
            Ok(()) | Err(DatabaseError::Exists { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        migrate(&cluster.owner_url(NAME).into()).await?;
        tracing::info!(dir = %cluster.dir().display(), "Private Postgres cluster in {}", cluster.dir().display());
        Ok(Self {
            app_url: cluster.app_url(NAME),
            cluster: Some(cluster),
        })
    }

    /// The same for a command that ends soon: it cannot share a private cluster with `holdfast run`, and one elsewhere
    /// would be of no use to it.
    ///
    /// # Errors
    /// [`OpenError::Running`] while `holdfast run` is up.
    pub async fn given_or_idle(config: &Config) -> Result<Self, OpenError> {
        Self::given_or_private(config).await.map_err(|error| match error {
            OpenError::Cluster(EmbeddedPostgresError::InUse { dir }) => OpenError::Running { dir },
            other => other,
        })
    }

    /// Its address for the application's role.
    pub fn app_url(&self) -> &SecretString {
        &self.app_url
    }

    /// Stops a private cluster.
    pub async fn close(self) {
        if let Some(cluster) = self.cluster {
            cluster.stop().await;
        }
    }
}

/// Brings the schema of the domain and of the queue up to date, as the role that owns the database, and grants the
/// application's role what it needs.
///
/// # Errors
/// [`MigrateError`].
pub async fn migrate(owner: &DatabaseUrl) -> Result<(), MigrateError> {
    let db = Db::connect(owner.secret().expose_secret(), 1).await?;
    store::migrate(db.pool()).await?;
    jobs::migrate(db.pool()).await?;
    jobs::grant(db.pool(), APP_ROLE).await?;
    // Nobody may be connected to a database that is copied, as the tests' template is.
    db.pool().close().await;
    Ok(())
}
