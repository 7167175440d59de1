//! Settings: `holdfast.toml`, and over it the environment. `github.app_id` in the file is `HOLDFAST_GITHUB_APP_ID` there.
//!
//! An unknown key is an error that names it, in either place; so is a value that is not allowed.

mod source;
mod value;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use domain::account::Region;
use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

pub use self::source::ConfigError;
pub use self::value::DatabaseUrl;

/// Everything that an installation may set.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The database, as the application's role. Absent: `run` starts a private cluster below [`Self::data_dir`].
    pub database_url: Option<DatabaseUrl>,
    /// The same database as the role that owns it; only `migrate` uses it.
    pub owner_database_url: Option<DatabaseUrl>,
    /// What this installation keeps on disk.
    pub data_dir: PathBuf,
    /// Where pages, API and webhooks are served.
    pub listen: SocketAddr,
    /// Where metrics are served, for the scraper only.
    pub metrics_listen: SocketAddr,
    /// How browsers and GitHub reach us. Absent: the address of [`Self::listen`].
    public_url: Option<Url>,
    /// Whether cookies are for HTTPS only. Absent: yes, unless people come over plain HTTP on loopback.
    #[serde(deserialize_with = "value::optional_flag")]
    secure_cookies: Option<bool>,
    /// Proxies in front of us, whose `X-Forwarded-For` is believed: addresses or networks. In the environment: with commas.
    #[serde(deserialize_with = "value::networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Jobs that one process runs at once: 1..=256.
    #[serde(deserialize_with = "value::within::<1, 256, _>")]
    pub workers: u32,
    /// Pause between two observations of a scope: 5..=86400 s.
    #[serde(deserialize_with = "value::within::<5, 86400, _>")]
    pub observe_interval_seconds: u32,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// The clock of a sandbox, for tests and demos that move time. Absent: the system's.
    pub clock_url: Option<Url>,
    /// The GitHub App. Absent: no requests come from GitHub.
    pub github: Option<GitHub>,
    /// Our side of the trust that customers' accounts give.
    pub aws: Aws,
}

/// The GitHub App that customers install.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitHub {
    /// Root of the REST API, without a trailing slash.
    #[serde(default = "GitHub::public_api")]
    pub api_url: Url,
    /// The App's id.
    #[serde(deserialize_with = "value::parsed")]
    pub app_id: u64,
    /// PEM file of the App's private key.
    pub private_key_file: PathBuf,
    /// Secrets that webhooks may be signed with: several while one replaces the other. In the environment: with commas.
    #[serde(deserialize_with = "value::secrets")]
    pub webhook_secrets: Vec<SecretString>,
}

/// Who we are in AWS. Credentials come the way that AWS's own tools find them.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Aws {
    /// Instead of AWS's own endpoints, for emulators.
    pub endpoint_url: Option<Url>,
    /// The region of calls that belong to none, such as AssumeRole.
    pub region: Region,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// An object a line, for machines.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: None,
            owner_database_url: None,
            data_dir: PathBuf::from("holdfast-data"),
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            metrics_listen: (Ipv4Addr::LOCALHOST, 9090).into(),
            public_url: None,
            secure_cookies: None,
            trusted_proxies: Vec::new(),
            workers: 8,
            observe_interval_seconds: 900,
            log_format: LogFormat::Text,
            clock_url: None,
            github: None,
            aws: Aws::default(),
        }
    }
}

impl Default for Aws {
    fn default() -> Self {
        Self {
            endpoint_url: None,
            region: "eu-west-1".parse().expect("a valid region"),
        }
    }
}

impl GitHub {
    fn public_api() -> Url {
        Url::parse("https://api.github.com").expect("a valid address")
    }
}

impl Config {
    /// Reads `file`, or `holdfast.toml` here if there is one, and the environment.
    ///
    /// # Errors
    /// [`ConfigError`] names the file or the key.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        source::read(file).and_then(|text| source::parse(text.as_deref(), std::env::vars_os()))
    }

    /// How browsers and GitHub reach us.
    pub fn public_url(&self) -> Url {
        self.public_url.clone().unwrap_or_else(|| {
            Url::parse(&format!("http://{}", self.listen)).expect("a socket address makes a valid address")
        })
    }

    /// Whether cookies are for HTTPS only.
    pub fn secure_cookies(&self) -> bool {
        let plain_loopback = self.listen.ip().is_loopback() && self.public_url().scheme() == "http";
        self.secure_cookies.unwrap_or(!plain_loopback)
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use secrecy::ExposeSecret as _;

    use super::source::parse;
    use super::{Config, ConfigError, LogFormat};

    fn load(file: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
        parse(
            Some(file),
            env.iter()
                .map(|(key, value)| (OsString::from(key), OsString::from(value))),
        )
    }

    fn refused(file: &str, env: &[(&str, &str)]) -> String {
        let error: Box<dyn std::error::Error> = load(file, env).expect_err("refused").into();
        std::iter::successors(Some(&*error), |error| error.source())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": ")
    }

    #[test]
    fn nothing_set_is_a_small_installation_on_loopback() {
        let config = load("", &[]).expect("valid");
        assert!(config.database_url.is_none() && config.github.is_none());
        assert_eq!(config.public_url().as_str(), "http://127.0.0.1:8080/");
        assert!(!config.secure_cookies());
    }

    #[test]
    fn the_environment_wins_over_the_file_and_says_the_same_things() {
        let file = "listen = '127.0.0.1:1'\nworkers = 3\n[github]\napp_id = 1\nprivate_key_file = 'k'\nwebhook_secrets = ['a']";
        let env = [
            ("HOLDFAST_LISTEN", "0.0.0.0:443"),
            ("HOLDFAST_PUBLIC_URL", "https://backup.example"),
            ("HOLDFAST_OBSERVE_INTERVAL_SECONDS", "60"),
            ("HOLDFAST_LOG_FORMAT", "json"),
            ("HOLDFAST_GITHUB_APP_ID", "42"),
            ("HOLDFAST_GITHUB_WEBHOOK_SECRETS", "new, old"),
            ("HOLDFAST_AWS_REGION", "eu-central-1"),
            ("HOLDFAST_TEST_MINISTACK", "not a setting"),
            ("PATH", "neither is this"),
        ];
        let config = load(file, &env).expect("valid");
        assert_eq!(config.listen.to_string(), "0.0.0.0:443");
        assert!(config.secure_cookies());
        assert_eq!((config.workers, config.observe_interval_seconds), (3, 60));
        assert_eq!(config.log_format, LogFormat::Json);
        assert_eq!(config.aws.region.to_string(), "eu-central-1");
        let github = config.github.expect("set");
        assert_eq!(github.app_id, 42);
        assert_eq!(
            github
                .webhook_secrets
                .iter()
                .map(|s| s.expose_secret())
                .collect::<Vec<_>>(),
            ["new", "old"]
        );
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        let proxies = |file: &str, env: &[(&str, &str)]| -> Vec<String> {
            let config = load(file, env).expect("valid");
            config.trusted_proxies.iter().map(ToString::to_string).collect()
        };
        assert!(proxies("", &[]).is_empty());
        assert!(proxies("trusted_proxies = ['10.0.0.1']", &[("HOLDFAST_TRUSTED_PROXIES", "")]).is_empty());
        let expected = ["10.0.0.1/32", "10.1.0.0/16", "fd00::/8"];
        assert_eq!(
            proxies("trusted_proxies = ['10.0.0.1', '10.1.0.0/16', 'fd00::/8']", &[]),
            expected
        );
        let listed = [("HOLDFAST_TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16,fd00::/8")];
        assert_eq!(proxies("", &listed), expected);
    }

    #[test]
    fn an_unknown_key_is_named() {
        assert!(refused("", &[("HOLDFAST_LISTENN", "x")]).contains("HOLDFAST_LISTENN"));
        assert!(refused("", &[("HOLDFAST_AWS_REGIO", "x")]).contains("HOLDFAST_AWS_REGIO"));
        assert!(refused("databse_url = 'x'", &[]).contains("databse_url"));
        assert!(refused("[aws]\nregio = 'x'", &[]).contains("regio"));
    }

    #[test]
    fn a_value_that_is_not_allowed_is_named_with_what_is() {
        let says = |file: &str, env: &[(&str, &str)], words: &[&str]| {
            let said = refused(file, env);
            assert!(words.iter().all(|word| said.contains(word)), "{said}");
        };
        says("workers = 0", &[], &["`workers`", "1 to 256"]);
        says("", &[("HOLDFAST_WORKERS", "many")], &["`HOLDFAST_WORKERS`", "1 to 256"]);
        says(
            "",
            &[("HOLDFAST_LOG_FORMAT", "xml")],
            &["`HOLDFAST_LOG_FORMAT`", "text", "json"],
        );
        says("", &[("HOLDFAST_LISTEN", "here")], &["`HOLDFAST_LISTEN`"]);
        says(
            "",
            &[("HOLDFAST_DATABASE_URL", "")],
            &["`HOLDFAST_DATABASE_URL`", "postgres://"],
        );
        says(
            "",
            &[("HOLDFAST_AWS_REGION", "Ireland")],
            &["`HOLDFAST_AWS_REGION`", "eu-west-1"],
        );
        says(
            "",
            &[("HOLDFAST_SECURE_COOKIES", "perhaps")],
            &["`HOLDFAST_SECURE_COOKIES`", "true"],
        );
        says(
            "",
            &[("HOLDFAST_TRUSTED_PROXIES", "10.0.0.0/8, proxy.example")],
            &["`HOLDFAST_TRUSTED_PROXIES`", "`proxy.example`", "10.0.0.0/8"],
        );
        says(
            "trusted_proxies = ['10.0.0.0/33']",
            &[],
            &["`trusted_proxies`", "`10.0.0.0/33`"],
        );
        says(
            "[github]\napp_id = 1\nprivate_key_file = 'k'\nwebhook_secrets = []",
            &[],
            &["`github.webhook_secrets`"],
        );
        says("[github]\napp_id = 1", &[], &["`github`", "private_key_file"]);
        says("workers = ", &[], &["line 1"]);
    }

    #[test]
    fn what_is_logged_holds_no_secret() {
        let env = [
            ("HOLDFAST_DATABASE_URL", "postgres://app:hunter2@db/portal"),
            ("HOLDFAST_GITHUB_APP_ID", "1"),
            ("HOLDFAST_GITHUB_PRIVATE_KEY_FILE", "key.pem"),
            ("HOLDFAST_GITHUB_WEBHOOK_SECRETS", "hunter2"),
        ];
        assert!(!format!("{:?}", load("", &env).expect("valid")).contains("hunter2"));
        assert!(!refused("", &[("HOLDFAST_DATABASE_URL", "mysql://app:hunter2@db")]).contains("hunter2"));
    }
}
