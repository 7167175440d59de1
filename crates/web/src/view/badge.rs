//! A state in one word, with a shape and a colour that say the same.

use askama::Template;
use askama::filters::HtmlSafe;
use domain::attestation::DecisionState;
use domain::protection::ProtectionState;

/// What a state means to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it should be.
    Ok,
    /// Somebody should look.
    Warn,
    /// Somebody must act.
    Bad,
    /// Not known, or over.
    Unknown,
    /// Under way.
    Busy,
}

/// A state as a page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Template)]
#[template(source = r#"<span class="badge {{ class() }}">{{ word }}</span>"#, ext = "html")]
pub(crate) struct Badge {
    pub(crate) tone: Tone,
    pub(crate) word: &'static str,
}

impl HtmlSafe for Badge {}

impl Badge {
    pub(crate) const fn new(tone: Tone, word: &'static str) -> Self {
        Self { tone, word }
    }

    /// Whether a component could be restored as contracted.
    pub(crate) const fn protection(state: ProtectionState) -> Self {
        match state {
            ProtectionState::Protected => Self::new(Tone::Ok, "Protected"),
            ProtectionState::AtRisk => Self::new(Tone::Warn, "At risk"),
            ProtectionState::Unprotected => Self::new(Tone::Bad, "Unprotected"),
            ProtectionState::Unknown => Self::new(Tone::Unknown, "Unknown"),
        }
    }

    /// Where the decision stands that a component is not backed up.
    pub(crate) const fn decision(state: DecisionState) -> Self {
        match state {
            DecisionState::Undecided => Self::new(Tone::Warn, "Undecided"),
            DecisionState::Overdue => Self::new(Tone::Bad, "Decision overdue"),
            DecisionState::DueSoon => Self::new(Tone::Warn, "Out of scope, due soon"),
            DecisionState::Signed => Self::new(Tone::Unknown, "Out of scope"),
        }
    }

    /// The class that gives it colour and shape.
    pub(crate) const fn class(&self) -> &'static str {
        match self.tone {
            Tone::Ok => "ok",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
            Tone::Unknown => "unknown",
            Tone::Busy => "busy",
        }
    }
}
