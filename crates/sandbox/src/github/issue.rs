//! Issues.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::label::{self, Names};
use super::permission::Permission;
use super::refusal::Refusal;
use super::state::{Closed, Issue};
use super::turn::{Reply, Turn};
use super::webhook::{Extra, extra};
use super::{moved, page, webhook};

/// Longest title, in characters.
const TITLE: usize = 256;

/// Longest body of an issue or a comment, in bytes.
const BODY: usize = 262_144;

pub(crate) fn list(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let repo = &turn.state.repos[&turn.repo()?];
    let state = one_of(turn, "state", &["open", "closed", "all"])?;
    let sort = one_of(turn, "sort", &["created", "updated", "comments"])?;
    let direction = one_of(turn, "direction", &["desc", "asc"])?;
    let since = since(turn, "Issue")?;
    let creator = turn.param("creator");
    let labels: Vec<&str> = turn
        .param("labels")
        .map(|names| names.split(',').collect())
        .unwrap_or_default();
    // No issue has any of these.
    let wants_more = ["assignee", "milestone", "type"]
        .iter()
        .any(|name| turn.param(name).is_some_and(|value| value != "none"));
    let mut issues: Vec<&Issue> = repo
        .issues
        .values()
        .filter(|_| !wants_more)
        .filter(|issue| state == "all" || (state == "closed") == issue.closed.is_some())
        .filter(|issue| issue.updated_at >= since)
        .filter(|issue| {
            let author = turn.state.users.get(&issue.user);
            creator.is_none_or(|login| author.is_some_and(|author| author.login.eq_ignore_ascii_case(login)))
        })
        .filter(|issue| {
            labels
                .iter()
                .all(|name| issue.labels.iter().any(|label| label.name.eq_ignore_ascii_case(name)))
        })
        .collect();
    match sort {
        "updated" => issues.sort_by_key(|issue| (issue.updated_at, issue.number)),
        "comments" => issues.sort_by_key(|issue| (issue.comments.len(), issue.number)),
        _ => issues.sort_by_key(|issue| issue.number),
    }
    if direction == "desc" {
        issues.reverse();
    }
    let (issues, link) = page::of(turn, issues);
    let shown = issues
        .into_iter()
        .map(|issue| turn.links.issue(turn.state, repo, issue))
        .collect();
    Ok(Reply::ok(Value::Array(shown)).with_link(link))
}

/// The parameter, which is one of `allowed`; the first of them where it is absent.
fn one_of<'a>(turn: &'a Turn<'_>, name: &str, allowed: &[&'static str]) -> Result<&'a str, Refusal> {
    match turn.param(name) {
        None => Ok(allowed.first().copied().unwrap_or_default()),
        Some(value) if allowed.contains(&value) => Ok(value),
        Some(_) => Err(Refusal::invalid("Issue", name, "invalid")),
    }
}

/// The parameter `since`, an instant whatever its offset; the beginning of time where it is absent.
pub(crate) fn since(turn: &Turn<'_>, resource: &str) -> Result<Timestamp, Refusal> {
    turn.param("since").map_or(Ok(Timestamp::MIN), |text| {
        text.parse().map_err(|_| Refusal::invalid(resource, "since", "invalid"))
    })
}

pub(crate) fn get(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number) = find(turn)?;
    let modified = turn.state.repos[&repo].issues[&number].updated_at;
    Ok(Reply::ok(shown(turn, repo, number)).modified(modified))
}

#[derive(Deserialize)]
struct New {
    title: Title,
    body: Option<String>,
    #[serde(default)]
    labels: Names,
}

/// A number is a title too.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a string or integer")]
enum Title {
    Text(String),
    Number(serde_json::Number),
}

pub(crate) fn create(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let repo = turn.repo()?;
    turn.need_to_change(repo, Permission::Read)?;
    let new: New = turn.body()?;
    let title = match new.title {
        Title::Text(title) => checked_title(title)?,
        Title::Number(number) => number.to_string(),
    };
    new.body.as_deref().map_or(Ok(()), |body| checked_body("Issue", body))?;
    let (id, user, now) = (turn.state.next_id(), turn.actor(), turn.now);
    // GitHub drops the labels of those who may not set them, without a word.
    let labels = match turn.need(repo, Permission::Triage) {
        Ok(()) => label::of_repo(turn, repo, &new.labels),
        Err(_) => Vec::new(),
    };
    let home = turn.state.repos.get_mut(&repo).ok_or_else(Refusal::not_found)?;
    let number = home.next_number();
    let issue = Issue {
        id,
        number,
        title,
        body: new.body,
        user,
        closed: None,
        reopened: false,
        labels: labels.clone(),
        comments: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    home.issues.insert(number, issue);
    announce(turn, repo, number, "opened", Extra::new());
    for label in &labels {
        label::announce(turn, repo, number, "labeled", label);
    }
    Ok(Reply::created(shown(turn, repo, number)))
}

#[derive(Deserialize)]
struct Change {
    title: Option<String>,
    /// `Some(None)` empties the body.
    #[serde(default, deserialize_with = "given")]
    body: Option<Option<String>>,
    state: Option<String>,
    state_reason: Option<String>,
    labels: Option<Names>,
}

/// Tells `null` from an absent field.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Each kind of change is an event of its own, as at GitHub; what stays the same is none.
pub(crate) fn update(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number) = find(turn)?;
    let change: Change = turn.body()?;
    turn.need_to_change(repo, Permission::Read)?;
    if issue(turn, repo, number)?.user != turn.actor() {
        turn.need(repo, Permission::Triage)?;
    }
    if let Some(Some(body)) = &change.body {
        checked_body("Issue", body)?;
    }
    let title = change.title.map(checked_title).transpose()?;
    let state = change.state.as_deref();
    if state.is_some_and(|state| !["open", "closed"].contains(&state)) {
        return Err(Refusal::invalid("Issue", "state", "invalid"));
    }
    edit(turn, repo, number, title, change.body)?;
    match state {
        Some("closed") => close(
            turn,
            repo,
            number,
            change.state_reason.as_deref().unwrap_or("completed"),
        )?,
        Some(_) => reopen(turn, repo, number)?,
        None => {}
    }
    if let Some(names) = change.labels {
        label::replace(turn, repo, number, &names)?;
    }
    Ok(Reply::ok(shown(turn, repo, number)))
}

fn edit(
    turn: &mut Turn<'_>,
    repo: u64,
    number: u64,
    title: Option<String>,
    body: Option<Option<String>>,
) -> Result<(), Refusal> {
    let now = turn.now;
    let issue = issue(turn, repo, number)?;
    let mut changes = Map::new();
    if let Some(title) = title.filter(|title| *title != issue.title) {
        changes.insert(
            "title".to_owned(),
            json!({"from": std::mem::replace(&mut issue.title, title)}),
        );
    }
    if let Some(body) = body.filter(|body| *body != issue.body) {
        let from = std::mem::replace(&mut issue.body, body).unwrap_or_default();
        changes.insert("body".to_owned(), json!({"from": from}));
    }
    if !changes.is_empty() {
        issue.updated_at = now;
        announce(
            turn,
            repo,
            number,
            "edited",
            extra([("changes", Value::Object(changes))]),
        );
    }
    Ok(())
}

fn close(turn: &mut Turn<'_>, repo: u64, number: u64, reason: &str) -> Result<(), Refusal> {
    if !["completed", "not_planned", "duplicate"].contains(&reason) {
        return Err(Refusal::invalid("Issue", "state_reason", "invalid"));
    }
    let closed = Closed {
        at: turn.now,
        by: turn.actor(),
        reason: reason.to_owned(),
    };
    let issue = issue(turn, repo, number)?;
    if issue.closed.is_none() {
        issue.updated_at = closed.at;
        issue.closed = Some(closed);
        announce(turn, repo, number, "closed", Extra::new());
    }
    Ok(())
}

fn reopen(turn: &mut Turn<'_>, repo: u64, number: u64) -> Result<(), Refusal> {
    let now = turn.now;
    let issue = issue(turn, repo, number)?;
    if issue.closed.take().is_some() {
        issue.reopened = true;
        issue.updated_at = now;
        announce(turn, repo, number, "reopened", Extra::new());
    }
    Ok(())
}

fn checked_title(title: String) -> Result<String, Refusal> {
    match title.trim().is_empty() {
        true => Err(Refusal::invalid("Issue", "title", "missing_field")),
        false if title.chars().count() > TITLE => Err(Refusal::invalid("Issue", "title", "invalid")),
        false => Ok(title),
    }
}

/// Longer than GitHub takes, or fine.
pub(crate) fn checked_body(resource: &str, body: &str) -> Result<(), Refusal> {
    if body.len() <= BODY {
        return Ok(());
    }
    let message = "Body is too long (maximum is 65536 characters)";
    Err(Refusal::unprocessable(resource, "data", "unprocessable", message))
}

/// Sends an `issues` event.
pub(crate) fn announce(turn: &mut Turn<'_>, repo: u64, number: u64, action: &str, more: Extra) {
    webhook::issue(turn, repo, number, "issues", action, more);
}

/// Repository and number of the issue in the path `repos/{owner}/{name}/issues/{number}/…`, where the caller may read it.
pub(crate) fn find(turn: &Turn<'_>) -> Result<(u64, u64), Refusal> {
    let (repo, number) = (turn.repo()?, turn.number(4)?);
    let exists = turn.state.repos[&repo].issues.contains_key(&number);
    if exists {
        Ok((repo, number))
    } else {
        Err(moved::issue(turn, repo, number))
    }
}

pub(crate) fn issue<'a>(turn: &'a mut Turn<'_>, repo: u64, number: u64) -> Result<&'a mut Issue, Refusal> {
    let repo = turn.state.repos.get_mut(&repo).ok_or_else(Refusal::not_found)?;
    repo.issues.get_mut(&number).ok_or_else(Refusal::not_found)
}

fn shown(turn: &Turn<'_>, repo: u64, number: u64) -> Value {
    let repo = &turn.state.repos[&repo];
    turn.links.issue(turn.state, repo, &repo.issues[&number])
}
