//! Requests out of issues that were filed with our forms.
//!
//! GitHub renders a form as `### Label`, blank line, answer; the label is all that tells the fields apart.
//! So that no answer can pose as another field, a heading counts only where Markdown makes it a heading at the
//! top level (not in a fence, comment, quote, list or HTML), and the labels must stand there once each, all of
//! them (but those that older copies of the form lack), in the form's order. Anything else is asked back.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use domain::restore_form::RestoreRequestForm;
use domain::scope_change::{Field, FormProblem, ScopeChangeForm, normalise};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Which of our forms an issue was filed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormKind {
    /// `scope-change.yml`.
    ScopeChange,
    /// `restore-request.yml`.
    RestoreRequest,
    /// None of them.
    FreeForm,
}

/// Recognises a form by the first heading that only one form has; never by title or labels.
#[must_use]
pub fn recognise(body: &str) -> FormKind {
    let has = |fields: &[Field], label: &str| fields.iter().any(|field| field.label == label);
    let kind = |heading: Heading| match (
        has(&ScopeChangeForm::FIELDS, &heading.text),
        has(&RestoreRequestForm::FIELDS, &heading.text),
    ) {
        (true, false) => Some(FormKind::ScopeChange),
        (false, true) => Some(FormKind::RestoreRequest),
        _ => None,
    };
    headings(&normalise(body))
        .into_iter()
        .find_map(kind)
        .unwrap_or(FormKind::FreeForm)
}

/// Reads an issue's body as a scope change.
///
/// # Errors
/// Everything that is missing, doubled, out of order or not understood. Of a free-form issue, all that a
/// scope change needs.
pub fn scope_change(body: &str) -> Result<ScopeChangeForm, Vec<FormProblem>> {
    read(body, &ScopeChangeForm::FIELDS, ScopeChangeForm::from_fields)
}

/// Reads an issue's body as a restore request.
///
/// # Errors
/// As [`scope_change`].
pub fn restore_request(body: &str) -> Result<RestoreRequestForm, Vec<FormProblem>> {
    read(body, &RestoreRequestForm::FIELDS, RestoreRequestForm::from_fields)
}

fn read<T>(
    body: &str,
    fields: &[Field],
    from_fields: impl FnOnce(&BTreeMap<String, String>) -> Result<T, Vec<FormProblem>>,
) -> Result<T, Vec<FormProblem>> {
    let (answers, mut problems) = answers(&normalise(body), fields);
    match from_fields(&answers) {
        Ok(form) if problems.is_empty() => Ok(form),
        Ok(_) => Err(problems),
        Err(more) => {
            let named: BTreeSet<_> = problems.iter().map(|p| p.field.clone()).collect();
            problems.extend(more.into_iter().filter(|p| !named.contains(&p.field)));
            Err(problems)
        }
    }
}

/// The raw text below each label that stands there once, by field id, and what is wrong with the labels.
fn answers(body: &str, fields: &[Field]) -> (BTreeMap<String, String>, Vec<FormProblem>) {
    let found: Vec<(usize, Range<usize>)> = headings(body)
        .into_iter()
        .filter_map(|heading| Some((fields.iter().position(|f| f.label == heading.text)?, heading.span)))
        .collect();
    let mut answers = BTreeMap::new();
    let mut problems = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let mut places = (0..found.len()).filter(|place| found[*place].0 == index);
        let why = match (places.next(), places.next()) {
            (None, _) if field.newer => continue,
            (None, _) => "the heading is missing",
            (Some(_), Some(_)) => "the heading stands there more than once",
            (Some(place), None) => {
                let end = found.get(place + 1).map_or(body.len(), |(_, next)| next.start);
                answers.insert(field.id.to_owned(), body[found[place].1.end..end].trim().to_owned());
                if found[..place].iter().all(|(before, _)| *before < index) {
                    continue;
                }
                "the heading is not in its place: the order of the form must stay"
            }
        };
        problems.push(FormProblem::new(field, None, why));
    }
    (answers, problems)
}

/// A heading of the third level, at the top level of the document.
struct Heading {
    text: String,
    span: Range<usize>,
}

fn headings(body: &str) -> Vec<Heading> {
    let mut headings = Vec::new();
    let mut depth = 0_usize;
    let mut open: Option<Heading> = None;
    for (event, span) in Parser::new_ext(body, Options::empty()).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading {
                level: HeadingLevel::H3,
                ..
            }) if depth == 0 => {
                open = Some(Heading {
                    text: String::new(),
                    span,
                });
                depth += 1;
            }
            Event::End(TagEnd::Heading(HeadingLevel::H3)) if depth == 1 => {
                headings.extend(open.take());
                depth -= 1;
            }
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut open {
                    heading.text.push_str(&text);
                }
            }
            _ => {}
        }
    }
    headings
}
