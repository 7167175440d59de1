//! The call log: the newest calls in full, all of them counted.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::faults::Kind;

/// Calls kept in full; older ones live on in the counters only.
const KEPT: usize = 20_000;

/// The calls that are kept asked no more than this together, in bytes of JSON.
const KEPT_BYTES: usize = 32 << 20;

/// What operations are counted as that the service does not have: their names are anybody's.
const UNKNOWN: &str = "unknown";

/// Codes that say so.
const NOT_OFFERED: [&str; 3] = ["InvalidAction", "NotImplemented", "UnknownOperationException"];

/// One call to the outside world, as it was answered.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Call {
    /// Virtual time of completion.
    pub(crate) at: Timestamp,
    /// `sts`, `rds`, …, `github`, `kubernetes`.
    pub(crate) service: String,
    /// AWS action, GitHub's operation id such as `issues/create-comment`, or verb and resource such as `create/backups`.
    pub(crate) operation: String,
    /// AWS account (of the role where one is assumed), repository, or cluster.
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    /// ARN of the caller, GitHub login, or user of the cluster.
    pub(crate) principal: Option<String>,
    /// Of the answer that was made, even where a fault withheld it.
    pub(crate) status: u16,
    /// Code of a refusal.
    pub(crate) error: Option<String>,
    /// The fault that this call met.
    pub(crate) fault: Option<Kind>,
    /// What was asked, without passwords.
    pub(crate) request: Value,
    /// Whether it changed something.
    pub(crate) effect: bool,
}

/// A call with its number: 1, 2, … in order of completion.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    seq: u64,
    #[serde(flatten)]
    call: Call,
}

/// Which calls to show; an absent field matches all.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    tenant: Option<String>,
    service: Option<String>,
    op: Option<String>,
}

impl Filter {
    fn matches(&self, call: &Call) -> bool {
        let same = |want: &Option<String>, is: Option<&str>| want.as_deref().is_none_or(|want| is == Some(want));
        same(&self.tenant, call.account.as_deref())
            && same(&self.service, Some(&call.service))
            && same(&self.op, Some(&call.operation))
    }
}

/// Totals of one operation in one account since the start.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Counter {
    service: String,
    operation: String,
    account: Option<String>,
    calls: u64,
    effects: u64,
}

#[derive(Debug, Default)]
struct Inner {
    last: u64,
    newest: VecDeque<(Entry, usize)>,
    /// What the newest calls asked, together.
    bytes: usize,
    counters: BTreeMap<(String, String, Option<String>), Counter>,
}

#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Inner>);

impl Log {
    pub(crate) fn add(&self, call: Call) {
        let bytes = call.request.to_string().len() + call.operation.len();
        let mut inner = self.lock();
        inner.last += 1;
        let seq = inner.last;
        // A method with a path is no operation either.
        let unknown =
            call.error.as_deref().is_some_and(|code| NOT_OFFERED.contains(&code)) || call.operation.contains(' ');
        let operation = if unknown { UNKNOWN } else { &call.operation };
        let key = (call.service.clone(), operation.to_owned(), call.account.clone());
        let counter = inner.counters.entry(key).or_insert_with(|| Counter {
            service: call.service.clone(),
            operation: operation.to_owned(),
            account: call.account.clone(),
            ..Counter::default()
        });
        counter.calls += 1;
        counter.effects += u64::from(call.effect);
        inner.newest.push_back((Entry { seq, call }, bytes));
        inner.bytes += bytes;
        while inner.newest.len() > KEPT || inner.bytes > KEPT_BYTES {
            let Some((_, bytes)) = inner.newest.pop_front() else {
                break;
            };
            inner.bytes -= bytes;
        }
    }

    /// Oldest first.
    pub(crate) fn find(&self, filter: &Filter) -> Vec<Entry> {
        let inner = self.lock();
        let entries = inner.newest.iter().map(|(entry, _)| entry);
        entries.filter(|entry| filter.matches(&entry.call)).cloned().collect()
    }

    pub(crate) fn counters(&self) -> Vec<Counter> {
        self.lock().counters.values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(operation: &str, error: Option<&str>, asked: usize) -> Call {
        Call {
            at: Timestamp::UNIX_EPOCH,
            service: "backup".to_owned(),
            operation: operation.to_owned(),
            account: Some("111122223333".to_owned()),
            region: None,
            principal: None,
            status: 200,
            error: error.map(str::to_owned),
            fault: None,
            request: json!("x".repeat(asked)),
            effect: false,
        }
    }

    #[test]
    fn what_is_kept_is_bounded_and_what_is_counted_is_exact() {
        let log = Log::default();
        for _ in 0..KEPT + 5 {
            log.add(call("ListBackupJobs", None, 1));
        }
        assert_eq!(log.find(&Filter::default()).len(), KEPT);
        assert_eq!(log.counters()[0].calls, KEPT as u64 + 5);
        for _ in 0..2 {
            log.add(call("ListBackupJobs", None, KEPT_BYTES / 2));
        }
        assert_eq!(log.find(&Filter::default()).len(), 1);
        assert_eq!(log.counters()[0].calls, KEPT as u64 + 7);
    }

    #[test]
    fn invented_operations_share_one_counter() {
        let log = Log::default();
        log.add(call("MakeTea", Some("InvalidAction"), 1));
        log.add(call("MakeCoffee", Some("UnknownOperationException"), 1));
        log.add(call("GET /tea", Some("AccessDeniedException"), 1));
        let counters = log.counters();
        assert_eq!((counters.len(), counters[0].calls), (1, 3));
        assert_eq!(log.find(&Filter::default())[1].call.operation, "MakeCoffee");
    }
}
