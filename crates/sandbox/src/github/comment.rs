//! Comments on issues.

use serde::Deserialize;
use serde_json::{Value, json};

use super::permission::Permission;
use super::refusal::Refusal;
use super::state::Comment;
use super::turn::{Reply, Turn};
use super::webhook::{Extra, extra};
use super::{issue, page, webhook};

pub(crate) fn list(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number) = issue::find(turn)?;
    let comments = turn.state.repos[&repo].issues[&number].comments.iter();
    shown_since(turn, repo, comments.map(|comment| (number, comment)).collect())
}

/// Of all issues, oldest first; `sort=updated` and `direction` are honoured together, as at GitHub.
pub(crate) fn list_of_repo(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let repo = turn.repo()?;
    let mut comments = comments(turn, repo);
    match turn.param("sort") {
        Some("updated") => comments.sort_by_key(|(_, comment)| (comment.updated_at, comment.id)),
        _ => comments.sort_by_key(|(_, comment)| comment.id),
    }
    if turn.param("sort").is_some() && turn.param("direction") == Some("desc") {
        comments.reverse();
    }
    shown_since(turn, repo, comments)
}

/// Those that changed at `since` or later, each with the number of its issue.
fn shown_since(turn: &Turn<'_>, repo: u64, mut comments: Vec<(u64, &Comment)>) -> Result<Reply, Refusal> {
    let since = issue::since(turn, "IssueComment")?;
    comments.retain(|(_, comment)| comment.updated_at >= since);
    let repo = &turn.state.repos[&repo];
    let (comments, link) = page::of(turn, comments);
    let shown = comments
        .into_iter()
        .map(|(number, comment)| turn.links.comment(turn.state, repo, number, comment))
        .collect();
    Ok(Reply::ok(Value::Array(shown)).with_link(link))
}

pub(crate) fn get(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number, comment) = find(turn)?;
    let shown = turn
        .links
        .comment(turn.state, &turn.state.repos[&repo], number, &comment);
    Ok(Reply::ok(shown).modified(comment.updated_at))
}

#[derive(Deserialize)]
struct Text {
    body: String,
}

impl Text {
    fn checked(self) -> Result<String, Refusal> {
        let message = "Body cannot be blank";
        if self.body.trim().is_empty() {
            return Err(Refusal::unprocessable("IssueComment", "data", "unprocessable", message));
        }
        issue::checked_body("IssueComment", &self.body)?;
        Ok(self.body)
    }
}

pub(crate) fn create(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number) = issue::find(turn)?;
    turn.need_to_change(repo, Permission::Read)?;
    let body = turn.body::<Text>()?.checked()?;
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
    let shown = announce(turn, repo, number, "created", &comment, Extra::new());
    Ok(Reply::created(shown))
}

/// The author's own, or anybody's for those who write.
fn find_to_change(turn: &Turn<'_>) -> Result<(u64, u64, Comment), Refusal> {
    let (repo, number, comment) = find(turn)?;
    let needed = match comment.user == turn.actor() {
        true => Permission::Read,
        false => Permission::Write,
    };
    turn.need_to_change(repo, needed)?;
    Ok((repo, number, comment))
}

/// What stays the same is no event.
pub(crate) fn update(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number, mut comment) = find_to_change(turn)?;
    let (body, now) = (turn.body::<Text>()?.checked()?, turn.now);
    if body == comment.body {
        return get(turn);
    }
    let from = std::mem::replace(&mut comment.body, body);
    comment.updated_at = now;
    let issue = issue::issue(turn, repo, number)?;
    issue.updated_at = now;
    if let Some(there) = issue.comments.iter_mut().find(|there| there.id == comment.id) {
        there.clone_from(&comment);
    }
    let changes = extra([("changes", json!({"body": {"from": from}}))]);
    let shown = announce(turn, repo, number, "edited", &comment, changes);
    Ok(Reply::ok(shown))
}

pub(crate) fn delete(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number, comment) = find_to_change(turn)?;
    let now = turn.now;
    let issue = issue::issue(turn, repo, number)?;
    issue.comments.retain(|there| there.id != comment.id);
    issue.updated_at = now;
    announce(turn, repo, number, "deleted", &comment, Extra::new());
    Ok(Reply::no_content())
}

fn comments<'a>(turn: &'a Turn<'_>, repo: u64) -> Vec<(u64, &'a Comment)> {
    let issues = turn.state.repos[&repo].issues.values();
    issues
        .flat_map(|issue| issue.comments.iter().map(|comment| (issue.number, comment)))
        .collect()
}

/// Repository, issue and comment of `repos/{owner}/{name}/issues/comments/{id}`.
fn find(turn: &Turn<'_>) -> Result<(u64, u64, Comment), Refusal> {
    let (repo, id) = (turn.repo()?, turn.number(5)?);
    comments(turn, repo)
        .into_iter()
        .find(|(_, comment)| comment.id == id)
        .map(|(number, comment)| (repo, number, comment.clone()))
        .ok_or_else(Refusal::not_found)
}

/// Sends the event; returns the comment as it is shown.
fn announce(turn: &mut Turn<'_>, repo: u64, number: u64, action: &str, comment: &Comment, more: Extra) -> Value {
    let shown = turn
        .links
        .comment(turn.state, &turn.state.repos[&repo], number, comment);
    let mut fields = extra([("comment", shown.clone())]);
    fields.extend(more);
    webhook::issue(turn, repo, number, "issue_comment", action, fields);
    shown
}
