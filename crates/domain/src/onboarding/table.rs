//! A document as a table: CSV as people and Excel write it.

use csv::{ReaderBuilder, StringRecord};

use super::line::{COLUMNS, column_named};
use super::{MAX_LINES, Problem, Row, Sheet};

/// Columns without which no line can be understood.
const NEEDED: [&str; 3] = ["name", "environment", "kind"];

/// Lines that begin with `#` are remarks; the first other one is the head.
pub(super) fn read(text: &str, problems: &mut Vec<Problem>) -> Sheet {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut head: Option<Vec<String>> = None;
    let mut sheet = Sheet::default();
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let line = error.position().map_or(0, |at| number(at.line()));
                problems.push(Problem::of_document(line, None, "this line cannot be read as CSV"));
                break;
            }
        }
        let line = record.position().map_or(0, |at| number(at.line()));
        let first = record.get(0).unwrap_or_default().trim();
        let blank = record.iter().all(|cell| cell.trim().is_empty());
        if blank || first.starts_with('#') || (line == 1 && first.starts_with("sep=")) {
            continue;
        }
        let Some(head) = &head else {
            let Some(columns) = columns(&record, line, problems) else {
                return sheet;
            };
            head = Some(columns);
            continue;
        };
        if sheet.rows.len() == MAX_LINES {
            let why = format!("it has more than {MAX_LINES} components: split it by environment");
            problems.push(Problem::of_document(line, None, why));
            break;
        }
        if record.len() != head.len() {
            let why = format!(
                "this line has {} cells, the head has {}: is a separator or a quotation mark missing?",
                record.len(),
                head.len()
            );
            problems.push(Problem::of_document(line, record.get(0), why));
            continue;
        }
        let cells = head.iter().cloned().zip(record.iter().map(str::to_owned));
        sheet.rows.push(Row {
            line,
            cells: cells.collect(),
            ..Row::default()
        });
    }
    if head.is_none() && problems.is_empty() {
        let why = format!("it has no head: the first line names the columns, {}", names());
        problems.push(Problem::of_document(1, None, why));
    }
    sheet
}

/// The columns of the head; `None`: lines below it cannot be understood.
fn columns(record: &StringRecord, line: usize, problems: &mut Vec<Problem>) -> Option<Vec<String>> {
    let before = problems.len();
    let mut columns: Vec<String> = Vec::new();
    for cell in record {
        let name = cell.trim().to_lowercase().replace([' ', '-'], "_");
        if column_named(&name).is_none() {
            let why = format!("there is no such column; the columns are {}", names());
            problems.push(Problem::of_document(line, Some(cell), why));
        } else if columns.contains(&name) {
            problems.push(Problem::of_document(line, Some(cell), "this column stands there twice"));
        }
        columns.push(name);
    }
    for needed in NEEDED {
        if !columns.iter().any(|column| column == needed) {
            let why = format!("the column `{needed}` is missing; mandatory are {}", NEEDED.join(", "));
            problems.push(Problem::of_document(line, None, why));
        }
    }
    (problems.len() == before).then_some(columns)
}

/// Names of all columns, for people.
pub(super) fn names() -> String {
    let names: Vec<_> = COLUMNS.iter().map(|column| column.id).collect();
    names.join(", ")
}

/// What the head's cells are separated by: Excel writes semicolons where the decimal mark is a comma.
fn separator(text: &str) -> u8 {
    let head = text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.trim_start_matches('"').starts_with('#'))
        .unwrap_or_default();
    if let Some(said) = head.strip_prefix("sep=").and_then(|rest| rest.bytes().next()) {
        return said;
    }
    let count = |separator: u8| head.bytes().filter(|byte| *byte == separator).count();
    [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|separator| count(*separator))
        .unwrap_or(b',')
}

fn number(line: u64) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}
