//! The App: itself, its installations, their tokens.

use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use super::caller::Caller;
use super::page;
use super::refusal::Refusal;
use super::show::time;
use super::state::{Repo, Token};
use super::turn::{Reply, Turn};
use crate::clock;

/// Events that the App subscribes to.
pub(crate) const EVENTS: [&str; 2] = ["issues", "issue_comment"];

/// An installation token's life.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// The App's name in addresses; its bot is `{slug}[bot]`.
pub(crate) fn slug(id: u64) -> String {
    format!("app-{id}")
}

/// What each installation grants.
pub(crate) fn permissions() -> Value {
    json!({"issues": "write", "metadata": "read"})
}

/// Only a JWT reaches the App's own endpoints.
pub(crate) fn need_jwt(turn: &Turn<'_>) -> Result<(), Refusal> {
    match turn.caller {
        Caller::App => Ok(()),
        Caller::User(_) | Caller::Installation(_) => Err(Refusal::new(401, "A JSON web token could not be decoded")),
    }
}

pub(crate) fn get(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    need_jwt(turn)?;
    Ok(Reply::ok(turn.links.app(turn.state)))
}

pub(crate) fn installations(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    need_jwt(turn)?;
    let mut ids: Vec<u64> = turn.state.repos.values().filter_map(|repo| repo.installation).collect();
    ids.sort_unstable();
    ids.dedup();
    let (ids, link) = page::of(turn, ids);
    let shown = ids.into_iter().filter_map(|id| shown(turn, id)).collect();
    Ok(Reply::ok(Value::Array(shown)).with_link(link))
}

pub(crate) fn installation(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    need_jwt(turn)?;
    shown(turn, turn.number(2)?)
        .map(Reply::ok)
        .ok_or_else(Refusal::not_found)
}

pub(crate) fn installation_of_repo(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    need_jwt(turn)?;
    let full_name = format!("{}/{}", turn.segment(1), turn.segment(2));
    let installation = turn.state.repo_named(&full_name).and_then(|repo| repo.installation);
    installation
        .and_then(|id| shown(turn, id))
        .map(Reply::ok)
        .ok_or_else(Refusal::not_found)
}

pub(crate) fn create_token(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    need_jwt(turn)?;
    let installation = turn.number(2)?;
    shown(turn, installation).ok_or_else(Refusal::not_found)?;
    let token = format!("ghs_{}", Uuid::new_v4().simple());
    let expires_at = clock::wall() + TOKEN_LIFE;
    turn.state.tokens.insert(
        token.clone(),
        Token::Installation {
            installation,
            expires_at,
        },
    );
    Ok(Reply::created(json!({
        "token": token,
        "expires_at": time(expires_at),
        "permissions": permissions(),
        "repository_selection": "selected",
    })))
}

/// The repositories that the installation token reaches.
pub(crate) fn repositories(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let Caller::Installation(installation) = turn.caller else {
        return Err(Refusal::new(
            403,
            "You must authenticate with an installation access token in order to list repositories for an installation.",
        ));
    };
    let repos: Vec<&Repo> = turn
        .state
        .repos
        .values()
        .filter(|repo| repo.installation == Some(installation))
        .collect();
    let total = repos.len();
    let (repos, link) = page::of(turn, repos);
    let shown: Vec<Value> = repos.into_iter().map(|repo| turn.links.repo(repo)).collect();
    Ok(
        Reply::ok(json!({"total_count": total, "repository_selection": "selected", "repositories": shown}))
            .with_link(link),
    )
}

/// `None`: no repository has this installation.
fn shown(turn: &Turn<'_>, installation: u64) -> Option<Value> {
    let repo = turn
        .state
        .repos
        .values()
        .find(|repo| repo.installation == Some(installation))?;
    Some(turn.links.installation(turn.state, installation, repo))
}
