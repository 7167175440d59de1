//! The agreement with a customer: what it includes, who decides what, by when somebody answers, what regulation bounds.

mod bounds;
mod draft;
mod form;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::business_hours::BusinessHours;
use crate::restore::Urgency;
use crate::sow::Scope;

pub use bounds::{Bounds, Conflict};
pub use draft::{AddendumDraft, Draft, HolidayDraft};
pub use form::{Change, GROUPS, NOTE, REGULATION, VALID_FROM, changes, version_changes};

/// What the contract includes (feature A2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceLevel {
    /// Everyday mishaps: accidental deletion, bad deploys.
    Baseline,
    /// Large-scale outages and complex failures as well.
    DrBc,
}

impl ServiceLevel {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::DrBc => "dr-bc",
        }
    }

    /// Whether RPO and RTO are promised; otherwise they are objectives (decisions.md).
    #[must_use]
    pub const fn commits_objectives(self) -> bool {
        matches!(self, Self::DrBc)
    }
}

/// Whose approvals a change needs (feature C29).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalRule {
    /// One of the provider's.
    Provider,
    /// One of the customer's.
    Customer,
    /// One of each, two different people.
    Both,
}

impl ApprovalRule {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Customer => "customer",
            Self::Both => "both",
        }
    }

    /// The sides that have to approve. What gives up protection the provider always has to agree to.
    #[must_use]
    pub const fn sides(self, weakens: bool) -> &'static [Side] {
        match self {
            Self::Provider => &[Side::Provider],
            Self::Customer if !weakens => &[Side::Customer],
            Self::Customer | Self::Both => &[Side::Customer, Side::Provider],
        }
    }
}

/// A side of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The customer.
    Customer,
    /// The managed service provider.
    Provider,
}

impl Side {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Provider => "provider",
        }
    }
}

/// Who must approve which kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalRules {
    /// What protects more, or changes nothing about it.
    pub tightening: ApprovalRule,
    /// What gives up protection of something that stays in scope.
    pub weakening: ApprovalRule,
    /// What leaves a component without a backup.
    pub out_of_scope: ApprovalRule,
}

impl ApprovalRules {
    /// The same rule for every kind.
    #[must_use]
    pub const fn all(rule: ApprovalRule) -> Self {
        Self {
            tightening: rule,
            weakening: rule,
            out_of_scope: rule,
        }
    }

    /// The rule for a change that makes `after` of a component.
    #[must_use]
    pub const fn for_change(&self, after: Option<&Scope>, weakens: bool) -> ApprovalRule {
        match after {
            Some(Scope::Out) => self.out_of_scope,
            _ if weakens => self.weakening,
            _ => self.tightening,
        }
    }

    /// One rule that asks nobody less than these do.
    #[must_use]
    pub fn strictest(&self) -> ApprovalRule {
        if self.tightening == self.weakening && self.weakening == self.out_of_scope {
            self.tightening
        } else {
            ApprovalRule::Both
        }
    }
}

/// How urgent something is (feature C34).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Production is down: round the clock.
    ProductionDown,
    /// Within business hours of the contract.
    Urgent,
    /// By the end of the next business day.
    Normal,
    /// Best effort: no moment is promised.
    Planned,
}

impl Priority {
    /// Every priority, the most urgent first.
    pub const ALL: [Self; 4] = [Self::ProductionDown, Self::Urgent, Self::Normal, Self::Planned];

    /// The name used in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProductionDown => "production-down",
            Self::Urgent => "urgent",
            Self::Normal => "normal",
            Self::Planned => "planned",
        }
    }
}

/// A first answer while production is down, round the clock.
pub const PRODUCTION_DOWN: SignedDuration = SignedDuration::from_mins(30);

/// One step of the way up, for when an answer does not come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscalationStep {
    /// Who, by name or duty.
    pub name: String,
    /// A telephone number or an address.
    pub reach: String,
    /// When to take this step.
    pub when: String,
}

/// Something agreed beside the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addendum {
    /// What it is called.
    pub title: String,
    /// When it was signed.
    pub date: Date,
    /// An address or a file number where it can be read; empty when there is none.
    pub reference: String,
    /// What it says; empty when the reference does.
    pub text: String,
}

/// The agreement with a customer, as one version has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// What it includes.
    pub service_level: ServiceLevel,
    /// Version of the terms and conditions that are part of it.
    pub terms_version: String,
    /// An address or a file number where they can be read; empty when not stated.
    pub terms_reference: String,
    /// Who must approve what.
    pub approval: ApprovalRules,
    /// The hours that response times are counted in.
    pub calendar: BusinessHours,
    /// Business time to the first answer to something urgent.
    pub urgent_response: SignedDuration,
    /// The way up, first step first.
    pub escalation: Vec<EscalationStep>,
    /// Where data may be, for how long it must or may be kept, and how.
    pub bounds: Bounds,
    /// What was agreed beside it, in the order of the document.
    pub addenda: Vec<Addendum>,
    /// First day of the term; `None`: not stated.
    pub starts: Option<Date>,
    /// Last day of the term; `None`: open-ended.
    pub until: Option<Date>,
    /// Days of notice before it ends; `None`: not stated.
    pub notice_days: Option<u16>,
}

/// What lists show of a contract. The tenant's own row has it, in step with the version in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractSummary {
    /// What it includes.
    pub service_level: ServiceLevel,
    /// Whose approvals a change needs; where that differs by the kind of change, the strictest.
    pub approval_rule: ApprovalRule,
    /// Version of the terms and conditions that are part of it.
    pub terms_version: String,
    /// An address or a file number where they can be read; empty when not stated.
    #[serde(default)]
    pub terms_reference: String,
    /// Time zone of the business hours, an IANA name.
    pub time_zone: String,
    /// Last day of the term; `None` when open-ended.
    pub until: Option<Date>,
}

/// A version of a tenant's contract. The newest is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractVersion {
    /// 1, 2, 3, …; 0 for a contract of which only the summary was ever stored.
    pub version: i32,
    /// What it says.
    pub contract: Contract,
    /// First day on which it holds.
    pub valid_from: Date,
    /// Name of the person who made it.
    pub made_by: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Why, in that person's words; may be empty.
    pub note: String,
}

impl Contract {
    /// By when somebody has to give a first answer to what is asked at `at`; `None`: best effort (feature C34).
    #[must_use]
    pub fn respond_by(&self, priority: Priority, at: Timestamp) -> Option<Timestamp> {
        match priority {
            Priority::ProductionDown => Some(at + PRODUCTION_DOWN),
            Priority::Urgent => Some(self.calendar.add(at, self.urgent_response)),
            Priority::Normal => Some(self.calendar.end_of_next_business_day(at)),
            Priority::Planned => None,
        }
    }

    /// By when a restore that is asked for at `at` has to be answered: a critical one takes the path round the clock
    /// (feature H81), any other is answered by the end of the next business day.
    #[must_use]
    pub fn restore_answer_by(&self, urgency: Urgency, at: Timestamp) -> Timestamp {
        match urgency {
            Urgency::Critical => at + PRODUCTION_DOWN,
            Urgency::BusinessHours => self.calendar.end_of_next_business_day(at),
        }
    }

    /// What lists show of it.
    #[must_use]
    pub fn summary(&self) -> ContractSummary {
        ContractSummary {
            service_level: self.service_level,
            approval_rule: self.approval.strictest(),
            terms_version: self.terms_version.clone(),
            terms_reference: self.terms_reference.clone(),
            time_zone: self.calendar.zone_name().to_owned(),
            until: self.until,
        }
    }
}
