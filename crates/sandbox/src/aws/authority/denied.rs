//! Why somebody may not do something.

use jiff::{SignedDuration, Timestamp};

/// An answer that no protocol has shaped yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct Denied {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Denied {
    /// `because` ends the sentence, as AWS words it.
    pub(crate) fn forbidden(arn: &str, action: &str, resource: &str, because: &str) -> Self {
        let message = format!("User: {arn} is not authorized to perform: {action} on resource: {resource} {because}");
        Self::new(403, "AccessDeniedException", message)
    }

    pub(crate) fn unknown_key() -> Self {
        let message = "The security token included in the request is invalid.";
        Self::new(403, "UnrecognizedClientException", message)
    }

    pub(crate) fn expired() -> Self {
        let message = "The security token included in the request is expired";
        Self::new(403, "ExpiredTokenException", message)
    }

    pub(crate) fn not_signed() -> Self {
        let message = "The request signature we calculated does not match the signature you provided. \
            Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
        Self::new(403, "InvalidSignatureException", message)
    }

    /// How far the time of a signature may be from ours.
    pub(crate) const SKEW: SignedDuration = SignedDuration::from_mins(5);

    /// `skew`: of the time of the signature, from `now`.
    pub(crate) fn skewed(signed_at: &str, now: Timestamp, skew: SignedDuration) -> Self {
        let stamp = |time: Timestamp| time.strftime("%Y%m%dT%H%M%SZ").to_string();
        let message = if skew.is_negative() {
            let limit = stamp(now - Self::SKEW);
            format!(
                "Signature expired: {signed_at} is now earlier than {limit} ({} - 5 min.)",
                stamp(now)
            )
        } else {
            let limit = stamp(now + Self::SKEW);
            format!(
                "Signature not yet current: {signed_at} is still later than {limit} ({} + 5 min.)",
                stamp(now)
            )
        };
        Self::new(403, "InvalidSignatureException", message)
    }

    /// Nobody can tell: ministack does not answer, or holds a policy that IAM would have refused.
    pub(crate) fn undecided(message: impl Into<String>) -> Self {
        Self::new(503, "ServiceUnavailableException", message)
    }

    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }
}
