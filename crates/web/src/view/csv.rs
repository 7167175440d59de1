//! Rows as a CSV download (RFC 4180), which a spreadsheet may open.

use axum::response::{IntoResponse, Response};
use http::header;

/// A table to be downloaded.
pub(crate) struct Csv {
    name: &'static str,
    text: String,
}

impl Csv {
    /// A file called `name`.csv with its head.
    pub(crate) fn new(name: &'static str, head: &[&str]) -> Self {
        let mut csv = Self {
            name,
            text: String::new(),
        };
        csv.row(head);
        csv
    }

    /// Adds a row. What a spreadsheet would run as a formula is quoted as text.
    pub(crate) fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        self.text.push_str(&domain::csv::row(cells));
    }
}

impl IntoResponse for Csv {
    fn into_response(self) -> Response {
        let disposition = format!("attachment; filename=\"{}.csv\"", self.name);
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ];
        (headers, self.text).into_response()
    }
}
