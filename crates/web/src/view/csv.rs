//! Rows as a CSV download (RFC 4180), which a spreadsheet may open.

use std::error::Error;

use app::{AppError, Page};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt as _, TryStreamExt as _, try_unfold};
use http::{HeaderName, header};

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
        let headers = head.headers();
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
        let rows = rows.inspect_err(|error| {
            tracing::error!(error = error as &dyn Error, "A download broke off");
        });
        let text = stream::once(std::future::ready(Ok(head.text))).chain(rows);
        (headers, Body::from_stream(text)).into_response()
    }

    /// Adds a row. What a spreadsheet would run as a formula is quoted as text.
    pub(crate) fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        self.text.push_str(&domain::csv::row(cells));
    }

    /// The whole of a long list, of which `first` is the first page: the others are read while it is downloaded, one
    /// at a time. `cursor` says what a page's last item is known by, `read` reads the page after it, `row` makes the
    /// cells. Where a page cannot be read the download breaks off, so that nobody takes a part for the whole.
    pub(crate) fn pages<T, C, F>(
        mut self,
        first: Page<T>,
        cursor: fn(&T) -> C,
        read: impl Fn(C) -> F + Send + 'static,
        row: impl Fn(&T) -> Vec<String> + Send + 'static,
    ) -> Response
    where
        T: Send + 'static,
        C: Send + 'static,
        F: Future<Output = Result<Page<T>, AppError>> + Send + 'static,
    {
        let headers = self.headers();
        self.add(&first, &row);
        let rest = try_unfold(
            (self, first.cursor(cursor), read, row),
            move |(mut csv, after, read, row)| async move {
                if !csv.text.is_empty() {
                    let text = std::mem::take(&mut csv.text);
                    return Ok(Some((text, (csv, after, read, row))));
                }
                let Some(after) = after else { return Ok(None) };
                let page = read(after).await.inspect_err(|error| {
                    tracing::error!(error = error as &dyn Error, "A download broke off");
                })?;
                csv.add(&page, &row);
                let text = std::mem::take(&mut csv.text);
                Ok::<_, AppError>(Some((text, (csv, page.cursor(cursor), read, row))))
            },
        );
        (headers, Body::from_stream(rest)).into_response()
    }

    fn add<T>(&mut self, page: &Page<T>, row: &impl Fn(&T) -> Vec<String>) {
        for item in &page.items {
            self.row(&row(item));
        }
    }

    fn headers(&self) -> [(HeaderName, String); 2] {
        [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{}.csv\"", self.name),
            ),
        ]
    }
}

impl IntoResponse for Csv {
    fn into_response(self) -> Response {
        (self.headers(), self.text).into_response()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    /// Reads 0, 1, 2, … in pages; the page after `fails` cannot be read.
    async fn downloaded(rows: usize, fails: Option<usize>) -> Result<String, axum::Error> {
        let page = move |from: usize| Page::of((from..rows).take(51).collect());
        let read = move |after: usize| async move {
            if fails == Some(after) {
                return Err(AppError::NotFound);
            }
            Ok(page(after + 1))
        };
        let csv = Csv::new("x", &["number"]).pages(page(0), |number| *number, read, |number| vec![number.to_string()]);
        let body = csv.into_body().collect().await?;
        Ok(String::from_utf8(body.to_bytes().into()).unwrap())
    }

    #[tokio::test]
    async fn a_long_list_is_downloaded_to_its_end_or_breaks_off() {
        for rows in [0, 1, 50, 51, 100, 120] {
            let numbers: String = (0..rows).map(|number| format!("\"{number}\"\r\n")).collect();
            assert_eq!(
                downloaded(rows, None).await.unwrap(),
                format!("\"number\"\r\n{numbers}")
            );
        }
        assert!(
            downloaded(120, Some(99)).await.is_err(),
            "a part is not taken for the whole"
        );
    }
}
