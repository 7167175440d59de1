//! `MaxRecords` and `Marker`.

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;

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
        result.push(Element {
            text: (start + size).to_string(),
            ..Element::new("Marker")
        });
    }
    Ok(Answer::result(&call.operation, result))
}
