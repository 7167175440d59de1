//! What can go wrong at GitHub, told apart by what to do about it.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// What GitHub asks to wait when it does not say how long.
const WAIT_DEFAULT: Duration = Duration::from_secs(60);
/// The longest wait that is believed; GitHub's limits are per hour.
const WAIT_MAX: Duration = Duration::from_secs(3600);

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A call to GitHub that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum GitHubError {
    /// The App's settings cannot work: key, address.
    #[error("the GitHub App's settings cannot be used")]
    Settings(#[source] Cause),
    /// There is no such thing, or the installation may not know of it.
    #[error("GitHub has no such thing, or does not show it to the App")]
    NotFound(#[source] Cause),
    /// The App may not do this, or its key or token is not accepted.
    #[error("GitHub does not allow this to the App")]
    Denied(#[source] Cause),
    /// GitHub finds the call itself wrong; asking again will not help.
    #[error("GitHub refused the call with status {status}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// GitHub's words.
        #[source]
        source: Cause,
    },
    /// Too many calls.
    #[error("GitHub asks to wait {} s", retry_after.as_secs())]
    RateLimited {
        /// How long to wait, an hour at most.
        retry_after: Duration,
    },
    /// No answer in time, a broken connection, or an error inside GitHub. What was asked may have been done.
    #[error("GitHub cannot be reached or fails")]
    Unavailable(#[source] Cause),
    /// An answer that cannot be read. What was asked may have been done.
    #[error("GitHub's answer cannot be read")]
    Garbage(#[source] Cause),
}

impl GitHubError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unavailable(_) | Self::Garbage(_))
    }
}

impl From<octocrab::Error> for GitHubError {
    fn from(error: octocrab::Error) -> Self {
        use octocrab::Error as E;
        match error {
            E::GitHub { source, .. } => refused(source),
            E::Json { .. } | E::Serde { .. } | E::InvalidUtf8 { .. } => Self::Garbage(error.into()),
            E::Installation { .. } | E::JWT { .. } | E::UriParse { .. } | E::Uri { .. } => Self::Settings(error.into()),
            _ => Self::Unavailable(error.into()),
        }
    }
}

fn refused(answer: Box<octocrab::GitHubError>) -> GitHubError {
    let status = answer.status_code;
    if let Some(retry_after) = retry_after(&answer) {
        return GitHubError::RateLimited { retry_after };
    }
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => GitHubError::NotFound(answer),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => GitHubError::Denied(answer),
        StatusCode::REQUEST_TIMEOUT => GitHubError::Unavailable(answer),
        _ if status.is_server_error() => GitHubError::Unavailable(answer),
        _ if status.is_client_error() => GitHubError::Refused {
            status: status.as_u16(),
            source: answer,
        },
        _ => GitHubError::Garbage(answer),
    }
}

/// How long to wait, when the answer is about a limit: GitHub says so by 429, or by 403 with one of several
/// headers or only with words.
fn retry_after(answer: &octocrab::GitHubError) -> Option<Duration> {
    if !matches!(
        answer.status_code,
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    ) {
        return None;
    }
    let none = HeaderMap::new();
    let headers = answer.headers.as_ref().unwrap_or(&none);
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
    let wait = if let Some(seconds) = number("retry-after") {
        Duration::from_secs(seconds)
    } else if number("x-ratelimit-remaining") == Some(0) {
        until_reset(answer.rate_limit_reset, headers).unwrap_or(WAIT_DEFAULT)
    } else if answer.status_code == StatusCode::TOO_MANY_REQUESTS || answer.message.contains("rate limit") {
        WAIT_DEFAULT
    } else {
        return None;
    };
    Some(wait.min(WAIT_MAX))
}

/// From the answer's own date to the reset, so that our clock does not matter.
fn until_reset(reset: Option<u64>, headers: &HeaderMap) -> Option<Duration> {
    let date = headers.get(header::DATE)?.to_str().ok()?;
    let date: Timestamp = rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(Duration::from_secs(
        reset?.saturating_sub(u64::try_from(date.as_second()).ok()?),
    ))
}
