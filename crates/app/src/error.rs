//! Why a use-case did not do what it was asked.

use domain::change_request::Refused;
use domain::scope_change::{FormProblem, GIVEN_CHARS};
use jiff::SignedDuration;
use store::StoreError;

/// Why a use-case did not do what it was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// It does not exist, or it is another tenant's: nobody can tell which.
    #[error("nothing here")]
    NotFound,
    /// The person may see it but not do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The hold does not allow it.
    #[error(transparent)]
    Hold(#[from] domain::hold::Refused),
    /// How the customer or the person stands does not allow it.
    #[error("{0}")]
    NotNow(String),
    /// The input is incomplete or wrong, field by field.
    #[error("the form has {} problems", .0.len())]
    Invalid(Vec<FormProblem>),
    /// Somebody else changed it first.
    #[error("this changed while you were reading it")]
    Conflict,
    /// It is not at the revision that the caller names any more.
    #[error("this is not the revision that you read")]
    Changed,
    /// It is not at the revision that the caller names any more; these fields say something else by now.
    #[error("somebody else changed {} fields first", .0.len())]
    Superseded(Vec<FormProblem>),
    /// The same `Idempotency-Key` came with another request.
    #[error("this Idempotency-Key was used for another request")]
    KeyReused,
    /// Unknown person, wrong password or locked: nobody can tell which.
    #[error("e-mail address or password is wrong, or there were too many attempts")]
    SignIn,
    /// Too much at once.
    #[error("too many sign-ins at once")]
    Busy {
        /// When to come back.
        retry_after: SignedDuration,
    },
    /// The database failed.
    #[error("the store")]
    Store(#[source] StoreError),
    /// The queue failed.
    #[error("the queue")]
    Jobs(#[from] jobs::JobsError),
}

impl AppError {
    /// Where another revision stands, the same with what of it says something else by now.
    pub(crate) fn naming(self, changed: impl FnOnce() -> Vec<FormProblem>) -> Self {
        match self {
            Self::Changed => Self::Superseded(changed()),
            other => other,
        }
    }

    /// One answer is missing or wrong.
    pub(crate) fn field(field: &str, label: &str, given: Option<&str>, why: impl Into<String>) -> Self {
        Self::Invalid(vec![FormProblem {
            field: field.to_owned(),
            label: label.to_owned(),
            given: given
                .filter(|text| !text.is_empty())
                .map(|text| text.chars().take(GIVEN_CHARS).collect()),
            why: why.into(),
        }])
    }
}

impl From<domain::lifecycle::Refused> for AppError {
    fn from(refused: domain::lifecycle::Refused) -> Self {
        Self::NotNow(refused.to_string())
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale => Self::Conflict,
            other => Self::Store(other),
        }
    }
}
