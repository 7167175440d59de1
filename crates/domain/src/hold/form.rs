//! What a person answers who wants recovery points kept, or no longer kept.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::component::Environment;
use crate::scope_change::{Answers, ENVIRONMENTS, Field, FieldKind, FormProblem};

/// The component of which every recovery point is held.
const COMPONENT: Field = Field {
    id: "component",
    label: "Component",
    help: "Every recovery point of it is held, those to come included. Empty: everything of the customer, which takes a case.",
    required: false,
    newer: false,
    kind: FieldKind::Input { placeholder: "prod-pg" },
};
/// Its environment.
const ENVIRONMENT: Field = Field {
    id: "environment",
    label: "Environment",
    help: "The environment that the component belongs to.",
    required: false,
    newer: false,
    kind: FieldKind::Choice {
        options: &["", "production", "staging", "development", "analytics"],
    },
};
/// The case of a legal hold.
const CASE: Field = Field {
    id: "case",
    label: "Case",
    help: "For a legal hold: the case by which all its holds are found.",
    required: false,
    newer: false,
    kind: FieldKind::Input {
        placeholder: "Dispute 2026/17",
    },
};
/// Until when.
const UNTIL: Field = Field {
    id: "until",
    label: "Until",
    help: "The last day of the hold (UTC), as in `2027-03-31`. Empty: until both sides release it.",
    required: false,
    newer: false,
    kind: FieldKind::Input {
        placeholder: "2027-03-31",
    },
};
/// Why.
const REASON: Field = Field {
    id: "reason",
    label: "Reason",
    help: "Why these recovery points have to be kept.",
    required: true,
    newer: false,
    kind: FieldKind::Text,
};
/// Why a hold is to be released.
pub const RELEASE_REASON: Field = Field {
    id: "reason",
    label: "Reason",
    help: "Why the recovery points need no longer be kept.",
    required: true,
    newer: false,
    kind: FieldKind::Text,
};
/// The longest reason, in characters.
const REASON_CHARS: usize = 2000;

/// A hold as it was asked for, not yet held against the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldForm {
    /// The component, where it was named here.
    pub component: Option<(Environment, String)>,
    /// The case of a legal hold.
    pub case: Option<String>,
    /// The last day.
    pub until: Option<Date>,
    /// Why.
    pub reason: String,
}

impl HoldForm {
    /// The questions, in the form's order.
    pub const FIELDS: [Field; 5] = [COMPONENT, ENVIRONMENT, CASE, UNTIL, REASON];

    /// Reads the answers, by field id. `today` is the day in UTC.
    ///
    /// # Errors
    /// Every answer that is missing or not understood.
    pub fn from_fields(given: &BTreeMap<String, String>, today: Date) -> Result<Self, Vec<FormProblem>> {
        let mut answers = Answers::new(&Self::FIELDS, given);
        let name = answers.line(&COMPONENT);
        let environment = answers.choice(&ENVIRONMENT, &ENVIRONMENTS);
        let component = match (environment, name) {
            (environment, Some(name)) => answers
                .demand(&ENVIRONMENT, environment)
                .map(|environment| (environment, name)),
            (Some(_), None) => {
                answers.demand::<()>(&COMPONENT, None);
                None
            }
            (None, None) => None,
        };
        let case = answers.line(&CASE);
        let until = answers.parsed(&UNTIL, |text| match text.parse::<Date>() {
            Err(_) => Err("a day is expected, such as `2027-03-31`".to_owned()),
            Ok(day) if day < today => Err(format!("the day is over; today ({today}) or later is expected")),
            Ok(day) => Ok(day),
        });
        let reason = reason(&mut answers, &REASON);
        let record = reason.map(|reason| Self {
            component,
            case,
            until,
            reason,
        });
        answers.finish(record)
    }

    /// The problem of a hold on everything that names no case.
    #[must_use]
    pub fn case_is_missing() -> FormProblem {
        FormProblem::new(
            &CASE,
            None,
            "holding everything of a customer takes a case; or name a component",
        )
    }

    /// The problem of a hold on a component that the inventory does not have.
    #[must_use]
    pub fn unknown_component(environment: Environment, name: &str) -> FormProblem {
        FormProblem::new(
            &COMPONENT,
            Some(name),
            format!("the inventory has no component of this name in {environment}"),
        )
    }
}

/// Reads why a hold is to be released.
///
/// # Errors
/// When it is missing or too long.
pub fn release_reason(given: &str) -> Result<String, Vec<FormProblem>> {
    let given = BTreeMap::from([(RELEASE_REASON.id.to_owned(), given.to_owned())]);
    let mut answers = Answers::new(&[RELEASE_REASON], &given);
    let reason = reason(&mut answers, &RELEASE_REASON);
    answers.finish(reason)
}

fn reason(answers: &mut Answers, field: &Field) -> Option<String> {
    let reason = answers.text(field);
    if reason.chars().count() > REASON_CHARS {
        answers.refuse(field, &reason, format!("at most {REASON_CHARS} characters are allowed"));
    }
    answers.demand(field, Some(reason).filter(|reason| !reason.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[(&str, &str)]) -> Result<HoldForm, Vec<(String, Option<String>)>> {
        let given = given
            .iter()
            .map(|(id, text)| ((*id).to_owned(), (*text).to_owned()))
            .collect();
        HoldForm::from_fields(&given, "2026-03-01".parse().unwrap())
            .map_err(|problems| problems.into_iter().map(|p| (p.field, p.given)).collect())
    }

    #[test]
    fn a_hold_needs_a_reason_and_a_whole_component_or_none() {
        let whole = read(&[
            ("component", "prod-pg"),
            ("environment", "production"),
            ("case", ""),
            ("until", "2026-03-01"),
            ("reason", "a dispute"),
        ]);
        let expected = HoldForm {
            component: Some((Environment::Production, "prod-pg".to_owned())),
            case: None,
            until: Some("2026-03-01".parse().unwrap()),
            reason: "a dispute".to_owned(),
        };
        assert_eq!(whole, Ok(expected));
        let missing = |field: &str| Err(vec![(field.to_owned(), None)]);
        assert_eq!(
            read(&[("component", "prod-pg"), ("reason", "x")]),
            missing("environment")
        );
        assert_eq!(
            read(&[("environment", "staging"), ("reason", "x")]),
            missing("component")
        );
        assert_eq!(read(&[("reason", " ")]), missing("reason"));
        for day in ["2026-02-28", "tomorrow", "2026-02-30"] {
            assert_eq!(
                read(&[("until", day), ("reason", "x")]),
                Err(vec![("until".to_owned(), Some(day.to_owned()))])
            );
        }
        assert!(read(&[("reason", &"x".repeat(2001))]).is_err());
    }
}
