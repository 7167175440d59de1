//! One request, and what a handler gets and gives.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, LINK};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded;

use super::caller::Caller;
use super::refusal::Refusal;
use super::show::Links;
use super::state::{Permission, Repo, State};

/// Largest body that is read; GitHub's own limit for an issue is far below.
const MAX_BODY: usize = 8 << 20;

/// A request as it was asked.
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// Below the API's root, percent-decoded by segment.
    pub(crate) segments: Vec<String>,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    /// `Null` where there is none.
    pub(crate) body: Value,
    /// What follows `token` or `Bearer`.
    pub(crate) token: Option<String>,
}

impl Asked {
    pub(crate) async fn read(request: Request) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, MAX_BODY)
            .await
            .map_err(|_| Refusal::new(413, "Payload too large"))?;
        let body = match body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&body).map_err(|_| Refusal::new(400, "Problems parsing JSON"))?,
        };
        let authorization = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = authorization
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer"));
        let path = parts.uri.path().to_owned();
        Ok(Self {
            segments: path.split('/').skip(1).map(decoded).collect(),
            query: form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
            token: token.map(|(_, token)| token.trim().to_owned()),
            method: parts.method,
            path,
            body,
        })
    }

    /// Full name of the repository that the path names.
    pub(crate) fn repository(&self, state: &State) -> Option<String> {
        let segments: Vec<&str> = self.segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            ["repos", owner, name, ..] => Some(format!("{owner}/{name}")),
            ["repositories", id, ..] => state.repos.get(&id.parse().ok()?).map(Repo::full_name),
            _ => None,
        }
    }

    /// Whether the call is one that changes something when it succeeds; a token is not a change.
    pub(crate) fn changes(&self) -> bool {
        self.method != Method::GET && self.segments.last().is_none_or(|last| last != "access_tokens")
    }
}

fn decoded(segment: &str) -> String {
    // A query string differs from a path in the meaning of `+` alone.
    let pair = format!("{}=", segment.replace('+', "%2B"));
    form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

/// A handler's answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    body: Value,
    link: Option<String>,
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self {
            status: StatusCode::OK,
            body,
            link: None,
        }
    }

    pub(crate) fn created(body: Value) -> Self {
        Self {
            status: StatusCode::CREATED,
            ..Self::ok(body)
        }
    }

    pub(crate) fn accepted() -> Self {
        Self {
            status: StatusCode::ACCEPTED,
            ..Self::ok(Value::Object(serde_json::Map::new()))
        }
    }

    pub(crate) fn with_link(self, link: Option<String>) -> Self {
        Self { link, ..self }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(link) = self.link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            response.headers_mut().insert(LINK, link);
        }
        response
    }
}

/// Everything a handler works with; no handler waits for anything.
pub(crate) struct Turn<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) links: &'a Links,
    pub(crate) caller: Caller,
    pub(crate) asked: &'a Asked,
    /// On the virtual clock, whole seconds.
    pub(crate) now: Timestamp,
}

impl Turn<'_> {
    /// A segment of the path, counted from 0; the route has checked that it is there.
    pub(crate) fn segment(&self, index: usize) -> &str {
        self.asked.segments.get(index).map_or("", String::as_str)
    }

    /// A number in the path; a word is a thing that does not exist.
    pub(crate) fn number(&self, index: usize) -> Result<u64, Refusal> {
        self.segment(index).parse().map_err(|_| Refusal::not_found())
    }

    /// The body as `T`.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        T::deserialize(&self.asked.body).map_err(|error| Refusal::new(422, format!("Invalid request.\n\n{error}")))
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.asked.query.get(name).map(String::as_str)
    }

    /// The repository of `repos/{owner}/{name}/…`, where the caller may read it.
    pub(crate) fn repo(&self) -> Result<u64, Refusal> {
        let full_name = format!("{}/{}", self.segment(1), self.segment(2));
        let repo = self.state.repo_named(&full_name).ok_or_else(Refusal::not_found)?;
        self.readable(repo)
    }

    /// The repository's id, where the caller may read it; a secret repository does not exist.
    pub(crate) fn readable(&self, repo: &Repo) -> Result<u64, Refusal> {
        match self.caller {
            Caller::App => Err(Refusal::new(
                403,
                "A JSON web token only reaches the App's own endpoints",
            )),
            _ if self.permission(repo) == Permission::None => Err(Refusal::not_found()),
            _ => Ok(repo.id),
        }
    }

    pub(crate) fn permission(&self, repo: &Repo) -> Permission {
        match self.caller {
            Caller::User(user) => repo.permission(user),
            Caller::Installation(installation) if repo.installation == Some(installation) => Permission::Write,
            Caller::Installation(_) | Caller::App => repo.permission_of_strangers(),
        }
    }

    /// Refuses a caller below `needed`; an installation changes nothing outside its repositories.
    pub(crate) fn need(&self, repo: u64, needed: Permission) -> Result<(), Refusal> {
        let has = self
            .state
            .repos
            .get(&repo)
            .map_or(Permission::None, |repo| self.permission(repo));
        match self.caller {
            Caller::Installation(_) if has < Permission::Write => Err(Refusal::not_for_integrations()),
            _ if has < needed => Err(Refusal::new(403, "Must have admin rights to Repository.")),
            _ => Ok(()),
        }
    }

    /// The account that acts: the user, or the App's bot.
    pub(crate) fn actor(&self) -> u64 {
        match self.caller {
            Caller::User(user) => user,
            Caller::Installation(_) | Caller::App => self.state.bot,
        }
    }
}
