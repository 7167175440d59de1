//! What a handler gets.

use jiff::Timestamp;

use super::Cluster;
use super::asked::{Asked, Resource};
use super::writer::Writer;

/// One request that was let in.
pub(crate) struct Turn<'a> {
    pub(crate) cluster: &'a std::sync::Arc<Cluster>,
    pub(crate) asked: &'a Asked,
    pub(crate) resource: &'a Resource,
    pub(crate) now: Timestamp,
}

impl<'a> Turn<'a> {
    pub(crate) fn namespace(&self) -> Option<&'a str> {
        self.resource.namespace.as_deref()
    }

    /// The caller as a writer.
    pub(crate) fn writer(&self) -> Writer<'a> {
        Writer {
            subresource: self.resource.subresource.as_deref(),
            ..Writer::new(self.asked.manager(), self.now)
        }
    }
}
