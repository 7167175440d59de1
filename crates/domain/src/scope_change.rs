//! What a customer asks for when the scope of work is to change, read alike from every door.
//!
//! The issue form, the web form and the API carry the same field ids and the same values; the questions stand
//! in one place.

mod form;
mod questions;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::component::Environment;
use crate::retention::RetentionDays;
use crate::schedule::Schedule;
use crate::sow::Location;
use crate::tier::Tier;
use crate::window::BackupWindow;

pub(crate) use form::{Answers, is_invisible, options, superseded};
pub use form::{Field, FieldKind, FormProblem, GIVEN_CHARS, normalise};
pub(crate) use questions::ENVIRONMENTS;
pub use questions::{
    BACKUP_WINDOW, COMPONENT, ENVIRONMENT, FREQUENCY, FURTHER_NEEDS, LOCATION, RETENTION, SCHEDULE, SCOPE, TIER,
    schedule_answers,
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
    /// How often, and when; stored forms call it a frequency.
    #[serde(rename = "frequency")]
    pub schedule: Wish<Schedule>,
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
    pub const FIELDS: [Field; 10] = [
        COMPONENT,
        ENVIRONMENT,
        SCOPE,
        RETENTION,
        FREQUENCY,
        SCHEDULE,
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
        if scope == Some(ScopeWish::Out) && further_needs.is_empty() {
            answers.lack(
                &FURTHER_NEEDS,
                "the reason is missing: say why it is not backed up. It stands beside the decision, which is attested each year",
            );
        }
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
    pub(crate) fn read(answers: &mut Answers) -> Option<Self> {
        let retention = answers.parsed(&RETENTION, parse_retention);
        let retention = answers.demand(&RETENTION, retention);
        let schedule = read_schedule(answers);
        let backup_window = answers.parsed(&BACKUP_WINDOW, |text| {
            text.parse()
                .map_err(|_| "`HH:MM-HH:MM` in UTC is expected, at least 30 minutes".to_owned())
        });
        let tier = answers.choice(&TIER, &TIERS).flatten();
        let location = answers.choice(&LOCATION, &LOCATIONS).flatten();
        Some(Self {
            retention: retention?,
            schedule: schedule?,
            backup_window,
            tier,
            location,
        })
    }
}

/// The frequency and the exact schedule, which have to agree.
fn read_schedule(answers: &mut Answers) -> Option<Wish<Schedule>> {
    let chosen = answers.choice(&FREQUENCY, &FREQUENCIES);
    let named = answers.parsed(&SCHEDULE, |text| Schedule::parse(text).map_err(|invalid| invalid.why));
    let preset = answers.demand(&FREQUENCY, chosen)?;
    let Some(named) = named else {
        let Some(preset) = preset else {
            return Some(Wish::TierDefault);
        };
        let schedule = preset.schedule();
        return answers.demand(&SCHEDULE, schedule).map(Wish::Exactly);
    };
    if preset.is_some_and(|preset| preset.covers(&named)) {
        return Some(Wish::Exactly(named));
    }
    let option = FREQUENCIES.iter().find(|(_, stands_for)| *stands_for == preset);
    let option = option.map_or("", |(option, _)| *option);
    let why = format!(
        "the frequency says \u{201c}{option}\u{201d} and the schedule says `{named}`: empty one of them, or choose \u{201c}Custom (as the schedule says)\u{201d}"
    );
    answers.refuse(&SCHEDULE, named.as_str(), why);
    None
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
            schedule: Wish::Exactly(Schedule::Daily),
            backup_window: None,
            tier: None,
            location: None,
        };
        assert_eq!(terms(&form), &expected);
    }

    #[test]
    fn what_is_kept_as_it_is_is_no_wish() {
        let form = with(&[("tier", "Keep as it is"), ("location", "Keep as it is")]).unwrap();
        assert_eq!(terms(&form), terms(&with(&[]).unwrap()));
    }

    #[test]
    fn each_mandatory_answer_that_is_missing_is_named() {
        for blank in ["", "  ", "_No response_", "\u{a0}\r\n"] {
            for field in answers().keys() {
                assert_eq!(with(&[(field, blank)]), Err(vec![(field.clone(), None)]), "{blank:?}");
            }
        }
        let out = [("scope", "Out of scope"), ("retention", ""), ("frequency", "None")];
        assert_eq!(with(&out), Err(vec![("further_needs".into(), None)]), "why it is out");
        let reasoned = [&out[..], &[("further_needs", "rebuilt from source")]].concat();
        assert_eq!(with(&reasoned).unwrap().scope, ScopeWish::Out);
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
    fn the_frequency_and_the_exact_schedule_are_one_wish() {
        let wished = |frequency: &str, schedule: &str| {
            let form = with(&[("frequency", frequency), ("schedule", schedule)]).unwrap();
            terms(&form).schedule.clone()
        };
        let exactly = |text: &str| Wish::Exactly(Schedule::parse(text).unwrap());
        for (frequency, schedule, expected) in [
            ("Daily", "", exactly("daily")),
            ("Daily", "daily", exactly("daily")),
            ("Daily", "0 3 * * *", exactly("daily at 03:00")),
            ("Hourly", "hourly at :15", exactly("hourly at :15")),
            (
                "Weekly",
                "weekly on Monday at 02:00",
                exactly("weekly on Monday at 02:00"),
            ),
            ("Tier default", "", Wish::TierDefault),
            ("Weekly on Sunday at 00:00", "", exactly("weekly on Sunday at 00:00")),
            (
                "Weekly on Sunday at 00:00",
                "weekly on Sunday at 00:00 Europe/Brussels",
                exactly("weekly on Sunday at 00:00 Europe/Brussels"),
            ),
            (
                "Weekly",
                "weekly on Sunday at 00:00",
                exactly("weekly on Sunday at 00:00"),
            ),
            ("Weekly", "", exactly("weekly")),
            ("Every two weeks", "", exactly("every two weeks on Sunday at 00:00")),
            (
                "Monthly on the 1st",
                "_No response_",
                exactly("monthly on the 1st at 00:00"),
            ),
            (
                "Every two months on the 1st",
                "",
                exactly("every two months on the 1st at 00:00"),
            ),
            (
                "Custom (as the schedule says)",
                "in May on the 2nd at 03:30",
                exactly("in May on the 2nd at 03:30"),
            ),
            (
                "Custom (as the schedule says)",
                "daily at 03:00",
                exactly("daily at 03:00"),
            ),
        ] {
            assert_eq!(wished(frequency, schedule), expected, "{frequency}, {schedule}");
        }
    }

    #[test]
    fn a_schedule_that_contradicts_the_frequency_is_asked_back_with_both() {
        for (frequency, schedule) in [
            ("Daily", "weekly on Monday at 02:00"),
            ("Weekly", "daily at 03:00"),
            ("Weekly on Sunday at 00:00", "weekly on Sunday at 03:00"),
            ("Monthly on the 1st", "monthly on the 15th at 00:00"),
            ("Continuous (point in time)", "daily at 03:00"),
            ("Tier default", "daily at 03:00"),
        ] {
            let mut given = answers();
            given.extend(
                [("frequency", frequency), ("schedule", schedule)].map(|(id, text)| (id.to_owned(), text.to_owned())),
            );
            let problems = ScopeChangeForm::from_fields(&given).unwrap_err();
            let [problem] = &problems[..] else {
                panic!("{problems:?}")
            };
            assert_eq!(
                (problem.field.as_str(), problem.given.as_deref()),
                ("schedule", Some(schedule))
            );
            assert!(
                problem.why.contains(frequency) && problem.why.contains(schedule),
                "{}",
                problem.why
            );
        }
        assert_eq!(
            with(&[("frequency", "Custom (as the schedule says)")]),
            Err(vec![("schedule".into(), None)])
        );
        let both = with(&[
            ("frequency", "Custom (as the schedule says)"),
            ("schedule", "now and then"),
        ]);
        assert_eq!(both, Err(vec![("schedule".into(), Some("now and then".into()))]));
    }

    #[test]
    fn a_request_that_was_stored_before_reads_and_digests_as_it_did() {
        let stored = r#"{"component":"prod-pg","environment":"production","scope":{"decision":"in","retention":{"exactly":35},"frequency":{"exactly":"daily"},"backup_window":null,"tier":null,"location":null},"further_needs":""}"#;
        let form: ScopeChangeForm = serde_json::from_str(stored).unwrap();
        assert_eq!(terms(&form).schedule, Wish::Exactly(Schedule::Daily));
        assert_eq!(serde_json::to_string(&form).unwrap(), stored);
    }

    #[test]
    fn the_answers_that_stand_for_a_wish_are_read_as_that_wish() {
        for text in [
            "continuous",
            "hourly",
            "daily",
            "weekly",
            "weekly on Sunday at 00:00",
            "weekly on Sunday at 00:00 Europe/Brussels",
            "daily at 03:00",
            "every two weeks on Sunday at 00:00",
            "every two weeks on Friday at 00:00",
            "rate(6 hours)",
        ] {
            let wish = Wish::Exactly(Schedule::parse(text).unwrap());
            let (frequency, exact) = schedule_answers(&wish);
            let form = with(&[
                ("frequency", frequency),
                ("schedule", exact.as_deref().unwrap_or_default()),
            ])
            .unwrap();
            assert_eq!(terms(&form).schedule, wish);
        }
        assert_eq!(schedule_answers(&Wish::TierDefault), ("Tier default", None));
        let sunday = Wish::Exactly(Schedule::parse("0 0 * * 0").unwrap());
        assert_eq!(schedule_answers(&sunday), ("Weekly on Sunday at 00:00", None));
    }

    #[test]
    fn an_answer_that_is_not_understood_is_asked_back() {
        for (field, text) in [
            ("component", "prod-pg\nstaging-pg"),
            ("component", "prod\u{202e}gp"),
            ("environment", "production, staging"),
            ("scope", "yes"),
            ("frequency", "Daily, Hourly"),
            ("schedule", "daily at 25:00"),
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
            ("backup_window", ""),
        ] {
            let form = with(&[("backup_window", "23:30-00:30"), ("further_needs", "a\0b"), change]).unwrap();
            let json = serde_json::to_string(&form).unwrap();
            assert!(!json.contains("\\u0000"));
            assert_eq!(serde_json::from_str::<ScopeChangeForm>(&json).unwrap(), form);
        }
    }
}
