//! Four numbers, each a link to what it counts.

use app::status::Tally;

use super::{Badge, Tone, words};

/// One of the numbers.
#[derive(Debug, Clone)]
pub(crate) struct TallyCell {
    pub(crate) href: String,
    pub(crate) badge: Badge,
    pub(crate) number: usize,
    pub(crate) words: String,
    pub(crate) current: bool,
}

impl TallyCell {
    /// The numbers, worst first; each links to `path` with its state as the filter. The chosen one links back.
    pub(crate) fn all(tally: &Tally, path: &str, chosen: Option<&str>) -> Vec<Self> {
        let of = words::count(tally.in_scope(), "component in scope", "components in scope");
        let cells = [
            ("unprotected", Tone::Bad, "Unprotected", tally.unprotected, "no recovery point was observed".to_owned()),
            ("at-risk", Tone::Warn, "At risk", tally.at_risk, "older than contracted".to_owned()),
            ("unknown", Tone::Unknown, "Unknown", tally.unknown, "not observed lately".to_owned()),
            ("protected", Tone::Ok, "Protected", tally.protected, format!("of {of}")),
        ];
        let cell = |(state, tone, word, number, words)| {
            let current = chosen == Some(state);
            let href = if current { path.to_owned() } else { format!("{path}?state={state}") };
            Self { href, badge: Badge::new(tone, word), number, words, current }
        };
        cells.into_iter().map(cell).collect()
    }

    pub(crate) const fn is_zero(&self) -> bool {
        self.number == 0
    }
}
