//! What exists without having been made through the API.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::permission::Permission;
use super::state::{Installation, Repo, State, Token, User, UserKind};
use crate::config::{SeedRepo, SeedUser};

/// A seed that contradicts what is there.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The login or the id is taken.
    #[error("user `{0}` (or its id) exists already")]
    UserExists(String),
    /// The name or the id is taken.
    #[error("repository `{0}` (or its id) exists already")]
    RepoExists(String),
    /// Not `owner/name`.
    #[error("`{0}` is not of the form owner/name")]
    FullName(String),
    /// A collaborator is not seeded yet.
    #[error("collaborator `{0}` is not a user")]
    UnknownUser(String),
    /// Not one of GitHub's permissions.
    #[error("permission `{0}` is none of none, read, triage, write, maintain, admin")]
    Permission(String),
}

/// Adds a user; returns id and token.
pub(crate) fn user(state: &mut State, seed: &SeedUser, now: Timestamp) -> Result<(u64, String), SeedError> {
    let id = seed.id.unwrap_or_else(|| state.next_id());
    if state.user_named(&seed.login).is_some() || state.users.contains_key(&id) {
        return Err(SeedError::UserExists(seed.login.clone()));
    }
    let token = seed
        .token
        .clone()
        .unwrap_or_else(|| format!("ghp_{}", Uuid::new_v4().simple()));
    state.users.insert(
        id,
        User {
            id,
            login: seed.login.clone(),
            kind: UserKind::User,
            created_at: now,
        },
    );
    state.tokens.insert(token.clone(), Token::User(id));
    Ok((id, token))
}

/// Adds a repository, and its owner where it is missing; returns the id.
pub(crate) fn repo(state: &mut State, seed: &SeedRepo, now: Timestamp) -> Result<u64, SeedError> {
    let (owner, name) = seed
        .full_name
        .split_once('/')
        .filter(|(owner, name)| !owner.is_empty() && !name.is_empty() && !name.contains('/'))
        .ok_or_else(|| SeedError::FullName(seed.full_name.clone()))?;
    let collaborators = seed
        .collaborators
        .iter()
        .map(|(login, permission)| {
            let user = state
                .user_named(login)
                .ok_or_else(|| SeedError::UnknownUser(login.clone()))?;
            let permission = Permission::parse(permission).ok_or_else(|| SeedError::Permission(permission.clone()))?;
            Ok((user.id, permission))
        })
        .collect::<Result<_, SeedError>>()?;
    let id = seed.id.unwrap_or_else(|| state.next_id());
    if state.repo_named(&seed.full_name).is_some() || state.repos.contains_key(&id) {
        return Err(SeedError::RepoExists(seed.full_name.clone()));
    }
    let owner = match state.user_named(owner) {
        Some(owner) => owner.clone(),
        None => {
            let owner = User {
                id: state.next_id(),
                login: owner.to_owned(),
                kind: UserKind::Organization,
                created_at: now,
            };
            state.users.insert(owner.id, owner.clone());
            owner
        }
    };
    if let Some(installation) = seed.installation_id {
        state.installations.entry(installation).or_insert(Installation {
            id: installation,
            account: owner.id,
            suspended: None,
            created_at: now,
            updated_at: now,
        });
    }
    // Who takes a former name ends its redirects.
    state.former_names.remove(&seed.full_name.to_ascii_lowercase());
    state.repos.insert(
        id,
        Repo {
            id,
            owner,
            name: name.to_owned(),
            private: seed.private,
            archived: false,
            installation: seed.installation_id,
            collaborators,
            labels: Vec::new(),
            issues: BTreeMap::new(),
            gone: BTreeMap::new(),
            created_at: now,
            updated_at: now,
        },
    );
    Ok(id)
}
