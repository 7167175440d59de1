//! Who signed a request.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::answer::Answer;
use super::ministack::Ministack;

const STS: (&str, &str) = ("sts", "2011-06-15");

/// The caller as far as it is known.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) account: Option<String>,
    /// ARN, or the access key id where only the account is known.
    pub(crate) principal: String,
    /// Secret access key, known of the sessions that this sandbox saw handed out.
    pub(crate) secret: Option<String>,
}

impl Caller {
    pub(crate) fn unknown(access_key: &str) -> Self {
        Self {
            account: None,
            principal: access_key.to_owned(),
            secret: None,
        }
    }
}

/// Access keys seen so far, with their callers.
#[derive(Default)]
pub(crate) struct Identities(Mutex<HashMap<String, Caller>>);

impl Identities {
    pub(crate) async fn resolve(&self, ministack: &Ministack, access_key: &str) -> Caller {
        if access_key.len() == 12 && access_key.bytes().all(|byte| byte.is_ascii_digit()) {
            return Caller {
                account: Some(access_key.to_owned()),
                principal: format!("arn:aws:iam::{access_key}:root"),
                secret: None,
            };
        }
        if let Some(known) = self.lock().get(access_key).cloned() {
            return known;
        }
        let asked = ministack
            .as_root(
                "000000000000",
                "us-east-1",
                STS,
                "GetAccessKeyInfo",
                &[("AccessKeyId", access_key)],
            )
            .await;
        let account = asked.ok().and_then(|answer| Some(answer.find("Account")?.text.clone()));
        match account {
            Some(account) => {
                let caller = Caller {
                    account: Some(account),
                    principal: access_key.to_owned(),
                    secret: None,
                };
                self.lock().insert(access_key.to_owned(), caller.clone());
                caller
            }
            None => Caller::unknown(access_key),
        }
    }

    /// Remembers the session that an AssumeRole answer hands out.
    pub(crate) fn learn(&self, answer: &Answer) {
        let learnt = || {
            let document = answer.document()?;
            let credentials = document.find("Credentials")?;
            let key = credentials.text_of("AccessKeyId")?.to_owned();
            let principal = document.find("AssumedRoleUser")?.text_of("Arn")?.to_owned();
            Some((
                key,
                Caller {
                    account: principal.split(':').nth(4).map(str::to_owned),
                    principal,
                    secret: credentials.text_of("SecretAccessKey").map(str::to_owned),
                },
            ))
        };
        if let Some((key, caller)) = learnt() {
            self.lock().insert(key, caller);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Caller>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
