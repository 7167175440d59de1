//! What happened to a request, and what is still to come.

use app::audit::Event;

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
    Done(Moment),
    /// It ended badly.
    Stopped(Moment),
    /// It is what everybody waits for.
    Now,
    /// It comes after that.
    Later,
}

impl Entry {
    /// A line of the audit log.
    pub(crate) fn past(event: &Event) -> Self {
        let at = Moment(event.at);
        let verb = event
            .action
            .split_once('.')
            .map_or(event.action.as_str(), |(_, verb)| verb);
        let words = match verb {
            "submitted" => "Asked for",
            "edited" => "Edited: what was planned and approved is void",
            "asked-back" => "Asked back",
            "planned" => "Planned against the live state",
            "approved" => "Approved",
            "approval-voided" => "The approval is void: what it was for has changed",
            "applying" => "A worker began to apply it",
            "applied" => "Applied and observed",
            "executing" => "A worker began to restore",
            "restored" => "Restored and observed",
            "closed" => "Verified by the customer",
            "disputed" => "Found wrong by the customer",
            "failed" => "Failed",
            "rejected" => "Rejected",
            "withdrawn" => "Withdrawn",
            "cancelled" => "Cancelled",
            "expired" => "Expired undecided",
            "asked" => "Asked for",
            "release-asked" => "Its release was asked for",
            "released" => "Released by the other side",
            "kept" => "The release was turned down or taken back",
            other => other,
        };
        let stopped = matches!(
            verb,
            "disputed" | "failed" | "rejected" | "withdrawn" | "cancelled" | "expired"
        );
        let when = if stopped { When::Stopped(at) } else { When::Done(at) };
        Self {
            when,
            words: words.to_owned(),
            by: Some(event.actor_name.clone()),
        }
    }

    /// What everybody waits for, and what comes after it.
    pub(crate) fn ahead(now: Option<String>, later: &[&str]) -> impl Iterator<Item = Self> {
        let now = now.map(|words| Self {
            when: When::Now,
            words,
            by: None,
        });
        let later: Vec<_> = later
            .iter()
            .map(|words| Self {
                when: When::Later,
                words: (*words).to_owned(),
                by: None,
            })
            .collect();
        now.into_iter().chain(later)
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
            When::Done(at) | When::Stopped(at) => Some(at),
            When::Now | When::Later => None,
        }
    }
}
