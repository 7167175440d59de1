//! The onboarding document: the customer's inventory with what is decided about each component (features B11, B12, B15, B17).
//!
//! [`read`] turns its text into lines or says everything that is wrong with it; [`compare`] holds the lines against the
//! inventory and says what importing them would do. A document adds, and decides what nobody has decided: it never alters
//! what is contracted.

mod compare;
mod line;
mod place;
mod refuse;
mod size;
mod table;
mod yaml;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use compare::{Change, Comparison, Effect, Fact, Known, Linked, Warning, compare};
pub use line::{COLUMNS, Decision, Line};
pub use place::place_of_arn;

use crate::contract::Bounds;
use crate::scope_change::FormProblem;

/// The largest document, in bytes.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// The most components in one document.
pub const MAX_LINES: usize = 100_000;
/// After so many problems a document is not read further.
pub const MAX_PROBLEMS: usize = 1_000;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A table with a head; separated by commas, semicolons or tabs.
    Csv,
    /// A list called `components`.
    Yaml,
}

impl Format {
    /// The name used in forms, the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Yaml => "yaml",
        }
    }
}

/// Something that keeps a document from being imported, at its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Counted from 1; 0: the document as a whole.
    pub line: usize,
    /// Which column, what was given, what is expected and why.
    pub what: FormProblem,
}

impl Problem {
    /// The same without its line's number of its own: field and label name it.
    #[must_use]
    pub fn flat(self) -> FormProblem {
        if self.line == 0 {
            return self.what;
        }
        FormProblem {
            field: format!("line-{}.{}", self.line, self.what.field),
            label: format!("Line {}, {}", self.line, self.what.label),
            ..self.what
        }
    }

    /// About the document, not one of its columns.
    fn of_document(line: usize, given: Option<&str>, why: impl Into<String>) -> Self {
        Self {
            line,
            what: FormProblem {
                field: "document".to_owned(),
                label: "Document".to_owned(),
                given: given.map(|text| text.chars().take(80).collect()),
                why: why.into(),
            },
        }
    }
}

/// A document that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The components, in the document's order.
    pub lines: Vec<Line>,
    /// Who signed, where the document itself says so.
    pub signed_by: Vec<String>,
    /// When, where the document itself says so.
    pub signed_on: Option<Date>,
}

/// One component as it stands in the document, nothing understood yet.
#[derive(Debug, Default)]
struct Row {
    line: usize,
    /// By column.
    cells: BTreeMap<String, String>,
    /// Lines of single cells, where they are not the row's.
    lines: HashMap<String, usize>,
}

/// What a format gives: its rows, and what the document says of itself.
#[derive(Debug, Default)]
struct Sheet {
    rows: Vec<Row>,
    signed_by: Vec<String>,
    signed_on: Option<Date>,
}

/// Reads a document. `today` bounds what can have happened already, `bounds` what may be agreed.
///
/// # Errors
/// Everything that is wrong with it, in the order of its lines; nothing is guessed. After [`MAX_PROBLEMS`] it is read no
/// further, and the last problem says so.
pub fn read(format: Format, bytes: &[u8], today: Date, bounds: &Bounds) -> Result<Document, Vec<Problem>> {
    let text = text(bytes).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let sheet = match format {
        Format::Csv => table::read(text, &mut problems),
        Format::Yaml => yaml::read(text, &mut problems),
    };
    let mut lines = Vec::with_capacity(sheet.rows.len());
    let mut names: HashMap<(crate::component::Environment, String), usize> = HashMap::new();
    let mut arns: HashMap<String, usize> = HashMap::new();
    for row in sheet.rows {
        let line = match line::read(row, today, bounds) {
            Ok(line) => line,
            Err(wrong) => {
                problems.extend(wrong);
                continue;
            }
        };
        let twice = |first: &usize| format!("line {first} has it too: each stands once in a document");
        if let Some(first) = names.get(&(line.environment, line.name.clone())) {
            problems.push(line.refused("name", Some(&line.name), twice(first)));
        }
        names.entry((line.environment, line.name.clone())).or_insert(line.line);
        if let Some(place) = &line.aws {
            if let Some(first) = arns.get(&place.arn) {
                problems.push(line.refused("arn", Some(&place.arn), twice(first)));
            }
            arns.entry(place.arn.clone()).or_insert(line.line);
        }
        lines.push(line);
    }
    if lines.is_empty() && problems.is_empty() {
        problems.push(Problem::of_document(0, None, "it names no component"));
    }
    if problems.is_empty() {
        return Ok(Document {
            lines,
            signed_by: sheet.signed_by,
            signed_on: sheet.signed_on,
        });
    }
    Err(bounded(problems))
}

/// In the order of the lines, at most [`MAX_PROBLEMS`] and a word about the rest.
fn bounded(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| problem.line);
    let more = problems.len().saturating_sub(MAX_PROBLEMS);
    if more > 0 {
        problems.truncate(MAX_PROBLEMS);
        let line = problems.last().map_or(0, |last| last.line);
        let why = format!("{more} more problems follow; mend these first");
        problems.push(Problem::of_document(line, None, why));
    }
    problems
}

/// UTF-8 without its byte order mark.
fn text(bytes: &[u8]) -> Result<&str, Problem> {
    if bytes.len() > MAX_BYTES {
        let why = format!(
            "it has {} bytes, {MAX_BYTES} (10 MiB) are allowed: split it by environment",
            bytes.len()
        );
        return Err(Problem::of_document(0, None, why));
    }
    let utf8 = "UTF-8 is expected: in Excel, save as \u{201c}CSV UTF-8\u{201d}";
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Problem::of_document(
            1,
            None,
            format!("it is written in UTF-16; {utf8}"),
        ));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let read = &bytes[..error.valid_up_to()];
        let line = 1 + read.iter().filter(|byte| **byte == b'\n').count();
        Problem::of_document(line, None, format!("a character is not written in UTF-8; {utf8}"))
    })
}

#[cfg(test)]
mod tests;
