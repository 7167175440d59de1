//! `Filters`, `MaxRecords` and `Marker`.

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::arn::Arn;

/// What the call's filters leave; `known` are the names of filters with the fields that they look at.
///
/// # Errors
/// `InvalidParameterValue` for a filter that is not known.
pub(crate) fn filtered(call: &Call, known: &[(&str, &str)], mut items: Vec<Element>) -> Result<Vec<Element>, Refusal> {
    for (name, values) in filters(call) {
        let field = known.iter().find(|(filter, _)| *filter == name).map(|(_, field)| field);
        let field = field.ok_or_else(|| Refusal::invalid(format!("Unrecognized filter name: {name}")))?;
        let values: Vec<&str> = values.into_iter().map(Arn::id_in).collect();
        items.retain(|item| item.text_of(field).is_some_and(|is| values.contains(&is)));
    }
    Ok(items)
}

/// `Filters.Filter.N.Name` with its `Filters.Filter.N.Values.Value.M`.
fn filters(call: &Call) -> impl Iterator<Item = (&str, Vec<&str>)> {
    call.form
        .iter()
        .filter(|(key, _)| key.starts_with("Filters."))
        .filter_map(|(key, name)| {
            let values = format!("{}.Values.", key.strip_suffix(".Name")?);
            Some((name.as_str(), call.listed(&values)))
        })
}

/// Answers with the page of `items` that the call asks for; the marker is the number of items before it.
pub(crate) fn answer(call: &Call, list: &str, items: Vec<Element>) -> Result<Answer, Refusal> {
    let size = match call.param("MaxRecords") {
        None => 100,
        Some(text) => text
            .parse()
            .ok()
            .filter(|size| (20..=100).contains(size))
            .ok_or_else(|| {
                Refusal::invalid(format!(
                    "Invalid value {text} for MaxRecords. Must be between 20 and 100"
                ))
            })?,
    };
    let start: usize = match call.param("Marker") {
        None => 0,
        Some(marker) => marker
            .parse()
            .map_err(|_| Refusal::invalid("The specified marker is invalid."))?,
    };
    let more = items.len() > start.saturating_add(size);
    let mut page = Element::new(list);
    page.children = items.into_iter().skip(start).take(size).collect();
    let mut result = vec![page];
    if more {
        result.push(Element::of("Marker", &(start + size).to_string()));
    }
    Ok(Answer::result(&call.operation, result))
}
