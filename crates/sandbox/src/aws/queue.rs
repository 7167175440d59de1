//! What is due when, in which account and region.

use std::collections::BTreeSet;

use jiff::Timestamp;

/// One account in one region.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) region: String,
}

/// A task with its moment; those of one moment keep the order in which they were planned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due<T> {
    pub(crate) at: Timestamp,
    number: u64,
    pub(crate) place: Place,
    pub(crate) task: T,
}

#[derive(Debug)]
pub(crate) struct Queue<T> {
    due: BTreeSet<Due<T>>,
    planned: u64,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            due: BTreeSet::new(),
            planned: 0,
        }
    }
}

impl<T: Ord> Queue<T> {
    pub(crate) fn plan(&mut self, at: Timestamp, place: &Place, task: T) {
        self.planned += 1;
        self.due.insert(Due {
            at,
            number: self.planned,
            place: place.clone(),
            task,
        });
    }

    /// When the next task is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.due.first().map(|due| due.at)
    }

    /// The earliest task that is due at `now`, which is then no longer planned.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<Due<T>> {
        if self.next()? > now { None } else { self.due.pop_first() }
    }
}
