//! Decisions that components are not backed up, as JSON.

use app::attestation::{Decision, Listed, state};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::sow::Component;

/// A component that is out of scope or undecided.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScopeDecision {
    component: Component,
    /// `undecided`, `overdue`, `due-soon` or `signed`.
    state: &'static str,
    /// The signed decision that it is out of scope; `null`: nobody decided.
    out_decision: Option<OutDecision>,
}

/// A signed decision that a component is out of scope.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutDecision {
    /// The line that says so: what an attestation names.
    scope_item_id: Uuid,
    /// The version of the scope of work that brought it.
    version: i32,
    /// The change that made that version; `null` for the onboarding document.
    change_request_id: Option<Uuid>,
    signed_by: Vec<String>,
    /// Of an onboarding document midnight UTC of `signed_on`.
    signed_at: Timestamp,
    /// The day that the onboarding document names; `null`: a change decided.
    #[schema(value_type = Option<String>, format = Date)]
    signed_on: Option<Date>,
    /// In the words of the change or of the onboarding document; empty when no reason was given.
    reason: String,
    /// Who attested it last; `null`: nobody since it was signed.
    attested_by: Option<String>,
    attested_at: Option<Timestamp>,
    /// The last day on which it holds, by the contract's calendar.
    #[schema(value_type = String, format = Date)]
    due_on: Date,
    /// Whether that day has passed.
    overdue: bool,
}

/// Which decision is attested.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attest {
    /// The `scope_item_id` that was read.
    pub(crate) scope_item_id: Uuid,
}

impl OutDecision {
    pub(crate) fn of(decision: &Decision, today: Date) -> Option<Self> {
        let signed = decision.out.as_ref()?;
        let (attested_by, attested_at) = signed.attested.clone().unzip();
        Some(Self {
            scope_item_id: signed.item.0,
            version: signed.version,
            change_request_id: signed.change.map(|id| id.0),
            signed_by: signed.by.clone(),
            signed_at: signed.at,
            signed_on: signed.on,
            reason: signed.reason.clone(),
            attested_by,
            attested_at,
            due_on: signed.due_on,
            overdue: state(decision, today) == domain::attestation::DecisionState::Overdue,
        })
    }
}

impl ScopeDecision {
    pub(crate) fn new(listed: &Listed, today: Date) -> Self {
        Self {
            component: (&listed.component).into(),
            state: listed.state.as_str(),
            out_decision: OutDecision::of(&listed.decision, today),
        }
    }
}
