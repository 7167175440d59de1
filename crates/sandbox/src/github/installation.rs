//! The App's installations: listed, suspended, deleted, given and taken repositories.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::app::need_jwt;
use super::caller::Caller;
use super::page;
use super::permission::Permission;
use super::refusal::Refusal;
use super::show::Links;
use super::state::{Installation, Repo, Token};
use super::turn::{Reply, Turn};
use super::webhook::{self, extra};

pub(crate) fn list(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    need_jwt(turn)?;
    let (installations, link) = page::of(turn, turn.state.installations.values().collect());
    let shown = installations
        .into_iter()
        .map(|installation| turn.links.installation(turn.state, installation))
        .collect();
    Ok(Reply::ok(Value::Array(shown)).with_link(link))
}

pub(crate) fn get(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let installation = find(turn)?;
    Ok(Reply::ok(turn.links.installation(turn.state, installation)))
}

pub(crate) fn of_repo(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    need_jwt(turn)?;
    let full_name = format!("{}/{}", turn.segment(1), turn.segment(2));
    let installation = turn.state.repo_named(&full_name).and_then(|repo| repo.installation);
    installation
        .and_then(|id| turn.state.installations.get(&id))
        .map(|installation| Reply::ok(turn.links.installation(turn.state, installation)))
        .ok_or_else(Refusal::not_found)
}

/// The repositories that the installation token reaches.
pub(crate) fn repositories(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let Caller::Installation(installation) = turn.caller else {
        return Err(Refusal::new(
            403,
            "You must authenticate with an installation access token in order to list repositories for an installation.",
        ));
    };
    let repos: Vec<&Repo> = turn.state.repos_of(installation).collect();
    let total = repos.len();
    let (repos, link) = page::of(turn, repos);
    let shown: Vec<Value> = repos.into_iter().map(|repo| turn.links.repo(repo)).collect();
    Ok(
        Reply::ok(json!({"total_count": total, "repository_selection": "selected", "repositories": shown}))
            .with_link(link),
    )
}

/// The App leaves the account; its tokens end.
pub(crate) fn delete(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let id = find(turn)?.id;
    announce(turn, id, "deleted");
    turn.state.installations.remove(&id);
    for repo in turn.state.repos.values_mut() {
        repo.installation = repo.installation.filter(|installation| *installation != id);
    }
    turn.state
        .tokens
        .retain(|_, token| !matches!(token, Token::Installation { installation, .. } if *installation == id));
    Ok(Reply::no_content())
}

pub(crate) fn suspend(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let by = (turn.now, turn.actor());
    change_suspension(turn, Some(by), "suspend")
}

pub(crate) fn unsuspend(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    change_suspension(turn, None, "unsuspend")
}

fn change_suspension(turn: &mut Turn<'_>, suspended: Option<(Timestamp, u64)>, action: &str) -> Result<Reply, Refusal> {
    let (id, now) = (find(turn)?.id, turn.now);
    let installation = turn.state.installations.get_mut(&id).ok_or_else(Refusal::not_found)?;
    if installation.suspended.is_some() != suspended.is_some() {
        installation.suspended = suspended;
        installation.updated_at = now;
        announce(turn, id, action);
    }
    Ok(Reply::no_content())
}

/// Sends an `installation` event, with the repositories that it reaches.
fn announce(turn: &mut Turn<'_>, id: u64, action: &str) {
    let repos = turn.state.repos_of(id).map(Links::repo_briefly).collect();
    webhook::about_installation(turn, id, "installation", action, extra([("repositories", repos)]));
}

pub(crate) fn add_repository(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (installation, repo) = both(turn)?;
    if turn.state.repos[&repo].installation != Some(installation) {
        join(turn, installation, repo);
    }
    Ok(Reply::no_content())
}

pub(crate) fn remove_repository(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (installation, repo) = both(turn)?;
    if turn.state.repos[&repo].installation != Some(installation) {
        return Err(Refusal::not_found());
    }
    leave(turn, repo);
    Ok(Reply::no_content())
}

/// The installation reaches the repository from now on.
pub(crate) fn join(turn: &mut Turn<'_>, installation: u64, repo: u64) {
    if let Some(repo) = turn.state.repos.get_mut(&repo) {
        repo.installation = Some(installation);
    }
    announce_repository(turn, installation, repo, "added");
}

/// No installation reaches the repository any more.
pub(crate) fn leave(turn: &mut Turn<'_>, repo: u64) {
    let left = turn
        .state
        .repos
        .get_mut(&repo)
        .and_then(|repo| repo.installation.take());
    if let Some(installation) = left {
        announce_repository(turn, installation, repo, "removed");
    }
}

/// Sends an `installation_repositories` event about one repository.
fn announce_repository(turn: &mut Turn<'_>, installation: u64, repo: u64, action: &str) {
    let shown = turn.state.repos.get(&repo).map(Links::repo_briefly);
    let list = |of: &str| Value::from_iter(shown.clone().filter(|_| of == action));
    let more = extra([
        ("repository_selection", json!("selected")),
        ("repositories_added", list("added")),
        ("repositories_removed", list("removed")),
        ("requester", Value::Null),
    ]);
    webhook::about_installation(turn, installation, "installation_repositories", action, more);
}

/// The installation of the path `app/installations/{id}/…`.
pub(crate) fn find<'a>(turn: &'a Turn<'_>) -> Result<&'a Installation, Refusal> {
    need_jwt(turn)?;
    let id = turn.number(2)?;
    turn.state.installations.get(&id).ok_or_else(Refusal::not_found)
}

/// Installation and repository of `user/installations/{id}/repositories/{id}`, on one account, for the repository's admins.
fn both(turn: &Turn<'_>) -> Result<(u64, u64), Refusal> {
    let (installation, repo) = (turn.number(2)?, turn.number(4)?);
    let repo = turn.state.repos.get(&repo).ok_or_else(Refusal::not_found)?;
    let on = turn.state.installations.get(&installation).map(|it| it.account);
    turn.readable(repo)?;
    if on != Some(repo.owner.id) {
        return Err(Refusal::not_found());
    }
    turn.need(repo.id, Permission::Admin)?;
    Ok((installation, repo.id))
}
