//! What the service is as JSON.

use domain::contract::{Contract, Priority};
use domain::duty::{self, Responsibility};
use domain::service::{self, COMPARISON, CONTROL_PLANE, EXCLUDED, OTHERWISE, UNCOVERED};
use domain::tier::Tier;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::contract::Step;
use crate::view::words;

/// What the service is for one customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Service {
    /// `baseline` or `dr-bc`: the column of `comparison` that is the customer's.
    service_level: &'static str,
    /// To what every backup and restore is subject.
    subject_to: String,
    purpose: &'static str,
    protects_against: &'static [&'static str],
    does_not_protect_against: &'static [&'static str],
    comparison: Vec<Compared>,
    objectives: Vec<Objective>,
    response_targets: Vec<Target>,
    /// Whether somebody is at work now.
    open_now: bool,
    /// When somebody is at work next; now, if somebody is.
    next_opening: Timestamp,
    escalation: Vec<Step>,
    responsibilities: Vec<Duty>,
    /// No matter of backups, by design.
    excluded: Vec<Elsewhere>,
    /// Covered by nothing unless somebody asks.
    uncovered: Vec<Elsewhere>,
    /// Backed up by something else, or by default.
    otherwise: Vec<Elsewhere>,
    control_plane: ControlPlane,
}

/// One row of Baseline beside the DR/BC add-on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Compared {
    what: &'static str,
    baseline: &'static str,
    dr_bc: &'static str,
}

/// A tier's figures.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Objective {
    /// 1, 2 or 3.
    tier: i16,
    rpo_seconds: i64,
    rto_seconds: i64,
    /// Whether the contract commits them; otherwise they are objectives.
    committed: bool,
}

/// By when a first answer is due.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Target {
    /// `production-down`, `urgent`, `normal` or `planned`.
    priority: &'static str,
    /// In words.
    within: String,
    /// If it were asked now; `null`: best effort.
    due_if_asked_now: Option<Timestamp>,
}

/// Who answers for something.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Responsible {
    Provider,
    Customer,
    Both,
}

/// A duty or a check, and who answers for it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Duty {
    duty: &'static str,
    title: &'static str,
    words: &'static str,
    /// Whether it is a check rather than a task.
    is_check: bool,
    responsible: Responsible,
    /// What was agreed instead of what is usual; `null`: nothing.
    agreed: Option<Agreed>,
}

/// What was agreed with one customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Agreed {
    duty: String,
    responsible: Responsible,
    reason: String,
    set_by: String,
    set_at: Timestamp,
    /// For `If-Match`.
    revision: i64,
}

/// Who shall answer for a duty.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"responsible": "provider", "reason": "Part of the pilot."}))]
#[serde(deny_unknown_fields)]
pub(crate) struct Agree {
    pub(crate) responsible: Responsible,
    /// Why it is not as usual.
    pub(crate) reason: String,
}

/// Something that is covered elsewhere, or by nothing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Elsewhere {
    what: &'static str,
    /// Where it is covered, or what to do about it.
    advice: &'static str,
    /// Whether keeping data there is itself a mistake.
    antipattern: bool,
}

/// The provider's own backup of a cluster's control plane.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ControlPlane {
    full_every_hours: u16,
    delta_every_minutes: u16,
    /// Always `false`: it is for the provider's own disaster recovery.
    customer_restorable: bool,
    words: &'static str,
}

impl Service {
    pub(crate) fn new(contract: &Contract, matrix: Vec<Responsibility>, now: Timestamp) -> Self {
        let level = contract.service_level;
        let protects = service::protects(level);
        let calendar = &contract.calendar;
        let compared = COMPARISON.iter().map(|row| Compared {
            what: row.what,
            baseline: row.baseline,
            dr_bc: row.dr_bc,
        });
        let objectives = [Tier::Tier1, Tier::Tier2, Tier::Tier3].map(|tier| Objective {
            tier: tier.number(),
            rpo_seconds: tier.rpo().as_secs(),
            rto_seconds: tier.rto().as_secs(),
            committed: level.commits_objectives(),
        });
        let targets = Priority::ALL.map(|priority| Target {
            priority: priority.as_str(),
            within: words::response_target(priority, contract.urgent_response),
            due_if_asked_now: contract.respond_by(priority, now),
        });
        Self {
            service_level: level.as_str(),
            subject_to: words::subject_to(&contract.terms_version),
            purpose: protects.purpose,
            protects_against: protects.against,
            does_not_protect_against: protects.not_against,
            comparison: compared.collect(),
            objectives: objectives.into(),
            response_targets: targets.into(),
            open_now: calendar.is_open(now),
            next_opening: calendar.next_opening(now),
            escalation: contract.escalation.iter().cloned().map(Step::from).collect(),
            responsibilities: matrix.into_iter().map(Duty::from).collect(),
            excluded: EXCLUDED.iter().map(Elsewhere::from).collect(),
            uncovered: UNCOVERED.iter().map(Elsewhere::from).collect(),
            otherwise: OTHERWISE.iter().map(Elsewhere::from).collect(),
            control_plane: ControlPlane {
                full_every_hours: CONTROL_PLANE.full_every_hours,
                delta_every_minutes: CONTROL_PLANE.delta_every_minutes,
                customer_restorable: false,
                words: CONTROL_PLANE.words,
            },
        }
    }
}

impl From<&service::Elsewhere> for Elsewhere {
    fn from(one: &service::Elsewhere) -> Self {
        Self {
            what: one.what,
            advice: one.where_to,
            antipattern: one.antipattern,
        }
    }
}

impl From<Responsibility> for Duty {
    fn from(one: Responsibility) -> Self {
        Self {
            duty: one.duty.id,
            title: one.duty.title,
            words: one.duty.words,
            is_check: one.duty.is_check,
            responsible: one.responsible.into(),
            agreed: one.agreed.map(Agreed::from),
        }
    }
}

impl From<duty::Override> for Agreed {
    fn from(agreed: duty::Override) -> Self {
        Self {
            duty: agreed.duty,
            responsible: agreed.responsible.into(),
            reason: agreed.reason,
            set_by: agreed.set_by,
            set_at: agreed.set_at,
            revision: agreed.revision,
        }
    }
}

impl From<duty::Responsible> for Responsible {
    fn from(responsible: duty::Responsible) -> Self {
        match responsible {
            duty::Responsible::Provider => Self::Provider,
            duty::Responsible::Customer => Self::Customer,
            duty::Responsible::Both => Self::Both,
        }
    }
}

impl From<Responsible> for duty::Responsible {
    fn from(responsible: Responsible) -> Self {
        match responsible {
            Responsible::Provider => Self::Provider,
            Responsible::Customer => Self::Customer,
            Responsible::Both => Self::Both,
        }
    }
}
