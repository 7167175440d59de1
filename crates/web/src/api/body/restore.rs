//! A restore request and recovery points as JSON.

use app::recovery_point::OfComponent;
use domain::id::ComponentId;
use domain::restore::Urgency;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Approval;
use super::plan::{Plan, PlanStep};
use super::sow::Component;

/// A request to get data back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RestoreRequest {
    id: Uuid,
    /// 1, 2, 3, … within the customer.
    number: i32,
    /// `submitted`, `approved`, `executing`, `verifying`, `closed`, `failed`, `rejected`, `cancelled` or `expired`.
    state: &'static str,
    /// Why it failed or was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    component: Component,
    recovery_point: RecoveryPoint,
    /// Identifier of the new resource.
    target: String,
    /// `business-hours` or `critical`.
    urgency: &'static str,
    /// In the requester's words.
    reason: String,
    requester: String,
    /// By when the provider answers.
    respond_by: Timestamp,
    steps: Vec<PlanStep>,
    plan: Plan,
    approvals: Vec<Approval>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Counts the changes; also the `ETag`.
    revision: i64,
}

/// One restorable copy.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecoveryPoint {
    id: Uuid,
    component_id: Uuid,
    component: String,
    /// The provider's name for it.
    provider_id: String,
    /// `snapshot` or `continuous`.
    granularity: &'static str,
    /// The moment that it restores; for continuous ones the latest.
    at: Timestamp,
    /// For continuous ones the earliest moment.
    earliest: Option<Timestamp>,
    encrypted: bool,
}

/// A new restore request.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRestoreRequest {
    /// What was lost.
    pub(crate) component_id: Uuid,
    /// From what; `null` or absent: the last available recovery point.
    #[serde(default)]
    pub(crate) recovery_point_id: Option<Uuid>,
    /// `business-hours` (also when absent) or `critical`.
    #[serde(default = "business_hours")]
    #[schema(value_type = String, pattern = "^(business-hours|critical)$")]
    pub(crate) urgency: Urgency,
    /// Why.
    #[serde(default)]
    pub(crate) reason: String,
}

const fn business_hours() -> Urgency {
    Urgency::BusinessHours
}

impl From<domain::restore::RestoreRequest> for RestoreRequest {
    fn from(request: domain::restore::RestoreRequest) -> Self {
        use domain::restore::State;
        let failure = match &request.state {
            State::Failed { reason } | State::Rejected { reason } => Some(reason.clone()),
            _ => None,
        };
        Self {
            id: request.id.0,
            number: request.number,
            state: request.state.name(),
            failure,
            component: (&request.component).into(),
            recovery_point: RecoveryPoint::new(request.component.id, request.component.name, &request.target.point),
            urgency: request.urgency.as_str(),
            respond_by: request.respond_by,
            steps: request.plan.steps.iter().map(PlanStep::from).collect(),
            plan: Plan::new(&request.plan, &request.digest, request.created_at),
            approvals: request.approval.iter().map(Approval::from).collect(),
            created_at: request.created_at,
            updated_at: request.updated_at,
            revision: request.revision,
            target: request.target.name,
            reason: request.reason,
            requester: request.requester.name,
        }
    }
}

impl From<OfComponent> for RecoveryPoint {
    fn from(listed: OfComponent) -> Self {
        Self::new(listed.component, listed.name, &listed.point)
    }
}

impl RecoveryPoint {
    fn new(component: ComponentId, name: String, point: &domain::restore::RecoveryPoint) -> Self {
        Self {
            id: point.id.0,
            component_id: component.0,
            component: name,
            provider_id: point.provider_id.clone(),
            granularity: point.granularity.as_str(),
            at: point.at,
            earliest: point.earliest,
            encrypted: point.encrypted,
        }
    }
}
