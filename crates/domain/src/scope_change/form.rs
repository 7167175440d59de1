//! What any form needs: its questions, and an answer sheet that collects what is wrong.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest answer in one line, in characters.
const LINE_CHARS: usize = 255;
/// The longest free text, in characters: as much as a GitHub issue holds.
const TEXT_CHARS: usize = 65_536;
/// How much of an answer is repeated in a problem, in characters.
pub const GIVEN_CHARS: usize = 80;

/// One question of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in the web form, the API and the issue form's definition.
    pub id: &'static str,
    /// Its heading. The only key that an issue's body carries.
    pub label: &'static str,
    /// One sentence below the heading.
    pub help: &'static str,
    /// Whether an answer is mandatory whatever the others say.
    pub required: bool,
    /// Whether forms that were copied before it was added are still read: their issues lack its heading, which is no answer.
    pub newer: bool,
    /// How it is answered.
    pub kind: FieldKind,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// One line.
    Input {
        /// An answer that is valid.
        placeholder: &'static str,
    },
    /// One of these, as they are written here.
    Choice {
        /// What may be chosen.
        options: &'static [&'static str],
    },
    /// Free text of many lines.
    Text,
}

/// Why a form cannot become a request: one answer that is missing or not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormProblem {
    /// Id of the field.
    pub field: String,
    /// Heading of the field.
    pub label: String,
    /// The beginning of what was answered; `None` when nothing was.
    pub given: Option<String>,
    /// What is wrong and what is expected, in words for the customer.
    pub why: String,
}

impl FormProblem {
    /// A problem with a field. `given` is shortened.
    #[must_use]
    pub fn new(field: &Field, given: Option<&str>, why: impl Into<String>) -> Self {
        let given = given.map(|text| text.chars().take(GIVEN_CHARS).collect());
        Self {
            field: field.id.to_owned(),
            label: field.label.to_owned(),
            given,
            why: why.into(),
        }
    }

    /// Somebody else answered a field first: it says `theirs` by now, and `yours` was to stand there. `None`: they say the
    /// same.
    #[must_use]
    pub fn superseded(field: &str, label: &str, theirs: &str, yours: &str) -> Option<Self> {
        let (theirs, yours) = (theirs.trim(), yours.trim());
        let stands = match theirs {
            "" => "by now it is empty".to_owned(),
            _ => format!("by now it is \u{201c}{theirs}\u{201d}"),
        };
        let wanted = match yours {
            "" => "you left it empty".to_owned(),
            _ => format!("you wrote \u{201c}{yours}\u{201d}"),
        };
        (theirs != yours).then(|| Self {
            field: field.to_owned(),
            label: label.to_owned(),
            given: Some(theirs.chars().take(GIVEN_CHARS).collect()),
            why: format!("{stands}; {wanted}"),
        })
    }
}

/// Each answer that stands by now where it says something else than the one that was to replace it, by field id.
pub(crate) fn superseded(
    fields: impl IntoIterator<Item = Field>,
    stands: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) -> Vec<FormProblem> {
    let said = |answers: &BTreeMap<String, String>, id: &str| answers.get(id).cloned().unwrap_or_default();
    let differ =
        |field: Field| FormProblem::superseded(field.id, field.label, &said(stands, field.id), &said(wanted, field.id));
    fields.into_iter().filter_map(differ).collect()
}

impl fmt::Display for FormProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.label, self.why)
    }
}

/// Text of people as Holdfast keeps it: line ends are `\n`, no-break spaces are spaces, U+0000 (which Postgres
/// refuses) is the replacement character.
#[must_use]
pub fn normalise(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace(['\u{a0}', '\u{2007}', '\u{202f}'], " ")
        .replace('\0', "\u{fffd}")
}

/// The first column of a table of choices: what the form offers.
pub(crate) const fn options<T: Copy, const N: usize>(table: &[(&'static str, T); N]) -> [&'static str; N] {
    let mut options = [""; N];
    let mut i = 0;
    while i < N {
        options[i] = table[i].0;
        i += 1;
    }
    options
}

/// Reads a form's answers and collects what is wrong with them.
pub(crate) struct Answers {
    given: BTreeMap<String, String>,
    problems: Vec<FormProblem>,
}

impl Answers {
    /// Takes the answers by field id; a field that the form does not have is a problem.
    pub(crate) fn new(fields: &[Field], given: &BTreeMap<String, String>) -> Self {
        let unknown = given.keys().filter(|id| !fields.iter().any(|f| f.id == id.as_str()));
        let problems = unknown
            .map(|id| FormProblem {
                field: id.clone(),
                label: id.clone(),
                given: None,
                why: "the form has no such field".to_owned(),
            })
            .collect();
        let answered = |text: &str| !text.is_empty() && text != "_No response_";
        let given = given
            .iter()
            .map(|(id, text)| (id.clone(), normalise(text).trim().to_owned()));
        Self {
            given: given.filter(|(_, text)| answered(text)).collect(),
            problems,
        }
    }

    /// Notes an answer that cannot be accepted.
    pub(crate) fn refuse(&mut self, field: &Field, given: &str, why: impl Into<String>) {
        self.problems.push(FormProblem::new(field, Some(given), why));
    }

    /// Free text; empty when there is none.
    pub(crate) fn text(&mut self, field: &Field) -> String {
        let text = self.given.remove(field.id).unwrap_or_default();
        if text.chars().count() > TEXT_CHARS {
            self.refuse(field, &text, format!("at most {TEXT_CHARS} characters are allowed"));
        }
        text
    }

    /// One line of characters that can be seen; `None` when there is none.
    pub(crate) fn line(&mut self, field: &Field) -> Option<String> {
        let text = self.given.remove(field.id)?;
        let why = if text.contains('\n') {
            "one line is expected".to_owned()
        } else if text.chars().any(is_invisible) {
            "it holds characters that cannot be seen".to_owned()
        } else if text.chars().count() > LINE_CHARS {
            format!("at most {LINE_CHARS} characters are allowed")
        } else {
            return Some(text);
        };
        self.refuse(field, &text, why);
        None
    }

    /// One line that `parse` understands; its error says what is expected.
    pub(crate) fn parsed<T>(&mut self, field: &Field, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = self.line(field)?;
        parse(&text).map_err(|why| self.refuse(field, &text, why)).ok()
    }

    /// One of the choices of `table`, in any case; `None` when nothing was chosen.
    pub(crate) fn choice<T: Copy>(&mut self, field: &Field, table: &[(&'static str, T)]) -> Option<T> {
        let text = self.line(field).filter(|text| text != "None")?;
        let chosen = table.iter().find(|(option, _)| option.eq_ignore_ascii_case(&text));
        if chosen.is_none() {
            let options: Vec<_> = table
                .iter()
                .map(|(option, _)| format!("\u{201c}{option}\u{201d}"))
                .collect();
            self.refuse(field, &text, format!("one of {} is expected", options.join(", ")));
        }
        chosen.map(|(_, value)| *value)
    }

    /// Whether an answer was given and not accepted.
    fn was_refused(&self, field: &Field) -> bool {
        self.problems.iter().any(|problem| problem.field == field.id)
    }

    /// Notes a mandatory answer that is missing, unless it was refused already.
    pub(crate) fn demand<T>(&mut self, field: &Field, answer: Option<T>) -> Option<T> {
        if answer.is_none() {
            self.lack(field, &format!("an answer is missing. {}", field.help));
        }
        answer
    }

    /// Notes that an answer is missing which others make mandatory, unless it was refused already.
    pub(crate) fn lack(&mut self, field: &Field, why: &str) {
        if !self.was_refused(field) {
            self.problems.push(FormProblem::new(field, None, why));
        }
    }

    /// Notes that a field was answered although nothing is asked there.
    pub(crate) fn unwanted(&mut self, field: &Field, why: &str) {
        if let Some(text) = self.given.remove(field.id) {
            self.refuse(field, &text, why);
        }
    }

    /// The record, when all of it was understood.
    pub(crate) fn finish<T>(self, record: Option<T>) -> Result<T, Vec<FormProblem>> {
        record.filter(|_| self.problems.is_empty()).ok_or(self.problems)
    }
}

/// Control characters and marks that change how the text around them is shown.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
