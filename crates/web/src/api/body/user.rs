//! People, roles, tokens, repositories and who may ask there, as JSON.

use app::audit::PlatformEvent;
use app::github::{Entitled, Repository as Linked};
use app::user::{ApiToken, Person};
use domain::id::TenantId;
use domain::role::Role;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person who may sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct User {
    id: Uuid,
    email: String,
    display_name: String,
    /// Since when they cannot sign in; `null`: they can.
    disabled_at: Option<Timestamp>,
    created_at: Timestamp,
    /// Counts what was changed of them; the `ETag`.
    revision: i64,
    roles: Vec<RoleAt>,
}

/// A role, and where it is held.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "role": "customer-viewer", "customer": "example" }))]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleAt {
    /// Such as `customer-approver` or `engineer`.
    #[schema(value_type = String, pattern = "^(customer-viewer|customer-requester|customer-approver|engineer|approver|account-manager|auditor|admin)$")]
    pub(crate) role: Role,
    /// The customer's name in addresses; `null`: all customers (staff only).
    #[serde(default)]
    pub(crate) customer: Option<String>,
}

/// A person to be added.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "email": "ana@example.com", "display_name": "Ana", "role": "customer-viewer", "customer": "example" }))]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// Signs in with it.
    #[schema(min_length = 3, max_length = 254)]
    pub(crate) email: String,
    /// How others see them.
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) display_name: String,
    /// Their first role.
    #[schema(value_type = String, pattern = "^(customer-viewer|customer-requester|customer-approver|engineer|approver|account-manager|auditor|admin)$")]
    pub(crate) role: Role,
    /// The customer for which they hold it; `null`: all (staff only).
    #[serde(default)]
    pub(crate) customer: Option<String>,
}

/// A person, and a password that was made for them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserWithPassword {
    user: User,
    /// Shown this once; `null`: the same request was carried out before, and showed it then.
    password: Option<String>,
}

/// An API token; its text is not kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Token {
    id: Uuid,
    name: String,
    created_at: Timestamp,
    /// `null`: it lasts until it is revoked.
    expires_at: Option<Timestamp>,
}

/// A line of the log of what concerns no customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogEvent {
    id: Uuid,
    at: Timestamp,
    actor: String,
    /// Such as `user.disabled`.
    action: String,
    subject: String,
    subject_id: Uuid,
    detail: serde_json::Value,
}

/// A repository whose issues are requests.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "repository_id": 424242, "installation_id": 42, "full_name": "example/infrastructure" }))]
#[serde(deny_unknown_fields)]
pub(crate) struct Repository {
    /// GitHub's number of it; stays when it is renamed.
    #[schema(minimum = 1)]
    pub(crate) repository_id: i64,
    /// The installation of the GitHub App that may act there.
    #[schema(minimum = 1)]
    pub(crate) installation_id: i64,
    /// `owner/name`.
    #[schema(pattern = "^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$")]
    pub(crate) full_name: String,
}

/// A GitHub account, and what it may ask for in all repositories of the customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Requester {
    /// Number of the account.
    github_user_id: i64,
    login: String,
    /// E-mail address of the person whose account it is; `null`: not known.
    person: Option<String>,
    may_request: bool,
    may_restore: bool,
    /// Whether that person may approve for the customer, which is done in the portal, never on GitHub.
    approves: bool,
    /// Counts what was said of it.
    revision: i64,
}

/// What a GitHub account may ask for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "github_user_id": 4242, "login": "ana-dev", "may_request": true, "may_restore": false }))]
#[serde(deny_unknown_fields)]
pub(crate) struct Entitlement {
    /// Number of the account.
    #[schema(minimum = 1)]
    pub(crate) github_user_id: i64,
    /// Its login.
    #[schema(pattern = "^[A-Za-z0-9_\\[\\]-]{1,100}$")]
    pub(crate) login: String,
    /// E-mail address of the person whose account it is.
    #[serde(default)]
    pub(crate) person: Option<String>,
    pub(crate) may_request: bool,
    pub(crate) may_restore: bool,
}

impl User {
    /// `customers` are the names in addresses.
    pub(crate) fn new(person: Person, customers: &HashMap<TenantId, String>) -> Self {
        let roles = person.grants.iter().map(|grant| RoleAt {
            role: grant.role,
            customer: grant
                .tenant
                .map(|tenant| customers.get(&tenant).cloned().unwrap_or_default()),
        });
        Self {
            roles: roles.collect(),
            id: person.id.0,
            email: person.email,
            display_name: person.display_name,
            disabled_at: person.disabled_at,
            created_at: person.created_at,
            revision: person.revision,
        }
    }
}

impl UserWithPassword {
    pub(crate) fn new(user: User, password: Option<SecretString>) -> Self {
        Self {
            user,
            password: password.map(|password| password.expose_secret().to_owned()),
        }
    }
}

impl From<ApiToken> for Token {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            created_at: token.created_at,
            expires_at: token.expires_at,
        }
    }
}

impl From<PlatformEvent> for LogEvent {
    fn from(event: PlatformEvent) -> Self {
        Self {
            id: event.id,
            at: event.at,
            actor: event.actor_name,
            action: event.action,
            subject: event.subject,
            subject_id: event.subject_id,
            detail: event.detail,
        }
    }
}

impl From<Linked> for Repository {
    fn from(linked: Linked) -> Self {
        Self {
            repository_id: linked.repository_id,
            installation_id: linked.installation_id,
            full_name: linked.full_name,
        }
    }
}

impl From<Entitled> for Requester {
    fn from(one: Entitled) -> Self {
        Self {
            github_user_id: one.entitlement.github_user_id,
            login: one.entitlement.login,
            person: one.email,
            may_request: one.entitlement.may_request,
            may_restore: one.entitlement.may_restore,
            approves: one.approves,
            revision: one.revision,
        }
    }
}
