//! The App, its installations, and what only webhooks show.

use serde_json::{Value, json};

use super::{Links, node, time};
use crate::github::app;
use crate::github::state::{Installation, Repo, State, User, UserKind};

impl Links {
    pub(crate) fn app(&self, state: &State) -> Value {
        let id = state.app.unwrap_or_default();
        let slug = app::slug(id);
        let owner = User {
            id,
            login: slug.clone(),
            kind: UserKind::Organization,
            created_at: state.started_at,
        };
        json!({
            "id": id,
            "node_id": node("App", id),
            "client_id": format!("Iv1.{id:016x}"),
            "slug": slug,
            "name": slug,
            "description": "",
            "owner": self.user(&owner),
            "external_url": Self::html(&format!("apps/{slug}")),
            "html_url": Self::html(&format!("apps/{slug}")),
            "permissions": app::permissions(),
            "events": app::events(),
            "created_at": time(state.started_at),
            "updated_at": time(state.started_at),
        })
    }

    pub(crate) fn installation(&self, state: &State, installation: &Installation) -> Value {
        let (id, app) = (installation.id, state.app.unwrap_or_default());
        let account = state.users.get(&installation.account);
        let organization = account.is_some_and(|account| account.kind == UserKind::Organization);
        let login = account.map_or("", |account| account.login.as_str());
        json!({
            "id": id,
            "account": account.map(|account| self.user(account)),
            "app_id": app,
            "app_slug": app::slug(app),
            "target_id": installation.account,
            "target_type": if organization { "Organization" } else { "User" },
            "repository_selection": "selected",
            "permissions": app::permissions(),
            "events": app::events(),
            "single_file_name": null,
            "access_tokens_url": format!("{}/app/installations/{id}/access_tokens", self.root),
            "repositories_url": format!("{}/installation/repositories", self.root),
            "html_url": Self::html(&format!("organizations/{login}/settings/installations/{id}")),
            "created_at": time(installation.created_at),
            "updated_at": time(installation.updated_at),
            "suspended_at": installation.suspended.map(|(at, _)| time(at)),
            "suspended_by": installation.suspended.map(|(_, by)| self.user_by_id(state, by)),
        })
    }

    /// An organisation as webhooks show it.
    pub(crate) fn organization(&self, user: &User) -> Value {
        let url = format!("{}/orgs/{}", self.root, user.login);
        json!({
            "id": user.id,
            "node_id": node("Organization", user.id),
            "login": user.login,
            "description": null,
            "avatar_url": Self::html(&format!("{}.png", user.login)),
            "url": url,
            "repos_url": format!("{url}/repos"),
            "events_url": format!("{url}/events"),
            "hooks_url": format!("{url}/hooks"),
            "issues_url": format!("{url}/issues"),
            "members_url": format!("{url}/members{{/member}}"),
            "public_members_url": format!("{url}/public_members{{/member}}"),
        })
    }

    /// A repository as webhooks about installations show it.
    pub(crate) fn repo_briefly(repo: &Repo) -> Value {
        json!({
            "id": repo.id,
            "node_id": node("Repository", repo.id),
            "name": repo.name,
            "full_name": repo.full_name(),
            "private": repo.private,
        })
    }
}
