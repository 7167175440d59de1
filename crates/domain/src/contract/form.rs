//! The contract as a form: its questions, one answer each, and what two versions answer differently.

use std::collections::BTreeMap;

use super::draft::{AddendumDraft, Draft, HolidayDraft};
use super::{ApprovalRule, Contract, ContractVersion, EscalationStep, ServiceLevel};
use crate::business_hours::WEEK;
use crate::scope_change::{Answers, Field, FieldKind, FormProblem, options};

const SERVICE_LEVELS: [(&str, &str); 2] = [
    ("Baseline", ServiceLevel::Baseline.as_str()),
    ("Baseline with the DR/BC add-on", ServiceLevel::DrBc.as_str()),
];
const RULES: [(&str, &str); 3] = [
    ("The provider", ApprovalRule::Provider.as_str()),
    ("The customer", ApprovalRule::Customer.as_str()),
    ("Both", ApprovalRule::Both.as_str()),
];
const REQUIRED: [(&str, bool); 2] = [("Not required", false), ("Required", true)];

const fn question(id: &'static str, label: &'static str, help: &'static str, kind: FieldKind) -> Field {
    Field {
        id,
        label,
        help,
        required: false,
        newer: false,
        kind,
    }
}

const fn mandatory(id: &'static str, label: &'static str, help: &'static str, kind: FieldKind) -> Field {
    Field {
        required: true,
        ..question(id, label, help, kind)
    }
}

const fn input(placeholder: &'static str) -> FieldKind {
    FieldKind::Input { placeholder }
}

const RULE: FieldKind = FieldKind::Choice {
    options: &options(&RULES),
};

pub(super) const SERVICE_LEVEL: Field = mandatory(
    "service_level",
    "Service level",
    "Decides what the pages offer and whether RPO and RTO are committed.",
    FieldKind::Choice {
        options: &options(&SERVICE_LEVELS),
    },
);
pub(super) const TERMS_VERSION: Field = mandatory(
    "terms_version",
    "Terms and conditions, version",
    "The version that is part of this contract. The customer signs each one anew.",
    input("2026-01"),
);
pub(super) const TERMS_REFERENCE: Field = question(
    "terms_reference",
    "Terms and conditions, where to read them",
    "An address, which the pages then link, or a file number. Empty: not stated.",
    input("https://contracts.example/terms/2026-01"),
);
pub(super) const STARTS: Field = question(
    "starts",
    "First day of the term",
    "`YYYY-MM-DD`. Empty: not stated.",
    input("2026-01-01"),
);
pub(super) const UNTIL: Field = question(
    "until",
    "Last day of the term",
    "`YYYY-MM-DD`. Empty: open-ended.",
    input("2028-12-31"),
);
pub(super) const NOTICE_DAYS: Field = question(
    "notice_days",
    "Notice, in days",
    "How long before the end it has to be cancelled. Empty: not stated.",
    input("90"),
);
pub(super) const APPROVE_TIGHTENING: Field = mandatory(
    "approve_tightening",
    "A change that protects more is approved by",
    "More retention, more often, another copy.",
    RULE,
);
pub(super) const APPROVE_WEAKENING: Field = mandatory(
    "approve_weakening",
    "A change that gives up protection is approved by",
    "The provider always has to agree as well.",
    RULE,
);
pub(super) const APPROVE_OUT_OF_SCOPE: Field = mandatory(
    "approve_out_of_scope",
    "Taking something out of scope is approved by",
    "From then on nobody owes the customer a backup of it. Where that gives up protection, the provider has to agree as well.",
    RULE,
);
pub(super) const TIME_ZONE: Field = mandatory(
    "time_zone",
    "Time zone",
    "An IANA name. The hours below are meant in it.",
    input("Europe/Brussels"),
);
/// Each day's hours, from Monday on.
pub(super) const DAYS: [Field; 7] = {
    const fn day(id: &'static str, label: &'static str) -> Field {
        question(
            id,
            label,
            "Such as `09:00-12:00, 13:00-17:00`. Empty: closed.",
            input("09:00-17:00"),
        )
    }
    [
        day("business_hours.monday", "Monday"),
        day("business_hours.tuesday", "Tuesday"),
        day("business_hours.wednesday", "Wednesday"),
        day("business_hours.thursday", "Thursday"),
        day("business_hours.friday", "Friday"),
        day("business_hours.saturday", "Saturday"),
        day("business_hours.sunday", "Sunday"),
    ]
};
pub(super) const HOLIDAYS: Field = question(
    "holidays",
    "Holidays",
    "One a line: date and name, such as `2026-12-25 Christmas Day`.",
    FieldKind::Text,
);
pub(super) const URGENT_RESPONSE: Field = mandatory(
    "urgent_response_minutes",
    "First answer to something urgent, in business minutes",
    "120 unless agreed otherwise. Production down is answered within 30 minutes round the clock, whatever stands here.",
    input("120"),
);
pub(super) const ESCALATION: Field = question(
    "escalation",
    "Escalation path",
    "One step a line, the first first: `who | telephone or address | when`.",
    FieldKind::Text,
);
/// What the bounds come from.
pub const REGULATION: Field = question(
    "regulation",
    "Regulation",
    "What the bounds below come from, in the words that a refusal shall quote.",
    FieldKind::Text,
);
pub(super) const RESIDENCY: Field = question(
    "residency",
    "Regions in which data may be",
    "AWS regions with commas. Empty: any.",
    input("eu-central-1, eu-west-1"),
);
pub(super) const RETENTION_MINIMUM: Field = question(
    "retention_minimum_days",
    "Least retention, in days",
    "No backup is kept shorter. Empty: no bound.",
    input("30"),
);
pub(super) const RETENTION_MAXIMUM: Field = question(
    "retention_maximum_days",
    "Greatest retention, in days",
    "No backup is kept, and no lock set, for longer. Empty: no bound.",
    input("400"),
);
pub(super) const ENCRYPTION: Field = mandatory(
    "encryption_required",
    "Encryption at rest",
    "Whether regulation asks for it. Holdfast encrypts where AWS can, whatever stands here.",
    FieldKind::Choice {
        options: &options(&REQUIRED),
    },
);
pub(super) const ADDENDA: Field = question(
    "addenda",
    "Addenda",
    "One a line: `title | date | link or file number | what it says`. The last two may be missing.",
    FieldKind::Text,
);

/// From when a new version holds; not part of what it says.
pub const VALID_FROM: Field = question(
    "valid_from",
    "In force from",
    "`YYYY-MM-DD`, today or earlier. Empty: today.",
    input("2026-01-01"),
);
/// Why a new version was made; not part of what it says.
pub const NOTE: Field = question(
    "note",
    "Why it changes",
    "Stands beside the version for everybody who reads it.",
    FieldKind::Text,
);

/// The questions under their headings, in the form's order.
pub const GROUPS: [(&str, &[Field]); 6] = [
    (
        "Service and term",
        &[
            SERVICE_LEVEL,
            TERMS_VERSION,
            TERMS_REFERENCE,
            STARTS,
            UNTIL,
            NOTICE_DAYS,
        ],
    ),
    (
        "Who approves a change",
        &[APPROVE_TIGHTENING, APPROVE_WEAKENING, APPROVE_OUT_OF_SCOPE],
    ),
    (
        "Business hours",
        &[
            TIME_ZONE, DAYS[0], DAYS[1], DAYS[2], DAYS[3], DAYS[4], DAYS[5], DAYS[6], HOLIDAYS,
        ],
    ),
    ("Response and escalation", &[URGENT_RESPONSE, ESCALATION]),
    (
        "Regulation",
        &[REGULATION, RESIDENCY, RETENTION_MINIMUM, RETENTION_MAXIMUM, ENCRYPTION],
    ),
    ("Addenda", &[ADDENDA]),
];

/// Every question about what a contract says, in the form's order.
fn fields() -> impl Iterator<Item = &'static Field> {
    GROUPS.iter().flat_map(|(_, fields)| fields.iter())
}

/// What two versions answer differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The question.
    pub field: &'static Field,
    /// The earlier answer; empty when there was none.
    pub before: String,
    /// The later answer; empty when there is none.
    pub after: String,
}

/// What `after` answers differently than `before`, in the form's order.
#[must_use]
pub fn changes(before: &Contract, after: &Contract) -> Vec<Change> {
    let (mut before, mut after) = (before.answers(), after.answers());
    fields()
        .map(|field| Change {
            field,
            before: before.remove(field.id).unwrap_or_default(),
            after: after.remove(field.id).unwrap_or_default(),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

/// What the version `after` says differently than `before`, in the form's order; then from which day it holds, and why it was
/// made.
#[must_use]
pub fn version_changes(before: &ContractVersion, after: &ContractVersion) -> Vec<Change> {
    let of_version = [
        (&VALID_FROM, before.valid_from.to_string(), after.valid_from.to_string()),
        (&NOTE, before.note.clone(), after.note.clone()),
    ];
    let of_version = of_version.map(|(field, before, after)| Change { field, before, after });
    let mut all = changes(&before.contract, &after.contract);
    all.extend(of_version.into_iter().filter(|change| change.before != change.after));
    all
}

impl Contract {
    /// The contract as the form's answers, by field id; what is not stated is an empty answer.
    #[must_use]
    pub fn answers(&self) -> BTreeMap<String, String> {
        Draft::from(self).answers()
    }

    /// Reads the form's answers, by field id.
    ///
    /// # Errors
    /// Every answer that is missing or not understood, with what is allowed and why.
    pub fn from_answers(given: &BTreeMap<String, String>) -> Result<Self, Vec<FormProblem>> {
        let fields: Vec<Field> = fields().copied().collect();
        let mut answers = Answers::new(&fields, given);
        let draft = Draft::read(&mut answers);
        let mut problems = answers.finish(Some(())).err().unwrap_or_default();
        match Self::parse(&draft) {
            Ok(contract) if problems.is_empty() => Ok(contract),
            Ok(_) => Err(problems),
            Err(further) => {
                let new = |problem: &FormProblem| !problems.iter().any(|known| known.field == problem.field);
                let further: Vec<_> = further.into_iter().filter(new).collect();
                problems.extend(further);
                Err(problems)
            }
        }
    }
}

impl Draft {
    /// What was answered, as far as it has the shape that its field asks for.
    fn read(answers: &mut Answers) -> Self {
        let code = |answers: &mut Answers, field: &Field, table: &[(&'static str, &'static str)]| {
            let chosen = answers.choice(field, table);
            answers.demand(field, chosen).unwrap_or_default().to_owned()
        };
        let days = WEEK.iter().zip(&DAYS).map(|(_, field)| {
            let spans = answers.line(field).unwrap_or_default();
            let spans = spans.split(',').map(str::trim).filter(|span| !span.is_empty());
            let name = field.label.to_lowercase();
            (name, spans.map(str::to_owned).collect())
        });
        let business_hours = days.collect();
        let required = answers.choice(&ENCRYPTION, &REQUIRED);
        Self {
            service_level: code(answers, &SERVICE_LEVEL, &SERVICE_LEVELS),
            terms_version: answers.line(&TERMS_VERSION).unwrap_or_default(),
            terms_reference: answers.line(&TERMS_REFERENCE).unwrap_or_default(),
            starts: answers.line(&STARTS),
            until: answers.line(&UNTIL),
            notice_days: answers.parsed(&NOTICE_DAYS, number),
            approve_tightening: code(answers, &APPROVE_TIGHTENING, &RULES),
            approve_weakening: code(answers, &APPROVE_WEAKENING, &RULES),
            approve_out_of_scope: code(answers, &APPROVE_OUT_OF_SCOPE, &RULES),
            time_zone: answers.line(&TIME_ZONE).unwrap_or_default(),
            business_hours,
            holidays: lines(&answers.text(&HOLIDAYS), |line| {
                let (date, name) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
                HolidayDraft {
                    date: date.to_owned(),
                    name: name.trim().to_owned(),
                }
            }),
            urgent_response_minutes: answers.parsed(&URGENT_RESPONSE, number).unwrap_or(i64::MIN),
            escalation: lines(&answers.text(&ESCALATION), |line| {
                let [name, reach, when] = parts(line);
                EscalationStep { name, reach, when }
            }),
            regulation: answers.text(&REGULATION),
            residency: {
                let regions = answers.line(&RESIDENCY).unwrap_or_default();
                let regions = regions.split([',', ' ']).filter(|region| !region.is_empty());
                regions.map(str::to_owned).collect()
            },
            retention_minimum_days: answers.parsed(&RETENTION_MINIMUM, number),
            retention_maximum_days: answers.parsed(&RETENTION_MAXIMUM, number),
            encryption_required: answers.demand(&ENCRYPTION, required).unwrap_or_default(),
            addenda: lines(&answers.text(&ADDENDA), |line| {
                let [title, date, reference, text] = parts(line);
                AddendumDraft {
                    title,
                    date,
                    reference,
                    text,
                }
            }),
        }
    }

    fn answers(&self) -> BTreeMap<String, String> {
        let label = |table: &[(&str, &str)], code: &str| {
            let found = table.iter().find(|(_, known)| *known == code);
            found.map_or(code, |(label, _)| *label).to_owned()
        };
        let days = |number: Option<i64>| number.map(|days| days.to_string()).unwrap_or_default();
        let required = if self.encryption_required {
            REQUIRED[1].0
        } else {
            REQUIRED[0].0
        };
        let joined = |lines: Vec<String>| lines.join("\n");
        let holiday = |holiday: &HolidayDraft| format!("{} {}", holiday.date, holiday.name);
        let step = |step: &EscalationStep| format!("{} | {} | {}", step.name, step.reach, step.when);
        let addendum = |one: &AddendumDraft| {
            let line = format!("{} | {} | {} | {}", one.title, one.date, one.reference, one.text);
            line.trim_end_matches([' ', '|']).to_owned()
        };
        let answers = [
            (SERVICE_LEVEL, label(&SERVICE_LEVELS, &self.service_level)),
            (TERMS_VERSION, self.terms_version.clone()),
            (TERMS_REFERENCE, self.terms_reference.clone()),
            (STARTS, self.starts.clone().unwrap_or_default()),
            (UNTIL, self.until.clone().unwrap_or_default()),
            (NOTICE_DAYS, days(self.notice_days)),
            (APPROVE_TIGHTENING, label(&RULES, &self.approve_tightening)),
            (APPROVE_WEAKENING, label(&RULES, &self.approve_weakening)),
            (APPROVE_OUT_OF_SCOPE, label(&RULES, &self.approve_out_of_scope)),
            (TIME_ZONE, self.time_zone.clone()),
            (HOLIDAYS, joined(self.holidays.iter().map(holiday).collect())),
            (URGENT_RESPONSE, self.urgent_response_minutes.to_string()),
            (ESCALATION, joined(self.escalation.iter().map(step).collect())),
            (REGULATION, self.regulation.clone()),
            (RESIDENCY, self.residency.join(", ")),
            (RETENTION_MINIMUM, days(self.retention_minimum_days)),
            (RETENTION_MAXIMUM, days(self.retention_maximum_days)),
            (ENCRYPTION, required.to_owned()),
            (ADDENDA, joined(self.addenda.iter().map(addendum).collect())),
        ];
        let week = DAYS.iter().map(|field| {
            let spans = self.business_hours.get(&field.label.to_lowercase());
            (*field, spans.map(|spans| spans.join(", ")).unwrap_or_default())
        });
        let all = answers.into_iter().chain(week);
        all.map(|(field, answer)| (field.id.to_owned(), answer)).collect()
    }
}

fn number(text: &str) -> Result<i64, String> {
    text.parse::<u32>()
        .map(i64::from)
        .map_err(|_| "a whole number is expected".to_owned())
}

fn lines<T>(text: &str, read: impl FnMut(&str) -> T) -> Vec<T> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(read).collect()
}

/// The parts of a line between `|`; the last one has the rest.
fn parts<const N: usize>(line: &str) -> [String; N] {
    let mut parts = line.splitn(N, '|').map(|part| part.trim().to_owned());
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}
