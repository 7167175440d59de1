//! A document as YAML: who signed, and a list of components whose keys are the columns.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::line::column_named;
use super::table::names;
use super::{MAX_LINES, Problem, Row, Sheet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    signed_by: Vec<String>,
    signed_on: Option<Spanned<String>>,
    components: Vec<Spanned<BTreeMap<String, Spanned<Option<String>>>>>,
}

pub(super) fn read(text: &str, problems: &mut Vec<Problem>) -> Sheet {
    // Bounds what a small text can grow to through aliases; the largest document stays below.
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: 8_000_000,
            max_events: 16_000_000,
            max_aliases: 1_000,
            max_recorded_anchor_events: 10_000,
        },
    };
    let file: File = match serde_saphyr::from_str_with_options(text, options) {
        Ok(file) => file,
        Err(error) => {
            let line = error.location().map_or(0, |at| number(at.line()));
            let said = error.without_snippet().to_string();
            let why = format!(
                "{said}; expected are `signed_by`, `signed_on` and a list `components`, each with the columns as keys"
            );
            problems.push(Problem::of_document(line, None, why));
            return Sheet::default();
        }
    };
    if let Some(more) = file.components.get(MAX_LINES) {
        let why = format!("it has more than {MAX_LINES} components: split it by environment");
        problems.push(Problem::of_document(number(more.referenced.line()), None, why));
        return Sheet::default();
    }
    let signed_on = file.signed_on.and_then(|said| {
        let day: Option<Date> = said.value.parse().ok();
        if day.is_none() {
            let why = "`signed_on` is a day such as 2026-05-01";
            problems.push(Problem::of_document(
                number(said.referenced.line()),
                Some(&said.value),
                why,
            ));
        }
        day
    });
    let mut rows = Vec::with_capacity(file.components.len());
    for item in file.components {
        rows.push(row(item, problems));
    }
    Sheet {
        rows,
        signed_by: file.signed_by,
        signed_on,
    }
}

fn row(item: Spanned<BTreeMap<String, Spanned<Option<String>>>>, problems: &mut Vec<Problem>) -> Row {
    let mut row = Row {
        line: number(item.referenced.line()),
        ..Row::default()
    };
    for (key, cell) in item.value {
        let line = number(cell.referenced.line());
        if column_named(&key).is_none() {
            let why = format!("there is no such key; the keys are {}", names());
            problems.push(Problem::of_document(line, Some(&key), why));
            continue;
        }
        row.lines.insert(key.clone(), line);
        row.cells.insert(key, cell.value.unwrap_or_default());
    }
    row
}

fn number(line: u64) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}
