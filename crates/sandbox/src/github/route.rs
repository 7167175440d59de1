//! Method and path to operation, under GitHub's own operation ids.

use super::refusal::Refusal;
use super::turn::{Asked, Reply, Turn};
use super::{app, comment, delivery, issue, label, repo, user};

type Handler = fn(&mut Turn<'_>) -> Result<Reply, Refusal>;

/// What is not offered is a 404, and `unknown` in the log. Like GitHub, it takes POST for PATCH (octocrab edits comments so).
pub(crate) fn find(asked: &Asked) -> (&'static str, Handler) {
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    match (asked.method.as_str(), segments.as_slice()) {
        ("GET", ["user"]) => ("users/get-authenticated", user::authenticated),
        ("GET", ["users", _]) => ("users/get-by-username", user::by_login),

        ("GET", ["repos", _, _]) => ("repos/get", repo::get),
        ("GET", ["repositories", _]) => ("repos/get-by-id", repo::get_by_id),
        ("GET", ["repos", _, _, "collaborators", _, "permission"]) => {
            ("repos/get-collaborator-permission-level", repo::permission_of)
        }

        ("GET", ["repos", _, _, "issues"]) => ("issues/list-for-repo", issue::list),
        ("POST", ["repos", _, _, "issues"]) => ("issues/create", issue::create),
        ("GET", ["repos", _, _, "issues", _]) => ("issues/get", issue::get),
        ("PATCH" | "POST", ["repos", _, _, "issues", _]) => ("issues/update", issue::update),

        ("PATCH" | "POST", ["repos", _, _, "issues", "comments", _]) => ("issues/update-comment", comment::update),
        ("GET", ["repos", _, _, "issues", _, "comments"]) => ("issues/list-comments", comment::list),
        ("POST", ["repos", _, _, "issues", _, "comments"]) => ("issues/create-comment", comment::create),

        ("GET", ["repos", _, _, "issues", _, "labels"]) => ("issues/list-labels-on-issue", label::list),
        ("POST", ["repos", _, _, "issues", _, "labels"]) => ("issues/add-labels", label::add),
        ("PUT", ["repos", _, _, "issues", _, "labels"]) => ("issues/set-labels", label::set),
        ("DELETE", ["repos", _, _, "issues", _, "labels", _]) => ("issues/remove-label", label::remove),

        ("GET", ["app"]) => ("apps/get-authenticated", app::get),
        ("GET", ["app", "installations"]) => ("apps/list-installations", app::installations),
        ("GET", ["app", "installations", _]) => ("apps/get-installation", app::installation),
        ("POST", ["app", "installations", _, "access_tokens"]) => {
            ("apps/create-installation-access-token", app::create_token)
        }
        ("GET", ["repos", _, _, "installation"]) => ("apps/get-repo-installation", app::installation_of_repo),
        ("GET", ["installation", "repositories"]) => ("apps/list-repos-accessible-to-installation", app::repositories),

        ("GET", ["app", "hook", "deliveries"]) => ("apps/list-webhook-deliveries", delivery::list),
        ("GET", ["app", "hook", "deliveries", _]) => ("apps/get-webhook-delivery", delivery::get),
        ("POST", ["app", "hook", "deliveries", _, "attempts"]) => {
            ("apps/redeliver-webhook-delivery", delivery::redeliver)
        }

        _ => ("unknown", |_| Err(Refusal::not_found())),
    }
}
