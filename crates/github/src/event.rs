//! What a webhook is about.
//!
//! Only what is acted upon is read, and everything else in a payload is ignored: GitHub adds fields and
//! actions at any time, and sends `null` where a person is gone.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A webhook's content, by the value of `X-GitHub-Event`.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Something happened to an issue or a pull request.
    Issues(Box<IssueEvent>),
    /// Somebody wrote, edited or removed a comment.
    IssueComment(Box<CommentEvent>),
    /// The App was installed, suspended or removed.
    Installation(InstallationEvent),
    /// An installation gained or lost repositories.
    InstallationRepositories(InstallationEvent),
    /// GitHub tries the webhook.
    Ping,
    /// An event that is not acted upon.
    Other {
        /// Its name.
        name: String,
    },
}

/// Payload of `issues`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct IssueEvent {
    /// `opened`, `edited`, `closed`, …
    pub action: String,
    /// The issue.
    pub issue: EventIssue,
    /// Where.
    pub repository: EventRepository,
    /// The installation that the event is sent for; `None` for a webhook of the repository's own.
    pub installation: Option<EventInstallation>,
    /// Who did it.
    pub sender: Option<EventUser>,
    /// For `edited`, what it was before, by field.
    #[serde(default)]
    pub changes: Option<BTreeMap<String, Value>>,
}

/// Payload of `issue_comment`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CommentEvent {
    /// `created`, `edited` or `deleted`.
    pub action: String,
    /// The comment.
    pub comment: EventComment,
    /// The issue that it is on.
    pub issue: EventIssue,
    /// Where.
    pub repository: EventRepository,
    /// The installation that the event is sent for; `None` for a webhook of the repository's own.
    pub installation: Option<EventInstallation>,
    /// Who did it.
    pub sender: Option<EventUser>,
}

/// Payload of `installation` and `installation_repositories`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct InstallationEvent {
    /// `created`, `deleted`, `suspend`, `added`, …
    pub action: String,
    /// The installation.
    pub installation: EventInstallation,
    /// Who did it.
    pub sender: Option<EventUser>,
}

/// An issue, as the event has it: out of date by the time it is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EventIssue {
    /// GitHub's number of it, unique everywhere.
    pub id: u64,
    /// Its number in the repository.
    pub number: u64,
    /// Whether it is a pull request, whose comments come as `issue_comment` too.
    #[serde(default, rename = "pull_request", deserialize_with = "is_there")]
    pub is_pull_request: bool,
}

/// A comment, as the event has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EventComment {
    /// GitHub's number of it.
    pub id: u64,
    /// Its text.
    pub body: Option<String>,
    /// Who wrote it.
    pub user: Option<EventUser>,
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EventRepository {
    /// GitHub's number of it; stays when it is renamed.
    pub id: u64,
    /// `owner/name`.
    pub full_name: String,
}

/// An installation of the App.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EventInstallation {
    /// GitHub's number of it.
    pub id: u64,
}

/// A person or a bot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EventUser {
    /// GitHub's number of it; the only name that stays.
    pub id: u64,
    /// The name as shown.
    pub login: String,
}

/// The body is not the event that its header names.
#[derive(Debug, thiserror::Error)]
#[error("the body is no `{name}` event")]
pub struct NotAnEvent {
    /// Value of the header, shortened.
    pub name: String,
    /// What does not fit.
    #[source]
    pub source: serde_json::Error,
}

impl Event {
    /// Reads a verified body. `name` is the value of `X-GitHub-Event`.
    ///
    /// # Errors
    /// [`NotAnEvent`] when the body is no JSON object, or lacks what the event must have.
    pub fn parse(name: &str, body: &[u8]) -> Result<Self, NotAnEvent> {
        let event = match name {
            "issues" => read(body).map(|event| Self::Issues(Box::new(event))),
            "issue_comment" => read(body).map(|event| Self::IssueComment(Box::new(event))),
            "installation" => read(body).map(Self::Installation),
            "installation_repositories" => read(body).map(Self::InstallationRepositories),
            "ping" => read::<AnyObject>(body).map(|_| Self::Ping),
            _ => read::<AnyObject>(body).map(|_| Self::Other { name: short(name) }),
        };
        event.map_err(|source| NotAnEvent {
            name: short(name),
            source,
        })
    }
}

/// What any event is at least.
type AnyObject = BTreeMap<String, IgnoredAny>;

fn is_there<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    Option::<IgnoredAny>::deserialize(value).map(|value| value.is_some())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(body)
}

fn short(name: &str) -> String {
    name.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_is_no_event_is_told_apart() {
        for (name, body) in [
            ("issues", &b"{}"[..]),
            (
                "issues",
                br#"{"action":"opened","issue":{"id":1,"number":"one"},"repository":{"id":1,"full_name":"a/b"}}"#,
            ),
            ("issue_comment", br#"{"action":"created"}"#),
            ("installation", br#"{"action":"created","installation":null}"#),
            ("ping", b"[]"),
            ("push", b"not json"),
            ("push", b""),
            ("push", &[0xff, 0xfe]),
        ] {
            assert!(
                Event::parse(name, body).is_err(),
                "{name}: {}",
                String::from_utf8_lossy(body)
            );
        }
    }

    #[test]
    fn people_who_are_gone_and_fields_to_come_do_no_harm() {
        let body = br#"{"action":"created","new":{"x":[1]},"sender":null,"installation":null,
            "comment":{"id":3,"body":"a\u0000b","user":null},
            "issue":{"id":1,"number":2,"user":null,"labels":null},"repository":{"id":4,"full_name":"a/b"}}"#;
        let Event::IssueComment(event) = Event::parse("issue_comment", body).unwrap() else {
            panic!("another event")
        };
        assert_eq!((event.issue.number, event.comment.user, event.sender), (2, None, None));
    }
}
