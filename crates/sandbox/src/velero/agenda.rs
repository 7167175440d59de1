//! What one Velero server still has to do, and when.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use super::mover::Move;
use super::{backup, restore};

/// Something that was begun and goes on at a later moment.
#[derive(Debug)]
pub(crate) enum Step {
    /// Looks at the queue of backups.
    Queue,
    Backup(String, backup::Step),
    Restore(String, restore::Step),
    Move(Move),
    /// The repository's data is initialised.
    Repository(String),
    /// The request has waited for its deletions.
    Deletion(String),
}

#[derive(Debug, Default)]
pub(crate) struct Agenda(BTreeMap<Timestamp, VecDeque<Step>>);

impl Agenda {
    /// Steps of one moment are taken in the order in which they were added.
    pub(crate) fn add(&mut self, at: Timestamp, step: Step) {
        self.0.entry(at).or_default().push_back(step);
    }

    /// The moment of the next step; `None`: nothing is under way.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.0.keys().next().copied()
    }

    /// Takes the next step, if it is due by `now`.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<Step> {
        let mut first = self.0.first_entry().filter(|entry| *entry.key() <= now)?;
        let step = first.get_mut().pop_front();
        if first.get().is_empty() {
            first.remove();
        }
        step
    }

    /// What goes on without the server: the node agents' moves.
    pub(crate) fn keep_moves(&mut self) -> Self {
        let mut kept = Self::default();
        for (at, steps) in std::mem::take(&mut self.0) {
            for step in steps.into_iter().filter(|step| matches!(step, Step::Move(_))) {
                kept.add(at, step);
            }
        }
        kept
    }
}
