//! SigV4 for the calls that the sandbox makes itself, as the root of the account.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// ministack takes the account id as access key and this as secret.
const ROOT_SECRET: &str = "test";

/// `Authorization` and `x-amz-date` of a form that is posted to `/`, by wall time.
///
/// Source: AWS, "Create a signed AWS API request".
pub(crate) fn as_root(
    account: &str,
    region: &str,
    service: &str,
    host: &str,
    body: &str,
    at: Timestamp,
) -> (String, String) {
    let time = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let date = &time[..8];
    let signed = "content-type;host;x-amz-date";
    let canonical = format!(
        "POST\n/\n\ncontent-type:{}\nhost:{host}\nx-amz-date:{time}\n\n{signed}\n{}",
        super::ministack::FORM,
        hex::encode(Sha256::digest(body))
    );
    let scope = format!("{date}/{region}/{service}/aws4_request");
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
        hex::encode(Sha256::digest(canonical))
    );
    let secret = format!("AWS4{ROOT_SECRET}").into_bytes();
    let key = [date, region, service, "aws4_request"]
        .iter()
        .fold(secret, |key, part| mac(&key, part));
    let signature = hex::encode(mac(&key, &to_sign));
    (
        format!(
            "AWS4-HMAC-SHA256 Credential={account}/{scope}, SignedHeaders={signed}, Signature={signature}"
        ),
        time,
    )
}

fn mac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
