//! Links to files of the bucket that carry their own permission, as S3 signs them.

use hmac::{Hmac, KeyInit, Mac};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use uuid::Uuid;

use super::bucket::Place;

const DATE: &str = "%Y%m%dT%H%M%SZ";

/// Signs links, and checks them when they are followed.
#[derive(Debug)]
pub(crate) struct Links {
    /// Where the buckets are served.
    root: String,
    key: [u8; 16],
}

/// Why a link leads nowhere, in S3's code and words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    Mismatch,
    Expired,
}

impl Links {
    /// `root` ends without a slash.
    pub(crate) fn new(root: String) -> Self {
        let key = *Uuid::new_v4().as_bytes();
        Self { root, key }
    }

    /// `seconds` on the virtual clock for which the link is valid.
    pub(crate) fn sign(&self, place: &Place, key: &str, now: Timestamp, seconds: i64) -> String {
        let date = now.to_zoned(TimeZone::UTC).strftime(DATE).to_string();
        let path = path(place, key);
        let expires = seconds.to_string();
        let signature = hex::encode(self.mac(&path, &date, &expires).finalize().into_bytes());
        format!(
            "{}{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date}&X-Amz-Expires={expires}&X-Amz-Signature={signature}",
            self.root
        )
    }

    /// Whether the path may be read with these parameters.
    ///
    /// # Errors
    /// [`Denied`] as S3 tells it.
    pub(crate) fn check(&self, path: &str, query: &[(String, String)], now: Timestamp) -> Result<(), Denied> {
        let parameter = |name: &str| {
            let found = query.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        let (date, expires) = (parameter("X-Amz-Date"), parameter("X-Amz-Expires"));
        let signature = hex::decode(parameter("X-Amz-Signature")).map_err(|_| Denied::Mismatch)?;
        self.mac(path, date, expires)
            .verify_slice(&signature)
            .map_err(|_| Denied::Mismatch)?;
        let signed = jiff::civil::DateTime::strptime(DATE, date)
            .and_then(|date| date.to_zoned(TimeZone::UTC))
            .map_err(|_| Denied::Mismatch)?;
        let lives = SignedDuration::from_secs(expires.parse().map_err(|_| Denied::Mismatch)?);
        if signed.timestamp().duration_until(now) > lives {
            return Err(Denied::Expired);
        }
        Ok(())
    }

    fn mac(&self, path: &str, date: &str, expires: &str) -> Hmac<Sha256> {
        // An HMAC takes keys of any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).unwrap_or_else(|_| unreachable!());
        mac.update(format!("{path}\n{date}\n{expires}").as_bytes());
        mac
    }
}

/// `/bucket/prefix/backups/name/name-logs.gz`.
fn path(place: &Place, key: &str) -> String {
    match place.prefix.as_str() {
        "" => format!("/{}/{key}", place.bucket),
        prefix => format!("/{}/{prefix}/{key}", place.bucket),
    }
}
