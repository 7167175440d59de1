//! What a version of the scope of work changed against the one before, line by line and field by field.

use super::{MechanismChoice, Scope};
use crate::tier::Tier;

/// How a component's line changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineChange {
    /// Nothing was said of the component before.
    Added,
    /// Nothing is said of it any more.
    Removed,
    /// It was decided anew; no field need differ.
    Changed,
}

impl LineChange {
    /// The name used in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name in the API; `decision` is `in` or `out`.
    pub field: &'static str,
    /// The value before; `None`: there was none.
    pub before: Option<String>,
    /// The value now; `None`: there is none.
    pub after: Option<String>,
}

/// What a version changed of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineDiff {
    /// Whether its line came, went or changed.
    pub change: LineChange,
    /// The fields that differ, in the order of the form.
    pub fields: Vec<FieldChange>,
}

/// A line as it was agreed: the decision, and how it is carried out.
pub type Line = (Scope, MechanismChoice);

/// Compares a component's line in one version with its line in the next; `None` where a version says nothing of it.
#[must_use]
pub fn diff(before: Option<&Line>, after: Option<&Line>) -> LineDiff {
    let change = match (before, after) {
        (None, _) => LineChange::Added,
        (_, None) => LineChange::Removed,
        _ => LineChange::Changed,
    };
    let fields = values(before).into_iter().zip(values(after));
    let fields = fields
        .filter(|((_, before), (_, after))| before != after)
        .map(|((field, before), (_, after))| FieldChange { field, before, after });
    LineDiff {
        change,
        fields: fields.collect(),
    }
}

/// Every field with its value, as the API says it.
fn values(line: Option<&Line>) -> [(&'static str, Option<String>); 7] {
    let terms = line.and_then(|(scope, _)| scope.terms());
    let decision = line.map(|(scope, _)| if scope.terms().is_some() { "in" } else { "out" });
    [
        ("decision", decision.map(str::to_owned)),
        ("retention_days", terms.map(|terms| terms.retention.get().to_string())),
        ("schedule", terms.map(|terms| terms.schedule.to_string())),
        (
            "window",
            terms.and_then(|terms| terms.window).map(|window| window.to_string()),
        ),
        (
            "tier",
            terms
                .and_then(|terms| terms.tier)
                .map(Tier::number)
                .map(|tier| tier.to_string()),
        ),
        ("location", terms.map(|terms| terms.location.as_str().to_owned())),
        (
            "mechanism",
            line.map(|(_, choice)| choice.mechanism.as_str().to_owned()),
        ),
    ]
}
