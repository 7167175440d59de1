//! What a sandbox is started with.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

/// Settings of one sandbox; the default is a GitHub without users on a free port, and no AWS.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Port on 127.0.0.1; 0 picks a free one.
    pub port: u16,
    /// The ministack behind the AWS front. `None`: STS and RDS are answered 503, and nothing can be backed up.
    pub ministack: Option<Url>,
    /// Where the App's webhooks go. `None`: none are sent until the control sets it.
    pub webhook: Option<Webhook>,
    /// The App that may sign JWTs. `None`: no JWT is accepted.
    pub app: Option<App>,
    /// Seconds on the virtual clock for which a restored database or copied snapshot is `creating`, and for each step of an export. `None`: 3.
    pub restore_seconds: Option<u32>,
    /// Seconds on the virtual clock for which a job of AWS Backup runs. `None`: 3.
    pub job_seconds: Option<u32>,
    /// Users that exist from the start, with their tokens.
    pub users: Vec<SeedUser>,
    /// Repositories that exist from the start.
    pub repos: Vec<SeedRepo>,
}

/// The App's webhook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Receives the deliveries.
    pub url: Url,
    /// Signs them (HMAC-SHA256).
    pub secret: String,
}

/// A GitHub App as its owner registered it.
#[derive(Debug, Clone)]
pub struct App {
    /// The `iss` of its JWTs.
    pub id: u64,
    /// RSA public key, PEM (SPKI or PKCS#1), that its JWTs are checked with.
    pub public_key_pem: String,
}

/// A person with a token.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedUser {
    /// Unique, whatever the case.
    pub login: String,
    /// `None`: the next free id.
    pub id: Option<u64>,
    /// `None`: a random one.
    pub token: Option<String>,
}

/// A repository, optionally with the App installed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedRepo {
    /// `owner/name`; an unknown owner becomes an organisation.
    pub full_name: String,
    /// `None`: the next free id.
    pub id: Option<u64>,
    /// The App's installation that reaches this repository. `None`: not installed, so no webhooks.
    pub installation_id: Option<u64>,
    /// A private repository is a 404 to everybody but its owner, its collaborators and the installation.
    #[serde(default)]
    pub private: bool,
    /// Login to permission: `read`, `triage`, `write`, `maintain` or `admin`. Everybody reads a public repository.
    #[serde(default)]
    pub collaborators: BTreeMap<String, String>,
}
