//! Method and path to operation, under GitHub's own operation ids.

use serde_json::{Value, json};

use super::asked::Asked;
use super::refusal::Refusal;
use super::turn::{Reply, Turn};
use super::{app, comment, deliveries, hook, installation, issue, label, rate, repo, repo_label, user};

pub(crate) type Handler = fn(&mut Turn<'_>) -> Result<Reply, Refusal>;

/// Method, path, operation, handler. The first that fits serves, so a fixed segment stands before a variable one.
type Route = (&'static str, &'static str, &'static str, Handler);

const ROUTES: &[Route] = &[
    ("GET", "/rate_limit", rate::OPERATION, rate::get),
    ("GET", "/user", "users/get-authenticated", user::authenticated),
    ("GET", "/users/{username}", "users/get-by-username", user::by_login),
    ("GET", "/repos/{owner}/{repo}", "repos/get", repo::get),
    ("PATCH", "/repos/{owner}/{repo}", "repos/update", repo::update),
    ("DELETE", "/repos/{owner}/{repo}", "repos/delete", repo::delete),
    (
        "POST",
        "/repos/{owner}/{repo}/transfer",
        "repos/transfer",
        repo::transfer,
    ),
    (
        "GET",
        "/repos/{owner}/{repo}/collaborators/{username}/permission",
        "repos/get-collaborator-permission-level",
        repo::permission_of,
    ),
    (
        "GET",
        "/repos/{owner}/{repo}/issues",
        "issues/list-for-repo",
        issue::list,
    ),
    ("POST", "/repos/{owner}/{repo}/issues", "issues/create", issue::create),
    (
        "GET",
        "/repos/{owner}/{repo}/issues/comments",
        "issues/list-comments-for-repo",
        comment::list_of_repo,
    ),
    (
        "GET",
        "/repos/{owner}/{repo}/issues/comments/{comment_id}",
        "issues/get-comment",
        comment::get,
    ),
    (
        "PATCH",
        "/repos/{owner}/{repo}/issues/comments/{comment_id}",
        "issues/update-comment",
        comment::update,
    ),
    (
        "DELETE",
        "/repos/{owner}/{repo}/issues/comments/{comment_id}",
        "issues/delete-comment",
        comment::delete,
    ),
    (
        "GET",
        "/repos/{owner}/{repo}/issues/{issue_number}",
        "issues/get",
        issue::get,
    ),
    (
        "PATCH",
        "/repos/{owner}/{repo}/issues/{issue_number}",
        "issues/update",
        issue::update,
    ),
    (
        "GET",
        "/repos/{owner}/{repo}/issues/{issue_number}/comments",
        "issues/list-comments",
        comment::list,
    ),
    (
        "POST",
        "/repos/{owner}/{repo}/issues/{issue_number}/comments",
        "issues/create-comment",
        comment::create,
    ),
    (
        "GET",
        "/repos/{owner}/{repo}/issues/{issue_number}/labels",
        "issues/list-labels-on-issue",
        label::list,
    ),
    (
        "POST",
        "/repos/{owner}/{repo}/issues/{issue_number}/labels",
        "issues/add-labels",
        label::add,
    ),
    (
        "PUT",
        "/repos/{owner}/{repo}/issues/{issue_number}/labels",
        "issues/set-labels",
        label::set,
    ),
    (
        "DELETE",
        "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}",
        "issues/remove-label",
        label::remove,
    ),
    (
        "GET",
        "/repos/{owner}/{repo}/labels",
        "issues/list-labels-for-repo",
        repo_label::list,
    ),
    (
        "POST",
        "/repos/{owner}/{repo}/labels",
        "issues/create-label",
        repo_label::create,
    ),
    (
        "GET",
        "/repos/{owner}/{repo}/labels/{name}",
        "issues/get-label",
        repo_label::get,
    ),
    (
        "PATCH",
        "/repos/{owner}/{repo}/labels/{name}",
        "issues/update-label",
        repo_label::update,
    ),
    (
        "DELETE",
        "/repos/{owner}/{repo}/labels/{name}",
        "issues/delete-label",
        repo_label::delete,
    ),
    ("GET", "/app", "apps/get-authenticated", app::get),
    (
        "GET",
        "/app/installations",
        "apps/list-installations",
        installation::list,
    ),
    (
        "GET",
        "/app/installations/{installation_id}",
        "apps/get-installation",
        installation::get,
    ),
    (
        "DELETE",
        "/app/installations/{installation_id}",
        "apps/delete-installation",
        installation::delete,
    ),
    (
        "PUT",
        "/app/installations/{installation_id}/suspended",
        "apps/suspend-installation",
        installation::suspend,
    ),
    (
        "DELETE",
        "/app/installations/{installation_id}/suspended",
        "apps/unsuspend-installation",
        installation::unsuspend,
    ),
    (
        "POST",
        "/app/installations/{installation_id}/access_tokens",
        "apps/create-installation-access-token",
        app::create_token,
    ),
    (
        "GET",
        "/repos/{owner}/{repo}/installation",
        "apps/get-repo-installation",
        installation::of_repo,
    ),
    (
        "GET",
        "/installation/repositories",
        "apps/list-repos-accessible-to-installation",
        installation::repositories,
    ),
    (
        "PUT",
        "/user/installations/{installation_id}/repositories/{repository_id}",
        "apps/add-repo-to-installation-for-authenticated-user",
        installation::add_repository,
    ),
    (
        "DELETE",
        "/user/installations/{installation_id}/repositories/{repository_id}",
        "apps/remove-repo-from-installation-for-authenticated-user",
        installation::remove_repository,
    ),
    ("GET", "/app/hook/config", "apps/get-webhook-config-for-app", hook::get),
    (
        "PATCH",
        "/app/hook/config",
        "apps/update-webhook-config-for-app",
        hook::update,
    ),
    (
        "GET",
        "/app/hook/deliveries",
        "apps/list-webhook-deliveries",
        deliveries::list,
    ),
    (
        "GET",
        "/app/hook/deliveries/{delivery_id}",
        "apps/get-webhook-delivery",
        deliveries::get,
    ),
    (
        "POST",
        "/app/hook/deliveries/{delivery_id}/attempts",
        "apps/redeliver-webhook-delivery",
        deliveries::redeliver,
    ),
];

/// What is not offered is a 404, and `unknown` in the log. Like GitHub, it takes POST for PATCH (octocrab edits comments so).
pub(crate) fn find(asked: &Asked) -> (&'static str, Handler) {
    let by = |method: &str| {
        let mut routes = ROUTES.iter();
        routes.find(|(offered, path, ..)| *offered == method && fits(path, &asked.segments))
    };
    let method = asked.method.as_str();
    let found = by(method).or_else(|| by("PATCH").filter(|_| method == "POST"));
    found.map_or(
        ("unknown", |_| Err(Refusal::not_found())),
        |(_, _, operation, handler)| (operation, *handler),
    )
}

fn fits(path: &str, segments: &[String]) -> bool {
    let mut wanted = path.split('/').skip(1);
    let all = segments.iter().all(|segment| {
        wanted
            .next()
            .is_some_and(|wanted| wanted.starts_with('{') || wanted == segment)
    });
    all && wanted.next().is_none()
}

/// Everything that is offered.
pub(crate) fn shown() -> Value {
    let route = |(method, path, operation, _): &Route| json!({"method": method, "path": path, "operation": operation});
    ROUTES.iter().map(route).collect()
}
