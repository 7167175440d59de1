//! What happened to a request, and what is still to come.

use super::Moment;

/// One thing that happened or will.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) when: When,
    pub(crate) words: String,
    /// Who, where somebody did it.
    pub(crate) by: Option<String>,
}

/// Where an entry stands in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// It happened then.
    Done(Option<Moment>),
    /// It ended badly.
    Stopped(Moment),
    /// It is what everybody waits for.
    Now,
    /// It comes after that.
    Later,
}

impl Entry {
    pub(crate) fn new(when: When, words: impl Into<String>) -> Self {
        Self { when, words: words.into(), by: None }
    }

    pub(crate) fn by(self, name: &str) -> Self {
        Self { by: Some(name.to_owned()), ..self }
    }

    pub(crate) const fn class(&self) -> &'static str {
        match self.when {
            When::Done(_) => "done",
            When::Stopped(_) => "stopped",
            When::Now => "now",
            When::Later => "later",
        }
    }

    pub(crate) const fn at(&self) -> Option<Moment> {
        match self.when {
            When::Done(at) => at,
            When::Stopped(at) => Some(at),
            When::Now | When::Later => None,
        }
    }
}
