//! SigV4: of the calls that the sandbox makes itself as the root of the account, and of calls that a session made.

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// ministack takes the account id as access key and this as secret.
const ROOT_SECRET: &str = "test";

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
    let header = |name: &str| message.headers.get(name)?.to_str().ok();
    let authorization = header(AUTHORIZATION.as_str())?;
    let field = |name: &str| authorization.split_once(name)?.1.split(',').next();
    let (_, scope) = field("Credential=")?.split_once('/')?;
    let signed = field("SignedHeaders=")?;
    let line = |name: &str| {
        let words: Vec<&str> = header(name)?.split_whitespace().collect();
        Some(format!("{name}:{}\n", words.join(" ")))
    };
    let headers: String = signed.split(';').map(line).collect::<Option<_>>()?;
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{signed}\n{}",
        message.method,
        message.uri.path(),
        message.uri.query().unwrap_or_default(),
        hex::encode(Sha256::digest(body))
    );
    Some(sealed(&canonical, header("x-amz-date")?, scope, secret))
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
