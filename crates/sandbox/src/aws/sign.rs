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

#[cfg(test)]
pub(crate) mod tests {
    use std::time::SystemTime;

    use aws_sdk_rds::config::Credentials;
    use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
    use aws_sigv4::sign::v4;
    use axum::http::{HeaderValue, Request};

    use super::*;

    pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG";

    /// A request for AWS Backup as the SDK signs it.
    pub(crate) fn signed(method: &str, path: &str, body: &'static str, token: Option<&str>, at: Timestamp) -> Parts {
        let uri = format!("http://127.0.0.1:4566{path}");
        let request = Request::builder().method(method).uri(&uri);
        let mut request = request
            .header("host", "127.0.0.1:4566")
            .header("x-twice", " a  b ")
            .body(())
            .unwrap();
        request.headers_mut().append("x-twice", HeaderValue::from_static("c"));
        let identity = Credentials::new("ASIAEXAMPLE", SECRET, token.map(str::to_owned), None, "test").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("eu-west-1")
            .name("backup")
            .time(SystemTime::from(at))
            .settings(SigningSettings::default());
        let headers = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let signable = SignableRequest::new(method, &uri, headers, SignableBody::Bytes(body.as_bytes())).unwrap();
        let (instructions, _) = sign(signable, &params.build().unwrap().into()).unwrap().into_parts();
        instructions.apply_to_request_http1x(&mut request);
        request.into_parts().0
    }

    #[test]
    fn what_the_sdk_signs_is_recognised() {
        let at = "2026-03-01T10:00:00Z".parse().unwrap();
        for (method, path, body) in [
            ("GET", "/", ""),
            ("POST", "/", "Action=DescribeDBInstances&Version=2014-10-31"),
            ("GET", "/backup-vaults/gold/", ""),
            (
                "GET",
                "/backup-vaults/my%20vault/recovery-points/arn%3Aaws%3Aec2%3Aeu-west-1%3A%3Asnapshot%2Fsnap-1",
                "",
            ),
            (
                "GET",
                "/tags/arn:aws:backup:eu-west-1:111122223333:backup-vault:a~b",
                "",
            ),
            ("GET", "/audit/../backup/plans//x/./y", ""),
            (
                "GET",
                "/backup-jobs/?state=RUNNING&maxResults=5&createdAfter=2026-01-01T00%3A00%3A00%2B01%3A00&b=&a=%C3%A9*",
                "",
            ),
            ("PUT", "/backup-vaults/gold", "{\"BackupVaultTags\": {\"a\": \"b\"}}"),
        ] {
            let parts = signed(method, path, body, Some("token"), at);
            assert!(is_signed(&parts, body.as_bytes(), SECRET), "{method} {path}");
            assert!(!is_signed(&parts, b"another body", SECRET), "{method} {path}");
            assert!(!is_signed(&parts, body.as_bytes(), "another secret"), "{method} {path}");
        }
    }

    #[test]
    fn a_header_that_was_signed_cannot_be_changed_or_left_out() {
        let mut parts = signed("GET", "/", "", None, "2026-03-01T10:00:00Z".parse().unwrap());
        parts.headers.insert("x-twice", HeaderValue::from_static("d"));
        assert!(!is_signed(&parts, b"", SECRET));
        parts.headers.remove("x-twice");
        assert!(!is_signed(&parts, b"", SECRET));
    }
}
