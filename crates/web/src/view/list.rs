//! What every list has beside its rows: a filter in the address, the next page, the same as CSV.

/// A filter that can be chosen.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) href: String,
    pub(crate) word: &'static str,
    pub(crate) current: bool,
}

/// The filters of a list by one key: "All" and one per value.
pub(crate) fn filters(path: &str, key: &str, values: &[(&'static str, &'static str)], chosen: Option<&str>) -> Vec<Filter> {
    let all = Filter { href: path.to_owned(), word: "All", current: chosen.is_none() };
    let one = |(value, word): &(&'static str, &'static str)| Filter {
        href: format!("{path}?{key}={value}"),
        word,
        current: chosen == Some(*value),
    };
    std::iter::once(all).chain(values.iter().map(one)).collect()
}
