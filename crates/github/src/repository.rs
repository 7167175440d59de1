//! One repository: its issues, read and moved.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use octocrab::Octocrab;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use crate::error::GitHubError;

/// How long one call may take, the answer's body included.
const CALL_TIME: Duration = Duration::from_secs(10);
/// As many as GitHub puts on a page.
const PAGE: usize = 100;

/// `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RepositoryName(String);

/// The text is not `owner/name`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no repository: owner/name is expected")]
pub struct InvalidName(String);

impl FromStr for RepositoryName {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let plain = |part: &str| {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
            !matches!(part, "" | "." | "..") && part.len() <= 100 && part.bytes().all(allowed)
        };
        match text.split_once('/') {
            Some((owner, name)) if plain(owner) && plain(name) => Ok(Self(text.to_owned())),
            _ => Err(InvalidName(text.to_owned())),
        }
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An issue as GitHub has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// GitHub's number of it, unique everywhere.
    pub id: u64,
    /// GitHub's global name of it.
    pub node_id: String,
    /// Its number in the repository. Differs from the one asked for when it was transferred.
    pub number: u64,
    /// `owner/name` of the repository that it is in now: another one after a rename or a transfer.
    pub repository: String,
    /// Its title.
    pub title: String,
    /// Its text; empty when there is none.
    pub body: String,
    /// Open or closed.
    pub state: IssueState,
    /// Who filed it; `None` when the account is gone.
    pub user: Option<User>,
    /// When it last changed; two changes can carry the same.
    pub updated_at: Timestamp,
    /// Names of its labels.
    pub labels: Vec<String>,
    /// Whether it is a pull request, which GitHub numbers and lists among the issues.
    pub is_pull_request: bool,
}

/// Open or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueState {
    /// Open.
    Open,
    /// Closed.
    Closed,
}

/// A person or a bot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    /// GitHub's number of it; the only name that stays.
    pub id: u64,
    /// The name as shown.
    pub login: String,
}

/// Why an issue is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// What was asked is done.
    Completed,
    /// It will not be done.
    NotPlanned,
}

/// A repository, with the token to reach it.
#[derive(Clone)]
pub struct Repository {
    client: Arc<Octocrab>,
    name: RepositoryName,
}

impl Repository {
    pub(crate) const fn new(client: Arc<Octocrab>, name: RepositoryName) -> Self {
        Self { client, name }
    }

    /// The repository's number, which stays when it is renamed or transferred.
    ///
    /// # Errors
    /// [`GitHubError`], as every call below: `NotFound`, `Denied`, or one that may pass.
    pub async fn id(&self) -> Result<u64, GitHubError> {
        #[derive(Deserialize)]
        struct Answer {
            id: u64,
        }
        self.get::<Answer>("").await.map(|answer| answer.id)
    }

    /// An issue as it is now.
    ///
    /// # Errors
    /// `NotFound` when it was deleted; see [`Repository::id`].
    pub async fn issue(&self, number: u64) -> Result<Issue, GitHubError> {
        self.get::<RawIssue>(&format!("/issues/{number}")).await?.try_into()
    }

    /// Closes an issue; one that is closed stays closed.
    ///
    /// # Errors
    /// See [`Repository::id`].
    pub async fn close(&self, number: u64, reason: CloseReason) -> Result<(), GitHubError> {
        #[derive(Serialize)]
        struct Change {
            state: &'static str,
            state_reason: CloseReason,
        }
        let change = Change {
            state: "closed",
            state_reason: reason,
        };
        let route = self.route(&format!("/issues/{number}"));
        bounded(self.client.patch::<IgnoredAny, _, _>(route, Some(&change)))
            .await
            .map(drop)
    }

    /// Makes the labels that begin with `prefix` these and no others; labels of other people stay. `wanted`
    /// has whole names.
    ///
    /// # Errors
    /// See [`Repository::id`].
    pub async fn set_labels_with_prefix(&self, number: u64, prefix: &str, wanted: &[&str]) -> Result<(), GitHubError> {
        #[derive(Serialize)]
        struct Add<'a> {
            labels: Vec<&'a str>,
        }
        let there = self.issue(number).await?.labels;
        let labels: Vec<_> = wanted
            .iter()
            .copied()
            .filter(|name| !there.iter().any(|l| l == name))
            .collect();
        if !labels.is_empty() {
            self.post::<_, IgnoredAny>(&format!("/issues/{number}/labels"), &Add { labels })
                .await?;
        }
        for name in there
            .iter()
            .filter(|l| l.starts_with(prefix) && !wanted.contains(&l.as_str()))
        {
            let route = self.route(&format!("/issues/{number}/labels/{}", encoded(name)));
            let removed = bounded(self.client.delete::<IgnoredAny, _, ()>(route, None)).await;
            match removed {
                Ok(_) | Err(GitHubError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, GitHubError> {
        bounded(self.client.get(self.route(path), None::<&()>)).await
    }

    /// All pages of a list. Pages are counted, because the client sends no token to an address that GitHub
    /// hands out unless it is the public one.
    pub(crate) async fn pages<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, GitHubError> {
        let mut all = Vec::new();
        for page in 1.. {
            let items: Vec<T> = self.get(&format!("{path}?per_page={PAGE}&page={page}")).await?;
            let last = items.len() < PAGE;
            all.extend(items);
            if last {
                break;
            }
        }
        Ok(all)
    }

    pub(crate) async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, GitHubError> {
        bounded(self.client.post(self.route(path), Some(body))).await
    }

    fn route(&self, path: &str) -> String {
        format!("/repos/{}{path}", self.name)
    }
}

/// The answer, or `Unavailable` when it takes longer than [`CALL_TIME`].
pub(crate) async fn bounded<T>(call: impl Future<Output = octocrab::Result<T>>) -> Result<T, GitHubError> {
    match tokio::time::timeout(CALL_TIME, call).await {
        Ok(answer) => Ok(answer?),
        Err(elapsed) => Err(GitHubError::Unavailable(elapsed.into())),
    }
}

/// A label's name as one segment of a path.
fn encoded(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    let byte = |b: u8| {
        if plain(b) {
            char::from(b).to_string()
        } else {
            format!("%{b:02X}")
        }
    };
    name.bytes().map(byte).collect()
}

#[derive(Deserialize)]
struct RawIssue {
    id: u64,
    node_id: String,
    number: u64,
    repository_url: String,
    title: String,
    body: Option<String>,
    state: IssueState,
    user: Option<User>,
    updated_at: Timestamp,
    labels: Vec<RawLabel>,
    pull_request: Option<IgnoredAny>,
}

/// GitHub sends names or objects.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawLabel {
    Name(String),
    Object { name: Option<String> },
}

impl TryFrom<RawIssue> for Issue {
    type Error = GitHubError;
    fn try_from(raw: RawIssue) -> Result<Self, GitHubError> {
        let repository = raw
            .repository_url
            .rsplit_once("/repos/")
            .map(|(_, name)| name.to_owned());
        let name = |label| match label {
            RawLabel::Name(name) => Some(name),
            RawLabel::Object { name } => name,
        };
        Ok(Self {
            id: raw.id,
            node_id: raw.node_id,
            number: raw.number,
            repository: repository
                .ok_or_else(|| GitHubError::Garbage("the issue's repository_url has no name".into()))?,
            title: raw.title,
            body: raw.body.unwrap_or_default(),
            state: raw.state,
            user: raw.user,
            updated_at: raw.updated_at,
            labels: raw.labels.into_iter().filter_map(name).collect(),
            is_pull_request: raw.pull_request.is_some(),
        })
    }
}
