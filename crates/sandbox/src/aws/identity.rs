//! Who signed a request.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use moka::Expiry;
use moka::future::Cache;

use super::answer::Answer;
use super::authority::{Denied, Kind, Policy, Principal};
use super::ministack::Ministack;
use super::request::Call;
use super::sign;
use crate::clock;

const STS: (&str, &str) = ("sts", "2011-06-15");
/// How long it is remembered which account a key belongs to, and that a session has expired.
const REMEMBERED: Duration = Duration::from_secs(900);

/// The caller as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) account: Option<String>,
    /// ARN, or the access key id where only the account is known.
    pub(crate) principal: String,
    pub(crate) standing: Standing,
}

#[derive(Debug, Clone)]
pub(crate) enum Standing {
    /// Of its account.
    Root,
    Session(Arc<Session>),
    /// Not seen handed out: known by its account at most.
    Stranger,
}

/// A session of a role that this sandbox saw handed out.
#[derive(Debug)]
pub(crate) struct Session {
    /// ARN.
    pub(crate) role: String,
    /// Secret access key.
    pub(crate) secret: String,
    token: String,
    /// `ROLEID:SESSIONNAME`.
    pub(crate) user_id: String,
    /// Passed in the call.
    pub(crate) policy: Option<Arc<Policy>>,
    pub(crate) policy_arns: Vec<String>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) source_identity: Option<String>,
    pub(crate) issued: Timestamp,
    /// By wall time.
    pub(crate) expires: Timestamp,
}

impl Caller {
    pub(crate) fn unknown(access_key: &str) -> Self {
        Self {
            account: None,
            principal: access_key.to_owned(),
            standing: Standing::Stranger,
        }
    }

    /// For policies; `None` of a stranger.
    pub(crate) fn as_principal(&self) -> Option<Principal> {
        let account = self.account.clone()?;
        match &self.standing {
            Standing::Root => Some(Principal::Root { account }),
            Standing::Session(session) => Some(Principal::Session {
                account,
                role: session.role.clone(),
                arn: self.principal.clone(),
            }),
            Standing::Stranger => None,
        }
    }

    /// Secret access key of a session.
    pub(crate) fn secret(&self) -> Option<&str> {
        match &self.standing {
            Standing::Session(session) => Some(&session.secret),
            Standing::Root | Standing::Stranger => None,
        }
    }

    /// Whether a session's call is signed by it, with its token, in its time and at `now`, which is wall time.
    ///
    /// # Errors
    /// [`Denied`], as the services word it that speak JSON. The root's signature is not looked at, as ministack does not.
    pub(crate) fn authenticate(&self, call: &Call, now: Timestamp) -> Result<(), Denied> {
        let session = match &self.standing {
            Standing::Root => return Ok(()),
            Standing::Stranger => return Err(Denied::unknown_key()),
            Standing::Session(session) => session,
        };
        let header = |name: &str| call.parts.headers.get(name)?.to_str().ok();
        if header("x-amz-security-token") != Some(&session.token) {
            return Err(Denied::unknown_key());
        }
        if session.expires <= now {
            return Err(Denied::expired());
        }
        let signed_at = header("x-amz-date").unwrap_or_default();
        let skew = sign::moment(signed_at)
            .ok_or_else(Denied::not_signed)?
            .duration_since(now);
        if skew.abs() > Denied::SKEW {
            return Err(Denied::skewed(signed_at, now, skew));
        }
        if sign::is_signed(&call.parts, &call.body, &session.secret) {
            Ok(())
        } else {
            Err(Denied::not_signed())
        }
    }
}

/// Callers by access key: sessions until some time after their end, strangers for as long.
pub(crate) struct Identities(Cache<String, Caller>);

impl Default for Identities {
    fn default() -> Self {
        Self(Cache::builder().expire_after(Forgetting).build())
    }
}

struct Forgetting;

impl Expiry<String, Caller> for Forgetting {
    fn expire_after_create(&self, _key: &String, caller: &Caller, _at: Instant) -> Option<Duration> {
        let lives = match &caller.standing {
            Standing::Session(session) => session.expires.duration_since(clock::wall()),
            Standing::Root | Standing::Stranger => SignedDuration::ZERO,
        };
        Some(Duration::try_from(lives).unwrap_or_default() + REMEMBERED)
    }
}

impl Identities {
    /// Without a ministack, only roots and the sessions seen are known.
    pub(crate) async fn resolve(&self, ministack: Option<&Ministack>, access_key: &str) -> Caller {
        if access_key.len() == 12 && access_key.bytes().all(|byte| byte.is_ascii_digit()) {
            return Caller {
                account: Some(access_key.to_owned()),
                principal: format!("arn:aws:iam::{access_key}:root"),
                standing: Standing::Root,
            };
        }
        if let Some(known) = self.0.get(access_key).await {
            return known;
        }
        let Some(ministack) = ministack else {
            return Caller::unknown(access_key);
        };
        let asked = ministack
            .as_root(
                "000000000000",
                "us-east-1",
                STS,
                "GetAccessKeyInfo",
                &[("AccessKeyId", access_key)],
            )
            .await;
        let mut caller = Caller::unknown(access_key);
        caller.account = asked.ok().and_then(|answer| Some(answer.find("Account")?.text.clone()));
        if caller.account.is_some() {
            self.0.insert(access_key.to_owned(), caller.clone()).await;
        }
        caller
    }

    /// Remembers the session that the answer to `call` hands out; returns the ARN of its role.
    pub(crate) async fn learn(&self, call: &Call, answer: &Answer, now: Timestamp) -> Option<String> {
        let document = answer.document()?;
        let credentials = document.find("Credentials")?;
        let user = document.find("AssumedRoleUser")?;
        let principal = user.text_of("Arn")?.to_owned();
        let role = call.param("RoleArn")?.to_owned();
        let policy = call.param("Policy").map(|json| Policy::parse(json, Kind::Identity));
        let session = Session {
            secret: credentials.text_of("SecretAccessKey")?.to_owned(),
            token: credentials.text_of("SessionToken")?.to_owned(),
            user_id: user.text_of("AssumedRoleId").unwrap_or_default().to_owned(),
            // A malformed one was refused before.
            policy: policy.map(|parsed| Arc::new(parsed.unwrap_or_default())),
            policy_arns: members(call, "PolicyArns", "arn"),
            tags: members(call, "Tags", "Key")
                .into_iter()
                .zip(members(call, "Tags", "Value"))
                .collect(),
            source_identity: call.param("SourceIdentity").map(str::to_owned),
            issued: now,
            expires: credentials.text_of("Expiration")?.parse().ok()?,
            role: role.clone(),
        };
        let caller = Caller {
            account: principal.split(':').nth(4).map(str::to_owned),
            principal,
            standing: Standing::Session(Arc::new(session)),
        };
        self.0
            .insert(credentials.text_of("AccessKeyId")?.to_owned(), caller)
            .await;
        Some(role)
    }
}

/// `LIST.member.1.FIELD`, `LIST.member.2.FIELD`, …, an empty one included.
fn members(call: &Call, list: &str, field: &str) -> Vec<String> {
    let nth = |n: usize| {
        let name = format!("{list}.member.{n}.{field}");
        call.form
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.clone())
    };
    (1..).map_while(nth).collect()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;

    use super::*;
    use crate::aws::sign::tests::{SECRET, signed};

    const NOW: &str = "2026-03-01T10:00:00Z";

    fn session(secret: &str) -> Caller {
        let now: Timestamp = NOW.parse().unwrap();
        Caller {
            account: Some("111122223333".to_owned()),
            principal: "arn:aws:sts::111122223333:assumed-role/tune/change-1".to_owned(),
            standing: Standing::Session(Arc::new(Session {
                role: "arn:aws:iam::111122223333:role/tune".to_owned(),
                secret: secret.to_owned(),
                token: "token".to_owned(),
                user_id: "AROAEXAMPLE:change-1".to_owned(),
                policy: None,
                policy_arns: Vec::new(),
                tags: Vec::new(),
                source_identity: None,
                issued: now,
                expires: now + SignedDuration::from_mins(15),
            })),
        }
    }

    /// Of a call with the token, signed and received so many minutes after the session began.
    async fn authenticated(caller: &Caller, token: Option<&str>, signed_at: i64, received_at: i64) -> String {
        let minutes = |minutes| NOW.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes);
        let parts = signed(
            "GET",
            "/backup-vaults/a%20b?maxResults=5",
            "",
            token,
            minutes(signed_at),
        );
        let call = Call::read(Request::from_parts(parts, Body::empty())).await.unwrap();
        match caller.authenticate(&call, minutes(received_at)) {
            Ok(()) => String::new(),
            Err(denied) => denied.to_string(),
        }
    }

    #[tokio::test]
    async fn a_session_is_known_by_its_token_its_time_and_its_signature() {
        let (own, token) = (session(SECRET), Some("token"));
        assert_eq!(authenticated(&own, token, 3, 3).await, "");
        assert_eq!(authenticated(&own, token, 5, 9).await, "");
        for (token, signed_at, received_at, expected) in [
            (
                None,
                3,
                3,
                "UnrecognizedClientException: The security token included in the request is invalid.",
            ),
            (
                Some("t"),
                3,
                3,
                "UnrecognizedClientException: The security token included in the request is invalid.",
            ),
            (
                token,
                15,
                15,
                "ExpiredTokenException: The security token included in the request is expired",
            ),
            (
                token,
                3,
                9,
                "InvalidSignatureException: Signature expired: 20260301T100300Z is now earlier than 20260301T100400Z (20260301T100900Z - 5 min.)",
            ),
            (
                token,
                9,
                3,
                "InvalidSignatureException: Signature not yet current: 20260301T100900Z is still later than 20260301T100800Z (20260301T100300Z + 5 min.)",
            ),
        ] {
            assert_eq!(authenticated(&own, token, signed_at, received_at).await, expected);
        }
        let forged = authenticated(&session("another secret"), token, 3, 3).await;
        assert!(
            forged.starts_with("InvalidSignatureException: The request signature we calculated"),
            "{forged}"
        );
    }

    #[tokio::test]
    async fn a_root_is_taken_at_its_word_and_a_stranger_is_not() {
        let root = Caller {
            standing: Standing::Root,
            ..session(SECRET)
        };
        assert_eq!(authenticated(&root, None, 0, 99).await, "");
        let stranger = authenticated(&Caller::unknown("ASIAEXAMPLE"), Some("token"), 3, 3).await;
        assert!(stranger.starts_with("UnrecognizedClientException"), "{stranger}");
    }
}
