//! The form of a policy: its name, the kinds that it fits, and the change form's questions about terms.

use std::collections::BTreeMap;

use domain::component::ComponentKind;
use domain::policy::{DESCRIPTION, KINDS, NAME, PolicyBody};
use domain::scope_change::{Field, FormProblem};

use crate::error::{Failure, PageError};
use crate::pages::once::Once;
use crate::view::FormField;

/// A kind's field begins with this.
const KIND: &str = "kind-";

/// What was sent.
pub(super) struct Sent {
    pub(super) once: Once,
    /// All of it, for the key under which it is carried out.
    pub(super) whole: BTreeMap<String, String>,
    pub(super) given: BTreeMap<String, String>,
    pub(super) kinds: Vec<String>,
    /// The revision that was read; `None` for a new policy.
    pub(super) revision: Option<i64>,
}

/// A kind with whether it is chosen.
pub(super) struct KindChoice {
    pub(super) id: &'static str,
    pub(super) words: &'static str,
    pub(super) chosen: bool,
}

impl Sent {
    pub(super) fn read(pairs: Vec<(String, String)>) -> Result<Self, PageError> {
        let (once, whole) = Once::take(pairs)?;
        let mut given = whole.clone();
        let revision = match given.remove("revision").map(|text| text.parse()) {
            None => None,
            Some(Ok(revision)) => Some(revision),
            Some(Err(_)) => return Err(PageError(Failure::NOT_FOUND)),
        };
        let chosen: Vec<_> = given.keys().filter(|id| id.starts_with(KIND)).cloned().collect();
        for id in &chosen {
            given.remove(id);
        }
        let kinds = chosen.iter().filter_map(|id| id.strip_prefix(KIND)).map(str::to_owned);
        Ok(Self {
            once,
            kinds: kinds.collect(),
            whole,
            given,
            revision,
        })
    }
}

/// The fields of a policy in the form's order, and what is wrong with the kinds.
pub(super) fn fields(given: &BTreeMap<String, String>, problems: &[FormProblem]) -> (Vec<FormField>, Option<String>) {
    let fields: Vec<Field> = [NAME, DESCRIPTION].into_iter().chain(PolicyBody::terms()).collect();
    let of_kinds = problems.iter().find(|problem| problem.field == KINDS.id);
    (
        FormField::all(&fields, given, problems),
        of_kinds.map(|problem| problem.why.clone()),
    )
}

pub(super) fn kinds(chosen: &[String]) -> Vec<KindChoice> {
    let choice = |kind: ComponentKind| KindChoice {
        id: kind.as_str(),
        words: kind.words(),
        chosen: chosen.iter().any(|name| name == kind.as_str()),
    };
    ComponentKind::ALL.into_iter().map(choice).collect()
}
