//! Repositories: shown, renamed, archived, hidden, moved to another owner, deleted.

use serde::Deserialize;
use serde_json::json;

use super::permission::Permission;
use super::refusal::Refusal;
use super::state::{Repo, UserKind};
use super::turn::{Reply, Turn};
use super::webhook::{self, Extra, extra};
use super::{installation, permission};

pub(crate) fn get(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let repo = turn.repo()?;
    shown(turn, repo)
}

fn shown(turn: &Turn<'_>, repo: u64) -> Result<Reply, Refusal> {
    let repo = turn.state.repos.get(&repo).ok_or_else(Refusal::not_found)?;
    let mut shown = turn.links.repo(repo);
    shown["permissions"] = permission::flags(turn.permission(repo));
    Ok(Reply::ok(shown).modified(repo.updated_at))
}

#[derive(Deserialize)]
struct Change {
    name: Option<String>,
    private: Option<bool>,
    visibility: Option<String>,
    archived: Option<bool>,
}

/// Each kind of change is an event of its own; what stays the same is none.
pub(crate) fn update(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let id = turn.repo()?;
    turn.need(id, Permission::Admin)?;
    let change: Change = turn.body()?;
    let private = match change.visibility.as_deref() {
        None => change.private,
        Some("public") => Some(false),
        Some("private") => Some(true),
        Some(_) => return Err(Refusal::invalid("Repository", "visibility", "invalid")),
    };
    let repo = &turn.state.repos[&id];
    let name = change
        .name
        .map(|name| free_name(turn, &repo.owner.login, &name, id))
        .transpose()?;
    let name = name.filter(|name| *name != repo.name);
    let private = private.filter(|private| *private != repo.private);
    let archived = change.archived.filter(|archived| *archived != repo.archived);
    if repo.archived && archived.is_none() && (name.is_some() || private.is_some()) {
        return Err(Refusal::archived());
    }
    if archived == Some(false) {
        set(turn, id, |repo| repo.archived = false, "unarchived");
    }
    if let Some(name) = name {
        rename(turn, id, name);
    }
    match private {
        None => {}
        Some(true) => set(turn, id, |repo| repo.private = true, "privatized"),
        Some(false) => set(turn, id, |repo| repo.private = false, "publicized"),
    }
    if archived == Some(true) {
        set(turn, id, |repo| repo.archived = true, "archived");
    }
    shown(turn, id)
}

fn set(turn: &mut Turn<'_>, id: u64, change: impl FnOnce(&mut Repo), action: &str) {
    let now = turn.now;
    if let Some(repo) = turn.state.repos.get_mut(&id) {
        change(repo);
        repo.updated_at = now;
    }
    announce(turn, id, action, Extra::new());
}

fn rename(turn: &mut Turn<'_>, id: u64, name: String) {
    let now = turn.now;
    forward(turn, id);
    let Some(repo) = turn.state.repos.get_mut(&id) else {
        return;
    };
    let from = std::mem::replace(&mut repo.name, name);
    repo.updated_at = now;
    claim(turn, id);
    let changes = json!({"repository": {"name": {"from": from}}});
    announce(turn, id, "renamed", extra([("changes", changes)]));
}

#[derive(Deserialize)]
struct Transfer {
    new_owner: String,
    new_name: Option<String>,
}

/// At once, and without the new owner's consent. The App comes along only where the new owner has it.
pub(crate) fn transfer(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let id = turn.repo()?;
    turn.need_to_change(id, Permission::Admin)?;
    let transfer: Transfer = turn.body()?;
    let owner = turn.state.user_named(&transfer.new_owner).cloned();
    let owner = owner.ok_or_else(|| Refusal::invalid("Repository", "new_owner", "invalid"))?;
    let repo = &turn.state.repos[&id];
    if owner.id == repo.owner.id {
        return Err(Refusal::invalid("Repository", "new_owner", "invalid"));
    }
    let wanted = transfer.new_name.as_deref().unwrap_or(&repo.name);
    let name = free_name(turn, &owner.login, wanted, id)?;
    let before = turn.links.repo(repo);

    installation::leave(turn, id);
    forward(turn, id);
    let now = turn.now;
    let repo = turn.state.repos.get_mut(&id).ok_or_else(Refusal::not_found)?;
    let from = std::mem::replace(&mut repo.owner, owner.clone());
    repo.name = name;
    repo.updated_at = now;
    repo.collaborators.remove(&owner.id);
    if from.kind == UserKind::User && owner.kind == UserKind::User {
        repo.collaborators.insert(from.id, Permission::Write);
    }
    claim(turn, id);
    if let Some(installation) = turn.state.installation_on(owner.id) {
        installation::join(turn, installation, id);
        let from = match from.kind {
            UserKind::Organization => json!({"organization": turn.links.organization(&from)}),
            UserKind::User | UserKind::Bot => json!({"user": turn.links.user(&from)}),
        };
        let changes = json!({"owner": {"from": from}});
        announce(turn, id, "transferred", extra([("changes", changes)]));
    }
    Ok(Reply::accepted(before))
}

/// Its former names lead nowhere from now on.
pub(crate) fn delete(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let id = turn.repo()?;
    turn.need(id, Permission::Admin)?;
    announce(turn, id, "deleted", Extra::new());
    turn.state.repos.remove(&id);
    turn.state.former_names.retain(|_, repo| *repo != id);
    Ok(Reply::no_content())
}

pub(crate) fn permission_of(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let repo = turn.repo()?;
    turn.need(repo, Permission::Write)?;
    let repo: &Repo = turn.state.repos.get(&repo).ok_or_else(Refusal::not_found)?;
    let user = turn.state.user_named(turn.segment(4)).ok_or_else(Refusal::not_found)?;
    let permission = repo.permission(user.id);
    let mut shown = turn.links.user(user);
    shown["permissions"] = permission::flags(permission);
    shown["role_name"] = json!(permission.name());
    Ok(Reply::ok(
        json!({"permission": permission.level().name(), "role_name": permission.name(), "user": shown}),
    ))
}

/// The name as GitHub spells it, unless another repository of the owner has it.
fn free_name(turn: &Turn<'_>, owner: &str, name: &str, id: u64) -> Result<String, Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = name.chars().map(|c| if allowed(c) { c } else { '-' }).collect();
    if name.is_empty() {
        return Err(Refusal::invalid("Repository", "name", "missing_field"));
    }
    match turn.state.repo_named(&format!("{owner}/{name}")) {
        Some(other) if other.id != id => Err(Refusal::unprocessable(
            "Repository",
            "name",
            "custom",
            "name already exists on this account",
        )),
        _ => Ok(name),
    }
}

/// The present name leads to the repository after it changes.
fn forward(turn: &mut Turn<'_>, id: u64) {
    let name = turn.state.repos[&id].full_name().to_ascii_lowercase();
    turn.state.former_names.insert(name, id);
}

/// The present name leads to this repository alone.
fn claim(turn: &mut Turn<'_>, id: u64) {
    let name = turn.state.repos[&id].full_name().to_ascii_lowercase();
    turn.state.former_names.remove(&name);
}

fn announce(turn: &mut Turn<'_>, id: u64, action: &str, more: Extra) {
    webhook::about_repo(turn, id, "repository", action, more);
}
