//! From file and environment to one tree of values, and errors that name the key as its author wrote it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Config;

const FILE: &str = "holdfast.toml";
const PREFIX: &str = "HOLDFAST_";
/// Tables of the file; in the environment their name is the key's first word.
const TABLES: [&str; 2] = ["github", "aws"];
/// Names of the demo's and the tests' own, which are no settings.
const NOT_SETTINGS: [&str; 5] = ["PORT", "NPM_DIR", "TOOLS_DIR", "CONFORMANCE_KUBECONFIG", "TEST_"];

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("reading settings from `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("settings file is not valid TOML")]
    Syntax(#[source] toml::de::Error),
    /// A key is unknown, missing or has a value that is not allowed.
    #[error("setting `{key}`: {problem}")]
    Key {
        /// As written: a path in the file, or a name in the environment.
        key: String,
        /// What is wrong, and what is allowed.
        problem: String,
    },
}

/// Text of `file`; without one, of `holdfast.toml` if that is here.
pub(super) fn read(file: Option<&Path>) -> Result<Option<String>, ConfigError> {
    let path = file.unwrap_or(Path::new(FILE));
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The settings of a file's text with `env` over them.
pub(super) fn parse(
    file: Option<&str>,
    env: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Config, ConfigError> {
    let mut settings: Table = file.unwrap_or_default().parse().map_err(ConfigError::Syntax)?;
    // Path in the file -> name in the environment, for what came from there.
    let mut from_env = BTreeMap::new();
    for (name, value) in env {
        let Some(key) = name.to_str().and_then(setting) else {
            continue;
        };
        let problem = "is not valid UTF-8";
        let invalid = || ConfigError::Key {
            key: name.to_string_lossy().into_owned(),
            problem: problem.to_owned(),
        };
        let value = value.to_str().ok_or_else(invalid)?.to_owned();
        match TABLES
            .iter()
            .find_map(|table| Some((table, key.strip_prefix(table)?.strip_prefix('_')?)))
        {
            Some((table, key)) => {
                let entry = settings.entry(*table).or_insert_with(|| Table::new().into());
                if let Some(entry) = entry.as_table_mut() {
                    entry.insert(key.to_owned(), Value::String(value));
                }
                from_env.insert(format!("{table}.{key}"), name);
            }
            None => {
                settings.insert(key.clone(), Value::String(value));
                from_env.insert(key, name);
            }
        }
    }
    serde_path_to_error::deserialize(settings).map_err(|error| {
        let path = error.path().to_string();
        let key = from_env
            .get(&path)
            .map_or(path, |name| name.to_string_lossy().into_owned());
        ConfigError::Key {
            key,
            problem: error.into_inner().message().to_owned(),
        }
    })
}

/// `HOLDFAST_LISTEN` is `listen`; `None` for what is no setting of ours.
fn setting(name: &str) -> Option<String> {
    let key = name.strip_prefix(PREFIX)?;
    let ours = !NOT_SETTINGS
        .iter()
        .any(|other| key == *other || (other.ends_with('_') && key.starts_with(other)));
    ours.then(|| key.to_ascii_lowercase())
}
