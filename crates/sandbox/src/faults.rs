//! Faults: rules posted by a test, each met by chosen calls.

use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// How long `timeout` holds a request before it drops the connection, in seconds, unless the rule says otherwise.
const HOLD_SECONDS: u16 = 30;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// Refused for now, in the protocol's own words.
    Throttle,
    /// 500, without an effect.
    Error,
    /// No answer for a while, then a dropped connection; without an effect.
    Timeout,
    /// The effect happens, the answer does not.
    LostResponse,
    /// Refused for good.
    AccessDenied,
    /// 200 with a body that breaks off, without an effect.
    Garbage,
    /// The call is accepted; what it started fails later.
    JobFailed,
}

/// Calls that match `service`, `operation` and `account` are counted from the posting; those from the `nth` on, `times` of them, fail.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    service: Option<String>,
    operation: Option<String>,
    /// AWS account id, repository, or cluster.
    account: Option<String>,
    #[serde(default = "one")]
    nth: NonZeroU32,
    #[serde(default = "one")]
    times: NonZeroU32,
    kind: Kind,
    message: Option<String>,
    /// What a job ends as, in AWS's words, where it is not `FAILED`: `EXPIRED`, `ABORTED`, `PARTIAL`.
    state: Option<String>,
    /// Wall time for which `timeout` holds the request; 0 drops the connection at once.
    #[serde(default = "hold_seconds")]
    hold_seconds: u16,
    /// Matching calls so far.
    #[serde(skip_deserializing)]
    seen: u32,
}

const fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

const fn hold_seconds() -> u16 {
    HOLD_SECONDS
}

impl Rule {
    fn matches(&self, service: &str, operation: &str, account: Option<&str>) -> bool {
        let same = |want: &Option<String>, is: Option<&str>| want.as_deref().is_none_or(|want| is == Some(want));
        same(&self.service, Some(service)) && same(&self.operation, Some(operation)) && same(&self.account, account)
    }

    fn hits(&self) -> bool {
        let nth = self.nth.get();
        self.seen >= nth && self.seen - nth < self.times.get()
    }
}

/// A fault that the present call meets.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) message: Option<String>,
    pub(crate) state: Option<String>,
    hold: Duration,
}

#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Rule>>);

impl Faults {
    pub(crate) fn post(&self, rule: Rule) {
        self.lock().push(rule);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn list(&self) -> Vec<Rule> {
        self.lock().clone()
    }

    /// Counts the call for every rule that it matches; the oldest rule that is due decides.
    ///
    /// Rules of [`Kind::JobFailed`] are for what starts a job: [`Faults::meet_job`].
    pub(crate) fn meet(&self, service: &str, operation: &str, account: Option<&str>) -> Option<Fault> {
        self.count(|rule| rule.kind != Kind::JobFailed && rule.matches(service, operation, account))
    }

    /// The same for a job that starts, by a call or by itself: what it is to fail with.
    pub(crate) fn meet_job(&self, service: &str, operation: &str, account: Option<&str>) -> Option<Fault> {
        self.count(|rule| rule.kind == Kind::JobFailed && rule.matches(service, operation, account))
    }

    fn count(&self, counts: impl Fn(&Rule) -> bool) -> Option<Fault> {
        let mut met = None;
        for rule in self.lock().iter_mut().filter(|rule| counts(rule)) {
            rule.seen = rule.seen.saturating_add(1);
            if rule.hits() && met.is_none() {
                met = Some(Fault {
                    kind: rule.kind,
                    message: rule.message.clone(),
                    state: rule.state.clone(),
                    hold: Duration::from_secs(rule.hold_seconds.into()),
                });
            }
        }
        met
    }

    /// Whether a rule still waits for such calls, so that they must be counted.
    pub(crate) fn awaits(&self, service: &str, operation: &str, account: Option<&str>) -> bool {
        let last = |rule: &Rule| (rule.nth.get() - 1).saturating_add(rule.times.get());
        self.lock()
            .iter()
            .any(|rule| rule.matches(service, operation, account) && rule.seen < last(rule))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks a response that is not to be sent: the server closes the connection instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HangUp;

impl std::fmt::Display for HangUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a fault withholds the answer")
    }
}

impl std::error::Error for HangUp {}

impl IntoResponse for HangUp {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

/// Sends the answer, unless the fault withholds it.
pub(crate) async fn send(fault: Option<&Fault>, answer: impl IntoResponse) -> Response {
    match fault.map(|fault| (fault.kind, fault.hold)) {
        Some((Kind::Timeout, hold)) => {
            tokio::time::sleep(hold).await;
            HangUp.into_response()
        }
        Some((Kind::LostResponse, _)) => HangUp.into_response(),
        _ => answer.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: serde_json::Value) -> Rule {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn the_nth_matching_call_and_its_followers_fail() {
        let faults = Faults::default();
        faults.post(rule(
            serde_json::json!({"service": "rds", "account": "1", "nth": 2, "times": 2, "kind": "throttle"}),
        ));
        let met: Vec<bool> = ["1", "2", "1", "1", "1"]
            .iter()
            .map(|account| faults.meet("rds", "DescribeDBInstances", Some(account)).is_some())
            .collect();
        assert_eq!(met, [false, false, true, true, false]);
    }

    #[test]
    fn an_unknown_field_is_refused_with_the_allowed_ones() {
        let refused = serde_json::from_value::<Rule>(serde_json::json!({"kind": "error", "when": 1}))
            .unwrap_err()
            .to_string();
        assert!(refused.contains("`when`") && refused.contains("`nth`"), "{refused}");
    }
}
