//! `MaxResults` and `NextToken`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Ask, Exception};

/// What sorts the newest item first; `id` tells items of one moment apart.
pub(crate) fn newest_first(at: Timestamp, id: &str) -> String {
    format!("{:020}{id}", i64::MAX - at.as_microsecond())
}

/// The page that is asked for, as `{list: […], "NextToken": …}`; a token holds the key of the last item given, so that what comes and goes
/// meanwhile neither repeats nor hides another item.
///
/// `items` are keys, by which they are sorted, with what shows them; only the page's own are shown.
///
/// # Errors
/// `InvalidParameterValueException` for a size outside 1 to 1000 and for a foreign token.
pub(crate) fn page<T>(
    ask: &Ask<'_>,
    (size, token): (&str, &str),
    list: &str,
    items: impl Iterator<Item = (String, T)>,
    show: impl Fn(T) -> Value,
) -> Result<Map<String, Value>, Exception> {
    let bad = |name: &str| Exception::invalid_parameter(format!("Invalid value for {name}"));
    let size = match ask.query(size) {
        None => 1000,
        Some(text) => text
            .parse()
            .ok()
            .filter(|size| (1..=1000).contains(size))
            .ok_or_else(|| bad(size))?,
    };
    let after = match ask.query(token) {
        None => None,
        Some(given) => {
            let bytes = URL_SAFE_NO_PAD.decode(given).map_err(|_| bad(token))?;
            Some(String::from_utf8(bytes).map_err(|_| bad(token))?)
        }
    };
    let mut rest: Vec<(String, T)> = items
        .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after))
        .collect();
    rest.sort_by(|(one, _), (other, _)| one.cmp(other));
    let more = rest.len() > size;
    rest.truncate(size);
    let mut answer = Map::new();
    if let Some((last, _)) = rest.last().filter(|_| more) {
        answer.insert("NextToken".to_owned(), URL_SAFE_NO_PAD.encode(last).into());
    }
    answer.insert(list.to_owned(), rest.into_iter().map(|(_, item)| show(item)).collect());
    Ok(answer)
}
