//! The call log: the newest calls in full, all of them counted.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::faults::Kind;

/// Calls kept in full; older ones live on in the counters only.
const KEPT: usize = 20_000;

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
    newest: VecDeque<Entry>,
    counters: BTreeMap<(String, String, Option<String>), Counter>,
}

#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Inner>);

impl Log {
    pub(crate) fn add(&self, call: Call) {
        let mut inner = self.lock();
        inner.last += 1;
        let seq = inner.last;
        let key = (call.service.clone(), call.operation.clone(), call.account.clone());
        let counter = inner.counters.entry(key).or_insert_with(|| Counter {
            service: call.service.clone(),
            operation: call.operation.clone(),
            account: call.account.clone(),
            ..Counter::default()
        });
        counter.calls += 1;
        counter.effects += u64::from(call.effect);
        if inner.newest.len() == KEPT {
            inner.newest.pop_front();
        }
        inner.newest.push_back(Entry { seq, call });
    }

    /// Oldest first.
    pub(crate) fn find(&self, filter: &Filter) -> Vec<Entry> {
        self.lock()
            .newest
            .iter()
            .filter(|entry| filter.matches(&entry.call))
            .cloned()
            .collect()
    }

    pub(crate) fn counters(&self) -> Vec<Counter> {
        self.lock().counters.values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
