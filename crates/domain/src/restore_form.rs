//! What a customer asks for when something is to be restored, read alike from every door.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::component::Environment;
use crate::restore::Urgency;
use crate::scope_change::{Answers, COMPONENT, ENVIRONMENT, ENVIRONMENTS, Field, FieldKind, FormProblem, options};

/// Which recovery point the customer wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointWish {
    /// The newest one that there is.
    LastAvailable,
    /// The state at this moment.
    At(Timestamp),
}

/// A restore as it was asked, not yet held against the inventory and the recovery points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreRequestForm {
    /// The component's name.
    pub component: String,
    /// The component's environment.
    pub environment: Environment,
    /// From which recovery point.
    pub point: PointWish,
    /// How soon somebody has to answer.
    pub urgency: Urgency,
    /// Why; empty when not said. Never read by a machine.
    pub reason: String,
}

#[derive(Clone, Copy)]
enum PointChoice {
    LastAvailable,
    PointInTime,
}

const POINTS: [(&str, PointChoice); 2] = [
    ("Last available", PointChoice::LastAvailable),
    ("A point in time", PointChoice::PointInTime),
];
const URGENCIES: [(&str, Urgency); 2] = [
    ("Business hours", Urgency::BusinessHours),
    ("Critical", Urgency::Critical),
];

const RECOVERY_POINT: Field = Field {
    id: "recovery_point",
    label: "Recovery point",
    help: "The newest recovery point, or the state at a moment that you name below.",
    required: true,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&POINTS),
    },
};
const POINT_IN_TIME: Field = Field {
    id: "point_in_time",
    label: "Point in time",
    help: "Only for a point in time: date, time and offset as in the example.",
    required: false,
    newer: false,
    kind: FieldKind::Input {
        placeholder: "2026-11-20T09:30:00Z",
    },
};
const URGENCY: Field = Field {
    id: "urgency",
    label: "Urgency",
    help: "Critical is answered round the clock.",
    required: true,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&URGENCIES),
    },
};
const REASON: Field = Field {
    id: "reason",
    label: "Reason",
    help: "What happened, and what you need back.",
    required: false,
    newer: false,
    kind: FieldKind::Text,
};

impl RestoreRequestForm {
    /// The questions, in the form's order. The free text is last.
    pub const FIELDS: [Field; 6] = [COMPONENT, ENVIRONMENT, RECOVERY_POINT, POINT_IN_TIME, URGENCY, REASON];

    /// Reads the answers, by field id.
    ///
    /// # Errors
    /// Every answer that is missing, not understood, or at odds with another; nothing is guessed.
    pub fn from_fields(given: &BTreeMap<String, String>) -> Result<Self, Vec<FormProblem>> {
        let mut answers = Answers::new(&Self::FIELDS, given);
        let component = answers.line(&COMPONENT);
        let component = answers.demand(&COMPONENT, component);
        let environment = answers.choice(&ENVIRONMENT, &ENVIRONMENTS);
        let environment = answers.demand(&ENVIRONMENT, environment);
        let point = answers.point();
        let urgency = answers.choice(&URGENCY, &URGENCIES);
        let urgency = answers.demand(&URGENCY, urgency);
        let reason = answers.text(&REASON);
        let record = || {
            Some(Self {
                component: component?,
                environment: environment?,
                point: point?,
                urgency: urgency?,
                reason,
            })
        };
        let record = record();
        answers.finish(record)
    }
}

impl Answers {
    fn point(&mut self) -> Option<PointWish> {
        let choice = self.choice(&RECOVERY_POINT, &POINTS);
        let moment = self.parsed(&POINT_IN_TIME, |text| {
            text.parse::<Timestamp>()
                .map_err(|_| "date, time and offset are expected, such as `2026-11-20T09:30:00Z`".to_owned())
        });
        match (self.demand(&RECOVERY_POINT, choice)?, moment) {
            (PointChoice::LastAvailable, None) => Some(PointWish::LastAvailable),
            (PointChoice::LastAvailable, Some(moment)) => {
                self.refuse(
                    &POINT_IN_TIME,
                    &moment.to_string(),
                    "leave it empty when the last available recovery point is wanted",
                );
                None
            }
            (PointChoice::PointInTime, moment) => self.demand(&POINT_IN_TIME, moment).map(PointWish::At),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(point: &str, moment: &str) -> BTreeMap<String, String> {
        let pairs = [
            ("component", "prod-pg"),
            ("environment", "production"),
            ("recovery_point", point),
            ("point_in_time", moment),
            ("urgency", "Critical"),
            ("reason", ""),
        ];
        pairs.map(|(id, text)| (id.to_owned(), text.to_owned())).into()
    }

    #[test]
    fn the_last_available_point_or_a_moment_can_be_asked_for() {
        let form = RestoreRequestForm::from_fields(&answers("Last available", "")).unwrap();
        assert_eq!(
            (form.point, form.urgency),
            (PointWish::LastAvailable, Urgency::Critical)
        );
        let form = RestoreRequestForm::from_fields(&answers("A point in time", "2026-11-20T10:30:00+01:00")).unwrap();
        assert_eq!(form.point, PointWish::At("2026-11-20T09:30:00Z".parse().unwrap()));
    }

    #[test]
    fn a_moment_that_is_missing_unreadable_or_at_odds_is_asked_back() {
        for (point, moment) in [
            ("A point in time", ""),
            ("A point in time", "yesterday"),
            ("A point in time", "2026-11-20T09:30:00"),
            ("Last available", "2026-11-20T09:30:00Z"),
            ("Last available", "yesterday"),
        ] {
            let problems = RestoreRequestForm::from_fields(&answers(point, moment)).unwrap_err();
            let fields: Vec<_> = problems.iter().map(|p| p.field.as_str()).collect();
            assert_eq!(fields, ["point_in_time"], "{point}: {moment}");
        }
    }
}
