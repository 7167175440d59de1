//! The main job, done and verified from outside: by what `demo.json` tells, and by asking AWS and GitHub.

mod change;
mod restore;

use std::path::Path;

use serde_json::Value;

use super::browser::Browser;
use super::customers::REGION;
use super::facts::{CustomerFacts, Facts};
use super::owner::Owner;
use super::rest::{CallError, Rest};
use super::step::{StepFailed, Unproven, prove, step};

/// Whoever decides for the provider.
const APPROVER: &str = "approver@*";

/// An issue becomes live backups at the first customer, then a restore of them.
///
/// # Errors
/// [`StepFailed`].
pub async fn run(facts: &Facts, tools: &Path) -> Result<(), StepFailed> {
    let stage = Stage { facts, tools };
    change::run(&stage).await?;
    restore::run(&stage).await?;
    let all_live = stage.everything_agreed_is_live();
    step("What was agreed is live at AWS", all_live).await
}

/// The demo as a visitor finds it.
struct Stage<'a> {
    facts: &'a Facts,
    tools: &'a Path,
}

impl Stage<'_> {
    /// The customer whose request is followed.
    fn customer(&self) -> &CustomerFacts {
        &self.facts.customers[0]
    }

    /// The key of one of the customer's own people.
    fn own(&self, role: &str) -> String {
        format!("{role}@{}", self.customer().slug)
    }

    /// Holdfast's API as that person.
    fn api(&self, who: &str) -> Rest {
        Rest::new(&format!("{}/api/v1", self.facts.url), &self.facts.tokens[who])
    }

    /// Holdfast's pages as that person.
    async fn browser(&self, who: &str) -> Result<Browser, CallError> {
        Browser::sign_in(&self.facts.url, &self.facts.logins[who]).await
    }

    /// An address below the customer's, for API and pages alike.
    fn path(&self, below: &str) -> String {
        format!("/customers/{}{below}", self.customer().slug)
    }

    fn owner_of<'a>(&'a self, account: &'a str) -> Owner<'a> {
        Owner {
            tools: self.tools,
            endpoint: &self.facts.aws_endpoints["*"],
            region: REGION,
            account,
        }
    }

    /// The followed customer's account.
    fn account(&self) -> &str {
        self.customer().aws_account_id.as_deref().unwrap_or_default()
    }

    /// Every item of every scope of work that native backups serve has its retention at AWS.
    async fn everything_agreed_is_live(&self) -> Result<((), String), Unproven> {
        let (api, mut live) = (self.api(APPROVER), 0);
        for customer in &self.facts.customers {
            let Some(account) = &customer.aws_account_id else {
                continue;
            };
            let at_aws = self.owner_of(account).instances().await?;
            let sow = api.get(&format!("/customers/{}/sow", customer.slug)).await?;
            for item in list(&sow["items"]) {
                if item["mechanism"] != "native:rds" {
                    continue;
                }
                let name = text(item, "/component/name");
                let kept = at_aws.get(name).map(|one| one.backup_retention_period);
                let agreed = &item["retention_days"];
                prove(kept.is_some_and(|days| *agreed == days), || {
                    format!("{name} is to be kept {agreed} days, AWS says {kept:?}")
                })?;
                live += 1;
            }
        }
        let proof = format!("AWS has what was agreed, for all {live} databases that RDS backs up");
        Ok(((), proof))
    }
}

/// A JSON list; anything else is empty.
fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The text at a JSON pointer; empty where there is none.
fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}

/// The beginning of a digest, as the pages shorten it.
fn short(digest: &str) -> &str {
    digest.get(..8).unwrap_or(digest)
}

/// Content when the request is in that state; gives up when it has ended otherwise.
fn in_state(request: &Value, wanted: &str) -> Result<(), Unproven> {
    let (state, why) = (text(request, "/state"), text(request, "/reason"));
    let why = if why.is_empty() { text(request, "/failure") } else { why };
    if matches!(state, "failed" | "rejected" | "expired" | "needs-information") && state != wanted {
        return Err(Unproven::Hopeless(format!(
            "it is {state}: {why} {}",
            request["missing"]
        )));
    }
    prove(state == wanted, || format!("it is still {state}"))
}
