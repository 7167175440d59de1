//! A form of the domain as a page shows it: the same fields, with what was answered and what is wrong.

use std::collections::BTreeMap;

use domain::scope_change::{FREQUENCY, Field, FieldKind, FormProblem};

use super::{ScheduleCheck, words};

/// One field with its answer.
#[derive(Debug, Clone)]
pub(crate) struct FormField {
    pub(crate) field: Field,
    pub(crate) value: String,
    pub(crate) wrong: Option<String>,
    /// What may be typed; the browser offers it.
    pub(crate) suggestions: Vec<String>,
    /// What the answer means, for the field that is explained while it is typed.
    pub(crate) check: Option<ScheduleCheck>,
}

impl FormField {
    /// The fields of a form as they were answered.
    pub(crate) fn all(fields: &[Field], given: &BTreeMap<String, String>, problems: &[FormProblem]) -> Vec<Self> {
        let of = |field: &Field| Self {
            field: *field,
            value: given.get(field.id).cloned().unwrap_or_default(),
            wrong: problems
                .iter()
                .find(|problem| problem.field == field.id)
                .map(|problem| words::plain(&problem.why)),
            suggestions: Vec::new(),
            check: None,
        };
        fields.iter().map(of).collect()
    }

    /// The sentence below the field.
    pub(crate) fn help(&self) -> String {
        words::plain(self.field.help)
    }

    /// The choices, the chosen one marked; empty for a field that is typed.
    pub(crate) fn options(&self) -> Vec<(&'static str, bool)> {
        match self.field.kind {
            FieldKind::Choice { options } => options.iter().map(|option| (*option, *option == self.value)).collect(),
            FieldKind::Input { .. } | FieldKind::Text => Vec::new(),
        }
    }

    /// Whether the reader has to choose: what is mandatory and was not answered is not answered by the browser, which would
    /// take the first choice.
    pub(crate) fn is_open(&self) -> bool {
        // Mandatory where something is in scope, which the issue form cannot say.
        let mandatory = self.field.required || self.field.id == FREQUENCY.id;
        mandatory && self.options().iter().all(|(_, chosen)| !chosen)
    }

    /// The example in an empty input.
    pub(crate) const fn placeholder(&self) -> &'static str {
        match self.field.kind {
            FieldKind::Input { placeholder } => placeholder,
            FieldKind::Choice { .. } | FieldKind::Text => "",
        }
    }

    pub(crate) const fn is_text(&self) -> bool {
        matches!(self.field.kind, FieldKind::Text)
    }
}
