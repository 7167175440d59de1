//! Terms to start a change from (feature E53): presets that are built in, and the provider's own named policies.
//!
//! Either is a part of the change form, answered beforehand in the form's words. It fills a form in; it is never in force
//! by itself, and an edit of it changes no line of any scope of work.

mod presets;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::component::ComponentKind;
use crate::contract::Bounds;
use crate::id::PolicyId;
use crate::scope_change::{
    Answers, COMPONENT, ENVIRONMENT, FURTHER_NEEDS, Field, FieldKind, FormProblem, SCOPE, ScopeChangeForm, normalise,
    superseded,
};
use crate::sow;

pub use presets::{PRESETS, Preset};

/// Its name.
pub const NAME: Field = Field {
    id: "name",
    label: "Name",
    help: "What the form offers it as.",
    required: true,
    newer: false,
    kind: FieldKind::Input {
        placeholder: "Orders and payments",
    },
};
/// What it is for.
pub const DESCRIPTION: Field = Field {
    id: "description",
    label: "Description",
    help: "When to choose it, in one or two sentences.",
    required: false,
    newer: false,
    kind: FieldKind::Text,
};
/// The kinds of component that it fits.
pub const KINDS: Field = Field {
    id: "kinds",
    label: "Fits",
    help: "The kinds of component that it is offered for. None: every kind.",
    required: false,
    newer: false,
    kind: FieldKind::Text,
};
/// The longest description, in characters.
const DESCRIPTION_CHARS: usize = 2000;

/// What a policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyBody {
    /// Its name; no two that are offered have the same.
    pub name: String,
    /// When to choose it; empty when not said.
    pub description: String,
    /// The kinds that it fits; empty: every kind.
    pub kinds: Vec<ComponentKind>,
    /// Answers of the change form, by field id.
    pub answers: BTreeMap<String, String>,
}

/// A policy of the provider, for all its customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its id.
    pub id: PolicyId,
    /// What it says.
    pub body: PolicyBody,
    /// Since when it is no longer offered.
    pub retired_at: Option<Timestamp>,
    /// Who changed it last.
    pub changed_by: String,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Counts the changes, for guarded writes.
    pub revision: i64,
}

impl PolicyBody {
    /// The questions of the change form that a policy answers, in the form's order.
    pub fn terms() -> impl Iterator<Item = Field> {
        let of_a_request = [COMPONENT.id, ENVIRONMENT.id, SCOPE.id, FURTHER_NEEDS.id];
        ScopeChangeForm::FIELDS
            .into_iter()
            .filter(move |field| !of_a_request.contains(&field.id))
    }

    /// Reads what a policy is to say: `given` are its name, its description and the terms by field id, `kinds` the names of
    /// the kinds that it fits. The terms are refused as the change form would refuse them.
    ///
    /// # Errors
    /// Every answer that is missing or not understood.
    pub fn from_fields(given: &BTreeMap<String, String>, kinds: &[String]) -> Result<Self, Vec<FormProblem>> {
        let is_own = |id: &String| [NAME.id, DESCRIPTION.id].contains(&id.as_str());
        let (own, terms): (BTreeMap<_, _>, BTreeMap<_, _>) = given.clone().into_iter().partition(|(id, _)| is_own(id));
        let mut answers = Answers::new(&[NAME, DESCRIPTION], &own);
        let name = answers.line(&NAME);
        let name = answers.demand(&NAME, name);
        let description = answers.text(&DESCRIPTION);
        if description.chars().count() > DESCRIPTION_CHARS {
            let why = format!("at most {DESCRIPTION_CHARS} characters are allowed");
            answers.refuse(&DESCRIPTION, &description, why);
        }
        let mut read = Vec::new();
        for kind in kinds {
            match kind.parse() {
                Ok(kind) if !read.contains(&kind) => read.push(kind),
                Ok(_) => {}
                Err(_) => {
                    let known: Vec<_> = ComponentKind::ALL.iter().map(|kind| kind.as_str()).collect();
                    answers.refuse(&KINDS, kind, format!("one of {} is expected", known.join(", ")));
                }
            }
        }
        let terms = answered(&terms);
        let problems = complaints(&terms);
        let body = name.map(|name| Self {
            name,
            description,
            kinds: read,
            answers: terms,
        });
        match (answers.finish(body), problems) {
            (Ok(body), problems) if problems.is_empty() => Ok(body),
            (Ok(_), problems) => Err(problems),
            (Err(own), problems) => Err(own.into_iter().chain(problems).collect()),
        }
    }

    /// Whether it is offered for a kind.
    #[must_use]
    pub fn fits(&self, kind: ComponentKind) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind)) && suits(kind, self.answers())
    }

    /// All that it says but the kinds, by field id: read back with them it gives this body.
    #[must_use]
    pub fn fields(&self) -> BTreeMap<String, String> {
        let mut fields = self.answers.clone();
        fields.insert(NAME.id.to_owned(), self.name.clone());
        fields.insert(DESCRIPTION.id.to_owned(), self.description.clone());
        fields
    }

    /// Where this body, which somebody else saved first, says something else than what was to be saved over it.
    #[must_use]
    pub fn differences(&self, given: &BTreeMap<String, String>, kinds: &[String]) -> Vec<FormProblem> {
        let fields = [NAME, DESCRIPTION].into_iter().chain(Self::terms());
        let listed = |kinds: BTreeSet<&str>| kinds.into_iter().collect::<Vec<_>>().join(", ");
        let theirs = listed(self.kinds.iter().map(|kind| kind.as_str()).collect());
        let yours = listed(kinds.iter().map(String::as_str).collect());
        let mut differ = superseded(fields, &self.fields(), given);
        differ.extend(FormProblem::superseded(KINDS.id, KINDS.label, &theirs, &yours));
        differ
    }

    /// What it fills in: a component is in scope under its terms.
    #[must_use]
    pub fn answers(&self) -> BTreeMap<String, String> {
        let mut answers = self.answers.clone();
        answers.insert(SCOPE.id.to_owned(), "In scope".to_owned());
        answers
    }
}

/// Whether a component of the kind can have what is answered: of a Kubernetes platform only the retention can be set.
fn suits(kind: ComponentKind, mut answers: BTreeMap<String, String>) -> bool {
    if kind != ComponentKind::KubernetesPlatform {
        return true;
    }
    let named = [(COMPONENT.id, "any"), (ENVIRONMENT.id, "production")];
    answers.extend(named.map(|(id, text)| (id.to_owned(), text.to_owned())));
    ScopeChangeForm::from_fields(&answers).is_ok_and(|form| {
        let bounds = Bounds::default();
        sow::resolve_at(&form.scope, None, Some(kind), &form.component, None, &bounds).is_ok()
    })
}

/// The answers that say something, trimmed.
fn answered(given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let said = given
        .iter()
        .map(|(id, text)| (id.clone(), normalise(text).trim().to_owned()));
    said.filter(|(_, text)| !text.is_empty()).collect()
}

/// What the change form would find wrong with these terms.
fn complaints(terms: &BTreeMap<String, String>) -> Vec<FormProblem> {
    let of_a_request = [
        (COMPONENT.id, "any"),
        (ENVIRONMENT.id, "production"),
        (SCOPE.id, "In scope"),
    ];
    let not_theirs = |id: &str| !PolicyBody::terms().any(|field| field.id == id);
    let mut form = terms.clone();
    let unknown: Vec<_> = terms.keys().filter(|id| not_theirs(id)).cloned().collect();
    for id in &unknown {
        form.remove(id);
    }
    form.extend(of_a_request.map(|(id, text)| (id.to_owned(), text.to_owned())));
    let unknown = unknown.into_iter().map(|id| FormProblem {
        label: id.clone(),
        field: id,
        given: None,
        why: "a policy has no such field".to_owned(),
    });
    unknown
        .chain(ScopeChangeForm::from_fields(&form).err().into_iter().flatten())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(id, text)| ((*id).to_owned(), (*text).to_owned()))
            .collect()
    }

    fn refused(pairs: &[(&str, &str)], kinds: &[&str]) -> Vec<String> {
        let kinds: Vec<_> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let problems = PolicyBody::from_fields(&given(pairs), &kinds).unwrap_err();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_policy_is_what_the_change_form_takes() {
        let pairs = [
            ("name", "Orders"),
            ("retention", " 35 days "),
            ("frequency", "Daily"),
            ("tier", ""),
        ];
        let body = PolicyBody::from_fields(&given(&pairs), &["rds-instance".to_owned()]).unwrap();
        assert_eq!(body.answers, given(&[("retention", "35 days"), ("frequency", "Daily")]));
        assert!(body.fits(ComponentKind::RdsInstance) && !body.fits(ComponentKind::S3Bucket));
        let mut form = body.answers();
        form.extend(given(&[("component", "prod-pg"), ("environment", "production")]));
        ScopeChangeForm::from_fields(&form).unwrap();
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        assert_eq!(
            refused(&[("retention", "for ever"), ("frequency", "Daily")], &["mainframe"]),
            ["name", "kinds", "retention"]
        );
        let terms = [("name", "x"), ("retention", "7 days"), ("frequency", "Daily")];
        let with = |id, text| [&terms[..], &[(id, text)]].concat();
        assert_eq!(refused(&with("component", "prod-pg"), &[]), ["component"]);
        assert_eq!(refused(&with("colour", "red"), &[]), ["colour"]);
        assert_eq!(refused(&with("description", &"x".repeat(2001)), &[]), ["description"]);
        assert_eq!(refused(&[("name", "x")], &[]), ["retention", "frequency"]);
    }
}
