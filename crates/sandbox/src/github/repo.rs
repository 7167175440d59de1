//! Repositories, and who may do what in them.

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::state::{Permission, Repo};
use super::turn::{Reply, Turn};

pub(crate) fn get(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let repo = turn.repo()?;
    shown(turn, repo)
}

/// Finds a repository that was renamed or moved.
pub(crate) fn get_by_id(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let repo = turn.state.repos.get(&turn.number(1)?).ok_or_else(Refusal::not_found)?;
    let repo = turn.readable(repo)?;
    shown(turn, repo)
}

fn shown(turn: &Turn<'_>, repo: u64) -> Result<Reply, Refusal> {
    let repo = turn.state.repos.get(&repo).ok_or_else(Refusal::not_found)?;
    let mut shown = turn.links.repo(repo);
    shown["permissions"] = flags(turn.permission(repo));
    Ok(Reply::ok(shown))
}

pub(crate) fn permission_of(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let repo = turn.repo()?;
    turn.need(repo, Permission::Write)?;
    let repo: &Repo = turn.state.repos.get(&repo).ok_or_else(Refusal::not_found)?;
    let user = turn.state.user_named(turn.segment(4)).ok_or_else(Refusal::not_found)?;
    let permission = repo.permission(user.id);
    let mut shown = turn.links.user(user);
    shown["permissions"] = flags(permission);
    shown["role_name"] = json!(permission.name());
    // The older field knows only four levels.
    let level = match permission {
        Permission::Maintain => Permission::Write,
        Permission::Triage => Permission::Read,
        other => other,
    };
    Ok(Reply::ok(
        json!({"permission": level.name(), "role_name": permission.name(), "user": shown}),
    ))
}

fn flags(permission: Permission) -> Value {
    json!({
        "pull": permission >= Permission::Read,
        "triage": permission >= Permission::Triage,
        "push": permission >= Permission::Write,
        "maintain": permission >= Permission::Maintain,
        "admin": permission >= Permission::Admin,
    })
}
