//! Nouns as GitHub's JSON. The shapes are checked against GitHub's own description in `tests/github_schema.rs`.

mod app;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::permission::Permission;
use super::state::{Comment, Issue, Label, Repo, State, User, UserKind};

/// Paths below a repository's URL, by the field that holds them.
const REPO_URLS: [(&str, &str); 37] = [
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
    ("url", ""),
];

/// Paths below a user's URL, by the field that holds them.
const USER_URLS: [(&str, &str); 10] = [
    ("events_url", "/events{/privacy}"),
    ("followers_url", "/followers"),
    ("following_url", "/following{/other_user}"),
    ("gists_url", "/gists{/gist_id}"),
    ("organizations_url", "/orgs"),
    ("received_events_url", "/received_events"),
    ("repos_url", "/repos"),
    ("starred_url", "/starred{/owner}{/repo}"),
    ("subscriptions_url", "/subscriptions"),
    ("url", ""),
];

/// Writes nouns with addresses below one root.
pub(crate) struct Links {
    root: String,
}

impl Links {
    pub(crate) fn new(root: &str) -> Self {
        Self { root: root.to_owned() }
    }

    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// The address of what is below a repository, by its number.
    pub(crate) fn by_number(&self, repo: &Repo, rest: &str) -> String {
        format!("{}/repositories/{}{rest}", self.root, repo.id)
    }

    fn repo_url(&self, repo: &Repo) -> String {
        format!("{}/repos/{}", self.root, repo.full_name())
    }

    /// Pages for people are GitHub's own; nothing serves them here.
    fn html(path: &str) -> String {
        format!("https://github.com/{path}")
    }

    pub(crate) fn user(&self, user: &User) -> Value {
        let url = format!("{}/users/{}", self.root, user.login);
        let mut shown = urls(&url, &USER_URLS);
        shown.append(&mut object(json!({
            "id": user.id,
            "node_id": node("User", user.id),
            "login": user.login,
            "avatar_url": Self::html(&format!("{}.png", user.login)),
            "gravatar_id": "",
            "html_url": Self::html(&user.login),
            "type": match user.kind {
                UserKind::User => "User",
                UserKind::Bot => "Bot",
                UserKind::Organization => "Organization",
            },
            "site_admin": false,
        })));
        Value::Object(shown)
    }

    /// A user with the profile that everybody sees.
    pub(crate) fn profile(&self, user: &User) -> Value {
        let mut shown = object(self.user(user));
        for field in [
            "name",
            "company",
            "location",
            "email",
            "hireable",
            "bio",
            "twitter_username",
        ] {
            shown.insert(field.to_owned(), Value::Null);
        }
        for field in ["public_repos", "public_gists", "followers", "following"] {
            shown.insert(field.to_owned(), json!(0));
        }
        shown.append(&mut object(json!({
            "blog": "",
            "created_at": time(user.created_at),
            "updated_at": time(user.created_at),
        })));
        Value::Object(shown)
    }

    pub(crate) fn repo(&self, repo: &Repo) -> Value {
        let full_name = repo.full_name();
        let page = Self::html(&full_name);
        let mut shown = urls(&self.repo_url(repo), &REPO_URLS);
        shown.append(&mut object(json!({
            "id": repo.id,
            "node_id": node("Repository", repo.id),
            "name": repo.name,
            "full_name": full_name,
            "owner": self.user(&repo.owner),
            "private": repo.private,
            "visibility": if repo.private { "private" } else { "public" },
            "html_url": page,
            "description": null,
            "fork": false,
            "clone_url": format!("{page}.git"),
            "git_url": format!("git://github.com/{full_name}.git"),
            "ssh_url": format!("git@github.com:{full_name}.git"),
            "svn_url": page,
            "homepage": null,
            "language": null,
            "license": null,
            "mirror_url": null,
            "default_branch": "main",
            "size": 0,
            "forks": 0, "forks_count": 0, "network_count": 0,
            "stargazers_count": 0, "subscribers_count": 0, "watchers": 0, "watchers_count": 0,
            "open_issues": repo.open_issues(), "open_issues_count": repo.open_issues(),
            "has_issues": true, "has_projects": false, "has_downloads": false, "has_wiki": false, "has_pages": false, "has_discussions": false,
            "archived": repo.archived,
            "disabled": false,
            "is_template": false,
            "allow_forking": true,
            "web_commit_signoff_required": false,
            "topics": [],
        })));
        for (field, at) in [
            ("pushed_at", repo.created_at),
            ("created_at", repo.created_at),
            ("updated_at", repo.updated_at),
        ] {
            shown.insert(field.to_owned(), json!(time(at)));
        }
        Value::Object(shown)
    }

    pub(crate) fn label(&self, repo: &Repo, label: &Label) -> Value {
        json!({
            "id": label.id,
            "node_id": node("Label", label.id),
            "url": format!("{}/labels/{}", self.repo_url(repo), label.name.replace(' ', "%20")),
            "name": label.name,
            "color": label.color,
            "default": false,
            "description": label.description,
        })
    }

    pub(crate) fn issue(&self, state: &State, repo: &Repo, issue: &Issue) -> Value {
        let url = format!("{}/issues/{}", self.repo_url(repo), issue.number);
        let closed = issue.closed.as_ref();
        let reason = closed
            .map(|closed| closed.reason.as_str())
            .or(issue.reopened.then_some("reopened"));
        json!({
            "id": issue.id,
            "node_id": node("Issue", issue.id),
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "user": self.user_by_id(state, issue.user),
            "state": if closed.is_some() { "closed" } else { "open" },
            "state_reason": reason,
            "labels": issue.labels.iter().map(|label| self.label(repo, label)).collect::<Vec<_>>(),
            "assignee": null,
            "assignees": [],
            "milestone": null,
            "locked": false,
            "active_lock_reason": null,
            "comments": issue.comments.len(),
            "author_association": association(repo, issue.user),
            "performed_via_github_app": self.via_app(state, issue.user),
            "created_at": time(issue.created_at),
            "updated_at": time(issue.updated_at),
            "closed_at": closed.map(|closed| time(closed.at)),
            "closed_by": closed.map(|closed| self.user_by_id(state, closed.by)),
            "url": url,
            "repository_url": self.repo_url(repo),
            "comments_url": format!("{url}/comments"),
            "events_url": format!("{url}/events"),
            "timeline_url": format!("{url}/timeline"),
            "labels_url": format!("{url}/labels{{/name}}"),
            "html_url": Self::html(&format!("{}/issues/{}", repo.full_name(), issue.number)),
            "reactions": reactions(&url),
        })
    }

    pub(crate) fn comment(&self, state: &State, repo: &Repo, issue: u64, comment: &Comment) -> Value {
        let url = format!("{}/issues/comments/{}", self.repo_url(repo), comment.id);
        json!({
            "id": comment.id,
            "node_id": node("IssueComment", comment.id),
            "body": comment.body,
            "user": self.user_by_id(state, comment.user),
            "author_association": association(repo, comment.user),
            "performed_via_github_app": self.via_app(state, comment.user),
            "created_at": time(comment.created_at),
            "updated_at": time(comment.updated_at),
            "url": url,
            "issue_url": format!("{}/issues/{issue}", self.repo_url(repo)),
            "html_url": Self::html(&format!("{}/issues/{issue}#issuecomment-{}", repo.full_name(), comment.id)),
            "reactions": reactions(&url),
        })
    }

    pub(crate) fn user_by_id(&self, state: &State, id: u64) -> Value {
        state.users.get(&id).map_or(Value::Null, |user| self.user(user))
    }

    fn via_app(&self, state: &State, author: u64) -> Value {
        if author == state.bot {
            self.app(state)
        } else {
            Value::Null
        }
    }
}

/// `2026-11-21T11:00:00Z`: GitHub's times have no fraction.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(crate) fn node(kind: &str, id: u64) -> String {
    STANDARD.encode(format!("{kind}:{id}"))
}

fn association(repo: &Repo, author: u64) -> &'static str {
    match repo.permission(author) {
        Permission::Admin if repo.owner.id == author => "OWNER",
        permission if permission > Permission::Read => "COLLABORATOR",
        _ => "NONE",
    }
}

fn reactions(url: &str) -> Value {
    json!({
        "url": format!("{url}/reactions"), "total_count": 0,
        "+1": 0, "-1": 0, "laugh": 0, "confused": 0, "heart": 0, "hooray": 0, "rocket": 0, "eyes": 0,
    })
}

fn urls(base: &str, paths: &[(&str, &str)]) -> Map<String, Value> {
    paths
        .iter()
        .map(|(field, path)| ((*field).to_owned(), json!(format!("{base}{path}"))))
        .collect()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
