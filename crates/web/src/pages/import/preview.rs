//! What importing a document would do.

use app::import::Preview;
use domain::digest::Digest;
use domain::onboarding::{Change, Effect};

use crate::view::{Badge, Tone, words};

/// Rows of a preview that a page shows; the API gives all.
const SHOWN: usize = 200;

/// What importing would do.
pub(super) struct PreviewView {
    pub(super) headline: String,
    pub(super) note: Option<&'static str>,
    pub(super) counts: Vec<(usize, &'static str)>,
    pub(super) problems: Vec<(String, String, Option<String>, String)>,
    pub(super) more_problems: usize,
    /// (line, words).
    pub(super) warnings: Vec<(usize, String)>,
    pub(super) changes: Vec<ChangeView>,
    pub(super) more_changes: usize,
    pub(super) digest: Option<Digest>,
}

pub(super) struct ChangeView {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) environment: &'static str,
    pub(super) badge: Badge,
    pub(super) decision: Option<Badge>,
    pub(super) facts: String,
}

impl PreviewView {
    pub(super) fn new(preview: Preview, note: Option<&'static str>) -> Self {
        let comparison = preview.comparison;
        let (new, changed) = (comparison.count(Effect::New), comparison.count(Effect::Changed));
        let refused = comparison.problems.len();
        let headline = if refused > 0 {
            "Nothing can be imported yet".to_owned()
        } else if comparison.changes.is_empty() {
            "Nothing to do: everything it says is known already".to_owned()
        } else {
            "This is what importing would do".to_owned()
        };
        let problems = comparison.problems.iter().take(SHOWN).map(|problem| {
            let line = match problem.line {
                0 => "the whole".to_owned(),
                line => line.to_string(),
            };
            let what = &problem.what;
            (line, what.label.clone(), what.given.clone(), words::plain(&what.why))
        });
        Self {
            headline,
            note,
            counts: vec![
                (new, "new"),
                (changed, "changed"),
                (comparison.unchanged, "unchanged"),
                (comparison.decided(), "decided about"),
                (refused, "refused"),
            ],
            problems: problems.collect(),
            more_problems: refused.saturating_sub(SHOWN),
            warnings: comparison
                .warnings
                .iter()
                .map(|warning| (warning.line, words::plain(&warning.words)))
                .collect(),
            more_changes: comparison.changes.len().saturating_sub(SHOWN),
            digest: preview.digest.filter(|_| !comparison.changes.is_empty()),
            changes: comparison.changes.iter().take(SHOWN).map(ChangeView::new).collect(),
        }
    }
}

impl ChangeView {
    fn new(change: &Change) -> Self {
        let fact = |fact: &domain::onboarding::Fact| match &fact.before {
            Some(before) => format!("{}: {before} \u{2192} {}", fact.column, fact.after),
            None => format!("{}: {}", fact.column, fact.after),
        };
        let facts: Vec<_> = change.facts.iter().map(fact).collect();
        Self {
            line: change.line,
            name: change.component.name.clone(),
            environment: change.component.environment.as_str(),
            badge: match change.effect {
                Effect::New => Badge::new(Tone::Ok, "New"),
                Effect::Changed => Badge::new(Tone::Busy, "Changed"),
            },
            decision: change.decided.as_ref().map(|(scope, _)| match scope.terms() {
                Some(_) => Badge::new(Tone::Ok, "In scope"),
                None => Badge::new(Tone::Unknown, "Out of scope"),
            }),
            facts: facts.join(" · "),
        }
    }
}
