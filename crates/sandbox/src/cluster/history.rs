//! What happened lately: the newest changes, from which watches are answered and earlier states told.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;

use super::kind::Kind;

/// Changes kept; a reader that is further behind has to list again.
const KEPT: usize = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Added,
    Modified,
    Deleted,
}

/// One change of one object.
#[derive(Debug)]
pub(crate) struct Event {
    /// The resource version that it made.
    pub(crate) version: u64,
    pub(crate) kind: &'static Kind,
    pub(crate) change: Change,
    /// After the change; of a deleted one its last state, with the version of its deletion.
    pub(crate) object: Arc<Value>,
    /// Before the change; `None` for a new one.
    pub(crate) before: Option<Arc<Value>>,
}

/// The reader asks for changes that are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forgotten {
    /// Changes after this version are remembered.
    pub(crate) since: u64,
}

#[derive(Debug)]
pub(crate) struct History {
    forgotten: u64,
    events: VecDeque<Event>,
}

impl History {
    /// Remembers what comes after `version`.
    pub(crate) fn after(version: u64) -> Self {
        Self {
            forgotten: version,
            events: VecDeque::new(),
        }
    }

    pub(crate) fn push(&mut self, event: Event) {
        if self.events.len() == KEPT
            && let Some(oldest) = self.events.pop_front()
        {
            self.forgotten = oldest.version;
        }
        self.events.push_back(event);
    }

    /// Forgets everything so far, as a compaction does.
    pub(crate) fn forget(&mut self) {
        if let Some(newest) = self.events.back() {
            self.forgotten = newest.version;
        }
        self.events.clear();
    }

    /// Changes after `version`, oldest first.
    ///
    /// # Errors
    /// [`Forgotten`] when some of them are no longer known.
    pub(crate) fn since(&self, version: u64) -> Result<impl DoubleEndedIterator<Item = &Event>, Forgotten> {
        if version < self.forgotten {
            return Err(Forgotten { since: self.forgotten });
        }
        let first = self.events.partition_point(|event| event.version <= version);
        Ok(self.events.range(first..))
    }
}
