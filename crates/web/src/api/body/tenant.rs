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

impl From<domain::tenant::Tenant> for Customer {
    fn from(tenant: domain::tenant::Tenant) -> Self {
        Self {
            id: tenant.id.0,
            slug: tenant.slug,
            name: tenant.name,
            suspended: tenant.lifecycle.suspension.is_some(),
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
