//! What is asked of who ends a component.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Fate, FinalBackup};
use crate::contract::Bounds;
use crate::id::RecoveryPointId;
use crate::scope_change::{Answers, Field, FieldKind, FormProblem, options};

#[derive(Clone, Copy)]
enum Last {
    Awaited,
    Existing,
    None,
}

const LASTS: [(&str, Last); 3] = [
    ("awaited", Last::Awaited),
    ("existing", Last::Existing),
    ("none", Last::None),
];
const FATES: [(&str, bool); 2] = [("expire", false), ("keep-until", true)];

/// Why.
pub const REASON: Field = Field {
    id: "reason",
    label: "Why",
    help: "Who confirms this reads it, and so does whoever looks for the component later.",
    required: true,
    newer: false,
    kind: FieldKind::Text,
};
/// Which backup stands at the end.
pub const FINAL_BACKUP: Field = Field {
    id: "final_backup",
    label: "Final backup",
    help: "`awaited`: a new one has to be seen first; `existing`: one that is there already; `none`: the customer wants none.",
    required: true,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&LASTS),
    },
};
/// Which one, where it exists.
pub const RECOVERY_POINT: Field = Field {
    id: "recovery_point",
    label: "Which recovery point",
    help: "Mandatory when an existing one is the final one.",
    required: false,
    newer: false,
    kind: FieldKind::Input { placeholder: "" },
};
/// What becomes of the recovery points.
pub const POINTS: Field = Field {
    id: "recovery_points",
    label: "Recovery points that exist",
    help: "`expire`: they expire by their own retention; `keep-until`: they are to be kept until a day.",
    required: true,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&FATES),
    },
};
/// Until when.
pub const KEEP_UNTIL: Field = Field {
    id: "keep_until",
    label: "Keep them until",
    help: "A day after today, no later than the contract's greatest retention allows. Mandatory when they are to be kept.",
    required: false,
    newer: false,
    kind: FieldKind::Input {
        placeholder: "2027-01-31",
    },
};

/// What was asked, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Why.
    pub reason: String,
    /// Which backup stands at the end.
    pub final_backup: FinalBackup,
    /// What becomes of the recovery points.
    pub fate: Fate,
}

impl Wish {
    /// Reads the answers, by field id. `bounds` are those of the contract in force.
    ///
    /// # Errors
    /// Every answer that is missing, not understood or beyond the contract.
    pub fn from_fields(
        given: &BTreeMap<String, String>,
        today: Date,
        bounds: &Bounds,
    ) -> Result<Self, Vec<FormProblem>> {
        let mut answers = Answers::new(&[REASON, FINAL_BACKUP, RECOVERY_POINT, POINTS, KEEP_UNTIL], given);
        let reason = Some(answers.text(&REASON)).filter(|text| !text.is_empty());
        let reason = answers.demand(&REASON, reason);
        let last = answers.choice(&FINAL_BACKUP, &LASTS);
        let final_backup = match answers.demand(&FINAL_BACKUP, last) {
            Some(Last::Existing) => {
                let expected = "the id of a recovery point of this component is expected";
                let point = answers.parsed(&RECOVERY_POINT, |text| {
                    text.parse::<RecoveryPointId>().map_err(|_| expected.to_owned())
                });
                answers
                    .demand(&RECOVERY_POINT, point)
                    .map(|point| FinalBackup::Existing { point })
            }
            Some(Last::Awaited) => Some(FinalBackup::Awaited),
            Some(Last::None) => Some(FinalBackup::None),
            None => None,
        };
        let keep = answers.choice(&POINTS, &FATES);
        let fate = match answers.demand(&POINTS, keep) {
            Some(true) => {
                let day = answers.parsed(&KEEP_UNTIL, |text| match text.parse::<Date>() {
                    Ok(day) if day > today => bounds.refuse_keeping(day, today).map_or(Ok(day), Err),
                    _ => Err(format!("a day after today ({today}) is expected, such as 2027-01-31")),
                });
                answers.demand(&KEEP_UNTIL, day).map(|on| Fate::KeepUntil { on })
            }
            Some(false) => Some(Fate::Expire),
            None => None,
        };
        let wish = || {
            Some(Self {
                reason: reason?,
                final_backup: final_backup?,
                fate: fate?,
            })
        };
        let wish = wish();
        answers.finish(wish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retention::RetentionDays;

    fn wish(answers: &[(&str, &str)]) -> Result<Wish, Vec<String>> {
        let problems = read(answers, &Bounds::default());
        problems.map_err(|problems| problems.into_iter().map(|problem| problem.field).collect())
    }

    fn read(answers: &[(&str, &str)], bounds: &Bounds) -> Result<Wish, Vec<FormProblem>> {
        let given = answers.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned()));
        let today = "2026-11-21".parse().unwrap();
        Wish::from_fields(&given.collect(), today, bounds)
    }

    #[test]
    fn nothing_is_kept_beyond_the_contracts_greatest_retention() {
        let bounds = Bounds {
            regulation: "GDPR".to_owned(),
            maximum: Some(RetentionDays::parse(30).unwrap()),
            ..Bounds::default()
        };
        let until = |day| {
            let answers = [
                ("reason", "gone"),
                ("final_backup", "none"),
                ("recovery_points", "keep-until"),
                ("keep_until", day),
            ];
            read(&answers, &bounds)
        };
        assert!(until("2026-12-21").is_ok());
        let problems = until("2026-12-22").unwrap_err();
        let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(said.join("\n"), @"Keep them until: the contract allows 2026-12-21 at the latest: no backup is kept for more than 30 days (GDPR)");
    }

    #[test]
    fn what_a_choice_needs_is_asked_for() {
        assert_eq!(wish(&[]).unwrap_err(), ["reason", "final_backup", "recovery_points"]);
        let base = [
            ("reason", "gone"),
            ("final_backup", "none"),
            ("recovery_points", "expire"),
        ];
        assert_eq!(wish(&base).unwrap().fate, Fate::Expire);
        let with = |more: &[(&'static str, &'static str)]| wish(&[&base[..], more].concat());
        assert_eq!(with(&[("final_backup", "existing")]).unwrap_err(), ["recovery_point"]);
        assert_eq!(with(&[("recovery_points", "keep-until")]).unwrap_err(), ["keep_until"]);
        for day in ["2026-11-21", "soon"] {
            assert_eq!(
                with(&[("recovery_points", "keep-until"), ("keep_until", day)]).unwrap_err(),
                ["keep_until"]
            );
        }
        assert!(with(&[("recovery_points", "keep-until"), ("keep_until", "2027-01-31")]).is_ok());
    }
}
