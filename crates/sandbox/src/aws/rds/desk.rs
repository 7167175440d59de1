//! One account's RDS in one region, worked as its root for one call.

use jiff::{SignedDuration, Timestamp};

use super::super::answer::{Answer, Refusal};
use super::super::ministack::Ministack;
use super::super::request::Call;
use super::super::xml::Element;
use super::abroad::Abroad;
use super::family::Family;
use super::kms;
use crate::faults::Faults;

const RDS: (&str, &str) = ("rds", "2014-10-31");

/// What fails where a fault gives no reason of its own.
const INTERNAL: &str = "An internal error occurred.";

pub(crate) struct Desk<'a> {
    pub(crate) ministack: &'a Ministack,
    pub(crate) faults: &'a Faults,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    /// Of the caller's session, where it is known.
    pub(crate) secret: Option<&'a str>,
    /// On the virtual clock, for the whole call.
    pub(crate) now: Timestamp,
    /// How long copies, restores and each step of an export take.
    pub(crate) takes: SignedDuration,
    /// Why what the call starts will fail. `None`: it will not.
    pub(crate) failure: Option<String>,
    pub(crate) abroad: Abroad,
}

impl Desk<'_> {
    /// Region and account.
    pub(crate) fn here(&self) -> (&str, &str) {
        (self.region, self.account)
    }

    /// The reason, with a default, of a job that a fault lets fail.
    pub(crate) fn reason(message: Option<String>) -> String {
        message.unwrap_or_else(|| INTERNAL.to_owned())
    }

    /// Why the automated snapshot that is due now fails; a fault names it as the operation `AutomatedBackup`.
    pub(crate) fn backup_failure(&self) -> Option<String> {
        let fault = self.faults.meet_job("rds", "AutomatedBackup", Some(self.account))?;
        Some(Self::reason(fault.message))
    }

    pub(crate) async fn root(&self, action: &str, params: &[(&str, &str)]) -> Result<Element, Refusal> {
        self.ministack
            .as_root(self.account, self.region, RDS, action, params)
            .await
    }

    /// Lets ministack authorise and perform the call as it was signed; its refusal is an error.
    pub(crate) async fn forward(&self, call: &Call) -> Result<Answer, Refusal> {
        let answer = self.ministack.forward(call).await?;
        if answer.status.is_success() {
            Ok(answer)
        } else {
            Err(answer.into())
        }
    }

    /// Lets ministack authorise a call that is performed here: it checks permission first, and then finds that it knows no such thing.
    pub(crate) async fn authorise_where(&self, call: &Call, unknown: &str) -> Result<(), Refusal> {
        let answer = self.ministack.forward(call).await?;
        if answer.status.is_success() || answer.error_code().as_deref() == Some(unknown) {
            Ok(())
        } else {
            Err(answer.into())
        }
    }

    /// The same for an action that ministack does not know.
    pub(crate) async fn authorise(&self, call: &Call) -> Result<(), Refusal> {
        self.authorise_where(call, "InvalidAction").await
    }

    /// The call with the instance named where ministack looks for the resource that it authorises: in `DBInstanceIdentifier` alone.
    ///
    /// A call that no known session signed stays as it is: ministack takes it to be on `*`.
    pub(crate) fn on_instance(&self, call: &Call, instance: &str) -> Call {
        self.secret
            .and_then(|secret| call.with("DBInstanceIdentifier", instance, secret))
            .unwrap_or_else(|| call.clone())
    }

    /// Every instance or cluster, with the key that ministack leaves out.
    pub(crate) async fn sources(&self, family: &Family) -> Result<Vec<Element>, Refusal> {
        let mut sources = self.listed(&family.sources()).await?;
        sources.iter_mut().for_each(|source| self.set_key(source));
        Ok(sources)
    }

    /// Everything of a list, as ministack tells it.
    pub(crate) async fn listed(&self, list: &str) -> Result<Vec<Element>, Refusal> {
        let mut answer = self.root(&format!("Describe{list}"), &[]).await?;
        let children = answer.find_mut(list).map(|list| std::mem::take(&mut list.children));
        Ok(children.unwrap_or_default())
    }

    /// What is encrypted has a key, which ministack leaves out where it is the account's default one.
    pub(crate) fn set_key(&self, source: &mut Element) {
        if source.is_true("StorageEncrypted") {
            self.name_key(source);
        } else {
            source.remove("KmsKeyId");
        }
    }

    /// Gives something encrypted the ARN of its key.
    pub(crate) fn name_key(&self, encrypted: &mut Element) {
        let key = match encrypted.text_of("KmsKeyId") {
            Some(key) => kms::in_full(key, self.region, self.account),
            None => kms::default_key(self.region, self.account),
        };
        encrypted.set("KmsKeyId", &key);
    }
}
