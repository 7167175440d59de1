//! Every route of the portal's own table against every kind of caller. A route without a row here fails the tests.

use std::collections::BTreeMap;

use app::authz::{Action, allows};
use domain::contract::{ApprovalRule, Contract, ContractSummary, Draft, ServiceLevel};
use domain::role::Role;
use serde_json::{Value, json};
use sqlx::Executor as _;
use testkit::server::{Answer, Api, Browser};
use uuid::Uuid;
use web::{Auth, ROUTES, RouteSpec};

use super::{CONTACT, DOCUMENT, NOT_FOR_PROD_PG, Scene, new_change};
use crate::samples::connect;

/// What a role must allow; any one of several will do.
type Needs = &'static [Action];

const READ: Needs = &[Action::Read];
const ASK: Needs = &[Action::RequestChange];
const EDIT: Needs = &[Action::EditInventory];
const DECIDE: Needs = &[Action::ApproveForCustomer, Action::ApproveTightening];
const ASK_RESTORE: Needs = &[Action::RequestRestore];
const DECIDE_RESTORE: Needs = &[Action::ApproveRestore];
const VERIFY: Needs = &[Action::VerifyRestore];
const ASK_HOLD: Needs = &[Action::AskHold];
const RELEASE_HOLD: Needs = &[Action::ReleaseHold];
const POLICIES: Needs = &[Action::ManagePolicies];
const AUDIT: Needs = &[Action::ReadAudit];
const IMPORT: Needs = &[Action::ImportInventory];
const CONFIRM: Needs = &[Action::ApproveForCustomer];
const CONFIRM_END: Needs = &[Action::ApproveForCustomer, Action::ApproveWeakening];
const RETENTION: Needs = &[Action::ReadRetention];
const MANAGE: Needs = &[Action::ManageContract];
const SIGN: Needs = &[Action::Acknowledge];
const HAND_OVER: Needs = &[Action::HandOver];
const ADMINISTER: Needs = &[Action::Administer];
const LOG: Needs = &[Action::ReadPlatformAudit];

/// GitHub's number of acme's repository.
const REPOSITORY: i64 = 5000;

/// What is posted.
#[derive(Clone, Copy)]
enum Sends {
    Nothing,
    /// After the path of what is read.
    Query(&'static str),
    /// A digest that no plan has: whoever may decide is told so, and nothing is decided.
    Digest,
    Reason,
    Change,
    Restore,
    Hold,
    Policy,
    /// Facts that stand already.
    Facts,
    /// An out-decision that does not stand.
    Attestation,
    /// The contract as it is: nothing changes.
    Contract,
    Contact,
    Signature,
    Agreed,
    /// The contact's name.
    Name,
    /// A form that is carried out once, and has no answers.
    Once,
    Person,
    Role,
    /// The e-mail address of the person, typed.
    Email,
    Repository,
    /// The name of the repository, typed.
    RepositoryName,
    /// The number of the account, typed.
    AccountNumber,
    Entitlement,
    /// A reason, a last day, and the customer's name, typed.
    Stop,
    /// The same to the API, which takes a reason only …
    StopReason,
    /// … or a last day as well.
    StopDay,
    /// A customer, under a name that nobody has.
    Customer,
    /// A document that is to be shown.
    Document,
    /// The document of the scene's import, so that there is nothing to do.
    SameDocument,
    /// A wish that fits no component of it: none is asked for.
    Bulk,
    /// No plan of a bulk change.
    NoPlans,
    /// The end of a component.
    End,
    /// A typed name.
    Confirm,
}

/// One row for each route behind a door: what the caller's role must allow, and what is sent. Those that end
/// something come last.
const CASES: &[(&str, &str, Needs, Sends)] = &[
    ("GET", "/", READ, Sends::Nothing),
    ("GET", "/approvals", READ, Sends::Nothing),
    ("GET", "/retention", RETENTION, Sends::Nothing),
    ("GET", "/expiring", RETENTION, Sends::Nothing),
    ("GET", "/settings", READ, Sends::Nothing),
    ("GET", "/schedule", READ, Sends::Nothing),
    ("GET", "/settings/policies", READ, Sends::Nothing),
    ("GET", "/settings/policies/new", POLICIES, Sends::Nothing),
    ("POST", "/settings/policies/new", POLICIES, Sends::Policy),
    ("GET", "/settings/policies/{policy}", READ, Sends::Nothing),
    ("POST", "/settings/policies/{policy}", POLICIES, Sends::Policy),
    ("GET", "/api/v1/policies", READ, Sends::Nothing),
    ("POST", "/api/v1/policies", POLICIES, Sends::Policy),
    ("GET", "/api/v1/policies/{policy}", READ, Sends::Nothing),
    ("PUT", "/api/v1/policies/{policy}", POLICIES, Sends::Policy),
    ("GET", "/api/v1/presets", READ, Sends::Nothing),
    ("GET", "/customers", READ, Sends::Nothing),
    ("GET", "/customers/{slug}", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/events", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/scope", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/scope/versions", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/scope/versions/{number}", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/decisions", READ, Sends::Nothing),
    (
        "POST",
        "/customers/{slug}/decisions/attest",
        CONFIRM,
        Sends::Attestation,
    ),
    ("GET", "/customers/{slug}/components", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/components/{id}", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/components/{id}/facts", EDIT, Sends::Nothing),
    ("POST", "/customers/{slug}/components/{id}/facts", EDIT, Sends::Facts),
    ("GET", "/customers/{slug}/recovery-points", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/holds", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/holds/new", ASK_HOLD, Sends::Nothing),
    ("POST", "/customers/{slug}/holds/new", ASK_HOLD, Sends::Hold),
    ("GET", "/customers/{slug}/holds/{number}", READ, Sends::Nothing),
    (
        "GET",
        "/api/v1/customers/{slug}/recovery-point-holds",
        READ,
        Sends::Nothing,
    ),
    (
        "POST",
        "/api/v1/customers/{slug}/recovery-point-holds",
        ASK_HOLD,
        Sends::Hold,
    ),
    ("GET", "/api/v1/recovery-point-holds/{id}", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/accounts", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/service", READ, Sends::Nothing),
    (
        "POST",
        "/customers/{slug}/service/responsibilities",
        MANAGE,
        Sends::Agreed,
    ),
    ("GET", "/customers/{slug}/contract", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/contract/edit", MANAGE, Sends::Nothing),
    ("POST", "/customers/{slug}/contract/edit", MANAGE, Sends::Contract),
    ("GET", "/customers/{slug}/contacts/new", MANAGE, Sends::Nothing),
    ("POST", "/customers/{slug}/contacts/new", MANAGE, Sends::Contact),
    ("GET", "/customers/{slug}/contacts/{id}", MANAGE, Sends::Nothing),
    ("POST", "/customers/{slug}/contacts/{id}", MANAGE, Sends::Contact),
    ("POST", "/customers/{slug}/acknowledgements", SIGN, Sends::Signature),
    ("GET", "/customers/{slug}/audit", AUDIT, Sends::Nothing),
    ("GET", "/customers/{slug}/changes", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/changes/new", ASK, Sends::Nothing),
    ("POST", "/customers/{slug}/changes/new", ASK, Sends::Change),
    ("GET", "/customers/{slug}/changes/{number}", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/restores", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/restores/new", ASK_RESTORE, Sends::Nothing),
    ("POST", "/customers/{slug}/restores/new", ASK_RESTORE, Sends::Restore),
    ("GET", "/customers/{slug}/restores/{number}", READ, Sends::Nothing),
    ("GET", "/customers/new", ADMINISTER, Sends::Nothing),
    ("POST", "/customers/new", ADMINISTER, Sends::Customer),
    ("GET", "/customers/{slug}/changes/bulk", ASK, Sends::Nothing),
    ("POST", "/customers/{slug}/changes/bulk", ASK, Sends::Bulk),
    ("GET", "/customers/{slug}/changes/bulk/{number}", READ, Sends::Nothing),
    ("GET", "/customers/{slug}/bulk-changes", READ, Sends::Nothing),
    (
        "POST",
        "/customers/{slug}/changes/bulk/{number}/approve",
        DECIDE,
        Sends::NoPlans,
    ),
    ("GET", "/customers/{slug}/imports", READ, Sends::Nothing),
    ("POST", "/customers/{slug}/imports", IMPORT, Sends::Document),
    ("GET", "/customers/{slug}/imports/{number}", READ, Sends::Nothing),
    (
        "GET",
        "/customers/{slug}/imports/{number}/document",
        READ,
        Sends::Nothing,
    ),
    ("GET", "/customers/{slug}/decommissions", READ, Sends::Nothing),
    (
        "GET",
        "/customers/{slug}/components/{id}/decommission",
        READ,
        Sends::Nothing,
    ),
    (
        "POST",
        "/customers/{slug}/components/{id}/decommission",
        ASK,
        Sends::End,
    ),
    (
        "POST",
        "/customers/{slug}/components/{id}/decommission/confirm",
        CONFIRM_END,
        Sends::Confirm,
    ),
    (
        "POST",
        "/customers/{slug}/components/{id}/decommission/withdraw",
        ASK,
        Sends::Nothing,
    ),
    ("POST", "/api/v1/customers", ADMINISTER, Sends::Customer),
    ("POST", "/api/v1/customers/{slug}/bulk-changes", ASK, Sends::Bulk),
    (
        "GET",
        "/api/v1/customers/{slug}/bulk-changes/{number}",
        READ,
        Sends::Nothing,
    ),
    (
        "POST",
        "/api/v1/customers/{slug}/bulk-changes/{number}/approve",
        DECIDE,
        Sends::NoPlans,
    ),
    ("GET", "/api/v1/customers/{slug}/imports", READ, Sends::Nothing),
    ("POST", "/api/v1/customers/{slug}/imports", IMPORT, Sends::SameDocument),
    ("GET", "/api/v1/customers/{slug}/imports/{number}", READ, Sends::Nothing),
    (
        "GET",
        "/api/v1/customers/{slug}/components/{id}/decommission",
        READ,
        Sends::Nothing,
    ),
    (
        "POST",
        "/api/v1/customers/{slug}/components/{id}/decommission",
        ASK,
        Sends::End,
    ),
    (
        "POST",
        "/api/v1/customers/{slug}/components/{id}/decommission/confirm",
        CONFIRM_END,
        Sends::Confirm,
    ),
    (
        "POST",
        "/api/v1/customers/{slug}/components/{id}/decommission/withdraw",
        ASK,
        Sends::Nothing,
    ),
    ("GET", "/api/v1/expiring", RETENTION, Sends::Nothing),
    ("GET", "/api/v1/retention", RETENTION, Sends::Nothing),
    ("GET", "/api/v1/customers/{slug}/bulk-changes", READ, Sends::Nothing),
    ("GET", "/api/v1/customers/{slug}/decommissions", READ, Sends::Nothing),
    (
        "GET",
        "/api/v1/customers/{slug}/imports/{number}/document",
        READ,
        Sends::Nothing,
    ),
    ("GET", "/api/v1/customers", READ, Sends::Nothing),
    ("GET", "/api/v1/customers/{slug}", READ, Sends::Nothing),
    ("GET", "/api/v1/customers/{slug}/contract", READ, Sends::Nothing),
    ("PUT", "/api/v1/customers/{slug}/contract", MANAGE, Sends::Contract),
    (
        "GET",
        "/api/v1/customers/{slug}/contract-versions",
        READ,
        Sends::Nothing,
    ),
    ("GET", "/api/v1/customers/{slug}/contacts", READ, Sends::Nothing),
    ("POST", "/api/v1/customers/{slug}/contacts", MANAGE, Sends::Contact),
    ("GET", "/api/v1/customers/{slug}/contacts/{id}", READ, Sends::Nothing),
    ("PUT", "/api/v1/customers/{slug}/contacts/{id}", MANAGE, Sends::Contact),
    ("GET", "/api/v1/customers/{slug}/acknowledgements", READ, Sends::Nothing),
    (
        "POST",
        "/api/v1/customers/{slug}/acknowledgements",
        SIGN,
        Sends::Signature,
    ),
    ("GET", "/api/v1/customers/{slug}/service", READ, Sends::Nothing),
    (
        "PUT",
        "/api/v1/customers/{slug}/responsibilities/{duty}",
        MANAGE,
        Sends::Agreed,
    ),
    ("GET", "/api/v1/customers/{slug}/accounts", READ, Sends::Nothing),
    ("GET", "/api/v1/customers/{slug}/audit", AUDIT, Sends::Nothing),
    ("GET", "/api/v1/schedule", READ, Sends::Query("text=daily")),
    ("GET", "/api/v1/customers/{slug}/sow", READ, Sends::Nothing),
    ("GET", "/api/v1/customers/{slug}/sow-versions", READ, Sends::Nothing),
    (
        "GET",
        "/api/v1/customers/{slug}/sow-versions/{number}",
        READ,
        Sends::Nothing,
    ),
    ("GET", "/api/v1/customers/{slug}/decisions", READ, Sends::Nothing),
    (
        "POST",
        "/api/v1/customers/{slug}/decisions/{component}/attest",
        CONFIRM,
        Sends::Attestation,
    ),
    ("GET", "/api/v1/customers/{slug}/components", READ, Sends::Nothing),
    ("GET", "/api/v1/customers/{slug}/components/{id}", READ, Sends::Nothing),
    ("PATCH", "/api/v1/customers/{slug}/components/{id}", EDIT, Sends::Facts),
    ("GET", "/api/v1/customers/{slug}/change-requests", READ, Sends::Nothing),
    ("POST", "/api/v1/customers/{slug}/change-requests", ASK, Sends::Change),
    ("GET", "/api/v1/customers/{slug}/recovery-points", READ, Sends::Nothing),
    ("GET", "/api/v1/customers/{slug}/restore-requests", READ, Sends::Nothing),
    (
        "POST",
        "/api/v1/customers/{slug}/restore-requests",
        ASK_RESTORE,
        Sends::Restore,
    ),
    ("GET", "/api/v1/change-requests/{id}", READ, Sends::Nothing),
    ("GET", "/api/v1/change-requests/{id}/plan", READ, Sends::Nothing),
    ("GET", "/api/v1/restore-requests/{id}", READ, Sends::Nothing),
    ("POST", "/api/v1/change-requests/{id}/approve", DECIDE, Sends::Digest),
    (
        "POST",
        "/api/v1/restore-requests/{id}/approve",
        DECIDE_RESTORE,
        Sends::Digest,
    ),
    ("POST", "/api/v1/restore-requests/{id}/verify", VERIFY, Sends::Nothing),
    (
        "POST",
        "/customers/{slug}/changes/{number}/approve",
        DECIDE,
        Sends::Digest,
    ),
    (
        "POST",
        "/customers/{slug}/changes/{number}/plan-again",
        ASK,
        Sends::Nothing,
    ),
    (
        "POST",
        "/customers/{slug}/restores/{number}/approve",
        DECIDE_RESTORE,
        Sends::Digest,
    ),
    (
        "POST",
        "/customers/{slug}/restores/{number}/verify",
        VERIFY,
        Sends::Nothing,
    ),
    ("POST", "/api/v1/restore-requests/{id}/dispute", VERIFY, Sends::Reason),
    (
        "POST",
        "/customers/{slug}/restores/{number}/dispute",
        VERIFY,
        Sends::Reason,
    ),
    ("POST", "/api/v1/change-requests/{id}/reject", DECIDE, Sends::Reason),
    ("POST", "/api/v1/change-requests/{id}/withdraw", ASK, Sends::Nothing),
    (
        "POST",
        "/api/v1/restore-requests/{id}/reject",
        DECIDE_RESTORE,
        Sends::Reason,
    ),
    (
        "POST",
        "/api/v1/restore-requests/{id}/cancel",
        ASK_RESTORE,
        Sends::Nothing,
    ),
    (
        "POST",
        "/customers/{slug}/changes/{number}/reject",
        DECIDE,
        Sends::Reason,
    ),
    (
        "POST",
        "/customers/{slug}/changes/{number}/withdraw",
        ASK,
        Sends::Nothing,
    ),
    (
        "POST",
        "/customers/{slug}/restores/{number}/reject",
        DECIDE_RESTORE,
        Sends::Reason,
    ),
    (
        "POST",
        "/customers/{slug}/restores/{number}/cancel",
        ASK_RESTORE,
        Sends::Nothing,
    ),
    (
        "POST",
        "/api/v1/recovery-point-holds/{id}/ask-release",
        ASK_HOLD,
        Sends::Reason,
    ),
    (
        "POST",
        "/api/v1/recovery-point-holds/{id}/keep",
        ASK_HOLD,
        Sends::Nothing,
    ),
    (
        "POST",
        "/api/v1/customers/{slug}/acknowledgements/{id}/withdraw",
        SIGN,
        Sends::Nothing,
    ),
    (
        "POST",
        "/customers/{slug}/holds/{number}/ask-release",
        ASK_HOLD,
        Sends::Reason,
    ),
    (
        "POST",
        "/customers/{slug}/holds/{number}/keep",
        ASK_HOLD,
        Sends::Nothing,
    ),
    (
        "POST",
        "/customers/{slug}/holds/{number}/release",
        RELEASE_HOLD,
        Sends::Nothing,
    ),
    (
        "POST",
        "/api/v1/recovery-point-holds/{id}/release",
        RELEASE_HOLD,
        Sends::Nothing,
    ),
    ("POST", "/settings/policies/{policy}/retire", POLICIES, Sends::Nothing),
    ("POST", "/api/v1/policies/{policy}/retire", POLICIES, Sends::Nothing),
    (
        "POST",
        "/customers/{slug}/acknowledgements/{id}/withdraw",
        SIGN,
        Sends::Once,
    ),
    (
        "DELETE",
        "/api/v1/customers/{slug}/contacts/{id}",
        MANAGE,
        Sends::Nothing,
    ),
    ("POST", "/customers/{slug}/contacts/{id}/remove", MANAGE, Sends::Name),
];

/// Those of administrators, and what the customer gets at the end. Each undoes what the one before did, where it can.
const ADMIN_CASES: &[(&str, &str, Needs, Sends)] = &[
    ("GET", "/settings/people", ADMINISTER, Sends::Nothing),
    ("GET", "/settings/people/new", ADMINISTER, Sends::Nothing),
    ("POST", "/settings/people/new", ADMINISTER, Sends::Person),
    ("GET", "/settings/people/{user}", ADMINISTER, Sends::Nothing),
    ("POST", "/settings/people/{user}/roles", ADMINISTER, Sends::Role),
    ("POST", "/settings/people/{user}/roles/revoke", ADMINISTER, Sends::Role),
    (
        "POST",
        "/settings/people/{user}/tokens/{token}/revoke",
        ADMINISTER,
        Sends::Nothing,
    ),
    (
        "POST",
        "/settings/people/{user}/reset-password",
        ADMINISTER,
        Sends::Once,
    ),
    ("POST", "/settings/people/{user}/disable", ADMINISTER, Sends::Email),
    ("POST", "/settings/people/{user}/enable", ADMINISTER, Sends::Once),
    ("GET", "/settings/repositories", ADMINISTER, Sends::Nothing),
    ("GET", "/settings/audit", LOG, Sends::Nothing),
    ("GET", "/api/v1/users", ADMINISTER, Sends::Nothing),
    ("POST", "/api/v1/users", ADMINISTER, Sends::Person),
    ("GET", "/api/v1/users/{user}", ADMINISTER, Sends::Nothing),
    ("POST", "/api/v1/users/{user}/roles", ADMINISTER, Sends::Role),
    ("POST", "/api/v1/users/{user}/roles/revoke", ADMINISTER, Sends::Role),
    ("GET", "/api/v1/users/{user}/tokens", ADMINISTER, Sends::Nothing),
    (
        "POST",
        "/api/v1/users/{user}/tokens/{token}/revoke",
        ADMINISTER,
        Sends::Nothing,
    ),
    (
        "POST",
        "/api/v1/users/{user}/reset-password",
        ADMINISTER,
        Sends::Nothing,
    ),
    ("POST", "/api/v1/users/{user}/disable", ADMINISTER, Sends::Nothing),
    ("POST", "/api/v1/users/{user}/enable", ADMINISTER, Sends::Nothing),
    ("GET", "/api/v1/audit", LOG, Sends::Nothing),
    ("GET", "/customers/{slug}/repositories", ADMINISTER, Sends::Nothing),
    (
        "POST",
        "/customers/{slug}/repositories/people",
        ADMINISTER,
        Sends::Entitlement,
    ),
    (
        "GET",
        "/api/v1/customers/{slug}/repositories",
        ADMINISTER,
        Sends::Nothing,
    ),
    (
        "GET",
        "/api/v1/customers/{slug}/repositories/{repository}/people",
        ADMINISTER,
        Sends::Nothing,
    ),
    (
        "POST",
        "/api/v1/customers/{slug}/repositories/{repository}/people",
        ADMINISTER,
        Sends::Entitlement,
    ),
    (
        "POST",
        "/customers/{slug}/repositories/{repository}/unlink",
        ADMINISTER,
        Sends::RepositoryName,
    ),
    ("POST", "/customers/{slug}/repositories", ADMINISTER, Sends::Repository),
    (
        "POST",
        "/api/v1/customers/{slug}/repositories/{repository}/unlink",
        ADMINISTER,
        Sends::Nothing,
    ),
    (
        "POST",
        "/api/v1/customers/{slug}/repositories",
        ADMINISTER,
        Sends::Repository,
    ),
    ("GET", "/customers/{slug}/hand-over", HAND_OVER, Sends::Nothing),
    ("POST", "/customers/{slug}/hand-over/exports", HAND_OVER, Sends::Once),
    (
        "GET",
        "/customers/{slug}/exports/{export}/content",
        HAND_OVER,
        Sends::Nothing,
    ),
    ("GET", "/api/v1/customers/{slug}/remaining", HAND_OVER, Sends::Nothing),
    ("GET", "/api/v1/customers/{slug}/exports", HAND_OVER, Sends::Nothing),
    ("POST", "/api/v1/customers/{slug}/exports", HAND_OVER, Sends::Nothing),
    (
        "GET",
        "/api/v1/customers/{slug}/exports/{export}",
        HAND_OVER,
        Sends::Nothing,
    ),
    (
        "GET",
        "/api/v1/customers/{slug}/exports/{export}/content",
        HAND_OVER,
        Sends::Nothing,
    ),
    ("GET", "/api/v1/customers/{slug}/lifecycle", READ, Sends::Nothing),
    ("POST", "/customers/{slug}/hand-over/suspend", ADMINISTER, Sends::Stop),
    ("POST", "/customers/{slug}/hand-over/resume", ADMINISTER, Sends::Once),
    (
        "POST",
        "/api/v1/customers/{slug}/suspend",
        ADMINISTER,
        Sends::StopReason,
    ),
    ("POST", "/api/v1/customers/{slug}/resume", ADMINISTER, Sends::Nothing),
    ("POST", "/customers/{slug}/hand-over/announce", ADMINISTER, Sends::Stop),
    ("POST", "/customers/{slug}/hand-over/keep", ADMINISTER, Sends::Once),
    (
        "POST",
        "/api/v1/customers/{slug}/offboarding",
        ADMINISTER,
        Sends::StopDay,
    ),
    ("POST", "/customers/{slug}/hand-over/end", ADMINISTER, Sends::Stop),
    (
        "POST",
        "/api/v1/customers/{slug}/offboarding/complete",
        ADMINISTER,
        Sends::Nothing,
    ),
    (
        "POST",
        "/api/v1/customers/{slug}/offboarding/cancel",
        ADMINISTER,
        Sends::Nothing,
    ),
    (
        "POST",
        "/customers/{slug}/hand-over/accounts/{account}/unlink",
        ADMINISTER,
        Sends::AccountNumber,
    ),
    (
        "POST",
        "/api/v1/customers/{slug}/accounts/{account}/unlink",
        ADMINISTER,
        Sends::Nothing,
    ),
];

/// All of them.
fn all_cases() -> impl Iterator<Item = &'static (&'static str, &'static str, Needs, Sends)> {
    CASES.iter().chain(ADMIN_CASES)
}

/// A call of one route.
pub(crate) struct Case {
    pub(super) route: &'static RouteSpec,
    needs: Needs,
    sends: Sends,
}

impl Case {
    /// Such as `GET /api/v1/customers`.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.route.method, self.route.path)
    }

    /// Whether it names a customer, or something that only its people and the provider's may see.
    pub(crate) fn is_of_a_customer(&self) -> bool {
        self.route.path.contains("{slug}") || self.route.path.contains("{id}")
    }

    /// Whether it is for programs.
    pub(crate) fn is_api(&self) -> bool {
        self.route.auth == Auth::Bearer
    }

    /// Whether people of that role may call it.
    pub(crate) fn is_allowed(&self, role: Role) -> bool {
        self.needs.iter().any(|action| allows(role, *action))
    }
}

/// The cases in their order, each with its route.
///
/// # Panics
/// When a route behind a door has no case, or a case has no route.
pub(crate) fn cases() -> Vec<Case> {
    let behind_a_door = |route: &&RouteSpec| matches!(route.auth, Auth::SignedIn | Auth::Bearer);
    for route in ROUTES.iter().filter(behind_a_door) {
        let known = |case: &&(&str, &str, _, _)| (case.0, case.1) == (route.method, route.path);
        assert_eq!(all_cases().filter(known).count(), 1, "a case for {route:?}");
    }
    let case = |&(method, path, needs, sends): &(_, _, _, _)| {
        let mut routes = ROUTES.iter().filter(behind_a_door);
        let route = routes.find(|route| (route.method, route.path) == (method, path));
        let route = route.unwrap_or_else(|| panic!("there is no {method} {path}"));
        Case { route, needs, sends }
    };
    all_cases().map(case).collect()
}

/// What the path of a case names.
pub(super) struct Names<'a> {
    pub(super) slug: &'a str,
    pub(super) change: (i32, Uuid),
    pub(super) restore: (i32, Uuid),
    pub(super) hold: (i32, Uuid),
    pub(super) policy: Uuid,
    pub(super) component: Uuid,
    pub(super) version: i32,
    /// One for a program to remove, one for a person.
    pub(super) contacts: [Uuid; 2],
    pub(super) acknowledgement: Uuid,
    pub(super) export: Uuid,
    pub(super) account: String,
    pub(super) repository: i64,
    pub(super) user: (Uuid, String, [Uuid; 2]),
    /// A component whose end was asked for.
    pub(super) ending: Uuid,
}

impl Names<'_> {
    /// What is there at acme.
    pub(super) fn of(scene: &Scene) -> Names<'static> {
        Names {
            slug: "acme",
            change: (2, scene.change),
            restore: (1, scene.restore),
            hold: (1, scene.hold),
            policy: scene.policy,
            component: scene.t.acme().prod_pg.id.0,
            version: 1,
            contacts: scene.contacts,
            acknowledgement: scene.acknowledgement,
            export: scene.export,
            account: scene.t.acme().account.account.to_string(),
            repository: REPOSITORY,
            user: (scene.managed.id, scene.managed.email.clone(), scene.managed.tokens),
            ending: scene.ending,
        }
    }

    fn path(&self, template: &str) -> String {
        let (number, id) = match template {
            _ if template.contains("imports") || template.contains("bulk") => (1, Uuid::nil()),
            _ if template.contains("decommission") => (1, self.ending),
            _ if template.contains("versions") || template.contains("components") => (self.version, self.component),
            _ if template.contains("restore") => self.restore,
            _ if template.contains("hold") => self.hold,
            _ if template.contains("acknowledgements") => (0, self.acknowledgement),
            _ if template.contains("contacts") => (0, self.contacts[usize::from(!template.starts_with("/api"))]),
            _ => self.change,
        };
        let token = self.user.2[usize::from(template.starts_with("/api"))];
        template
            .replace("{duty}", "check-calendar")
            .replace("{user}", &self.user.0.to_string())
            .replace("{token}", &token.to_string())
            .replace("{export}", &self.export.to_string())
            .replace("{account}", &self.account)
            .replace("{repository}", &self.repository.to_string())
            .replace("{slug}", self.slug)
            .replace("{component}", &self.component.to_string())
            .replace("{number}", &number.to_string())
            .replace("{id}", &id.to_string())
            .replace("{policy}", &self.policy.to_string())
    }
}

/// Somebody, at both doors.
pub(super) struct Caller {
    pub(super) browser: Browser,
    pub(super) api: Api,
}

impl Caller {
    pub(super) async fn with_role(scene: &Scene, role: Role, customer: &testkit::Customer) -> Self {
        Self {
            browser: scene.portal.signed_in(role, customer).await,
            api: scene.api(role, customer),
        }
    }

    /// Makes the call of a case, and looks at what every answer has to have.
    pub(super) async fn call(&self, case: &Case, names: &Names<'_>) -> Answer {
        let mut path = names.path(case.route.path);
        if let Sends::Query(query) = case.sends {
            path = format!("{path}?{query}");
        }
        let answer = match (case.route.path.strip_prefix("/api/v1"), case.route.method) {
            (None, "GET") => self.browser.get(&path).await,
            (None, _) => self.post_form(&path, case.sends, names).await,
            (Some(_), "GET") => self.api.get(&path["/api/v1".len()..]).await,
            (Some(_), "PUT") => {
                let body = json(case.sends, names);
                self.api.put(&path["/api/v1".len()..], &body, &[]).await
            }
            (Some(_), "DELETE") => self.api.delete(&path["/api/v1".len()..]).await,
            (Some(_), "PATCH") => {
                let body = json(case.sends, names);
                self.api.patch(&path["/api/v1".len()..], &body, &[]).await
            }
            (Some(_), _) => self.api.post(&path["/api/v1".len()..], &json(case.sends, names)).await,
        };
        assert_safe(case.route, &answer);
        answer
    }

    async fn post_form(&self, path: &str, sends: Sends, names: &Names<'_>) -> Answer {
        let body = json(sends, names);
        let once = Uuid::new_v4().to_string();
        let from = format!("{}/last", names.component);
        let decision = format!("{}/{}", names.component, Uuid::nil());
        let (repository, account) = (names.repository.to_string(), number().to_string());
        let component = names.component.to_string();
        let mut contract = standing_contract().answers();
        contract.insert("version".to_owned(), "1".to_owned());
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        let form: Vec<(&str, &str)> = match sends {
            Sends::Nothing | Sends::Query(_) => vec![],
            Sends::Contract => contract
                .iter()
                .map(|(field, answer)| (field.as_str(), answer.as_str()))
                .collect(),
            Sends::Contact => {
                let revision = (!path.ends_with("/new")).then_some(("revision", "1"));
                let card = [
                    ("once", once.as_str()),
                    ("name", CONTACT),
                    ("email", "ana@customer.test"),
                    ("role", "Platform lead"),
                ];
                card.into_iter().chain(revision).collect()
            }
            Sends::Signature => vec![("once", once.as_str()), ("kind", "terms"), ("text_version", "2026-01")],
            Sends::Agreed => vec![
                ("duty", "check-calendar"),
                ("responsible", "provider"),
                ("reason", "x"),
                ("revision", "0"),
            ],
            Sends::Name => vec![("confirm", CONTACT)],
            Sends::Digest => vec![("plan_digest", text("plan_digest"))],
            Sends::Reason => vec![("reason", text("reason"))],
            Sends::Change => {
                let fields = body["fields"].as_object().unwrap();
                let fields = fields
                    .iter()
                    .map(|(id, answer)| (id.as_str(), answer.as_str().unwrap()));
                fields.chain([("once", once.as_str())]).collect()
            }
            Sends::Customer | Sends::End => {
                let fields = body.as_object().unwrap();
                let fields = fields
                    .iter()
                    .map(|(id, answer)| (id.as_str(), answer.as_str().unwrap()));
                fields.chain([("once", once.as_str())]).collect()
            }
            Sends::Document | Sends::SameDocument => vec![
                ("once", &once),
                ("document", text("document")),
                ("signed_by", "Ana"),
                ("signed_on", "2026-01-05"),
                ("step", "show"),
            ],
            Sends::Bulk => {
                let fields = body["fields"].as_object().unwrap();
                let fields = fields
                    .iter()
                    .map(|(id, answer)| (id.as_str(), answer.as_str().unwrap()));
                let chosen = [("once", once.as_str()), ("components", component.as_str())];
                fields.chain(chosen).collect()
            }
            Sends::NoPlans => vec![],
            Sends::Confirm => vec![("confirm", text("confirm"))],
            Sends::Restore => vec![
                ("once", &once),
                ("from", &from),
                ("urgency", "critical"),
                ("reason", "x"),
            ],
            Sends::Hold => vec![
                ("once", &once),
                ("component", "prod-pg"),
                ("environment", "production"),
                ("reason", "x"),
            ],
            Sends::Policy => vec![
                ("once", &once),
                ("name", text("name")),
                ("retention", "35 days"),
                ("frequency", "Daily"),
            ],
            Sends::Facts => vec![("revision", "1"), ("engine", text("engine"))],
            Sends::Attestation => vec![("once", &once), ("only", &decision)],
            Sends::Once if path.ends_with("/exports") || path.contains("acknowledgements") => vec![("once", &once)],
            Sends::Once | Sends::StopReason | Sends::StopDay => vec![],
            Sends::Person => vec![
                ("once", &once),
                ("email", text("email")),
                ("display_name", "x"),
                ("role", "customer-viewer"),
                ("customer", "globex"),
            ],
            Sends::Role => vec![("role", "customer-approver"), ("customer", "globex")],
            Sends::Email => vec![("confirm", &names.user.1)],
            Sends::RepositoryName => vec![("confirm", "acme/platform")],
            Sends::AccountNumber => vec![("confirm", &names.account)],
            Sends::Repository => vec![
                ("once", &once),
                ("full_name", "acme/platform"),
                ("repository_id", &repository),
                ("installation_id", "7000"),
            ],
            Sends::Entitlement => vec![
                ("once", &once),
                ("login", "somebody"),
                ("github_user_id", &account),
                ("may_request", "on"),
            ],
            Sends::Stop => vec![("confirm", names.slug), ("reason", "x"), ("last_day", "2030-01-31")],
        };
        self.browser.post(path, &form).await
    }
}

fn json(sends: Sends, names: &Names<'_>) -> Value {
    match sends {
        Sends::Nothing | Sends::Query(_) => Value::Null,
        Sends::Digest => json!({ "plan_digest": "0".repeat(64) }),
        Sends::Reason => json!({ "reason": "not now" }),
        Sends::Change => new_change(&[]),
        Sends::Restore | Sends::Hold => json!({ "component_id": names.component, "reason": "x" }),
        Sends::Policy => {
            let fields = json!({ "retention": "35 days", "frequency": "Daily" });
            json!({ "name": Uuid::new_v4(), "fields": fields })
        }
        Sends::Customer => json!({
            "slug": format!("c-{}", Uuid::new_v4().simple().to_string().split_at(12).0), "name": "A customer", "service_level": "baseline",
            "approval_rule": "both", "terms_version": "2026-01", "time_zone": "Europe/Brussels",
        }),
        Sends::Document => json!({
            "format": "csv", "document": DOCUMENT, "signed_by": ["Ana"], "signed_on": "2026-01-05", "digest": "0".repeat(64),
        }),
        // Without `old-pg`, which somebody may have ended meanwhile.
        Sends::SameDocument => json!({
            "format": "csv", "document": DOCUMENT.replace("old-pg,staging,self-managed-database\n", ""), "signed_by": ["Ana"], "signed_on": "2026-01-05", "digest": "0".repeat(64),
        }),
        Sends::Bulk => {
            json!({ "components": [names.component], "fields": NOT_FOR_PROD_PG.into_iter().collect::<BTreeMap<_, _>>() })
        }
        Sends::NoPlans => json!({ "approvals": [] }),
        Sends::End => json!({ "reason": "gone", "final_backup": "none", "recovery_points": "expire" }),
        Sends::Confirm => json!({ "confirm": "old-pg" }),
        Sends::Facts => json!({ "engine": "PostgreSQL 16" }),
        Sends::Attestation => json!({ "scope_item_id": Uuid::nil() }),
        Sends::Contract => json!({ "agreement": Draft::from(&standing_contract()) }),
        Sends::Contact => json!({ "name": CONTACT, "email": "ana@customer.test", "role": "platform-lead" }),
        Sends::Signature => json!({ "kind": "terms", "text_version": "2026-01" }),
        Sends::Agreed => json!({ "responsible": "provider", "reason": "x" }),
        Sends::Name => json!({ "confirm": CONTACT }),
        Sends::Once | Sends::Email | Sends::Stop | Sends::RepositoryName | Sends::AccountNumber => Value::Null,
        Sends::Person => {
            let email = format!("{}@customer.test", Uuid::new_v4().simple());
            json!({ "email": email, "display_name": "x", "role": "customer-viewer", "customer": "globex" })
        }
        Sends::Role => json!({ "role": "customer-approver", "customer": "globex" }),
        Sends::Repository => {
            json!({ "repository_id": names.repository, "installation_id": 7000, "full_name": "acme/platform" })
        }
        Sends::Entitlement => {
            json!({ "github_user_id": number(), "login": "somebody", "may_request": true, "may_restore": false })
        }
        Sends::StopReason => json!({ "reason": "x" }),
        Sends::StopDay => json!({ "reason": "x", "last_day": "2030-01-31" }),
    }
}

/// The contract that acme was taken on with.
fn standing_contract() -> Contract {
    Contract::of_summary(&ContractSummary {
        service_level: ServiceLevel::Baseline,
        approval_rule: ApprovalRule::Provider,
        terms_version: "2026-01".to_owned(),
        terms_reference: String::new(),
        time_zone: "Europe/Brussels".to_owned(),
        until: None,
    })
    .unwrap()
}

/// The number of a GitHub account that nobody has named yet.
fn number() -> u32 {
    Uuid::new_v4().as_fields().0.max(1)
}

/// Nothing inline may run, nothing is cached, refusals of the API are problem details, and no answer is a fault of ours.
fn assert_safe(route: &RouteSpec, answer: &Answer) {
    let csp = answer.header("content-security-policy");
    assert!(
        csp.contains("script-src 'self';") && !csp.contains("unsafe"),
        "{route:?}: {csp}"
    );
    assert_eq!(answer.header("cache-control"), expected_caching(answer), "{route:?}");
    assert!(answer.status < 500, "{route:?}: {} {}", answer.status, answer.body);
    if route.path.starts_with("/api/v1/") && answer.status >= 400 {
        assert_eq!(answer.header("content-type"), "application/problem+json", "{route:?}");
        assert_eq!(answer.json()["status"], answer.status, "{route:?}");
    }
}

fn expected_caching(answer: &Answer) -> &'static str {
    if answer.header("content-type") == "text/event-stream" {
        "no-cache"
    } else {
        "no-store"
    }
}

/// Nobody came in: a page sends to the sign-in page and back, a form and a program hear 401.
fn assert_shut_out(who: &str, case: &Case, names: &Names<'_>, answer: &Answer) {
    let route = case.route;
    match (route.auth, route.method) {
        (Auth::SignedIn, "GET") => {
            let next = names.path(route.path).replace('/', "%2F");
            assert_eq!(answer.status, 303, "{who}, {route:?}");
            assert_eq!(answer.location(), format!("/login?next={next}"), "{who}");
        }
        (Auth::Bearer, _) => {
            assert_eq!(
                (answer.status, answer.header("www-authenticate")),
                (401, "Bearer"),
                "{who}, {route:?}"
            );
        }
        _ => assert_eq!(answer.status, 401, "{who}, {route:?}"),
    }
}

#[tokio::test]
async fn nobody_comes_in_without_a_living_session_or_token() {
    let scene = Scene::new().await;
    let (t, portal) = (&scene.t, &scene.portal);
    let mut owner = connect(&t.database.owner_url()).await;
    let session = portal.signed_in(Role::Approver, t.acme()).await.cookie.unwrap();
    owner
        .execute("UPDATE session SET expires_at = now() - interval '1 second'")
        .await
        .unwrap();
    let idle = portal.signed_in(Role::Approver, t.acme()).await.cookie.unwrap();
    owner
        .execute("UPDATE session SET last_seen_at = now() - interval '2 hours'")
        .await
        .unwrap();
    let living = portal.signed_in(Role::Approver, t.acme()).await.cookie.unwrap();
    owner
        .execute("UPDATE api_token SET expires_at = now() - interval '1 second'")
        .await
        .unwrap();
    let expired = t.token(Role::Approver, t.acme());
    let (name, value) = living.split_once('=').unwrap();

    let names = Names::of(&scene);
    for (who, cookie, token) in [
        ("nobody", None, ""),
        ("garbage", Some(format!("{name}=x")), "hf_x"),
        ("an expired session and token", Some(session), expired),
        ("an idle session, and a session as a token", Some(idle), value),
        ("a token as a session", Some(format!("{name}={expired}")), expired),
    ] {
        let mut browser = portal.browser();
        browser.cookie = cookie;
        let caller = Caller {
            browser,
            api: portal.api(token),
        };
        for case in cases() {
            assert_shut_out(who, &case, &names, &caller.call(&case, &names).await);
        }
    }
    assert_eq!(portal.browser().get("/approvals").await.status, 303);
    let mut signed_in = portal.browser();
    signed_in.cookie = Some(living);
    assert_eq!(
        signed_in.get("/approvals").await.status,
        200,
        "the living one was no accident"
    );
    let cookie_only = signed_in.get("/api/v1/customers").await;
    assert_eq!(cookie_only.status, 401, "the API takes no cookie");
}

#[tokio::test]
async fn what_is_open_to_anybody_is_a_short_list_that_tells_nothing() {
    let scene = Scene::new().await;
    let browser = scene.portal.browser();
    for route in ROUTES
        .iter()
        .filter(|route| matches!(route.auth, Auth::Public | Auth::Signature))
    {
        let (answer, expected) = match (route.method, route.path) {
            ("GET", "/healthz" | "/readyz" | "/login" | "/api/docs" | "/api/v1/openapi.json") => {
                (browser.get(route.path).await, 200)
            }
            ("POST", "/login") => {
                let nobody = [("email", "nobody@nowhere.test"), ("password", "x")];
                (browser.post(route.path, &nobody).await, 401)
            }
            ("POST", "/logout") => (browser.post(route.path, &[]).await, 303),
            ("POST", "/webhooks/github") => (browser.post(route.path, &[]).await, 401),
            _ => panic!("{route:?} is open to anybody: is that meant?"),
        };
        assert_safe(route, &answer);
        assert_eq!(answer.status, expected, "{route:?}: {}", answer.body);
        assert!(!answer.body.contains("acme"), "{route:?}");
    }
}

#[tokio::test]
async fn another_customers_things_are_not_there() {
    let scene = Scene::new().await;
    let names = Names::of(&scene);
    let globex = Caller::with_role(&scene, Role::CustomerApprover, scene.t.globex()).await;
    let (browser, api) = scene.engineer_of_globex().await;
    let assigned = Caller { browser, api };
    for (who, caller) in [("globex", globex), ("an engineer of globex only", assigned)] {
        for case in cases() {
            let answer = caller.call(&case, &names).await;
            if case.is_of_a_customer() {
                assert_eq!(answer.status, 404, "{who}, {:?}: {}", case.route, answer.body);
            } else {
                let fine = answer.status < 400 || answer.status == 403;
                assert!(fine, "{who}, {:?}: {}", case.route, answer.status);
            }
            assert!(
                !answer.body.contains("acme"),
                "{who}, {:?}: {}",
                case.route,
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn each_role_can_do_what_the_matrix_says_and_nothing_else() {
    let scene = Scene::new().await;
    let names = Names::of(&scene);
    let mut people = Vec::new();
    for role in Role::ALL {
        people.push((role, Caller::with_role(&scene, role, scene.t.acme()).await));
    }
    for case in cases() {
        for (role, caller) in &people {
            let answer = caller.call(&case, &names).await;
            let may = case.is_allowed(*role);
            // It may, but another plan stands (409), or somebody changed it (412), ended it (409) or removed it (404) just before.
            let removes = case.route.method == "DELETE" || case.route.path.ends_with("/remove");
            let done = answer.status < 400 || matches!(answer.status, 409 | 412) || (removes && answer.status == 404);
            let expected = if may { done } else { answer.status == 403 };
            assert!(
                expected,
                "{role} (may: {may}), {:?}: {} {}",
                case.route, answer.status, answer.body
            );
        }
    }
}
