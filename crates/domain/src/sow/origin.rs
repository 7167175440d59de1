//! Which version supplied each value that stands now.

use std::collections::BTreeMap;

use super::{Scope, ValueSource};

/// Where a value came from, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// As the line records it.
    pub source: ValueSource,
    /// The version that supplied it: for [`ValueSource::Sow`] an earlier one.
    pub version: i32,
}

/// The origin of each value of the newest line. `history` has the component's lines, oldest first, each with the version
/// that brought it; empty when the newest line is out of scope.
#[must_use]
pub fn origins(history: &[(i32, &Scope)]) -> BTreeMap<String, Origin> {
    let Some((_, Scope::In(terms))) = history.last() else {
        return BTreeMap::new();
    };
    let origin = |(field, source): (&String, &ValueSource)| {
        let version = supplied_by(history, field)?;
        Some((
            field.clone(),
            Origin {
                source: *source,
                version,
            },
        ))
    };
    terms.sources.iter().filter_map(origin).collect()
}

/// The version of the newest line that did not take the field over from the line before it.
fn supplied_by(history: &[(i32, &Scope)], field: &str) -> Option<i32> {
    let mut supplier = None;
    for (version, scope) in history.iter().rev() {
        let Some(source) = scope.terms().and_then(|terms| terms.sources.get(field)) else {
            break;
        };
        supplier = Some(*version);
        if *source != ValueSource::Sow {
            break;
        }
    }
    supplier
}
