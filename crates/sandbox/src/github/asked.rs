//! One request as it was asked.

use std::collections::BTreeMap;

use axum::extract::Request;
use axum::http::header::{ACCEPT, AUTHORIZATION};
use axum::http::{HeaderMap, HeaderName, Method};
use serde_json::Value;
use url::form_urlencoded;

use super::refusal::Refusal;
use super::state::{Repo, State};

/// Largest body that is read; GitHub's own limit for an issue is far below.
const MAX_BODY: usize = 8 << 20;

/// What came instead of a body of JSON.
#[derive(Debug, Clone, Copy)]
enum Unreadable {
    TooLarge,
    NoJson,
}

#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// Below the API's root, percent-decoded by segment; a repository's number is replaced by its name.
    pub(crate) segments: Vec<String>,
    /// The path was `/repositories/{id}/…`, one segment shorter.
    by_number: bool,
    /// As it was sent, with the query.
    pub(crate) path: String,
    raw_query: Option<String>,
    pub(crate) query: BTreeMap<String, String>,
    body: Result<Value, Unreadable>,
    /// What follows `token` or `Bearer`.
    pub(crate) token: Option<String>,
    headers: HeaderMap,
}

impl Default for Asked {
    /// A request that asks nothing: what a control call acts with.
    fn default() -> Self {
        Self {
            method: Method::GET,
            segments: Vec::new(),
            by_number: false,
            path: String::new(),
            raw_query: None,
            query: BTreeMap::new(),
            body: Ok(Value::Null),
            token: None,
            headers: HeaderMap::new(),
        }
    }
}

impl Asked {
    pub(crate) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let body = match axum::body::to_bytes(body, MAX_BODY).await {
            Err(_) => Err(Unreadable::TooLarge),
            Ok(body) if body.is_empty() => Ok(Value::Null),
            Ok(body) => serde_json::from_slice(&body).map_err(|_| Unreadable::NoJson),
        };
        let token = text(&parts.headers, &AUTHORIZATION)
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned());
        let path = parts.uri.path().to_owned();
        let raw_query = parts.uri.query().map(str::to_owned);
        Self {
            // A HEAD is a GET whose answer stays without its body: the server sees to that.
            method: if parts.method == Method::HEAD {
                Method::GET
            } else {
                parts.method
            },
            segments: path.split('/').skip(1).map(decoded).collect(),
            by_number: false,
            query: form_urlencoded::parse(raw_query.as_deref().unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
            token,
            path,
            raw_query,
            body,
            headers: parts.headers,
        }
    }

    /// Replaces `repositories/{id}` by the name that the repository has now.
    pub(crate) fn resolve(&mut self, state: &State) {
        if let [first, id, ..] = self.segments.as_slice()
            && first == "repositories"
            && let Some(repo) = id.parse().ok().and_then(|id: u64| state.repos.get(&id))
        {
            let named = ["repos".to_owned(), repo.owner.login.clone(), repo.name.clone()];
            self.segments.splice(..2, named);
            self.by_number = true;
        }
    }

    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        text(&self.headers, name)
    }

    /// Refuses a caller that takes no JSON.
    pub(crate) fn acceptable(&self) -> Result<(), Refusal> {
        let Some(accept) = self.header(&ACCEPT) else {
            return Ok(());
        };
        let json = |range: &str| {
            let range = range.split(';').next().unwrap_or_default().trim();
            ["*/*", "application/*", "application/json"].contains(&range) || range.starts_with("application/vnd.github")
        };
        match accept.split(',').any(json) {
            true => Ok(()),
            false => Err(Refusal::not_acceptable(accept)),
        }
    }

    /// The body; `Null` where there is none.
    pub(crate) fn body(&self) -> Result<&Value, Refusal> {
        self.body.as_ref().map_err(|unreadable| match unreadable {
            Unreadable::TooLarge => Refusal::new(413, "Payload too large"),
            Unreadable::NoJson => Refusal::new(400, "Problems parsing JSON"),
        })
    }

    /// For the call log.
    pub(crate) fn readable_body(&self) -> &Value {
        self.body.as_ref().unwrap_or(&Value::Null)
    }

    /// Full name of the repository that the path names.
    pub(crate) fn repository(&self) -> Option<String> {
        match self.segments.as_slice() {
            [first, owner, name, ..] if first == "repos" => Some(format!("{owner}/{name}")),
            _ => None,
        }
    }

    /// The repository as the log and the rules for faults name it: as it is spelled now, or as it was asked for.
    pub(crate) fn account(&self, state: &State) -> Option<String> {
        let asked = self.repository()?;
        Some(state.repo_named(&asked).map_or(asked, Repo::full_name))
    }

    /// The path from the segment `index` on, as it was sent.
    pub(crate) fn path_from(&self, index: usize) -> String {
        let sent = if self.by_number { index - 1 } else { index };
        let parts = self.path.split('/').skip(sent + 1);
        parts.flat_map(|part| ["/", part]).collect()
    }

    /// Like [`Asked::path_from`], with the query.
    pub(crate) fn rest(&self, index: usize) -> String {
        let query = self.raw_query.as_ref().map(|query| format!("?{query}"));
        self.path_from(index) + &query.unwrap_or_default()
    }

    /// Whether the call is one that changes something when it succeeds; a token is not a change.
    pub(crate) fn changes(&self) -> bool {
        self.method != Method::GET && self.segments.last().is_none_or(|last| last != "access_tokens")
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn decoded(segment: &str) -> String {
    // A query string differs from a path in the meaning of `+` alone.
    let pair = format!("{}=", segment.replace('+', "%2B"));
    form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}
