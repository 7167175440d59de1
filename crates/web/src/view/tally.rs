//! Four numbers, each a link to what it counts.

use app::status::Tally;
use domain::protection::ProtectionState;

use super::{Badge, words};

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
        let all = words::count(tally.in_scope(), "component", "components");
        let cell = |state: ProtectionState, number: usize, words: &str| {
            let current = chosen == Some(state.as_str());
            Self {
                href: if current {
                    path.to_owned()
                } else {
                    format!("{path}?state={}", state.as_str())
                },
                badge: Badge::protection(state),
                number,
                words: words.to_owned(),
                current,
            }
        };
        vec![
            cell(
                ProtectionState::Unprotected,
                tally.unprotected,
                "no recovery point was observed",
            ),
            cell(ProtectionState::AtRisk, tally.at_risk, "older than contracted"),
            cell(ProtectionState::Unknown, tally.unknown, "not observed lately"),
            cell(
                ProtectionState::Protected,
                tally.protected,
                &format!("of {all} in scope"),
            ),
        ]
    }

    pub(crate) const fn is_zero(&self) -> bool {
        self.number == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_leads_to_what_it_counts_and_the_chosen_one_back() {
        let tally = Tally {
            protected: 3,
            unknown: 1,
            ..Tally::default()
        };
        let cells = TallyCell::all(&tally, "/c", Some("unknown"));
        let cells: Vec<_> = cells.iter().map(|cell| (cell.number, cell.href.as_str())).collect();
        assert_eq!(
            cells,
            [
                (0, "/c?state=unprotected"),
                (0, "/c?state=at-risk"),
                (1, "/c"),
                (3, "/c?state=protected")
            ]
        );
    }
}
