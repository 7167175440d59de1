//! What AWS's answers mean.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use mechanism::{ApplyError, ObserveError};

/// AWS's words are shown to people: no more of them than this many characters.
const MESSAGE_MAX: usize = 500;

/// The permissions do not suffice.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "OptInRequired",
    "RegionDisabledException",
    "UnauthorizedOperation",
];

/// The session is no longer known, or the clocks differ.
const SESSION_LOST: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "RequestExpired",
    "SignatureDoesNotMatch",
];

/// Refused for now: the same call may succeed later.
const TEMPORARY: &[&str] = &[
    "InsufficientDBInstanceCapacity",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InvalidDBInstanceState",
    "InvalidDBSnapshotState",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "ServiceUnavailable",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// Why a call to AWS did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The role cannot be assumed, or its permissions do not suffice.
    #[error("{reason}")]
    Denied { reason: String },
    /// The link to the account is unsafe, a call would leave it, or what is there is not what the plan was made for.
    #[error("{reason}")]
    Refused { reason: String },
    /// AWS refuses the request as such.
    #[error("{reason}")]
    Rejected { code: String, reason: String },
    /// Throttled, unreachable, or an answer that makes no sense: nothing is known.
    #[error("{reason}")]
    Unavailable {
        reason: String,
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl Failure {
    /// Judges an error of the SDK. `who` is the role that called, `what` the call as in "listing
    /// the instances".
    pub(crate) fn of<E>(who: &str, what: &str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let busy = status.is_none_or(|status| status >= 500 || status == 429);
        let (code, message) = match error.as_service_error() {
            Some(e) => (e.code().unwrap_or_default(), e.message().unwrap_or_default()),
            None => ("", ""),
        };
        let message: String = message.chars().take(MESSAGE_MAX).collect();
        if DENIED.contains(&code) {
            Self::Denied {
                reason: format!("AWS denies {who} {what}: {message}"),
            }
        } else if code.is_empty() || busy || TEMPORARY.contains(&code) || SESSION_LOST.contains(&code) {
            let reason = match code {
                "" => format!("{what}: no answer from AWS that makes sense"),
                _ => format!("{what}: AWS answers {code}: {message}"),
            };
            Self::Unavailable {
                reason,
                source: Some(Box::new(error)),
            }
        } else {
            Self::Rejected {
                code: code.to_owned(),
                reason: format!("AWS refuses {what}: {message} ({code})"),
            }
        }
    }

    /// An answer that makes no sense.
    pub(crate) fn nonsense(reason: impl Into<String>) -> Self {
        Self::Unavailable {
            reason: reason.into(),
            source: None,
        }
    }

    /// Whether AWS refused the request with this code.
    pub(crate) fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Rejected { code, .. } if code == wanted)
    }
}

/// Whether the session's credentials are no good any more.
pub(crate) fn session_lost<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
        .is_some_and(|code| SESSION_LOST.contains(&code))
}

impl From<Failure> for ObserveError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Denied { reason } => Self::Denied { reason },
            Failure::Refused { reason } => Self::Refused { reason },
            Failure::Rejected { reason, .. } => Self::Unavailable { reason, source: None },
            Failure::Unavailable { reason, source } => Self::Unavailable { reason, source },
        }
    }
}

impl From<Failure> for ApplyError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Denied { reason } | Failure::Refused { reason } | Failure::Rejected { reason, .. } => {
                Self::Rejected { reason }
            }
            Failure::Unavailable { reason, source } => Self::Unsure { reason, source },
        }
    }
}
