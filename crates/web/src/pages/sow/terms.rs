//! The terms of a line, each value with where it came from.

use app::sow::Sources;
use domain::sow::Terms;
use domain::tier::Tier;

use crate::links::Links;
use crate::view::{Value, words};

/// What is contracted for a component in scope.
pub(in crate::pages) struct TermsView {
    pub(in crate::pages) tier: Value,
    pub(in crate::pages) rpo: String,
    pub(in crate::pages) rto: String,
    pub(in crate::pages) schedule: Value,
    pub(in crate::pages) window: Value,
    pub(in crate::pages) retention: Value,
    pub(in crate::pages) location: Value,
}

impl TermsView {
    pub(in crate::pages) fn new(terms: &Terms, sources: &Sources, links: &Links) -> Self {
        let value = |field, text: String| Value::of(field, text, sources, links);
        let window = terms
            .daily_window()
            .map_or_else(|| "the provider chooses".to_owned(), |window| format!("{window} UTC"));
        let of_schedule = terms.window.is_none() && terms.schedule.daily_in_utc().is_some();
        Self {
            // Nobody supplies what is not there.
            tier: match terms.tier {
                Some(tier) => value("tier", words::tier(tier).to_owned()),
                None => Value::plain("none"),
            },
            rpo: words::span(terms.schedule.interval()),
            rto: terms
                .tier
                .map(Tier::rto)
                .map_or_else(|| "not stated".to_owned(), words::span),
            schedule: value("schedule", words::schedule(&terms.schedule)),
            window: if of_schedule {
                Value::because(window, "from the schedule")
            } else {
                value("window", window)
            },
            retention: value("retention_days", terms.retention.to_string()),
            location: value("location", words::location(terms.location).to_owned()),
        }
    }
}
