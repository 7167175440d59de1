//! What a handler gets and gives.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use super::asked::Asked;
use super::caller::Caller;
use super::permission::Permission;
use super::refusal::Refusal;
use super::show::Links;
use super::state::{Repo, State};

/// A handler's answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// `None`: no body.
    pub(crate) body: Option<Value>,
    /// The `Link` header.
    pub(crate) link: Option<String>,
    /// When what is shown last changed. `None`: GitHub does not say.
    pub(crate) modified: Option<Timestamp>,
}

impl Reply {
    fn new(status: StatusCode, body: Option<Value>) -> Self {
        Self {
            status,
            body,
            link: None,
            modified: None,
        }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, Some(body))
    }

    pub(crate) fn created(body: Value) -> Self {
        Self::new(StatusCode::CREATED, Some(body))
    }

    pub(crate) fn accepted(body: Value) -> Self {
        Self::new(StatusCode::ACCEPTED, Some(body))
    }

    pub(crate) fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, None)
    }

    pub(crate) fn with_link(self, link: Option<String>) -> Self {
        Self { link, ..self }
    }

    pub(crate) fn modified(self, at: Timestamp) -> Self {
        Self {
            modified: Some(at),
            ..self
        }
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
    /// The events of this call are lost on their way.
    pub(crate) loses_deliveries: bool,
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

    /// The body, which must be an object, as `T`.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        match self.asked.body()? {
            Value::Null => read(&Value::Object(Map::new())),
            body @ Value::Object(_) => read(body),
            _ => Err(Refusal::new(400, "Body should be a JSON object")),
        }
    }

    /// The body, of any kind, as `T`.
    pub(crate) fn body_of_any_kind<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        read(self.asked.body()?)
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
            Caller::Installation(_) if has < needed.max(Permission::Write) => Err(Refusal::not_for_integrations()),
            _ if has < needed => Err(Refusal::new(403, "Must have admin rights to Repository.")),
            _ => Ok(()),
        }
    }

    /// Like [`Turn::need`], for a change of what is in the repository.
    pub(crate) fn need_to_change(&self, repo: u64, needed: Permission) -> Result<(), Refusal> {
        match self.state.repos.get(&repo).is_some_and(|repo| repo.archived) {
            true => Err(Refusal::archived()),
            false => self.need(repo, needed),
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

/// `body` as `T`, or what is wrong with it in GitHub's words.
fn read<T: DeserializeOwned>(body: &Value) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(body).map_err(|error| {
        let reason = error.inner().to_string();
        if let Some((_, missing)) = reason.split_once("missing field `") {
            let name = missing.trim_end_matches('`');
            return Refusal::malformed(&format!("\"{name}\" wasn't supplied."));
        }
        let (mut path, mut at) = (String::new(), Some(body));
        for segment in error.path() {
            match segment {
                Segment::Map { key } => {
                    path.push_str(&format!("/properties/{key}"));
                    at = at.and_then(|value| value.get(key));
                }
                Segment::Seq { index } => {
                    path.push_str("/items");
                    at = at.and_then(|value| value.get(index));
                }
                Segment::Enum { .. } | Segment::Unknown => {}
            }
        }
        let place = match path.strip_prefix('/') {
            None => String::new(),
            Some(path) => format!("For '{path}', "),
        };
        let given = at.map_or_else(String::new, |value| match value {
            Value::Null => "nil".to_owned(),
            value => value.to_string(),
        });
        let expected = reason
            .rsplit_once("expected ")
            .map_or(reason.as_str(), |(_, what)| what);
        Refusal::malformed(&format!("{place}{given} is not {expected}."))
    })
}
