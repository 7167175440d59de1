//! What is asked of a policy.

use super::principal::Principal;

/// One action on one resource.
pub(crate) struct Request<'a> {
    pub(crate) principal: &'a Principal,
    /// `service:Operation`.
    pub(crate) action: &'a str,
    /// An ARN, or `*` where the action is on no resource of its own.
    pub(crate) resource: &'a str,
    pub(crate) context: &'a Context,
}

/// Condition keys, in lower case, with their values; one with several values is there several times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context(Vec<(String, String)>);

impl Context {
    pub(crate) fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.push((key.to_lowercase(), value.into()));
        self
    }

    /// `key` in lower case.
    pub(crate) fn values(&self, key: &str) -> impl Iterator<Item = &str> + Clone {
        self.0
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// `None` where there is none, or more than one.
    pub(crate) fn single(&self, key: &str) -> Option<&str> {
        let mut values = self.values(key);
        values.next().filter(|_| values.next().is_none())
    }
}
