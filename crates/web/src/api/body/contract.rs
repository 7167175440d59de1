//! Contracts as JSON.

use std::collections::BTreeMap;

use domain::contract::{self, AddendumDraft, Change, Draft, EscalationStep, HolidayDraft};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The agreement with a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Contract {
    /// `baseline` or `dr-bc`.
    service_level: &'static str,
    /// Whose approval a change needs: `provider`, `customer` or `both`; where that differs by the kind of change, the strictest.
    approval_rule: &'static str,
    terms_version: String,
    /// An address or a file number where the terms and conditions can be read; empty: not stated.
    terms_reference: String,
    /// IANA name.
    time_zone: String,
    /// Last day of the term; `null`: open-ended.
    until: Option<String>,
    /// 1, 2, 3, …; 0 before the first was stored.
    version: i32,
    /// First day on which this version holds.
    valid_from: Date,
    /// Who made this version.
    made_by: String,
    made_at: Timestamp,
    /// Why it was made.
    note: String,
    /// All that it says; change it and put it back.
    agreement: Agreement,
    /// What the scope of work holds outside the bounds of the contract in force, at most some 500 components; empty for an earlier version.
    conflicts: Vec<Conflict>,
}

/// A version of a contract, with what it changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContractVersion {
    version: i32,
    valid_from: Date,
    made_by: String,
    made_at: Timestamp,
    note: String,
    agreement: Agreement,
    /// What differs from the version before.
    changes: Vec<FieldChange>,
}

/// One field that a version changed, as the form shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldChange {
    field: &'static str,
    label: &'static str,
    before: String,
    after: String,
}

/// Something in the scope of work that the contract does not allow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Conflict {
    component_id: Uuid,
    /// Name and environment.
    component: String,
    /// Such as `retention_days`.
    field: &'static str,
    given: String,
    /// What is allowed, and why.
    why: String,
}

/// All that a contract says.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agreement {
    /// `baseline` or `dr-bc`.
    service_level: String,
    terms_version: String,
    /// An address or a file number where the terms and conditions can be read; empty or left out: not stated.
    #[serde(default)]
    terms_reference: String,
    /// First day of the term, `YYYY-MM-DD`.
    starts: Option<String>,
    /// Last day of the term, `YYYY-MM-DD`; `null`: open-ended.
    until: Option<String>,
    notice_days: Option<i64>,
    /// Who approves what protects more: `provider`, `customer` or `both`.
    approve_tightening: String,
    /// Who approves what gives up protection; the provider always has to agree as well.
    approve_weakening: String,
    /// Who approves what takes something out of scope.
    approve_out_of_scope: String,
    /// IANA name.
    time_zone: String,
    /// `monday` to `sunday`, each with spans such as `09:00-17:00`; a day that is missing is closed.
    business_hours: BTreeMap<String, Vec<String>>,
    holidays: Vec<Holiday>,
    /// Business minutes to the first answer to something urgent.
    urgent_response_minutes: i64,
    /// The first step first.
    escalation: Vec<Step>,
    /// What the bounds come from, in words that refusals quote.
    regulation: String,
    /// AWS regions in which data may be; empty: any.
    residency: Vec<String>,
    retention_minimum_days: Option<i64>,
    /// No lock is longer either.
    retention_maximum_days: Option<i64>,
    /// Whether regulation asks for encryption at rest.
    encryption_required: bool,
    addenda: Vec<Addendum>,
}

/// A day on which nobody is at work.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Holiday {
    /// `YYYY-MM-DD`.
    date: String,
    name: String,
}

/// A step of the escalation path.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    name: String,
    /// A telephone number or an address.
    reach: String,
    /// When to take it.
    when: String,
}

/// Something agreed beside the contract.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Addendum {
    title: String,
    /// `YYYY-MM-DD`.
    date: String,
    /// A link or a file number; may be empty.
    reference: String,
    /// May be empty where the reference says it.
    text: String,
}

/// A new version of a contract.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"note": "A calmer year.", "agreement": {
    "service_level": "baseline", "terms_version": "2026-01",
    "terms_reference": "https://contracts.example/terms/2026-01", "starts": "2026-01-01", "until": null, "notice_days": 90,
    "approve_tightening": "provider", "approve_weakening": "both", "approve_out_of_scope": "both",
    "time_zone": "Europe/Brussels", "business_hours": {"monday": ["09:00-12:00", "13:00-17:00"]},
    "holidays": [{"date": "2026-12-25", "name": "Christmas Day"}], "urgent_response_minutes": 120,
    "escalation": [{"name": "Service desk", "reach": "+32 2 555 01 23", "when": "at once"}],
    "regulation": "PCI DSS", "residency": ["eu-west-1"], "retention_minimum_days": 7, "retention_maximum_days": 400,
    "encryption_required": true,
    "addenda": [{"title": "Data processing", "date": "2026-01-15", "reference": "https://contracts.example/17", "text": ""}]}}))]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeContract {
    pub(crate) agreement: Agreement,
    /// First day on which it holds, today or earlier; today when it is missing.
    pub(crate) valid_from: Option<Date>,
    /// Why it is made.
    #[serde(default)]
    pub(crate) note: String,
    /// Ids of the components that are known to fall outside its bounds.
    #[serde(default)]
    pub(crate) accepted_conflicts: Vec<Uuid>,
}

impl Contract {
    pub(crate) fn new(version: &contract::ContractVersion, conflicts: Vec<contract::Conflict>) -> Self {
        let summary = version.contract.summary();
        Self {
            service_level: summary.service_level.as_str(),
            approval_rule: summary.approval_rule.as_str(),
            terms_version: summary.terms_version,
            terms_reference: summary.terms_reference,
            time_zone: summary.time_zone,
            until: summary.until.map(|day| day.to_string()),
            version: version.version,
            valid_from: version.valid_from,
            made_by: version.made_by.clone(),
            made_at: version.made_at,
            note: version.note.clone(),
            agreement: Draft::from(&version.contract).into(),
            conflicts: conflicts.into_iter().map(Conflict::from).collect(),
        }
    }
}

impl ContractVersion {
    pub(crate) fn new(version: &contract::ContractVersion, changes: Vec<Change>) -> Self {
        Self {
            version: version.version,
            valid_from: version.valid_from,
            made_by: version.made_by.clone(),
            made_at: version.made_at,
            note: version.note.clone(),
            agreement: Draft::from(&version.contract).into(),
            changes: changes.into_iter().map(FieldChange::from).collect(),
        }
    }
}

impl From<Change> for FieldChange {
    fn from(change: Change) -> Self {
        Self {
            field: change.field.id,
            label: change.field.label,
            before: change.before,
            after: change.after,
        }
    }
}

impl From<contract::Conflict> for Conflict {
    fn from(conflict: contract::Conflict) -> Self {
        Self {
            component_id: conflict.component.0,
            component: conflict.name,
            field: conflict.field,
            given: conflict.given,
            why: conflict.why,
        }
    }
}

impl From<EscalationStep> for Step {
    fn from(EscalationStep { name, reach, when }: EscalationStep) -> Self {
        Self { name, reach, when }
    }
}

impl From<Draft> for Agreement {
    fn from(draft: Draft) -> Self {
        let holidays = draft.holidays.into_iter();
        let addenda = draft.addenda.into_iter();
        Self {
            service_level: draft.service_level,
            terms_version: draft.terms_version,
            terms_reference: draft.terms_reference,
            starts: draft.starts,
            until: draft.until,
            notice_days: draft.notice_days,
            approve_tightening: draft.approve_tightening,
            approve_weakening: draft.approve_weakening,
            approve_out_of_scope: draft.approve_out_of_scope,
            time_zone: draft.time_zone,
            business_hours: draft.business_hours,
            holidays: holidays
                .map(|HolidayDraft { date, name }| Holiday { date, name })
                .collect(),
            urgent_response_minutes: draft.urgent_response_minutes,
            escalation: draft.escalation.into_iter().map(Step::from).collect(),
            regulation: draft.regulation,
            residency: draft.residency,
            retention_minimum_days: draft.retention_minimum_days,
            retention_maximum_days: draft.retention_maximum_days,
            encryption_required: draft.encryption_required,
            addenda: addenda
                .map(|one| Addendum {
                    title: one.title,
                    date: one.date,
                    reference: one.reference,
                    text: one.text,
                })
                .collect(),
        }
    }
}

impl From<Agreement> for Draft {
    fn from(agreement: Agreement) -> Self {
        let holidays = agreement.holidays.into_iter();
        let escalation = agreement.escalation.into_iter();
        let addenda = agreement.addenda.into_iter();
        Self {
            service_level: agreement.service_level,
            terms_version: agreement.terms_version,
            terms_reference: agreement.terms_reference,
            starts: agreement.starts,
            until: agreement.until,
            notice_days: agreement.notice_days,
            approve_tightening: agreement.approve_tightening,
            approve_weakening: agreement.approve_weakening,
            approve_out_of_scope: agreement.approve_out_of_scope,
            time_zone: agreement.time_zone,
            business_hours: agreement.business_hours,
            holidays: holidays
                .map(|Holiday { date, name }| HolidayDraft { date, name })
                .collect(),
            urgent_response_minutes: agreement.urgent_response_minutes,
            escalation: escalation
                .map(|Step { name, reach, when }| EscalationStep { name, reach, when })
                .collect(),
            regulation: agreement.regulation,
            residency: agreement.residency,
            retention_minimum_days: agreement.retention_minimum_days,
            retention_maximum_days: agreement.retention_maximum_days,
            encryption_required: agreement.encryption_required,
            addenda: addenda
                .map(|one| AddendumDraft {
                    title: one.title,
                    date: one.date,
                    reference: one.reference,
                    text: one.text,
                })
                .collect(),
        }
    }
}
