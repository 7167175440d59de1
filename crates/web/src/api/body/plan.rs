//! A plan as JSON.

use std::collections::BTreeMap;

use domain::digest::Digest;
use domain::plan::{Finding, Step, StepAction};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What would change, and the digest that an approval must name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Plan {
    /// 64 hexadecimal digits over the request and the plan.
    digest: String,
    made_at: Timestamp,
    steps: Vec<PlanStep>,
    findings: Vec<PlanFinding>,
    /// In-scope components that stay as they are.
    unchanged: usize,
    /// Names of the components of which protection is given up: the provider's `approver` has to agree.
    gives_up: Vec<String>,
    /// By component, from when a longer retention would hold in full, were the plan carried out when it was made.
    retention_full_from: BTreeMap<String, Timestamp>,
}

/// One change at the outside.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanStep {
    /// In one line.
    summary: String,
    /// `tag`, `set-automated-backups`, `restore-snapshot` or `restore-point-in-time`.
    action: &'static str,
    component_id: Uuid,
    component: String,
    account: String,
    region: String,
    /// The resource that is changed, or restored from.
    arn: String,
    /// Whether it gives up protection that is there now.
    weakens: bool,
}

/// What the approver should know.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanFinding {
    /// `info`, `warning` or `unmet`.
    #[schema(value_type = String)]
    severity: domain::plan::Severity,
    component: String,
    message: String,
}

impl Plan {
    pub(crate) fn new(plan: &domain::plan::Plan, digest: &Digest, made_at: Timestamp) -> Self {
        Self {
            digest: digest.to_string(),
            made_at,
            steps: plan.steps.iter().map(PlanStep::from).collect(),
            findings: plan.findings.iter().map(PlanFinding::from).collect(),
            unchanged: plan.unchanged,
            gives_up: plan.gives_up.clone(),
            retention_full_from: plan.full_from.clone(),
        }
    }
}

impl From<&Step> for PlanStep {
    fn from(step: &Step) -> Self {
        Self {
            summary: step.summary(),
            action: match step.action {
                StepAction::Tag { .. } => "tag",
                StepAction::SetAutomatedBackups { .. } => "set-automated-backups",
                StepAction::RestoreSnapshot { .. } => "restore-snapshot",
                StepAction::RestorePointInTime { .. } => "restore-point-in-time",
            },
            component_id: step.component.0,
            component: step.component_name.clone(),
            account: step.account.to_string(),
            region: step.region.to_string(),
            arn: step.arn.clone(),
            weakens: step.weakens,
        }
    }
}

impl From<&Finding> for PlanFinding {
    fn from(finding: &Finding) -> Self {
        Self {
            severity: finding.severity,
            component: finding.component_name.clone(),
            message: finding.message.clone(),
        }
    }
}
