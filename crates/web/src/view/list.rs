//! What every list has beside its rows: a filter in the address, the next page, the same as CSV.

use serde::Deserialize;
use url::form_urlencoded::Serializer;

/// How a list is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// As a page.
    #[default]
    Html,
    /// As a download; the same rows.
    Csv,
}

/// A filter that can be chosen.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) href: String,
    pub(crate) word: &'static str,
    pub(crate) current: bool,
}

/// The filters of a list by one key: "All" and one per value.
pub(crate) fn filters(
    path: &str,
    key: &str,
    values: &[(&'static str, &'static str)],
    chosen: Option<&str>,
) -> Vec<Filter> {
    let all = Filter {
        href: path.to_owned(),
        word: "All",
        current: chosen.is_none(),
    };
    let one = |(value, word): &(&'static str, &'static str)| Filter {
        href: format!("{path}?{key}={value}"),
        word,
        current: chosen == Some(*value),
    };
    std::iter::once(all).chain(values.iter().map(one)).collect()
}

/// The next page of a list, and the download of this one.
#[derive(Debug, Clone)]
pub(crate) struct Pager {
    pub(crate) next: Option<String>,
    pub(crate) csv: String,
}

impl Pager {
    /// `filter` is what the address filters by; `cursor` where the next page begins, if there is one.
    pub(crate) fn new<'a>(
        path: &str,
        filter: impl IntoIterator<Item = (&'a str, &'a str)> + Clone,
        cursor: Option<String>,
    ) -> Self {
        let address = |key: &str, value: &str| {
            let query = Serializer::new(String::new())
                .extend_pairs(filter.clone())
                .append_pair(key, value)
                .finish();
            format!("{path}?{query}")
        };
        Self {
            next: cursor.map(|cursor| address("cursor", &cursor)),
            csv: address("format", "csv"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_the_filter() {
        let pager = Pager::new("/c", Some(("state", "a&b")), Some("7".to_owned()));
        assert_eq!(pager.next.unwrap(), "/c?state=a%26b&cursor=7");
        assert_eq!(pager.csv, "/c?state=a%26b&format=csv");
    }
}
