//! A value that is not what the tier stands for, in one sentence.

use domain::component::ComponentKind;
use domain::sow::{Deviation, Direction, Scope, deviations};

use super::{Badge, Tone};

/// One such value; `templates/partials/deviations.html` places it.
#[derive(Debug, Clone)]
pub(crate) struct DeviationView {
    pub(crate) badge: Badge,
    pub(crate) words: String,
}

impl DeviationView {
    /// Those of a line.
    pub(crate) fn all(kind: ComponentKind, scope: &Scope) -> Vec<Self> {
        let of = |deviation: Deviation| Self {
            badge: match deviation.direction {
                Direction::Short => Badge::new(Tone::Warn, "Short of the tier"),
                Direction::Beyond => Badge::new(Tone::Ok, "Beyond the tier"),
            },
            words: deviation.words,
        };
        let terms = scope.terms();
        terms.map_or_else(Vec::new, |terms| {
            deviations(Some(kind), terms).into_iter().map(of).collect()
        })
    }
}
