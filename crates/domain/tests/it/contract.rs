//! What a contract may say, what it refuses, and what it bounds.

use std::collections::BTreeMap;

use domain::contract::{
    ApprovalRule, ApprovalRules, Contract, ContractSummary, Draft, Priority, ServiceLevel, changes,
};
use domain::restore::Urgency;
use domain::sow::Scope;
use jiff::Timestamp;

fn contract() -> Contract {
    Contract::of_summary(&ContractSummary {
        service_level: ServiceLevel::Baseline,
        approval_rule: ApprovalRule::Both,
        terms_version: "2026-01".to_owned(),
        terms_reference: String::new(),
        time_zone: "Europe/Brussels".to_owned(),
        until: None,
    })
    .unwrap()
}

/// Full in every field.
fn answers() -> BTreeMap<String, String> {
    let mut answers = contract().answers();
    for (field, answer) in [
        ("service_level", "Baseline with the DR/BC add-on"),
        ("terms_reference", "https://contracts.example/terms"),
        ("starts", "2026-01-01"),
        ("until", "2028-12-31"),
        ("notice_days", "90"),
        ("approve_tightening", "The customer"),
        ("business_hours.saturday", "10:00-12:00, 13:00-14:00"),
        ("holidays", "2026-12-25 Christmas Day\n2027-01-01 New Year's Day"),
        ("urgent_response_minutes", "60"),
        (
            "escalation",
            "Service desk | +32 2 555 01 23 | at once\nDuty manager | +32 2 555 01 24 | after an hour",
        ),
        ("regulation", "PCI DSS 3.2.1"),
        ("residency", "eu-central-1, eu-west-1"),
        ("retention_minimum_days", "30"),
        ("retention_maximum_days", "400"),
        ("encryption_required", "Required"),
        (
            "addenda",
            "Data processing | 2026-01-15 | https://contracts.example/17\nWarehouse | 2026-02-01 |  | Out of hours too.",
        ),
    ] {
        answers.insert(field.to_owned(), answer.to_owned());
    }
    answers
}

fn with(changed: &[(&str, &str)]) -> Result<Contract, Vec<String>> {
    let mut answers = answers();
    answers.extend(
        changed
            .iter()
            .map(|(field, answer)| ((*field).to_owned(), (*answer).to_owned())),
    );
    Contract::from_answers(&answers).map_err(|problems| problems.into_iter().map(|problem| problem.field).collect())
}

#[test]
fn what_is_written_down_reads_the_same_again() {
    let full = with(&[]).unwrap();
    assert_eq!(full.answers(), answers());
    let mut stored = serde_json::to_value(Draft::from(&full)).unwrap();
    let read: Draft = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(Contract::parse(&read).unwrap(), full);
    stored.as_object_mut().unwrap().remove("terms_reference");
    let before_it_was_asked: Draft = serde_json::from_value(stored).unwrap();
    assert_eq!(Contract::parse(&before_it_was_asked).unwrap().terms_reference, "");
    assert_eq!(changes(&full, &full), []);
}

#[test]
fn two_versions_differ_by_field() {
    let later = with(&[
        ("terms_version", "2026-02"),
        ("until", ""),
        ("business_hours.saturday", ""),
    ])
    .unwrap();
    let differ: Vec<_> = changes(&with(&[]).unwrap(), &later)
        .into_iter()
        .map(|change| format!("{}: {} -> {}", change.field.label, change.before, change.after))
        .collect();
    insta::assert_snapshot!(differ.join("\n"), @r"
    Terms and conditions, version: 2026-01 -> 2026-02
    Last day of the term: 2028-12-31 -> 
    Saturday: 10:00-12:00, 13:00-14:00 -> 
    ");
}

#[test]
fn each_value_that_cannot_be_is_refused_by_its_field() {
    for (field, answer) in [
        ("service_level", "Gold"),
        ("terms_version", ""),
        ("terms_version", "2026\u{202e}-01"),
        ("terms_reference", "file\u{202e}17"),
        ("starts", "1 January 2026"),
        ("starts", "2026-02-30"),
        ("until", "2025-12-31"),
        ("notice_days", "three months"),
        ("notice_days", "4000"),
        ("approve_weakening", ""),
        ("time_zone", "Brussels"),
        ("business_hours.monday", "9-17"),
        ("business_hours.monday", "22:00-06:00"),
        ("business_hours.monday", "09:00-12:00, 11:00-13:00"),
        ("holidays", "2026-12-25"),
        ("holidays", "25 December 2026"),
        ("holidays", "2026-12-25 one\n2026-12-25 two"),
        ("urgent_response_minutes", "0"),
        ("urgent_response_minutes", ""),
        ("urgent_response_minutes", "2401"),
        ("escalation", "Service desk | +32 2 555 01 23"),
        ("escalation", "a | b | c | d"),
        ("residency", "Frankfurt"),
        ("retention_minimum_days", "0"),
        ("retention_maximum_days", "3651"),
        ("retention_maximum_days", "29"),
        ("retention_maximum_days", "-1"),
        ("encryption_required", ""),
        ("addenda", "Data processing | 2026-01-15"),
        ("addenda", "Data processing | soon | x"),
        ("colour", "red"),
    ] {
        assert_eq!(with(&[(field, answer)]), Err(vec![field.to_owned()]), "{answer}");
    }
}

#[test]
fn a_calendar_without_any_hours_is_refused() {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let names = days.map(|day| format!("business_hours.{day}"));
    let closed: Vec<_> = names.iter().map(|day| (day.as_str(), "")).collect();
    assert_eq!(with(&closed), Err(vec!["business_hours.monday".to_owned()]));
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let wrong = with(&[
        ("until", "soon"),
        ("notice_days", "x"),
        ("residency", "here"),
        ("time_zone", ""),
    ]);
    let mut wrong = wrong.unwrap_err();
    wrong.sort();
    assert_eq!(wrong, ["notice_days", "residency", "time_zone", "until"]);
}

#[test]
fn an_answer_is_due_as_its_priority_says() {
    let contract = with(&[]).unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let friday_evening = at("2026-05-22T18:30+02:00");
    let due = |priority| contract.respond_by(priority, friday_evening);
    assert_eq!(due(Priority::ProductionDown), Some(at("2026-05-22T19:00+02:00")));
    assert_eq!(due(Priority::Urgent), Some(at("2026-05-23T11:00+02:00")));
    assert_eq!(due(Priority::Normal), Some(at("2026-05-23T14:00+02:00")));
    assert_eq!(due(Priority::Planned), None);
    assert_eq!(
        contract.restore_answer_by(Urgency::Critical, friday_evening),
        at("2026-05-22T19:00+02:00")
    );
    assert_eq!(
        contract.restore_answer_by(Urgency::BusinessHours, friday_evening),
        at("2026-05-23T14:00+02:00")
    );
}

#[test]
fn each_kind_of_change_has_its_own_approvers() {
    let rules = with(&[("approve_out_of_scope", "The provider")]).unwrap().approval;
    assert_eq!(rules.for_change(None, false), ApprovalRule::Customer);
    assert_eq!(rules.for_change(None, true), ApprovalRule::Both);
    assert_eq!(rules.for_change(Some(&Scope::Out), true), ApprovalRule::Provider);
    assert_eq!(rules.strictest(), ApprovalRule::Both);
    assert_eq!(
        ApprovalRules::all(ApprovalRule::Provider).strictest(),
        ApprovalRule::Provider
    );
}
