//! Whether a webhook came from GitHub.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// Name of the header that [`verify`] is given.
pub const SIGNATURE_HEADER: &str = "X-Hub-Signature-256";

/// The body was not signed with one of our secrets.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the webhook's signature is missing or wrong")]
pub struct BadSignature;

/// Checks the value of [`SIGNATURE_HEADER`] over the raw body, before anything is parsed.
///
/// Any of `secrets` will do, so that a secret can be rotated; an empty one signs nothing. Takes the same time
/// wherever a wrong signature differs, and whichever secret fits.
///
/// # Errors
/// [`BadSignature`], without saying why: also for SHA-1 and when there is no secret.
pub fn verify(secrets: &[SecretString], raw_body: &[u8], signature_256: Option<&str>) -> Result<(), BadSignature> {
    let given = signature_256
        .and_then(|value| value.strip_prefix("sha256="))
        .ok_or(BadSignature)?;
    let given = hex::decode(given).map_err(|_| BadSignature)?;
    let mut genuine = Choice::from(0);
    for secret in secrets
        .iter()
        .map(ExposeSecret::expose_secret)
        .filter(|s| !s.is_empty())
    {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(raw_body);
        genuine |= mac.finalize().into_bytes().as_slice().ct_eq(&given);
    }
    if genuine.into() { Ok(()) } else { Err(BadSignature) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of GitHub's documentation.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNATURE: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn secrets(all: &[&str]) -> Vec<SecretString> {
        all.iter().map(|s| SecretString::from(*s)).collect()
    }

    #[test]
    fn a_body_signed_with_any_of_the_secrets_is_accepted() {
        for all in [&[SECRET][..], &["next", SECRET], &[SECRET, "next"]] {
            assert_eq!(verify(&secrets(all), BODY, Some(SIGNATURE)), Ok(()));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let short = &SIGNATURE[..SIGNATURE.len() - 2];
        let sha1 = "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59";
        let bare = SIGNATURE.trim_start_matches("sha256=");
        for signature in [None, Some(""), Some("sha256="), Some(short), Some(sha1), Some(bare)] {
            assert_eq!(
                verify(&secrets(&[SECRET]), BODY, signature),
                Err(BadSignature),
                "{signature:?}"
            );
        }
        assert_eq!(
            verify(&secrets(&[SECRET]), b"Hello, World?", Some(SIGNATURE)),
            Err(BadSignature)
        );
        assert_eq!(verify(&secrets(&["other"]), BODY, Some(SIGNATURE)), Err(BadSignature));
        assert_eq!(verify(&[], BODY, Some(SIGNATURE)), Err(BadSignature));
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"").unwrap();
        mac.update(BODY);
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        assert_eq!(verify(&secrets(&[""]), BODY, Some(&signature)), Err(BadSignature));
    }
}
