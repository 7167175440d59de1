//! The App: one HTTP client, and an installation token for each customer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use octocrab::Octocrab;
use octocrab::models::{AppId, InstallationId};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::error::GitHubError;
use crate::repository::{Repository, RepositoryName, bounded};

/// How long connecting, or a silence on the connection, may last.
const SILENCE: Duration = Duration::from_secs(10);

/// Who we are at GitHub.
#[derive(Debug, Clone)]
pub struct App {
    /// The App's number.
    pub id: u64,
    /// The App's private RSA key, PEM.
    pub private_key: SecretString,
    /// Root of the REST API, such as the sandbox's; a path is kept, plain http is allowed.
    pub base_url: Url,
}

/// GitHub, as the App sees it. Cheap to clone; clones share connections and tokens.
#[derive(Clone)]
pub struct GitHub {
    app: Octocrab,
    installations: Arc<Mutex<HashMap<u64, Arc<Octocrab>>>>,
}

impl GitHub {
    /// Makes no call. Must run inside a Tokio runtime, which then drives the connections.
    ///
    /// # Errors
    /// [`GitHubError::Settings`] when the key is no RSA key or the address cannot be used.
    pub fn new(app: &App) -> Result<Self, GitHubError> {
        let build = || {
            Octocrab::builder()
                .base_uri(app.base_url.as_str())?
                .set_connect_timeout(Some(SILENCE))
                .set_read_timeout(Some(SILENCE))
                .set_write_timeout(Some(SILENCE))
                .app_from_rsa_pem(AppId(app.id), app.private_key.expose_secret())?
                .build()
        };
        let app = build().map_err(|error| GitHubError::Settings(error.into()))?;
        Ok(Self {
            app,
            installations: Arc::default(),
        })
    }

    /// The App's name, by which GitHub shows that it knows us.
    ///
    /// # Errors
    /// `NotFound` for an id of no App, `Denied` when the key is not the App's or our clock is wrong;
    /// see [`Repository::id`].
    pub async fn app_name(&self) -> Result<String, GitHubError> {
        #[derive(Deserialize)]
        struct Answer {
            name: String,
        }
        let answer: Answer = bounded(self.app.get("/app", None::<&()>)).await?;
        Ok(answer.name)
    }

    /// A repository, reached with the token of the installation that it belongs to. Makes no call.
    ///
    /// # Errors
    /// None in practice: the client is always an App.
    pub fn repository(&self, installation: u64, name: RepositoryName) -> Result<Repository, GitHubError> {
        Ok(Repository::new(self.installation(installation)?, name))
    }

    /// The client that holds the installation's token; it fetches and renews it by itself.
    fn installation(&self, id: u64) -> Result<Arc<Octocrab>, GitHubError> {
        let mut installations = self.installations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = installations.get(&id) {
            return Ok(Arc::clone(client));
        }
        let client = Arc::new(self.app.installation(InstallationId(id))?);
        installations.insert(id, Arc::clone(&client));
        Ok(client)
    }
}
