//! Customers, contracts, linked accounts and the audit log as JSON.

use app::account::LinkedAccount;
use app::audit::Event;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Customer {
    id: Uuid,
    slug: String,
    name: String,
    suspended: bool,
    /// Its components in numbers.
    tally: Tally,
}

/// How many components are in which state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tally {
    protected: usize,
    at_risk: usize,
    unprotected: usize,
    unknown: usize,
    out_of_scope: usize,
    undecided: usize,
}

/// Something that ends unless somebody renews it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Expiring {
    /// `contract` or `api-token`.
    kind: &'static str,
    id: Uuid,
    /// The customer's slug; `null`: the provider's own.
    customer: Option<String>,
    name: String,
    /// The last day, where the customer is.
    ends_on: String,
    /// Whether that day is over.
    over: bool,
}

/// The agreement with a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Contract {
    /// `baseline` or `dr-bc`.
    service_level: &'static str,
    /// Whose approval a change needs: `provider`, `customer` or `both`.
    approval_rule: &'static str,
    terms_version: String,
    /// IANA name.
    time_zone: String,
    /// Last day of the term; `null`: open-ended.
    until: Option<String>,
}

/// A linked AWS account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Account {
    id: Uuid,
    account_id: String,
    region: String,
    external_id: String,
    /// When its roles were last found safe; `null`: never.
    verified_at: Option<Timestamp>,
    /// When it was last read; `null`: never.
    observed_at: Option<Timestamp>,
    /// Why it is not usable.
    problem: Option<String>,
}

/// A line of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEvent {
    id: Uuid,
    at: Timestamp,
    actor: String,
    /// Such as `change-request.approved`.
    action: String,
    subject: String,
    subject_id: Uuid,
    detail: serde_json::Value,
}

impl Customer {
    pub(crate) fn new(tenant: domain::tenant::Tenant, tally: app::fleet::Tally) -> Self {
        Self {
            id: tenant.id.0,
            slug: tenant.slug,
            name: tenant.name,
            suspended: tenant.lifecycle.suspension.is_some(),
            tally: tally.into(),
        }
    }
}

impl From<app::fleet::Tally> for Tally {
    fn from(tally: app::fleet::Tally) -> Self {
        Self {
            protected: tally.protected,
            at_risk: tally.at_risk,
            unprotected: tally.unprotected,
            unknown: tally.unknown,
            out_of_scope: tally.out_of_scope,
            undecided: tally.undecided,
        }
    }
}

impl From<app::expiring::Expiring> for Expiring {
    fn from(expiring: app::expiring::Expiring) -> Self {
        Self {
            kind: expiring.kind.as_str(),
            id: expiring.id,
            customer: expiring.tenant.map(|tenant| tenant.slug),
            name: expiring.name,
            ends_on: expiring.on.to_string(),
            over: expiring.over,
        }
    }
}

impl From<domain::tenant::Contract> for Contract {
    fn from(contract: domain::tenant::Contract) -> Self {
        Self {
            service_level: contract.service_level.as_str(),
            approval_rule: contract.approval_rule.as_str(),
            terms_version: contract.terms_version,
            time_zone: contract.time_zone,
            until: contract.until.map(|day| day.to_string()),
        }
    }
}

impl From<LinkedAccount> for Account {
    fn from(linked: LinkedAccount) -> Self {
        Self {
            id: linked.account.id.0,
            account_id: linked.account.account.to_string(),
            region: linked.account.region.to_string(),
            external_id: linked.account.external_id,
            verified_at: linked.verified_at,
            observed_at: linked.observed_at,
            problem: linked.problem,
        }
    }
}

impl From<Event> for AuditEvent {
    fn from(event: Event) -> Self {
        let Event {
            id,
            at,
            actor_name,
            action,
            subject,
            subject_id,
            detail,
            ..
        } = event;
        Self {
            id,
            at,
            actor: actor_name,
            action,
            subject,
            subject_id,
            detail,
        }
    }
}
