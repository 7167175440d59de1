//! The human workflow of a restore: asked, approved, executed, verified, closed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::change_request::{Approval, Refused, Requester};
use crate::component::Component;
use crate::digest::Digest;
use crate::id::{PlanId, RecoveryPointId, RestoreRequestId, TenantId};
use crate::observation::Granularity;
use crate::plan::{Plan, Step, StepAction};

/// A restore that is not decided within this time expires (feature H87).
pub const DECISION_TIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How soon somebody has to answer (feature H81).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// During business hours.
    BusinessHours,
    /// A critical incident: round the clock.
    Critical,
}

impl Urgency {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BusinessHours => "business-hours",
            Self::Critical => "critical",
        }
    }
}

/// One restorable copy as Holdfast knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryPoint {
    /// Its id.
    pub id: RecoveryPointId,
    /// The provider's name for it.
    pub provider_id: String,
    /// Snapshot or continuous.
    pub granularity: Granularity,
    /// The moment that it restores; for continuous ones the latest.
    pub at: Timestamp,
    /// For continuous ones the earliest moment.
    pub earliest: Option<Timestamp>,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

/// What is to be restored, and under which name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreTarget {
    /// The recovery point as it was chosen.
    pub point: RecoveryPoint,
    /// Identifier of the new resource.
    pub name: String,
}

/// Where a restore stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// Awaits approval.
    Submitted,
    /// Approved; a worker will begin.
    Approved,
    /// The provider restores.
    Executing,
    /// The restored resource is there; the customer verifies it.
    Verifying,
    /// Verified by the customer.
    Closed,
    /// Given up.
    Failed {
        /// In plain words.
        reason: String,
    },
    /// Refused by an approver.
    Rejected {
        /// In the approver's words.
        reason: String,
    },
    /// Taken back by the requester.
    Cancelled,
    /// Not decided in time.
    Expired,
}

impl State {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Executing => "executing",
            Self::Verifying => "verifying",
            Self::Closed => "closed",
            Self::Failed { .. } => "failed",
            Self::Rejected { .. } => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

/// A request to restore one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreRequest {
    /// Its id.
    pub id: RestoreRequestId,
    /// Whose it is.
    pub tenant: TenantId,
    /// 1, 2, 3, … within the tenant.
    pub number: i32,
    /// What was lost.
    pub component: Component,
    /// From where, and to where.
    pub target: RestoreTarget,
    /// The steps that were shown. Its id names the steps towards the outside.
    pub plan_id: PlanId,
    /// The plan.
    pub plan: Plan,
    /// What approvals are bound to.
    pub digest: Digest,
    /// How soon somebody has to answer.
    pub urgency: Urgency,
    /// Why, in the requester's words.
    pub reason: String,
    /// Who asked.
    pub requester: Requester,
    /// Where it stands.
    pub state: State,
    /// The agreement, once there is one.
    pub approval: Option<Approval>,
    /// By when the provider answers.
    pub respond_by: Timestamp,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes, for guarded writes.
    pub revision: i64,
}

/// Name of the restored resource: the same for the same request, so that asking twice makes one.
/// As RDS allows: at most 63 characters, lower-case letters, digits and single dashes, none at the end.
#[must_use]
pub fn target_name(component: &str, request: RestoreRequestId) -> String {
    let id = request.0.simple().to_string();
    let name: String = component
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(24)
        .collect();
    let words = ["holdfast", "restore"]
        .into_iter()
        .chain(name.split('-'))
        .chain([&id[id.len() - 12..]]);
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
        .to_ascii_lowercase()
}

/// Tags by which a restored resource is known as this request's.
#[must_use]
pub fn tags(tenant: TenantId, request: RestoreRequestId) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("holdfast:restore".to_owned(), "true".to_owned()),
        ("holdfast:restore-request".to_owned(), request.to_string()),
        ("holdfast:tenant".to_owned(), tenant.to_string()),
    ])
}

/// The one step of a restore; `None` for a component outside AWS.
#[must_use]
pub fn step(
    tenant: TenantId,
    request: RestoreRequestId,
    component: &Component,
    target: &RestoreTarget,
) -> Option<Step> {
    let place = component.aws.as_ref()?;
    let (name, tags) = (target.name.clone(), tags(tenant, request));
    let action = match target.point.granularity {
        Granularity::Snapshot => StepAction::RestoreSnapshot {
            snapshot: target.point.provider_id.clone(),
            target: name,
            tags,
        },
        Granularity::Continuous => StepAction::RestorePointInTime {
            to: target.point.at,
            target: name,
            tags,
        },
    };
    Some(Step {
        component: component.id,
        component_name: component.name.clone(),
        account: place.account.clone(),
        region: place.region.clone(),
        arn: place.arn.clone(),
        action,
        weakens: false,
    })
}

/// What an approval of a restore is bound to: the component, the recovery point with its metadata, the
/// target and the steps that were shown.
#[must_use]
pub fn digest(component: &Component, target: &RestoreTarget, plan: &Plan) -> Digest {
    Digest::of(&(component.id, &component.aws, target, plan))
}

impl RestoreRequest {
    /// Approves exactly what the approver was shown.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn approve(self, approval: Approval) -> Result<Self, Refused> {
        self.expect(&[State::Submitted])?;
        if self.digest != approval.digest {
            return Err(Refused::PlanChanged);
        }
        if self.requester.user == Some(approval.by) {
            return Err(Refused::OwnRequest);
        }
        Ok(Self {
            state: State::Approved,
            updated_at: approval.at,
            approval: Some(approval),
            ..self
        })
    }

    /// What was approved is no longer what is there: back to asking.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] unless it is approved and not yet begun.
    pub fn void_approval(self, at: Timestamp) -> Result<Self, Refused> {
        self.expect(&[State::Approved])?;
        Ok(Self {
            state: State::Submitted,
            approval: None,
            updated_at: at,
            ..self
        })
    }

    /// A worker begins. Beginning again after a crash is no change.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] unless it is approved or executing.
    pub fn begin(self, at: Timestamp) -> Result<Self, Refused> {
        if self.state == State::Executing {
            return Ok(self);
        }
        self.expect(&[State::Approved])?;
        Ok(Self {
            state: State::Executing,
            updated_at: at,
            ..self
        })
    }

    /// The restored resource was observed to be available.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] unless it is executing.
    pub fn restored(self, at: Timestamp) -> Result<Self, Refused> {
        self.expect(&[State::Executing])?;
        Ok(Self {
            state: State::Verifying,
            updated_at: at,
            ..self
        })
    }

    /// The customer has verified the data.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] unless it awaits verification.
    pub fn verify(self, at: Timestamp) -> Result<Self, Refused> {
        self.expect(&[State::Verifying])?;
        Ok(Self {
            state: State::Closed,
            updated_at: at,
            ..self
        })
    }

    /// The customer has looked at the data and found it wrong: the request failed, in their words. The copy stays.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] unless it awaits verification.
    pub fn dispute(self, reason: &str, at: Timestamp) -> Result<Self, Refused> {
        self.expect(&[State::Verifying])?;
        let reason = format!("The customer found the restored data wrong: {reason}");
        Ok(Self {
            state: State::Failed { reason },
            updated_at: at,
            ..self
        })
    }

    /// Refuses it, for a reason.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] unless it awaits approval.
    pub fn reject(self, reason: String, at: Timestamp) -> Result<Self, Refused> {
        self.expect(&[State::Submitted])?;
        Ok(Self {
            state: State::Rejected { reason },
            updated_at: at,
            ..self
        })
    }

    /// Takes it back, as long as no worker has begun.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] once a worker has begun or it is decided.
    pub fn cancel(self, at: Timestamp) -> Result<Self, Refused> {
        self.expect(&[State::Submitted, State::Approved])?;
        Ok(Self {
            state: State::Cancelled,
            updated_at: at,
            ..self
        })
    }

    /// Ends a request that nobody decided.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] unless it awaits approval.
    pub fn expire(self, at: Timestamp) -> Result<Self, Refused> {
        self.expect(&[State::Submitted])?;
        Ok(Self {
            state: State::Expired,
            updated_at: at,
            ..self
        })
    }

    /// Gives up, saying why.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] unless it is approved or executing.
    pub fn fail(self, reason: String, at: Timestamp) -> Result<Self, Refused> {
        self.expect(&[State::Approved, State::Executing])?;
        Ok(Self {
            state: State::Failed { reason },
            updated_at: at,
            ..self
        })
    }

    fn expect(&self, allowed: &[State]) -> Result<(), Refused> {
        if allowed.contains(&self.state) {
            Ok(())
        } else {
            Err(Refused::NotAwaiting { was: self.state.name() })
        }
    }
}
