//! The forms that customers copy, and what is read from the issues that they make.

use std::collections::BTreeMap;

use domain::component::Environment;
use domain::restore_form::{PointWish, RestoreRequestForm};
use domain::retention::RetentionDays;
use domain::schedule::Schedule;
use domain::scope_change::{Field, FieldKind, ScopeChangeForm, ScopeWish, Wish};
use github::issue_form::{FormKind, recognise, restore_request, scope_change};
use serde::Deserialize;

#[derive(Deserialize)]
struct Form {
    body: Vec<Element>,
}

#[derive(Deserialize)]
struct Element {
    r#type: String,
    id: Option<String>,
    attributes: Attributes,
    #[serde(default)]
    validations: Validations,
}

#[derive(Deserialize)]
struct Attributes {
    label: Option<String>,
    description: Option<String>,
    placeholder: Option<String>,
    #[serde(default)]
    options: Vec<String>,
}

#[derive(Deserialize, Default)]
struct Validations {
    required: bool,
}

fn form(name: &str) -> Vec<Element> {
    let path = format!("{}/../../deploy/customer/github/{name}.yml", env!("CARGO_MANIFEST_DIR"));
    let form: Form = serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    form.body
        .into_iter()
        .filter(|element| element.r#type != "markdown")
        .collect()
}

fn assert_same(form: &[Element], fields: &[Field]) {
    assert_eq!(form.len(), fields.len());
    for (element, field) in form.iter().zip(fields) {
        let (kind, placeholder, options): (_, _, &[&str]) = match field.kind {
            FieldKind::Input { placeholder } => ("input", Some(placeholder), &[]),
            FieldKind::Choice { options } => ("dropdown", None, options),
            FieldKind::Text => ("textarea", None, &[]),
        };
        assert_eq!(element.r#type, kind);
        assert_eq!(element.id.as_deref(), Some(field.id));
        assert_eq!(element.attributes.label.as_deref(), Some(field.label));
        assert_eq!(element.attributes.description.as_deref(), Some(field.help));
        assert_eq!(element.attributes.placeholder.as_deref(), placeholder);
        assert_eq!(element.attributes.options, options);
        assert_eq!(element.validations.required, field.required, "{}", field.id);
    }
    assert_eq!(fields.last().map(|field| field.kind), Some(FieldKind::Text));
}

/// An issue's body as GitHub renders the form, each answer the first option, the placeholder, or none.
pub(crate) fn rendered(fields: &[Field], changes: &[(&str, &str)]) -> String {
    let changes: BTreeMap<_, _> = changes.iter().copied().collect();
    let sections = fields.iter().map(|field| {
        let usual = match field.kind {
            FieldKind::Input { placeholder } => placeholder,
            FieldKind::Choice { options } => options[0],
            FieldKind::Text => "_No response_",
        };
        format!("### {}\n\n{}", field.label, changes.get(field.id).unwrap_or(&usual))
    });
    sections.collect::<Vec<_>>().join("\n\n")
}

fn named(body: &str) -> Vec<(String, String)> {
    scope_change(body)
        .unwrap_err()
        .into_iter()
        .map(|p| (p.field, p.why))
        .collect()
}

#[test]
fn the_scope_change_form_asks_what_holdfast_reads() {
    assert_same(&form("scope-change"), &ScopeChangeForm::FIELDS);
}

#[test]
fn the_restore_form_asks_what_holdfast_reads() {
    assert_same(&form("restore-request"), &RestoreRequestForm::FIELDS);
    let body = rendered(&RestoreRequestForm::FIELDS, &[("point_in_time", "_No response_")]);
    assert_eq!(recognise(&body), FormKind::RestoreRequest);
    assert_eq!(restore_request(&body).unwrap().point, PointWish::LastAvailable);
}

#[test]
fn the_first_options_and_the_placeholders_are_a_complete_request() {
    let body = rendered(&ScopeChangeForm::FIELDS, &[]);
    assert_eq!(recognise(&body), FormKind::ScopeChange);
    for body in [
        body.replace('\n', "\r\n"),
        body.replace("35 days", "35\u{a0}days"),
        body,
    ] {
        let form = scope_change(&body).unwrap();
        let ScopeWish::In(terms) = form.scope else {
            panic!("out of scope")
        };
        assert_eq!(
            (form.component.as_str(), form.environment),
            ("prod-pg", Environment::Production)
        );
        assert_eq!(terms.retention, Wish::Exactly(RetentionDays::parse(35).unwrap()));
        assert_eq!(terms.schedule, Wish::Exactly("daily at 03:00".parse().unwrap()));
        assert_eq!(terms.backup_window, Some("03:00-04:00".parse().unwrap()));
        assert_eq!(form.further_needs, "");
    }
}

#[test]
fn an_issue_of_a_form_that_was_copied_before_the_schedule_was_added_is_still_read() {
    let body = rendered(&ScopeChangeForm::FIELDS, &[]);
    let old = body.replace("### When exactly\n\ndaily at 03:00\n\n", "");
    assert_ne!(old, body);
    let ScopeWish::In(terms) = scope_change(&old).unwrap().scope else {
        panic!("out of scope")
    };
    assert_eq!(terms.schedule, Wish::Exactly(Schedule::Daily));
    let twice = format!("{body}\n\n### When exactly\n\ndaily at 04:00");
    assert_eq!(
        named(&twice),
        [("schedule".into(), "the heading stands there more than once".into())]
    );
}

#[test]
fn a_heading_that_is_missing_doubled_or_moved_is_asked_back() {
    let body = rendered(&ScopeChangeForm::FIELDS, &[]);
    let missing = body.replace("### Retention\n\n35 days\n\n", "");
    assert_eq!(named(&missing), [("retention".into(), "the heading is missing".into())]);
    let doubled = format!("{body}\n\n### Retention\n\n1 day");
    assert_eq!(
        named(&doubled),
        [("retention".into(), "the heading stands there more than once".into())]
    );
    let moved = rendered(
        &ScopeChangeForm::FIELDS,
        &[("tier", "Tier 1"), ("location", "Another region")],
    )
    .replace("### Tier", "### X")
    .replace("### Location", "### Tier")
    .replace("### X", "### Location");
    let fields: Vec<_> = named(&moved).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["tier", "location"]);
}

#[test]
fn what_is_hidden_from_the_reader_is_no_answer() {
    let body = rendered(&ScopeChangeForm::FIELDS, &[]);
    let section = "### Retention\n\n35 days\n\n";
    for (open, close) in [
        ("```\n", "```\n\n"),
        ("~~~\n", "~~~\n\n"),
        ("<!--\n", "-->\n\n"),
        ("<pre>\n", "</pre>\n\n"),
    ] {
        let hidden = body.replace(section, &format!("{open}{section}{close}"));
        assert!(
            named(&hidden).contains(&("retention".into(), "the heading is missing".into())),
            "{open}"
        );
    }
    for prefix in ["> ", "- ", "    ", "1. "] {
        let hidden = body.replace("### Retention", &format!("{prefix}### Retention"));
        assert!(
            named(&hidden).contains(&("retention".into(), "the heading is missing".into())),
            "{prefix}"
        );
    }
}

#[test]
fn an_issue_without_the_form_is_asked_for_everything() {
    for body in [
        "",
        "please keep prod-pg for 35 days",
        "### Component\n\nprod-pg\n\n### Environment\n\nproduction",
    ] {
        assert_eq!(recognise(body), FormKind::FreeForm);
        assert!(named(body).iter().any(|(field, _)| field == "retention"));
    }
}
