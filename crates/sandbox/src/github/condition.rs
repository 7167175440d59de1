//! Entity tags and conditional requests.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LINK, VARY,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use sha2::{Digest, Sha256};

use super::asked::Asked;
use super::turn::Reply;

/// The reply as a response: 304 without a body where the caller has it already.
pub(crate) fn answer(reply: Reply, asked: &Asked) -> Response {
    let Reply {
        status,
        body,
        link,
        modified,
    } = reply;
    let cacheable = asked.method == Method::GET && status == StatusCode::OK;
    let body = body.map(|body| body.to_string());
    let tag = cacheable.then(|| {
        let parts = [&asked.token, &link, &body].map(|part| part.as_deref().unwrap_or_default());
        let seen = parts.join("\n");
        format!("W/\"{}\"", hex::encode(Sha256::digest(seen)))
    });
    let modified = modified.filter(|_| cacheable);
    let mut response = match body {
        _ if known(asked, tag.as_deref(), modified) => StatusCode::NOT_MODIFIED.into_response(),
        Some(body) => (status, [(CONTENT_TYPE, "application/json")], body).into_response(),
        None => status.into_response(),
    };
    let mut write = |name: HeaderName, value: Option<String>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    };
    write(LINK, link);
    write(LAST_MODIFIED, modified.and_then(http_date));
    if cacheable {
        write(ETAG, tag);
        write(CACHE_CONTROL, Some("private, max-age=60, s-maxage=60".to_owned()));
        write(VARY, Some("Accept, Authorization, Cookie, X-GitHub-OTP".to_owned()));
    }
    response
}

/// Whether the caller holds this very answer; a tag outranks a time.
fn known(asked: &Asked, tag: Option<&str>, modified: Option<Timestamp>) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    match (asked.header(&IF_NONE_MATCH), tag) {
        (Some(tags), Some(tag)) => tags
            .split(',')
            .any(|other| other.trim() == "*" || bare(other) == bare(tag)),
        (Some(_), None) => false,
        (None, _) => {
            let since = asked
                .header(&IF_MODIFIED_SINCE)
                .and_then(|since| DateTimeParser::new().parse_timestamp(since).ok());
            since.zip(modified).is_some_and(|(since, modified)| modified <= since)
        }
    }
}

/// `Sat, 21 Nov 2026 11:00:00 GMT`; `None` before the year 0.
pub(crate) fn http_date(at: Timestamp) -> Option<String> {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}
