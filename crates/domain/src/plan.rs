//! What would change at the outside: approved as shown, carried out as approved.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::{AwsAccountId, Region, RolePurpose};
use crate::digest::Digest;
use crate::id::{ComponentId, PlanId};
use crate::sow::Scope;
use crate::window::BackupWindow;

/// What would be done, in the order of doing, and what was found on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The changes, in order. Empty: live already agrees.
    pub steps: Vec<Step>,
    /// What the approver should know.
    pub findings: Vec<Finding>,
    /// How many in-scope components of the tenant stay as they are.
    pub unchanged: usize,
    /// Names of the components of which protection is given up, whether it is there now or only contracted
    /// (invariant 10). A finding says what; empty when the plan only tightens.
    #[serde(default)]
    pub gives_up: Vec<String>,
    /// By component's name, from when a longer retention holds in full, were the plan carried out when it was made. No
    /// part of what an approval is bound to: it moves with each reading.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub full_from: BTreeMap<String, Timestamp>,
}

/// A plan as it was stored and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownPlan {
    /// Its id.
    pub id: PlanId,
    /// What an approval is bound to.
    pub digest: Digest,
    /// The plan.
    pub plan: Plan,
    /// When it was made against the live state.
    pub made_at: Timestamp,
}

/// One change at the outside: at most one mutating call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The component that it serves.
    pub component: ComponentId,
    /// Its name, for people.
    pub component_name: String,
    /// The account in which the call is made.
    pub account: AwsAccountId,
    /// The region in which the call is made.
    pub region: Region,
    /// ARN of the resource that is changed, or restored from.
    pub arn: String,
    /// What is done.
    pub action: StepAction,
    /// Whether it gives up protection that is there now (invariant 10).
    pub weakens: bool,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum StepAction {
    /// Marks a resource as managed under the scope of work.
    Tag {
        /// The tags that are set; others stay.
        tags: BTreeMap<String, String>,
    },
    /// Sets RDS automated backups.
    SetAutomatedBackups {
        /// Days kept as observed; 0: off.
        retention_before: u16,
        /// Days kept from now on.
        retention_after: u16,
        /// Window as observed.
        window_before: Option<BackupWindow>,
        /// Window from now on; `None`: stays.
        window_after: Option<BackupWindow>,
    },
    /// Restores a snapshot under a new name.
    RestoreSnapshot {
        /// The snapshot's identifier.
        snapshot: String,
        /// The new instance's identifier, derived from the restore request.
        target: String,
        /// Tags of the new instance, by which it is known as ours.
        tags: BTreeMap<String, String>,
    },
    /// Restores a moment of continuous backups under a new name.
    RestorePointInTime {
        /// The moment.
        to: Timestamp,
        /// The new instance's identifier, derived from the restore request.
        target: String,
        /// Tags of the new instance, by which it is known as ours.
        tags: BTreeMap<String, String>,
    },
}

impl StepAction {
    /// The role under which the step is carried out.
    #[must_use]
    pub const fn role(&self) -> RolePurpose {
        match self {
            Self::Tag { .. } => RolePurpose::Configure,
            Self::SetAutomatedBackups { .. } => RolePurpose::Tune,
            Self::RestoreSnapshot { .. } | Self::RestorePointInTime { .. } => RolePurpose::Restore,
        }
    }
}

impl Step {
    /// What the step does, in one line of plain words.
    #[must_use]
    pub fn summary(&self) -> String {
        let name = &self.component_name;
        match &self.action {
            StepAction::Tag { .. } => format!("{name}: mark as managed under the scope of work"),
            StepAction::SetAutomatedBackups {
                retention_before,
                retention_after,
                window_before,
                window_after,
            } => {
                let mut parts = Vec::new();
                if retention_before != retention_after {
                    parts.push(format!(
                        "keep automated backups {retention_after} days (now {})",
                        kept(*retention_before)
                    ));
                }
                if let Some(window) = window_after
                    && Some(window) != window_before.as_ref()
                {
                    parts.push(match window_before {
                        Some(before) => format!("window {window} UTC (now {before})"),
                        None => format!("window {window} UTC"),
                    });
                }
                format!("{name}: {}", parts.join(", "))
            }
            StepAction::RestoreSnapshot { snapshot, target, .. } => format!("{name}: restore {snapshot} as {target}"),
            StepAction::RestorePointInTime { to, target, .. } => {
                format!("{name}: restore the state of {to} as {target}")
            }
        }
    }
}

fn kept(days: u16) -> String {
    if days == 0 {
        "off".to_owned()
    } else {
        format!("{days} days")
    }
}

/// Something that the planner found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The component that it is about.
    pub component_name: String,
    /// One sentence: what was found, and what follows.
    pub message: String,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// To be weighed before approving.
    Warning,
    /// The terms cannot be met as asked.
    Unmet,
}

/// What an approval of a change is bound to: the request as parsed, what it makes of the scope of work, and
/// the steps and findings that were shown. How many others stay as they are is no part of it.
#[must_use]
pub fn change_digest(request: &Digest, component: ComponentId, scope: &Scope, plan: &Plan) -> Digest {
    Digest::of(&(request, component, scope, &plan.steps, &plan.findings))
}

/// A step's name towards the outside: the same step of the same plan has the same key, whoever carries it
/// out and however often.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(pub String);

impl IdempotencyKey {
    /// The key of the plan's step at `index`, counted from 0.
    #[must_use]
    pub fn for_step(plan: PlanId, index: usize) -> Self {
        Self(format!("{plan}/{index}"))
    }
}

/// Proof that a step was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The step's key.
    pub key: IdempotencyKey,
    /// The provider's name for what was made or changed.
    pub provider_ref: String,
    /// When the provider confirmed it.
    pub at: Timestamp,
}
