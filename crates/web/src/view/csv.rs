//! Rows as a CSV download (RFC 4180), which a spreadsheet may open.

use app::AppError;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt as _, TryStreamExt as _};
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

    /// A long file, sent while its rows are read, so that it takes little memory. A failure breaks the answer off, so that
    /// nobody takes a part for the whole.
    pub(crate) fn stream(
        name: &'static str,
        head: &[&str],
        rows: impl Stream<Item = Result<Vec<Vec<String>>, AppError>> + Send + 'static,
    ) -> Response {
        let head = Self::new(name, head);
        let rows = rows.map_ok(move |rows| {
            let mut csv = Self {
                name,
                text: String::new(),
            };
            for row in &rows {
                csv.row(row);
            }
            csv.text
        });
        let rows = rows.inspect_err(|error| tracing::error!(%error, "A download broke off"));
        let text = stream::once(std::future::ready(Ok(head.text))).chain(rows);
        (headers(name), Body::from_stream(text)).into_response()
    }

    /// Adds a row. What a spreadsheet would run as a formula is quoted as text.
    pub(crate) fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        self.text.push_str(&domain::csv::row(cells));
    }
}

fn headers(name: &str) -> [(header::HeaderName, String); 2] {
    [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ),
    ]
}

impl IntoResponse for Csv {
    fn into_response(self) -> Response {
        (headers(self.name), self.text).into_response()
    }
}
