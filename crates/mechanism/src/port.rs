//! The port itself.

use domain::account::AwsAccount;
use domain::id::TenantId;
use domain::observation::{BackupScope, Observed};
use domain::plan::{IdempotencyKey, Receipt, Step};

/// In whose name an outside call is made; it appears in the customer's own audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The tenant.
    pub tenant: TenantId,
    /// The change or restore request, or `observe` for reading: 2 to 64 characters of `[A-Za-z0-9+=,.@_-]`.
    pub source: String,
}

/// What became of a step at the outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The effect is there and complete.
    Done(Receipt),
    /// The provider is still at it.
    Running {
        /// The provider's word for the state.
        detail: String,
    },
    /// Nothing was made under the step's name.
    NotStarted,
    /// The provider gave up, or something stands in the way.
    Failed {
        /// In plain words.
        reason: String,
    },
}

/// Why a reading gave nothing. Nothing was read: every component of the scope is unknown.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// A role cannot be assumed, or may not read. Someone has to mend it.
    #[error("{reason}")]
    Denied {
        /// In the customer's words: what to mend.
        reason: String,
    },
    /// The link to the account must not be used: the words say why.
    #[error("{reason}")]
    Refused {
        /// In the customer's words: what to mend.
        reason: String,
    },
    /// Throttled, unreachable, or an answer that makes no sense. Worth another try.
    #[error("{reason}")]
    Unavailable {
        /// What was tried.
        reason: String,
        /// The cause.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// Why a step was not made, or may not have been.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Refused by the provider; another try gives the same answer.
    #[error("{reason}")]
    Rejected {
        /// In the customer's words.
        reason: String,
    },
    /// Throttled, unreachable, or the answer was lost: the effect may be there. Another call with the
    /// same step and key is harmless and finds out.
    #[error("{reason}")]
    Unsure {
        /// What was tried.
        reason: String,
        /// The cause.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// A way to make backups and restores.
#[async_trait::async_trait]
pub trait Mechanism: Send + Sync {
    /// Checks that the account is linked safely: the roles can be assumed with the ExternalId, not
    /// without it, and lead to the registered account. Read-only.
    ///
    /// # Errors
    /// [`ObserveError`]: `Refused` when the link is unsafe, `Denied` when a role cannot be assumed.
    async fn verify_link(&self, account: &AwsAccount) -> Result<(), ObserveError>;

    /// Read-only. Says `Partial` when something of the scope could not be read.
    ///
    /// # Errors
    /// [`ObserveError`] when nothing could be read.
    async fn observe(&self, scope: &BackupScope) -> Result<Observed, ObserveError>;

    /// Makes the step, at most one mutating call. Idempotent: the same step under the same key has one
    /// effect, and the same receipt.
    ///
    /// # Errors
    /// See [`ApplyError`].
    async fn apply(
        &self,
        account: &AwsAccount,
        authority: &Authority,
        step: &Step,
        key: &IdempotencyKey,
    ) -> Result<Receipt, ApplyError>;

    /// Looks whether the step's effect is there. Read-only.
    ///
    /// # Errors
    /// [`ObserveError`] when that could not be read.
    async fn progress(&self, account: &AwsAccount, step: &Step, key: &IdempotencyKey)
    -> Result<Progress, ObserveError>;
}
