//! One account's RDS in one region, worked as its root.

use jiff::Timestamp;

use super::super::answer::{Answer, Refusal};
use super::super::ministack::Ministack;
use super::super::request::Call;
use super::super::xml::Element;

const RDS: (&str, &str) = ("rds", "2014-10-31");

pub(crate) struct Desk<'a> {
    pub(crate) ministack: &'a Ministack,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    /// Of the caller's session, where it is known.
    pub(crate) secret: Option<&'a str>,
    /// On the virtual clock, for the whole call.
    pub(crate) now: Timestamp,
}

impl Desk<'_> {
    pub(crate) async fn root(&self, action: &str, params: &[(&str, &str)]) -> Result<Element, Refusal> {
        self.ministack
            .as_root(self.account, self.region, RDS, action, params)
            .await
    }

    /// Like [`Desk::root`], but content when ministack says `code`.
    pub(crate) async fn root_unless(&self, code: &str, action: &str, params: &[(&str, &str)]) -> Result<(), Refusal> {
        match self.root(action, params).await {
            Ok(_) => Ok(()),
            Err(refusal) => {
                let answer = refusal.into_answer();
                if answer.error_code().as_deref() == Some(code) {
                    Ok(())
                } else {
                    Err(answer.into())
                }
            }
        }
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

    /// Lets ministack authorise a call that it does not know: it checks permission first and the action then.
    pub(crate) async fn authorise(&self, call: &Call) -> Result<(), Refusal> {
        let answer = self.ministack.forward(call).await?;
        let unknown = answer.error_code().as_deref() == Some("InvalidAction");
        if unknown { Ok(()) } else { Err(answer.into()) }
    }

    /// The call with the instance named where ministack looks for the resource that it authorises: in `DBInstanceIdentifier` alone.
    ///
    /// A call that no known session signed stays as it is: ministack takes it to be on `*`.
    pub(crate) fn on_instance(&self, call: &Call, instance: &str) -> Call {
        self.secret
            .and_then(|secret| call.with("DBInstanceIdentifier", instance, secret))
            .unwrap_or_else(|| call.clone())
    }

    /// Every instance, as ministack tells it.
    pub(crate) async fn instances(&self) -> Result<Vec<Element>, Refusal> {
        self.listed("DescribeDBInstances", "DBInstances").await
    }

    /// Every snapshot, as ministack tells it.
    pub(crate) async fn snapshots(&self) -> Result<Vec<Element>, Refusal> {
        self.listed("DescribeDBSnapshots", "DBSnapshots").await
    }

    async fn listed(&self, action: &str, list: &str) -> Result<Vec<Element>, Refusal> {
        let mut answer = self.root(action, &[]).await?;
        Ok(answer
            .find_mut(list)
            .map(|list| std::mem::take(&mut list.children))
            .unwrap_or_default())
    }
}
