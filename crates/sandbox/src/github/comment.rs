//! Comments on issues.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::state::{Comment, Permission};
use super::turn::{Reply, Turn};
use super::{issue, page, webhook};

pub(crate) fn list(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number) = issue::find(turn)?;
    let since = match turn.param("since") {
        None => Timestamp::MIN,
        Some(text) => text
            .parse()
            .map_err(|_| Refusal::invalid("IssueComment", "since", "invalid"))?,
    };
    let repo = &turn.state.repos[&repo];
    let comments = repo.issues[&number]
        .comments
        .iter()
        .filter(|comment| comment.updated_at >= since)
        .collect();
    let (comments, link) = page::of(turn, comments);
    let shown = comments
        .into_iter()
        .map(|comment| turn.links.comment(turn.state, repo, number, comment))
        .collect();
    Ok(Reply::ok(Value::Array(shown)).with_link(link))
}

#[derive(Deserialize)]
struct Text {
    body: Option<String>,
}

impl Text {
    fn required(self) -> Result<String, Refusal> {
        let text = self.body.filter(|body| !body.trim().is_empty());
        text.ok_or_else(|| Refusal::invalid("IssueComment", "body", "missing_field"))
    }
}

pub(crate) fn create(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number) = issue::find(turn)?;
    turn.need(repo, Permission::Read)?;
    let body = turn.body::<Text>()?.required()?;
    let comment = Comment {
        id: turn.state.next_id(),
        body,
        user: turn.actor(),
        created_at: turn.now,
        updated_at: turn.now,
    };
    let issue = issue::issue(turn, repo, number)?;
    issue.updated_at = comment.created_at;
    issue.comments.push(comment.clone());
    let shown = announce(turn, repo, number, "created", &comment, Map::new());
    Ok(Reply::created(shown))
}

pub(crate) fn update(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, id) = (turn.repo()?, turn.number(5)?);
    let issues = turn.state.repos[&repo].issues.values();
    let found = issues
        .flat_map(|issue| issue.comments.iter().map(|comment| (issue.number, comment)))
        .find(|(_, comment)| comment.id == id);
    let (number, author) = found
        .map(|(number, comment)| (number, comment.user))
        .ok_or_else(Refusal::not_found)?;
    if author != turn.actor() {
        turn.need(repo, Permission::Write)?;
    }
    let (body, now) = (turn.body::<Text>()?.required()?, turn.now);
    let issue = issue::issue(turn, repo, number)?;
    let comment = issue
        .comments
        .iter_mut()
        .find(|comment| comment.id == id)
        .ok_or_else(Refusal::not_found)?;
    let from = std::mem::replace(&mut comment.body, body);
    comment.updated_at = now;
    let comment = comment.clone();
    issue.updated_at = now;
    let changes = Map::from_iter([("changes".to_owned(), json!({"body": {"from": from}}))]);
    let shown = announce(turn, repo, number, "edited", &comment, changes);
    Ok(Reply::ok(shown))
}

/// Sends the event; returns the comment as it is shown.
fn announce(
    turn: &mut Turn<'_>,
    repo: u64,
    number: u64,
    action: &str,
    comment: &Comment,
    mut extra: Map<String, Value>,
) -> Value {
    let shown = turn
        .links
        .comment(turn.state, &turn.state.repos[&repo], number, comment);
    extra.insert("comment".to_owned(), shown.clone());
    webhook::send(turn, repo, number, "issue_comment", action, extra);
    shown
}
