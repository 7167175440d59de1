//! A row of a CSV file (RFC 4180), which a spreadsheet may open.

/// A row with its end. What a spreadsheet would run as a formula is quoted as text.
pub fn row<S: AsRef<str>>(cells: &[S]) -> String {
    let quoted = cells.iter().map(|cell| {
        let cell = cell.as_ref();
        let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            "'"
        } else {
            ""
        };
        format!("\"{guard}{}\"", cell.replace('"', "\"\""))
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_nor_the_end_of_its_row() {
        assert_eq!(
            row(&["=1+1", "say \"hi\",\nbob"]),
            "\"'=1+1\",\"say \"\"hi\"\",\nbob\"\r\n"
        );
    }
}
