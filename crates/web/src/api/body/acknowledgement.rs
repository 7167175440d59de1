//! What a customer signs as JSON.

use domain::acknowledgement::{self, Statement};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is signed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Terms,
    IndependentCopies,
    Duties,
    MonthlyGranularity,
}

/// A signature to give.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"kind": "terms", "text_version": "2026-01"}))]
#[serde(deny_unknown_fields)]
pub(crate) struct Sign {
    pub(crate) kind: Kind,
    /// The version that was read.
    pub(crate) text_version: String,
}

/// The signatures, and how each statement stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Acknowledgements {
    /// What the customer owes, the worst first.
    pub(crate) owed: Vec<Owed>,
    /// At most 50 signatures, newest first.
    pub(crate) items: Vec<Acknowledgement>,
    /// Give it as `cursor` for the next page; `null`: this is the last.
    pub(crate) next: Option<String>,
}

/// A statement that the customer owes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Owed {
    kind: Kind,
    title: &'static str,
    /// What is stated by signing it.
    wording: &'static str,
    /// The version to sign.
    text_version: String,
    /// `missing`, `expired`, `outdated`, `expiring` or `signed`.
    state: &'static str,
    /// Until when the last signature holds; `null`: there is none.
    until: Option<Timestamp>,
}

/// A signature.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Acknowledgement {
    id: Uuid,
    kind: Kind,
    text_version: String,
    signed_by: String,
    signed_at: Timestamp,
    until: Timestamp,
    /// When it was taken back; `null`: it was not.
    withdrawn_at: Option<Timestamp>,
    withdrawn_by: Option<String>,
}

impl From<acknowledgement::Owed> for Owed {
    fn from(owed: acknowledgement::Owed) -> Self {
        Self {
            kind: owed.statement.into(),
            title: owed.statement.title(),
            wording: owed.statement.wording(),
            text_version: owed.version,
            state: owed.standing.as_str(),
            until: owed.signature.map(|signature| signature.until),
        }
    }
}

impl From<acknowledgement::Acknowledgement> for Acknowledgement {
    fn from(signature: acknowledgement::Acknowledgement) -> Self {
        let (withdrawn_at, withdrawn_by) = signature.withdrawn.unzip();
        Self {
            id: signature.id.0,
            kind: signature.statement.into(),
            text_version: signature.text_version,
            signed_by: signature.signed_by,
            signed_at: signature.signed_at,
            until: signature.until,
            withdrawn_at,
            withdrawn_by,
        }
    }
}

impl From<Statement> for Kind {
    fn from(statement: Statement) -> Self {
        match statement {
            Statement::Terms => Self::Terms,
            Statement::IndependentCopies => Self::IndependentCopies,
            Statement::Duties => Self::Duties,
            Statement::MonthlyGranularity => Self::MonthlyGranularity,
        }
    }
}

impl From<Kind> for Statement {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Terms => Self::Terms,
            Kind::IndependentCopies => Self::IndependentCopies,
            Kind::Duties => Self::Duties,
            Kind::MonthlyGranularity => Self::MonthlyGranularity,
        }
    }
}
