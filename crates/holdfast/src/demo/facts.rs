//! What a person or a program needs to use a running demo: `.demo/demo.json`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where everything is, and as whom it can be used. An interface: outside checks read it.
#[derive(Debug, Serialize)]
pub struct Facts {
    /// Holdfast's address, without a trailing slash.
    pub url: String,
    /// Address of its metrics.
    pub metrics_url: String,
    /// People, by `role@customer` or, for staff, `role@*`.
    pub logins: BTreeMap<String, Login>,
    /// Their API tokens, by the same keys.
    pub tokens: BTreeMap<String, String>,
    /// The customers; the first has an account, a repository and a scope of work.
    pub customers: Vec<CustomerFacts>,
    /// Where each AWS service is; `*`: all others.
    pub aws_endpoints: BTreeMap<&'static str, String>,
    /// Clusters by customer.
    pub clusters: BTreeMap<String, ClusterFacts>,
    /// Root of the sandbox's control.
    pub sandbox_url: String,
    /// Root of GitHub's REST API.
    pub github_url: String,
    /// GitHub tokens by login; the first may ask for changes at the first customer.
    pub github_tokens: BTreeMap<String, String>,
    /// Signs GitHub's webhooks.
    pub webhook_secret: String,
    /// Address of the database for the application's role.
    pub database_url: String,
}

/// How a person signs in.
#[derive(Debug, Serialize)]
pub struct Login {
    /// Their e-mail address.
    pub email: String,
    /// Their password.
    pub password: String,
}

/// How a cluster's API is reached.
#[derive(Debug, Deserialize, Serialize)]
pub struct ClusterFacts {
    /// Its address, without a trailing slash.
    pub server: String,
    /// Bearer token of its administrator.
    pub token: String,
}

/// A customer.
#[derive(Debug, Serialize)]
pub struct CustomerFacts {
    /// Name in addresses.
    pub slug: String,
    /// Holdfast's id of it.
    pub id: Uuid,
    /// `owner/name` of its repository.
    pub github_repo: String,
    /// Its account; `None`: it has none.
    pub aws_account_id: Option<String>,
    /// The cluster that is reached at `clusters`, as its inventory names it; `None`: it has none.
    pub cluster: Option<String>,
}

impl Facts {
    /// Writes `demo.json` into `dir`, for its owner alone; a reader never sees half of it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, dir: &Path) -> std::io::Result<()> {
        let partial = dir.join("demo.json.partial");
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&partial)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        std::fs::rename(partial, dir.join("demo.json"))
    }
}
