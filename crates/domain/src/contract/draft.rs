//! A contract as it is written down: every value as people and programs state it, not yet understood.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::form::{
    ADDENDA, APPROVE_OUT_OF_SCOPE, APPROVE_TIGHTENING, APPROVE_WEAKENING, DAYS, ESCALATION, HOLIDAYS, NOTICE_DAYS,
    REGULATION, RESIDENCY, RETENTION_MAXIMUM, RETENTION_MINIMUM, SERVICE_LEVEL, STARTS, TERMS_REFERENCE, TERMS_VERSION,
    TIME_ZONE, UNTIL, URGENT_RESPONSE,
};
use super::{Addendum, ApprovalRule, ApprovalRules, Bounds, Contract, ContractSummary, EscalationStep, ServiceLevel};
use crate::account::Region;
use crate::business_hours::{BusinessHours, InvalidHours, Span, WEEK};
use crate::retention::RetentionDays;
use crate::scope_change::{Field, FormProblem, is_invisible, normalise};

/// A contract as it is stored, and as the API carries it. [`Contract::parse`] understands it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// `baseline` or `dr-bc`.
    pub service_level: String,
    /// Version of the terms and conditions.
    pub terms_version: String,
    /// Where they can be read; may be empty. Contracts that were stored before it was asked have none.
    #[serde(default)]
    pub terms_reference: String,
    /// First day of the term, `YYYY-MM-DD`.
    pub starts: Option<String>,
    /// Last day of the term.
    pub until: Option<String>,
    /// Days of notice.
    pub notice_days: Option<i64>,
    /// `provider`, `customer` or `both`.
    pub approve_tightening: String,
    /// The same.
    pub approve_weakening: String,
    /// The same.
    pub approve_out_of_scope: String,
    /// IANA name.
    pub time_zone: String,
    /// Weekday in lower case to its spans; a day that is missing is closed.
    pub business_hours: BTreeMap<String, Vec<String>>,
    /// Single days.
    pub holidays: Vec<HolidayDraft>,
    /// Business minutes.
    pub urgent_response_minutes: i64,
    /// The first step first.
    pub escalation: Vec<EscalationStep>,
    /// In words.
    pub regulation: String,
    /// AWS regions; none: any.
    pub residency: Vec<String>,
    /// Days.
    pub retention_minimum_days: Option<i64>,
    /// Days.
    pub retention_maximum_days: Option<i64>,
    /// Whether regulation asks for encryption at rest.
    pub encryption_required: bool,
    /// In the order of the document.
    pub addenda: Vec<AddendumDraft>,
}

/// A holiday as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidayDraft {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Its name.
    pub name: String,
}

/// An addendum as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddendumDraft {
    /// What it is called.
    pub title: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Where it can be read; may be empty.
    pub reference: String,
    /// What it says; may be empty.
    pub text: String,
}

/// The longest word-like value, a line and a longer text, in characters.
const NAME: usize = 120;
const LINE: usize = 500;
const TEXT: usize = 2000;
/// More of one kind are no contract but an accident.
const MANY: usize = 400;
/// Forty hours: a business week.
const URGENT_MAXIMUM: i64 = 40 * 60;

impl Contract {
    /// Understands a contract as it is written down.
    ///
    /// # Errors
    /// Every value that is missing, not understood or at odds with another, with what is allowed and why.
    pub fn parse(draft: &Draft) -> Result<Self, Vec<FormProblem>> {
        let mut reader = Reader(Vec::new());
        let service_level = reader.service_level(&draft.service_level);
        let terms_version = reader.line(&TERMS_VERSION, &draft.terms_version, NAME);
        let terms_reference = reader.seen(&TERMS_REFERENCE, &draft.terms_reference, LINE, false);
        let tightening = reader.rule(&APPROVE_TIGHTENING, &draft.approve_tightening);
        let weakening = reader.rule(&APPROVE_WEAKENING, &draft.approve_weakening);
        let out_of_scope = reader.rule(&APPROVE_OUT_OF_SCOPE, &draft.approve_out_of_scope);
        let calendar = reader.calendar(draft);
        let urgent = reader.urgent(draft.urgent_response_minutes);
        let escalation = reader.escalation(&draft.escalation);
        let bounds = reader.bounds(draft);
        let addenda = reader.addenda(&draft.addenda);
        let (starts, until) = reader.term(draft);
        let notice_days = reader.notice(draft.notice_days);
        let contract = || {
            Some(Self {
                service_level: service_level?,
                terms_version: terms_version?,
                terms_reference: terms_reference?,
                approval: ApprovalRules {
                    tightening: tightening?,
                    weakening: weakening?,
                    out_of_scope: out_of_scope?,
                },
                calendar: calendar?,
                urgent_response: urgent?,
                escalation,
                bounds,
                addenda,
                starts,
                until,
                notice_days,
            })
        };
        contract().filter(|_| reader.0.is_empty()).ok_or(reader.0)
    }

    /// The contract of which nothing but the summary is known: open from nine to five on weekdays, no bounds.
    ///
    /// # Errors
    /// As [`Contract::parse`]: a summary may hold any time zone.
    pub fn of_summary(summary: &ContractSummary) -> Result<Self, Vec<FormProblem>> {
        let rule = summary.approval_rule.as_str().to_owned();
        let weekdays = DAYS[..5].iter().map(|day| day.label.to_lowercase());
        Self::parse(&Draft {
            service_level: summary.service_level.as_str().to_owned(),
            terms_version: summary.terms_version.clone(),
            terms_reference: summary.terms_reference.clone(),
            starts: None,
            until: summary.until.map(|day| day.to_string()),
            notice_days: None,
            approve_tightening: rule.clone(),
            approve_weakening: rule.clone(),
            approve_out_of_scope: rule,
            time_zone: summary.time_zone.clone(),
            business_hours: weekdays.map(|day| (day, vec!["09:00-17:00".to_owned()])).collect(),
            holidays: Vec::new(),
            urgent_response_minutes: 120,
            escalation: Vec::new(),
            regulation: String::new(),
            residency: Vec::new(),
            retention_minimum_days: None,
            retention_maximum_days: None,
            encryption_required: false,
            addenda: Vec::new(),
        })
    }
}

/// Collects what is wrong.
struct Reader(Vec<FormProblem>);

impl Reader {
    fn refuse(&mut self, field: &Field, given: &str, why: impl Into<String>) {
        let given = (!given.is_empty()).then_some(given);
        self.0.push(FormProblem::new(field, given, why));
    }

    /// Text that can be seen, of at most so many characters; `None` when it was refused.
    fn seen(&mut self, field: &Field, text: &str, most: usize, of_many_lines: bool) -> Option<String> {
        let text = normalise(text).trim().to_owned();
        let hidden = |c: char| is_invisible(c) && !(of_many_lines && c == '\n');
        if text.chars().any(hidden) {
            self.refuse(
                field,
                &text,
                "it holds characters that cannot be seen: a contract is to read the same for everybody",
            );
            None
        } else if text.chars().count() > most {
            self.refuse(field, &text, format!("at most {most} characters are allowed"));
            None
        } else {
            Some(text)
        }
    }

    /// One line that has to be there.
    fn line(&mut self, field: &Field, text: &str, most: usize) -> Option<String> {
        let line = self.seen(field, text, most, false)?;
        if line.is_empty() {
            self.refuse(field, "", format!("an answer is missing. {}", field.help));
            return None;
        }
        Some(line)
    }

    /// A part of a line of the form, in which `|` stands between the parts.
    fn part(&mut self, field: &Field, what: &str, text: &str, mandatory: bool) -> String {
        let part = self.seen(field, text, LINE, false).unwrap_or_default();
        if part.contains('|') {
            self.refuse(
                field,
                &part,
                "`|` is not allowed: in the form it stands between two parts",
            );
        } else if part.is_empty() && mandatory {
            self.refuse(field, "", format!("{what} is missing. {}", field.help));
        }
        part
    }

    fn date(&mut self, field: &Field, text: &str) -> Option<Date> {
        let text = normalise(text);
        let date = text
            .trim()
            .parse::<Date>()
            .ok()
            .filter(|date| date.to_string() == text.trim());
        if date.is_none() {
            self.refuse(field, &text, "a day is expected as `YYYY-MM-DD`");
        }
        date
    }

    fn few<'a, T>(&mut self, field: &Field, all: &'a [T]) -> &'a [T] {
        if all.len() > MANY {
            let given = format!("{} entries", all.len());
            self.refuse(field, &given, format!("at most {MANY} are allowed"));
        }
        &all[..all.len().min(MANY)]
    }

    fn service_level(&mut self, text: &str) -> Option<ServiceLevel> {
        let level = [ServiceLevel::Baseline, ServiceLevel::DrBc]
            .into_iter()
            .find(|level| level.as_str() == text);
        if level.is_none() {
            self.refuse(&SERVICE_LEVEL, text, "`baseline` or `dr-bc` is expected");
        }
        level
    }

    fn rule(&mut self, field: &Field, text: &str) -> Option<ApprovalRule> {
        let rule = [ApprovalRule::Provider, ApprovalRule::Customer, ApprovalRule::Both]
            .into_iter()
            .find(|rule| rule.as_str() == text);
        if rule.is_none() {
            self.refuse(field, text, "`provider`, `customer` or `both` is expected");
        }
        rule
    }

    fn calendar(&mut self, draft: &Draft) -> Option<BusinessHours> {
        let zone = TimeZone::get(draft.time_zone.trim())
            .ok()
            .filter(|zone| zone.iana_name().is_some());
        if zone.is_none() {
            let why = "an IANA time zone is expected, such as Europe/Brussels";
            self.refuse(&TIME_ZONE, &draft.time_zone, why);
        }
        for unknown in draft.business_hours.keys() {
            if !DAYS.iter().any(|day| day.label.to_lowercase() == *unknown) {
                self.refuse(&DAYS[0], unknown, "the days are called monday to sunday");
            }
        }
        let week = DAYS.each_ref().map(|day| self.spans(day, draft));
        let holidays = self.holidays(&draft.holidays);
        match BusinessHours::new(zone?, week, holidays) {
            Ok(calendar) => Some(calendar),
            Err(InvalidHours::NeverOpen) => {
                // A day whose hours were refused says enough.
                if !self.0.iter().any(|problem| problem.field.starts_with("business_hours")) {
                    self.refuse(&DAYS[0], "", InvalidHours::NeverOpen.to_string());
                }
                None
            }
            Err(InvalidHours::Overlap(day)) => {
                let field = WEEK
                    .iter()
                    .zip(&DAYS)
                    .find(|(one, _)| **one == day)
                    .map(|(_, field)| field);
                let field = field.unwrap_or(&DAYS[0]);
                let given = draft.business_hours.get(&field.label.to_lowercase());
                let given = given.map(|spans| spans.join(", ")).unwrap_or_default();
                self.refuse(field, &given, InvalidHours::Overlap(day).to_string());
                None
            }
        }
    }

    fn spans(&mut self, day: &Field, draft: &Draft) -> Vec<Span> {
        let given = draft.business_hours.get(&day.label.to_lowercase());
        let given = given.map_or(&[][..], Vec::as_slice);
        let mut spans = Vec::new();
        for text in self.few(day, given) {
            match text.parse::<Span>() {
                Ok(span) => spans.push(span),
                Err(_) => {
                    let why = "`HH:MM-HH:MM` is expected, the end after the start; past midnight is the next day's, and `24:00` is midnight";
                    self.refuse(day, text, why);
                }
            }
        }
        spans
    }

    fn holidays(&mut self, all: &[HolidayDraft]) -> BTreeMap<Date, String> {
        let mut holidays = BTreeMap::new();
        for HolidayDraft { date, name } in self.few(&HOLIDAYS, all) {
            let name = self.seen(&HOLIDAYS, name, NAME, false).unwrap_or_default();
            let Some(day) = self.date(&HOLIDAYS, date) else {
                continue;
            };
            if name.is_empty() {
                self.refuse(
                    &HOLIDAYS,
                    date,
                    "a holiday needs a name, so that people know why nobody answers",
                );
            }
            if holidays.insert(day, name).is_some() {
                self.refuse(&HOLIDAYS, date, "this day stands here twice");
            }
        }
        holidays
    }

    fn urgent(&mut self, minutes: i64) -> Option<SignedDuration> {
        if (1..=URGENT_MAXIMUM).contains(&minutes) {
            return Some(SignedDuration::from_mins(minutes));
        }
        // A number that the form could not read was refused there.
        let given = if minutes == i64::MIN {
            String::new()
        } else {
            minutes.to_string()
        };
        let why = format!("1 to {URGENT_MAXIMUM} business minutes are allowed, a week of eight-hour days");
        self.refuse(&URGENT_RESPONSE, &given, why);
        None
    }

    fn escalation(&mut self, all: &[EscalationStep]) -> Vec<EscalationStep> {
        let steps = self.few(&ESCALATION, all).iter();
        steps
            .map(|step| EscalationStep {
                name: self.part(&ESCALATION, "who to reach", &step.name, true),
                reach: self.part(&ESCALATION, "how to reach them", &step.reach, true),
                when: self.part(&ESCALATION, "when to take this step", &step.when, true),
            })
            .collect()
    }

    fn addenda(&mut self, all: &[AddendumDraft]) -> Vec<Addendum> {
        let mut addenda = Vec::new();
        for one in self.few(&ADDENDA, all) {
            let title = self.part(&ADDENDA, "the title", &one.title, true);
            let reference = self.part(&ADDENDA, "the reference", &one.reference, false);
            let text = self.seen(&ADDENDA, &one.text, TEXT, false).unwrap_or_default();
            if reference.is_empty() && text.is_empty() {
                self.refuse(
                    &ADDENDA,
                    &title,
                    "an addendum needs a link or file number, or what it says",
                );
            }
            let Some(date) = self.date(&ADDENDA, &one.date) else {
                continue;
            };
            addenda.push(Addendum {
                title,
                date,
                reference,
                text,
            });
        }
        addenda
    }

    fn bounds(&mut self, draft: &Draft) -> Bounds {
        let regulation = self
            .seen(&REGULATION, &draft.regulation, TEXT, true)
            .unwrap_or_default();
        let minimum = self.days(&RETENTION_MINIMUM, draft.retention_minimum_days);
        let maximum = self.days(&RETENTION_MAXIMUM, draft.retention_maximum_days);
        if let (Some(least), Some(most)) = (minimum, maximum)
            && least > most
        {
            let why = format!("{least} are the least: the greatest cannot be less, or nothing would be allowed");
            self.refuse(&RETENTION_MAXIMUM, &most.get().to_string(), why);
        }
        let mut residency = BTreeSet::new();
        for text in self.few(&RESIDENCY, &draft.residency) {
            match text.parse::<Region>() {
                Ok(region) => drop(residency.insert(region)),
                Err(_) => self.refuse(&RESIDENCY, text, "an AWS region is expected, such as eu-west-1"),
            }
        }
        Bounds {
            regulation,
            minimum,
            maximum,
            residency,
            encryption: draft.encryption_required,
        }
    }

    fn days(&mut self, field: &Field, days: Option<i64>) -> Option<RetentionDays> {
        let days = days?;
        let parsed = u16::try_from(days)
            .ok()
            .and_then(|days| RetentionDays::parse(days).ok());
        if parsed.is_none() {
            self.refuse(
                field,
                &days.to_string(),
                "1 to 3650 days are allowed: Holdfast keeps nothing longer",
            );
        }
        parsed
    }

    fn term(&mut self, draft: &Draft) -> (Option<Date>, Option<Date>) {
        let starts = draft.starts.as_ref().and_then(|text| self.date(&STARTS, text));
        let until = draft.until.as_ref().and_then(|text| self.date(&UNTIL, text));
        if let (Some(first), Some(last)) = (starts, until)
            && last < first
        {
            self.refuse(
                &UNTIL,
                &last.to_string(),
                format!("the term begins on {first}, so it cannot end before"),
            );
        }
        (starts, until)
    }

    fn notice(&mut self, days: Option<i64>) -> Option<u16> {
        let days = days?;
        let parsed = u16::try_from(days).ok().filter(|days| *days <= 3650);
        if parsed.is_none() {
            self.refuse(&NOTICE_DAYS, &days.to_string(), "0 to 3650 days are allowed");
        }
        parsed
    }
}

impl From<&Contract> for Draft {
    fn from(contract: &Contract) -> Self {
        let calendar = &contract.calendar;
        let hours = WEEK.iter().zip(&DAYS).filter_map(|(day, field)| {
            let spans: Vec<String> = calendar.hours(*day).iter().map(ToString::to_string).collect();
            (!spans.is_empty()).then(|| (field.label.to_lowercase(), spans))
        });
        let holidays = calendar.holidays().iter().map(|(date, name)| HolidayDraft {
            date: date.to_string(),
            name: name.clone(),
        });
        let addenda = contract.addenda.iter().map(|one| AddendumDraft {
            title: one.title.clone(),
            date: one.date.to_string(),
            reference: one.reference.clone(),
            text: one.text.clone(),
        });
        let days = |days: Option<RetentionDays>| days.map(|days| i64::from(days.get()));
        let bounds = &contract.bounds;
        Self {
            service_level: contract.service_level.as_str().to_owned(),
            terms_version: contract.terms_version.clone(),
            terms_reference: contract.terms_reference.clone(),
            starts: contract.starts.map(|day| day.to_string()),
            until: contract.until.map(|day| day.to_string()),
            notice_days: contract.notice_days.map(i64::from),
            approve_tightening: contract.approval.tightening.as_str().to_owned(),
            approve_weakening: contract.approval.weakening.as_str().to_owned(),
            approve_out_of_scope: contract.approval.out_of_scope.as_str().to_owned(),
            time_zone: calendar.zone_name().to_owned(),
            business_hours: hours.collect(),
            holidays: holidays.collect(),
            urgent_response_minutes: contract.urgent_response.as_mins(),
            escalation: contract.escalation.clone(),
            regulation: bounds.regulation.clone(),
            residency: bounds.residency.iter().map(ToString::to_string).collect(),
            retention_minimum_days: days(bounds.minimum),
            retention_maximum_days: days(bounds.maximum),
            encryption_required: bounds.encryption,
            addenda: addenda.collect(),
        }
    }
}
