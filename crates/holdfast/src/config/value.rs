//! Values of settings: the environment has text only, so each value is read from text too.

use std::fmt::Display;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// Address of a Postgres database with its password: `postgres://role:password@host:port/database`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    /// The address itself.
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl From<SecretString> for DatabaseUrl {
    fn from(url: SecretString) -> Self {
        Self(url)
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = &'static str;

    fn try_from(url: String) -> Result<Self, Self::Error> {
        let scheme = url.starts_with("postgres://") || url.starts_with("postgresql://");
        if scheme {
            Ok(Self(url.into()))
        } else {
            Err("expected postgres://role:password@host:port/database")
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Typed<T> {
    Value(T),
    Text(String),
}

/// A value, or its text.
pub(super) fn parsed<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    match Typed::deserialize(deserializer)? {
        Typed::Value(value) => Ok(value),
        Typed::Text(text) => text
            .parse()
            .map_err(|error| D::Error::custom(format!("`{text}`: {error}"))),
    }
}

/// A number from `MIN` to `MAX`.
pub(super) fn within<'de, const MIN: u32, const MAX: u32, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<u32, D::Error> {
    let number: Result<u32, D::Error> = parsed(deserializer);
    number
        .ok()
        .filter(|number| (MIN..=MAX).contains(number))
        .ok_or_else(|| D::Error::custom(format!("expected a number from {MIN} to {MAX}")))
}

/// `true` or `false`.
pub(super) fn optional_flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let flag: Result<bool, D::Error> = parsed(deserializer);
    flag.map(Some).map_err(|_| D::Error::custom("expected true or false"))
}

/// A list, or a text with commas; at least one, none empty.
pub(super) fn secrets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SecretString>, D::Error> {
    let secrets = list(deserializer)?;
    if secrets.is_empty() || secrets.iter().any(String::is_empty) {
        return Err(D::Error::custom("expected at least one secret, and none empty"));
    }
    Ok(secrets.into_iter().map(SecretString::from).collect())
}

/// A list, or a text with commas, of addresses and networks; none is fine.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let networks = list(deserializer)?;
    let networks = networks.iter().filter(|text| !text.is_empty());
    networks.map(|text| network(text).map_err(D::Error::custom)).collect()
}

fn network(text: &str) -> Result<IpNet, String> {
    let network = text
        .parse()
        .or_else(|_| text.parse().map(|address: IpAddr| address.into()));
    network.map_err(|_| format!("`{text}`: expected an address or a network such as 10.0.0.0/8"))
}

/// A list, or a text with commas.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match Typed::deserialize(deserializer)? {
        Typed::Value(list) => list,
        Typed::Text(text) => text.split(',').map(|part| part.trim().to_owned()).collect(),
    })
}
