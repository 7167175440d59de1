//! Customers, linked accounts and the audit log as JSON.

use std::collections::BTreeMap;

use app::account::LinkedAccount;
use app::audit::Event;
use app::fleet::Member;
use domain::tenant::Tenant;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
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
    /// What waits for somebody; nothing does any more where it was offboarded. Left out of the answer to who took it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<Waiting>,
}

/// How much waits for somebody.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Waiting {
    restores_to_decide: usize,
    accounts_unreadable: usize,
    readings_too_old: usize,
    changes_to_decide: usize,
    changes_failed_this_week: usize,
    changes_asking_back: usize,
    hold_releases_to_confirm: usize,
    decommissionings_to_confirm: usize,
    decisions_overdue: usize,
    /// 1 at most.
    contracts_past_last_day: usize,
    statements_to_be_signed: usize,
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
    /// `contract`, `acknowledgement`, `out-decision`, `hold` or `api-token`.
    kind: &'static str,
    id: Uuid,
    /// The customer's slug; `null`: the provider's own.
    customer: Option<String>,
    name: String,
    /// The last day, where the customer is.
    ends_on: String,
    /// Whether that day is over.
    over: bool,
    /// Of a contract: the last day on which notice can be given; `null`: no notice is asked for.
    #[schema(format = Date)]
    notice_by: Option<String>,
}

/// A customer to be taken on.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "slug": "initech", "name": "Initech Tools", "service_level": "baseline", "approval_rule": "both", "terms_version": "2026-01",
    "time_zone": "Europe/Brussels",
}))]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCustomer {
    /// Name in addresses: up to 40 lower-case letters, digits and dashes.
    slug: String,
    name: String,
    /// `baseline` or `dr-bc`.
    service_level: String,
    /// `both`, `provider` or `customer`.
    approval_rule: String,
    /// Of the terms and conditions that the customer accepted.
    terms_version: String,
    /// IANA name.
    time_zone: String,
    /// Last day of the term; left out: open-ended.
    contract_until: Option<String>,
}

impl NewCustomer {
    /// The answers of the form that the page has.
    pub(crate) fn fields(self) -> BTreeMap<String, String> {
        let answers = [
            ("slug", self.slug),
            ("name", self.name),
            ("service_level", self.service_level),
            ("approval_rule", self.approval_rule),
            ("terms_version", self.terms_version),
            ("time_zone", self.time_zone),
            ("contract_until", self.contract_until.unwrap_or_default()),
        ];
        answers.map(|(field, answer)| (field.to_owned(), answer)).into()
    }
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
    /// One that was just taken on: it has no components.
    pub(crate) fn taken_on(tenant: Tenant) -> Self {
        Self {
            id: tenant.id.0,
            slug: tenant.slug,
            name: tenant.name,
            suspended: tenant.lifecycle.suspension.is_some(),
            tally: app::fleet::Tally::default().into(),
            waiting: None,
        }
    }
}

impl From<Member> for Customer {
    fn from(Member { tenant, tally, waiting }: Member) -> Self {
        Self {
            tally: tally.into(),
            waiting: Some(waiting.map(Waiting::from).unwrap_or_default()),
            ..Self::taken_on(tenant)
        }
    }
}

impl From<app::fleet::Waiting> for Waiting {
    fn from(waiting: app::fleet::Waiting) -> Self {
        Self {
            restores_to_decide: waiting.restores,
            accounts_unreadable: waiting.unreadable,
            readings_too_old: waiting.stale,
            changes_to_decide: waiting.changes,
            changes_failed_this_week: waiting.failed,
            changes_asking_back: waiting.asking,
            hold_releases_to_confirm: waiting.releases,
            decommissionings_to_confirm: waiting.ends,
            decisions_overdue: waiting.overdue,
            contracts_past_last_day: waiting.over,
            statements_to_be_signed: waiting.unsigned,
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
            notice_by: expiring.notice_by.map(|day| day.to_string()),
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
