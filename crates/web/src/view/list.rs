//! What every list has beside its rows: a filter in the address, the next page, the same as CSV.

use serde::de::{DeserializeOwned, IntoDeserializer as _};
use serde::{Deserialize, Deserializer};
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

/// What a list is searched and filtered by: a form that puts it into the address; `templates/partials/filter_bar.html`
/// draws it.
#[derive(Debug, Clone)]
pub(crate) struct FilterBar {
    pub(crate) path: String,
    /// What is searched for; empty: nothing.
    pub(crate) q: String,
    /// What the search looks in.
    pub(crate) looks_in: &'static str,
    pub(crate) selects: Vec<Select>,
    /// What else the address says, (name, value).
    pub(crate) hidden: Vec<(&'static str, String)>,
    /// Where the whole list is; `None`: this is it.
    pub(crate) clear: Option<String>,
    /// The id of the section that is read anew while the rest of the page stays, with what is chosen in it; `None`: the
    /// whole page is.
    pub(crate) keeps: Option<&'static str>,
}

/// One of the choices of a [`FilterBar`].
#[derive(Debug, Clone)]
pub(crate) struct Select {
    /// Its name in the address.
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// (value, word, whether it is chosen).
    pub(crate) options: Vec<(String, String, bool)>,
}

impl Select {
    /// A choice among `values`; the empty one stands for no choice.
    pub(crate) fn new<S: Into<String>>(
        name: &'static str,
        label: &'static str,
        values: impl IntoIterator<Item = (S, S)>,
        chosen: Option<&str>,
    ) -> Self {
        let chosen = chosen.unwrap_or_default();
        let option = |(value, word): (S, S)| {
            let value = value.into();
            let is_chosen = value == chosen;
            (value, word.into(), is_chosen)
        };
        Self {
            name,
            label,
            options: values.into_iter().map(option).collect(),
        }
    }
}

/// A field of an address that a form may leave empty; anything else has to be one of the names of `T`, and is refused
/// with them.
pub(crate) fn chosen<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.filter(|text| !text.is_empty())
        .map(|text| T::deserialize(text.into_deserializer()))
        .transpose()
}

/// What is searched for, without what surrounds it; `None`: nothing.
pub(crate) fn searched(q: Option<&str>) -> Option<&str> {
    q.map(str::trim).filter(|q| !q.is_empty())
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
        filter: impl IntoIterator<Item = (&'a str, &'a str)>,
        cursor: Option<String>,
    ) -> Self {
        let filter: Vec<_> = filter.into_iter().collect();
        let address = |key: &str, value: &str| {
            let query = Serializer::new(String::new())
                .extend_pairs(&filter)
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
