//! SigV4: of the calls that the sandbox makes itself as the root of the account, and of calls that a session made.

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

/// ministack takes the account id as access key and this as secret.
const ROOT_SECRET: &str = "test";

/// What a canonical request encodes.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request that the sandbox makes itself.
pub(crate) struct Unsigned<'a> {
    pub(crate) method: &'a str,
    /// Encoded.
    pub(crate) path: &'a str,
    /// Encoded and in order; empty where there is none.
    pub(crate) query: &'a str,
    pub(crate) host: &'a str,
    pub(crate) content_type: &'a str,
    pub(crate) body: &'a str,
}

/// `Authorization` and `x-amz-date`, by wall time.
///
/// Source: AWS, "Create a signed AWS API request".
pub(crate) fn as_root(
    account: &str,
    region: &str,
    service: &str,
    request: &Unsigned<'_>,
    at: Timestamp,
) -> (String, String) {
    let time = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let date = &time[..8];
    let signed = "content-type;host;x-amz-date";
    let canonical = format!(
        "{}\n{}\n{}\ncontent-type:{}\nhost:{}\nx-amz-date:{time}\n\n{signed}\n{}",
        request.method,
        request.path,
        request.query,
        request.content_type,
        request.host,
        hex::encode(Sha256::digest(request.body))
    );
    let scope = format!("{date}/{region}/{service}/aws4_request");
    let signature = sealed(&canonical, &time, &scope, ROOT_SECRET);
    (
        format!("AWS4-HMAC-SHA256 Credential={account}/{scope}, SignedHeaders={signed}, Signature={signature}"),
        time,
    )
}

/// What `secret` makes of the message with `body`, over the headers that its `Authorization` names; `None` when one is missing.
pub(crate) fn signature(message: &Parts, body: &[u8], secret: &str) -> Option<String> {
    let authorization = message.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, scope) = field(authorization, "Credential=")?.split_once('/')?;
    let signed = field(authorization, "SignedHeaders=")?;
    let line = |name: &str| {
        let values = message.headers.get_all(name).iter();
        let values: Vec<String> = values
            .map(|value| Some(value.to_str().ok()?.split_whitespace().collect::<Vec<_>>().join(" ")))
            .collect::<Option<_>>()?;
        (!values.is_empty()).then(|| format!("{name}:{}\n", values.join(",")))
    };
    let headers: String = signed.split(';').map(line).collect::<Option<_>>()?;
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{signed}\n{}",
        message.method,
        canonical_path(message.uri.path()),
        canonical_query(message.uri.query().unwrap_or_default()),
        hex::encode(Sha256::digest(body))
    );
    let time = message.headers.get("x-amz-date")?.to_str().ok()?;
    Some(sealed(&canonical, time, scope, secret))
}

/// Whether the message carries the signature that `secret` makes.
pub(crate) fn is_signed(message: &Parts, body: &[u8], secret: &str) -> bool {
    let authorization = message.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = authorization.and_then(|value| field(value, "Signature="));
    given.is_some() && given == signature(message, body, secret).as_deref()
}

/// The moment that `x-amz-date` tells.
pub(crate) fn moment(date: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

fn field<'a>(authorization: &'a str, name: &str) -> Option<&'a str> {
    Some(authorization.split_once(name)?.1.split(',').next()?.trim())
}

/// As it was sent, without `.`, `..` and doubled slashes, and percent-encoded once more.
fn canonical_path(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(utf8_percent_encode(segment, &RESERVED).to_string()),
        }
    }
    let end = if path.ends_with('/') && !segments.is_empty() {
        "/"
    } else {
        ""
    };
    format!("/{}{end}", segments.join("/"))
}

/// The parameters, percent-encoded and in order.
fn canonical_query(query: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, &RESERVED).to_string();
    let parameters = form_urlencoded::parse(query.as_bytes());
    let mut parameters: Vec<(String, String)> = parameters
        .map(|(key, value)| (encoded(&key), encoded(&value)))
        .collect();
    parameters.sort();
    let parameters: Vec<String> = parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
    parameters.join("&")
}

/// The signature of a canonical request.
fn sealed(canonical: &str, time: &str, scope: &str, secret: &str) -> String {
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
        hex::encode(Sha256::digest(canonical))
    );
    let secret = format!("AWS4{secret}").into_bytes();
    let key = scope.split('/').fold(secret, |key, part| mac(&key, part));
    hex::encode(mac(&key, &to_sign))
}

fn mac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
