//! What a customer asks for when the scope of work is to change, read alike from every door.
//!
//! The issue form, the web form and the API carry the same field ids and the same values; the questions stand
//! in one place.

mod form;
mod questions;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::component::Environment;
use crate::frequency::Frequency;
use crate::retention::RetentionDays;
use crate::sow::Location;
use crate::tier::Tier;
use crate::window::BackupWindow;

pub(crate) use form::{Answers, options};
pub use form::{Field, FieldKind, FormProblem, normalise};
pub(crate) use questions::ENVIRONMENTS;
pub use questions::{
    BACKUP_WINDOW, COMPONENT, ENVIRONMENT, FREQUENCY, FURTHER_NEEDS, LOCATION, RETENTION, SCOPE, TIER,
};
use questions::{FREQUENCIES, LOCATIONS, SCOPES, TIERS};

/// A value that the customer names, or leaves to the tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wish<T> {
    /// This one.
    Exactly(T),
    /// Whatever the component's tier stands for.
    TierDefault,
}

/// In or out, as the customer wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "decision")]
pub enum ScopeWish {
    /// Not backed up.
    Out,
    /// Backed up under these terms.
    In(TermsWish),
}

/// The terms that the customer wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsWish {
    /// For how long.
    pub retention: Wish<RetentionDays>,
    /// How often.
    pub frequency: Wish<Frequency>,
    /// Daily window in UTC; `None`: no wish.
    pub backup_window: Option<BackupWindow>,
    /// The tier; `None`: as it is.
    pub tier: Option<Tier>,
    /// Where; `None`: as it is.
    pub location: Option<Location>,
}

/// A scope change as it was asked: complete in the sense of feature B12, not yet held against the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeChangeForm {
    /// The component's name.
    pub component: String,
    /// The component's environment.
    pub environment: Environment,
    /// In or out.
    pub scope: ScopeWish,
    /// Free text; empty when there is none. Never read by a machine.
    pub further_needs: String,
}

/// `35 days`, `35 d`, `35`, `5 weeks`, `720 hours` or `tier default`.
fn parse_retention(text: &str) -> Result<Wish<RetentionDays>, String> {
    let text = text.to_ascii_lowercase();
    if text == "tier default" {
        return Ok(Wish::TierDefault);
    }
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let hours_per_unit = match unit.trim_start() {
        "h" | "hour" | "hours" => Some(1),
        "" | "d" | "day" | "days" => Some(24),
        "w" | "week" | "weeks" => Some(7 * 24),
        _ => None,
    };
    let days = || {
        let hours = number.parse::<u32>().ok()?.checked_mul(hours_per_unit?)?;
        (hours % 24 == 0).then_some(hours / 24)?.try_into().ok()
    };
    days()
        .and_then(|days| RetentionDays::parse(days).ok())
        .map(Wish::Exactly)
        .ok_or_else(|| {
            "1 to 3650 whole days are expected, such as `35 days`, `5 weeks` or `720 hours`, or `tier default`"
                .to_owned()
        })
}

impl ScopeChangeForm {
    /// The questions, in the form's order. The free text is last.
    pub const FIELDS: [Field; 9] = [
        COMPONENT,
        ENVIRONMENT,
        SCOPE,
        RETENTION,
        FREQUENCY,
        BACKUP_WINDOW,
        TIER,
        LOCATION,
        FURTHER_NEEDS,
    ];

    /// Reads the answers, by field id. The terms of what goes out of scope are not read.
    ///
    /// # Errors
    /// Every answer that is missing or not understood; nothing is guessed.
    pub fn from_fields(given: &BTreeMap<String, String>) -> Result<Self, Vec<FormProblem>> {
        let mut answers = Answers::new(&Self::FIELDS, given);
        let component = answers.line(&COMPONENT);
        let component = answers.demand(&COMPONENT, component);
        let environment = answers.choice(&ENVIRONMENT, &ENVIRONMENTS);
        let environment = answers.demand(&ENVIRONMENT, environment);
        let in_scope = answers.choice(&SCOPE, &SCOPES);
        let scope = match answers.demand(&SCOPE, in_scope) {
            Some(false) => Some(ScopeWish::Out),
            Some(true) | None => TermsWish::read(&mut answers)
                .filter(|_| in_scope.is_some())
                .map(ScopeWish::In),
        };
        let further_needs = answers.text(&FURTHER_NEEDS);
        let record = || {
            Some(Self {
                component: component?,
                environment: environment?,
                scope: scope?,
                further_needs,
            })
        };
        let record = record();
        answers.finish(record)
    }
}

impl TermsWish {
    fn read(answers: &mut Answers) -> Option<Self> {
        let retention = answers.parsed(&RETENTION, parse_retention);
        let retention = answers.demand(&RETENTION, retention);
        let frequency = answers.choice(&FREQUENCY, &FREQUENCIES);
        let frequency = answers.demand(&FREQUENCY, frequency);
        let backup_window = answers.parsed(&BACKUP_WINDOW, |text| {
            text.parse()
                .map_err(|_| "`HH:MM-HH:MM` in UTC is expected, at least 30 minutes".to_owned())
        });
        let tier = answers.choice(&TIER, &TIERS).flatten();
        let location = answers.choice(&LOCATION, &LOCATIONS);
        Some(Self {
            retention: retention?,
            frequency: frequency?,
            backup_window,
            tier,
            location,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers() -> BTreeMap<String, String> {
        let pairs = [
            ("component", "prod-pg"),
            ("environment", "production"),
            ("scope", "In scope"),
            ("retention", "35 days"),
            ("frequency", "Daily"),
        ];
        pairs.map(|(id, text)| (id.to_owned(), text.to_owned())).into()
    }

    fn with(changes: &[(&str, &str)]) -> Result<ScopeChangeForm, Vec<(String, Option<String>)>> {
        let mut answers = answers();
        answers.extend(changes.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())));
        ScopeChangeForm::from_fields(&answers)
            .map_err(|problems| problems.into_iter().map(|p| (p.field, p.given)).collect())
    }

    fn terms(form: &ScopeChangeForm) -> &TermsWish {
        match &form.scope {
            ScopeWish::In(terms) => terms,
            ScopeWish::Out => panic!("out of scope"),
        }
    }

    #[test]
    fn the_mandatory_answers_suffice() {
        let form = with(&[]).unwrap();
        let expected = TermsWish {
            retention: Wish::Exactly(RetentionDays::parse(35).unwrap()),
            frequency: Wish::Exactly(Frequency::Daily),
            backup_window: None,
            tier: None,
            location: None,
        };
        assert_eq!(terms(&form), &expected);
    }

    #[test]
    fn each_mandatory_answer_that_is_missing_is_named() {
        for blank in ["", "  ", "_No response_", "\u{a0}\r\n"] {
            for field in answers().keys() {
                assert_eq!(with(&[(field, blank)]), Err(vec![(field.clone(), None)]), "{blank:?}");
            }
        }
        assert_eq!(
            with(&[("scope", "Out of scope"), ("retention", ""), ("frequency", "None")])
                .unwrap()
                .scope,
            ScopeWish::Out
        );
    }

    #[test]
    fn retention_is_days_weeks_or_the_tiers_default() {
        for (text, days) in [
            ("35 days", 35),
            ("35 d", 35),
            ("35", 35),
            ("5 weeks", 35),
            ("1 Day", 1),
            ("3650d", 3650),
            ("720 h", 30),
            ("24 hours", 1),
        ] {
            let wish = Wish::Exactly(RetentionDays::parse(days).unwrap());
            assert_eq!(terms(&with(&[("retention", text)]).unwrap()).retention, wish, "{text}");
        }
        assert_eq!(
            terms(&with(&[("retention", "Tier default")]).unwrap()).retention,
            Wish::TierDefault
        );
        for text in [
            "0",
            "3651",
            "65536",
            "10000 weeks",
            "-5",
            "1.5 days",
            "35 days or so",
            "12 months",
            "36 hours",
            "4294967295 weeks",
            "days",
            "\u{663}\u{665}",
        ] {
            assert_eq!(
                with(&[("retention", text)]),
                Err(vec![("retention".into(), Some(text.into()))])
            );
        }
    }

    #[test]
    fn an_answer_that_is_not_understood_is_asked_back() {
        for (field, text) in [
            ("component", "prod-pg\nstaging-pg"),
            ("component", "prod\u{202e}gp"),
            ("environment", "production, staging"),
            ("scope", "yes"),
            ("frequency", "Daily, Hourly"),
            ("backup_window", "03:00-03:10"),
            ("tier", "Tier 4"),
            ("location", "the moon"),
        ] {
            assert_eq!(with(&[(field, text)]), Err(vec![(field.into(), Some(text.into()))]));
        }
        assert_eq!(with(&[("colour", "red")]), Err(vec![("colour".into(), None)]));
    }

    #[test]
    fn a_record_is_read_back_as_it_was_written() {
        for change in [
            ("scope", "Out of scope"),
            ("retention", "tier default"),
            ("tier", "Tier 1"),
            ("further_needs", "a\0b"),
        ] {
            let form = with(&[change, ("backup_window", "23:30-00:30")]).unwrap();
            let json = serde_json::to_string(&form).unwrap();
            assert!(!json.contains("\\u0000"));
            assert_eq!(serde_json::from_str::<ScopeChangeForm>(&json).unwrap(), form);
        }
    }
}
