//! A request to change the scope of work, from asking to the proof that it is live.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::contract::{ApprovalRule, Side};
use crate::digest::Digest;
use crate::id::{ChangeRequestId, ComponentId, PlanId, TenantId, UserId};
use crate::scope_change::{FormProblem, ScopeChangeForm};
use crate::sow::Scope;

/// A request that is not decided within this time expires.
pub const DECISION_TIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// By which door a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A GitHub issue.
    Github,
    /// The web form.
    Web,
    /// The JSON API.
    Api,
}

impl Source {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Web => "web",
            Self::Api => "api",
        }
    }
}

/// The issue that a request came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueRef {
    /// GitHub's number of the repository; stays when it is renamed.
    pub repository_id: i64,
    /// `owner/name` as last seen.
    pub full_name: String,
    /// The issue's number.
    pub number: i64,
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// The person, where the asking account is linked to one.
    pub user: Option<UserId>,
    /// Name for people: an e-mail address or a GitHub login.
    pub name: String,
}

/// What was asked, resolved against the inventory and the scope of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// The component.
    pub component: ComponentId,
    /// What the change makes of it.
    pub scope: Scope,
}

/// The plan that a request stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRef {
    /// Its id.
    pub id: PlanId,
    /// What approvals are bound to.
    pub digest: Digest,
    /// Whether it gives up protection: then the provider has to agree too, and for it only an `approver` may.
    pub weakens: bool,
}

/// One side's agreement to one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// For which side.
    pub side: Side,
    /// Who.
    pub by: UserId,
    /// Name for people.
    pub name: String,
    /// The digest that was shown.
    pub digest: Digest,
    /// When.
    pub at: Timestamp,
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// Stored, not yet planned.
    Submitted,
    /// Asked back: what is missing or wrong.
    NeedsInformation {
        /// One per field.
        missing: Vec<FormProblem>,
    },
    /// A plan awaits approval.
    Planned {
        /// The plan that is shown.
        plan: PlanRef,
    },
    /// Approved by all sides.
    Approved {
        /// The plan that was approved.
        plan: PlanRef,
    },
    /// A worker carries the plan out.
    Applying {
        /// The plan that was approved.
        plan: PlanRef,
    },
    /// Carried out and observed.
    Applied {
        /// The plan that was carried out.
        plan: PlanRef,
        /// The version of the scope of work that it made.
        sow_version: i32,
    },
    /// Given up; what was done so far stands in the receipts.
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
    Withdrawn,
    /// Not decided in time.
    Expired,
}

impl State {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::NeedsInformation { .. } => "needs-information",
            Self::Planned { .. } => "planned",
            Self::Approved { .. } => "approved",
            Self::Applying { .. } => "applying",
            Self::Applied { .. } => "applied",
            Self::Failed { .. } => "failed",
            Self::Rejected { .. } => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// The plan that the state stands on.
    #[must_use]
    pub const fn plan(&self) -> Option<&PlanRef> {
        match self {
            Self::Planned { plan } | Self::Approved { plan } | Self::Applying { plan } | Self::Applied { plan, .. } => {
                Some(plan)
            }
            _ => None,
        }
    }

    /// Whether nothing more can happen.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Applied { .. } | Self::Failed { .. } | Self::Rejected { .. } | Self::Withdrawn | Self::Expired
        )
    }
}

/// A request to change the scope of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRequest {
    /// Its id.
    pub id: ChangeRequestId,
    /// Whose it is.
    pub tenant: TenantId,
    /// 1, 2, 3, … within the tenant.
    pub number: i32,
    /// In a few words.
    pub title: String,
    /// By which door it came.
    pub source: Source,
    /// The issue, when it came from one.
    pub issue: Option<IssueRef>,
    /// Who asked.
    pub requester: Requester,
    /// What was asked, when it could be read.
    pub form: Option<ScopeChangeForm>,
    /// What was asked, resolved; from the first plan on.
    pub resolved: Option<Resolved>,
    /// Digest of the raw request as it was read last.
    pub request_digest: Digest,
    /// Where it stands.
    pub state: State,
    /// The agreements so far, each to the plan that stands.
    pub approvals: Vec<Approval>,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes, for `If-Match` and guarded writes.
    pub revision: i64,
}

/// Why a transition is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refused {
    /// The approval names another plan than the one that stands.
    #[error("the plan changed since it was shown; read the new one before you decide")]
    PlanChanged,
    /// The request does not await this.
    #[error("the request is {was}, so this can no longer be done")]
    NotAwaiting {
        /// The state that it is in.
        was: &'static str,
    },
    /// Nobody approves what they asked for.
    #[error("nobody approves what they asked for")]
    OwnRequest,
    /// Whoever asked is known by a GitHub account only, which may be the approver's own.
    #[error(
        "the GitHub account that asked is linked to no person here, so nobody can tell whether you asked for this yourself: your provider can link it"
    )]
    UnknownRequester,
    /// The two sides need two people.
    #[error("you have approved already; the other side needs another person")]
    SamePerson,
}

impl ChangeRequest {
    /// Asks back: the form is unreadable or incomplete, or does not fit the inventory.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] once it is approved or decided.
    pub fn ask_back(self, missing: Vec<FormProblem>, at: Timestamp) -> Result<Self, Refused> {
        self.open()?;
        Ok(Self {
            state: State::NeedsInformation { missing },
            approvals: Vec::new(),
            updated_at: at,
            ..self
        })
    }

    /// Takes over an edited request: what was planned and approved is void.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] once a worker carries it out or it is decided.
    pub fn edited(
        self,
        title: String,
        form: Option<ScopeChangeForm>,
        digest: Digest,
        at: Timestamp,
    ) -> Result<Self, Refused> {
        if self.state.is_final() || matches!(self.state, State::Applying { .. }) {
            return Err(Refused::NotAwaiting { was: self.state.name() });
        }
        Ok(Self {
            title,
            form,
            request_digest: digest,
            resolved: None,
            state: State::Submitted,
            approvals: Vec::new(),
            updated_at: at,
            ..self
        })
    }

    /// Shows a plan. Approvals of another digest are void.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] once a worker carries it out or it is decided.
    pub fn plan(self, resolved: Resolved, plan: PlanRef, at: Timestamp) -> Result<Self, Refused> {
        match &self.state {
            State::Planned { plan: shown } | State::Approved { plan: shown } if shown.digest == plan.digest => Ok(self),
            State::Submitted | State::NeedsInformation { .. } | State::Planned { .. } | State::Approved { .. } => {
                Ok(Self {
                    resolved: Some(resolved),
                    state: State::Planned { plan },
                    approvals: Vec::new(),
                    updated_at: at,
                    ..self
                })
            }
            other => Err(Refused::NotAwaiting { was: other.name() }),
        }
    }

    /// Approves exactly the plan that the approver was shown. It becomes `Approved` when every side that
    /// the contract asks has agreed.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn approve(mut self, rule: ApprovalRule, approval: Approval) -> Result<Self, Refused> {
        let State::Planned { plan } = self.state else {
            return Err(Refused::NotAwaiting { was: self.state.name() });
        };
        if plan.digest != approval.digest {
            return Err(Refused::PlanChanged);
        }
        if self.requester.user == Some(approval.by) {
            return Err(Refused::OwnRequest);
        }
        if self.requester.user.is_none() && approval.side == Side::Customer {
            return Err(Refused::UnknownRequester);
        }
        if self.approvals.iter().any(|earlier| earlier.by == approval.by) {
            return Err(Refused::SamePerson);
        }
        self.updated_at = approval.at;
        self.approvals.push(approval);
        let agreed = |side: &Side| self.approvals.iter().any(|approval| approval.side == *side);
        if rule.sides(plan.weakens).iter().all(agreed) {
            self.state = State::Approved { plan };
        }
        Ok(self)
    }

    /// A worker begins to carry out the approved plan. Beginning again after a crash is no change.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] unless it is approved or being applied.
    pub fn begin(self, at: Timestamp) -> Result<Self, Refused> {
        match self.state {
            State::Applying { .. } => Ok(self),
            State::Approved { plan } => Ok(Self {
                state: State::Applying { plan },
                updated_at: at,
                ..self
            }),
            other => Err(Refused::NotAwaiting { was: other.name() }),
        }
    }

    /// Every step was made and then observed.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] unless it is being applied.
    pub fn applied(self, sow_version: i32, at: Timestamp) -> Result<Self, Refused> {
        match self.state {
            State::Applying { plan } => Ok(Self {
                state: State::Applied { plan, sow_version },
                updated_at: at,
                ..self
            }),
            other => Err(Refused::NotAwaiting { was: other.name() }),
        }
    }

    /// Gives up, saying why.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] when it is decided already.
    pub fn fail(self, reason: String, at: Timestamp) -> Result<Self, Refused> {
        self.unless_final(State::Failed { reason }, at)
    }

    /// Refuses the request, for a reason.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] once it is approved or decided.
    pub fn reject(self, reason: String, at: Timestamp) -> Result<Self, Refused> {
        self.open()?;
        Ok(Self {
            state: State::Rejected { reason },
            updated_at: at,
            ..self
        })
    }

    /// Takes the request back, also after approval, as long as no worker has begun.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] once a worker carries it out or it is decided.
    pub fn withdraw(self, at: Timestamp) -> Result<Self, Refused> {
        if matches!(self.state, State::Applying { .. }) {
            return Err(Refused::NotAwaiting { was: self.state.name() });
        }
        self.unless_final(State::Withdrawn, at)
    }

    /// Ends a request that nobody decided.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`] once it is approved or decided.
    pub fn expire(self, at: Timestamp) -> Result<Self, Refused> {
        self.open()?;
        Ok(Self {
            state: State::Expired,
            updated_at: at,
            ..self
        })
    }

    fn open(&self) -> Result<(), Refused> {
        match self.state {
            State::Submitted | State::NeedsInformation { .. } | State::Planned { .. } => Ok(()),
            ref other => Err(Refused::NotAwaiting { was: other.name() }),
        }
    }

    fn unless_final(self, state: State, at: Timestamp) -> Result<Self, Refused> {
        if self.state.is_final() {
            return Err(Refused::NotAwaiting { was: self.state.name() });
        }
        Ok(Self {
            state,
            updated_at: at,
            ..self
        })
    }
}
