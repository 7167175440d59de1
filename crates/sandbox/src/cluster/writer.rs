//! Who writes, when, and how.

use jiff::Timestamp;
use serde_json::Value;

use super::kind::Kind;
use super::managed;

/// The author of a write, as `managedFields` names it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) manager: &'a str,
    pub(crate) now: Timestamp,
    /// By server-side apply: the object brings its `managedFields`.
    pub(crate) applies: bool,
    pub(crate) subresource: Option<&'a str>,
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(manager: &'a str, now: Timestamp) -> Self {
        Self {
            manager,
            now,
            applies: false,
            subresource: None,
        }
    }

    pub(crate) const fn applying(manager: &'a str, now: Timestamp) -> Self {
        Self {
            applies: true,
            ..Self::new(manager, now)
        }
    }

    /// Records in the object which fields this write changed.
    pub(super) fn track(&self, kind: &Kind, live: Option<&Value>, object: &mut Value) {
        if !self.applies {
            managed::track(kind, live, object, self);
        }
    }
}
