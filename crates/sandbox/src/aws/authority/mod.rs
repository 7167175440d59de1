//! Who may do what at the services that the sandbox serves itself, by the IAM that ministack holds.
//!
//! # Where it differs from AWS
//!
//! | AWS | Here |
//! |---|---|
//! | A change in IAM arrives everywhere after a while | after at most three seconds of wall time, and at once for a new session of the role |
//! | IAM users sign with keys of their own | their keys, and sessions that were not handed out through this sandbox, are unknown |
//! | The root of an account signs with a secret | whoever names an account as access key is its root, as at ministack |
//! | In the account of a resource its policy can allow what no identity-based policy does | identity-based policies must allow it as well |
//! | Service control policies, resource control policies, VPC endpoint policies | none |
//! | Session tags can be transitive | they end with their session |
//! | `aws:SourceIp`, `aws:SecureTransport` are of the connection | 127.0.0.1, and `true`: the wire is loopback |
//! | `Deny` with `NotPrincipal` must except session, role and account of a caller | excepting any of them excepts it |
//! | All services share one evaluator | RDS and STS have ministack's: no variables, the session's ARN as `aws:PrincipalArn`, `aws:SecureTransport` is `false` |

mod denied;
mod gather;
mod policy;
mod principal;
mod request;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;

pub(crate) use self::denied::Denied;
use self::gather::{Gathered, Role};
pub(crate) use self::policy::{Kind, Policy, Verdict};
pub(crate) use self::principal::Principal;
pub(crate) use self::request::{Context, Request};
use super::identity::{Caller, Session, Standing};
use super::ministack::Ministack;
use crate::clock;

/// Decides; what it knows of IAM is some seconds old at most.
#[derive(Default)]
pub(crate) struct Authority {
    gathered: Gathered,
}

/// A kind of policy that must allow what a session does, in the words of AWS.
struct Layer {
    article: &'static str,
    name: &'static str,
    verdict: Verdict,
}

impl Authority {
    /// Whether the caller may perform `service:Operation` on an ARN, or `*`.
    ///
    /// `context` has the condition keys of the request, such as `aws:RequestedRegion` and `aws:RequestTag/…`; one with several values is
    /// there several times. Those of the caller are added.
    ///
    /// # Errors
    /// [`Denied`], in the words of AWS.
    pub(crate) async fn check(
        &self,
        ministack: Option<&Ministack>,
        caller: &Caller,
        action: &str,
        resource: &str,
        context: &[(&str, String)],
    ) -> Result<(), Denied> {
        let session = match &caller.standing {
            Standing::Root => return Ok(()),
            Standing::Stranger => return Err(Denied::unknown_key()),
            Standing::Session(session) => session,
        };
        let ministack = ministack.ok_or_else(nobody_to_ask)?;
        // Whatever happened to its role, a session without one is nobody.
        let role = self
            .gathered
            .role(ministack, &session.role)
            .await?
            .ok_or_else(Denied::unknown_key)?;
        let account = caller.account.as_deref().unwrap_or_default();
        let mut narrowed: Vec<Arc<Policy>> = session.policy.iter().cloned().collect();
        for arn in &session.policy_arns {
            narrowed.push(self.gathered.managed(ministack, account, arn).await?);
        }
        let principal = caller.as_principal().ok_or_else(Denied::unknown_key)?;
        let context = context_of(caller, Some(&role), resource, context, clock::wall());
        let request = Request {
            principal: &principal,
            action,
            resource,
            context: &context,
        };
        decide(&role, &narrowed, &request)
            .map_err(|because| Denied::forbidden(&caller.principal, action, resource, &because))
    }

    /// Whether a service, such as `backup.amazonaws.com`, may assume the role; `false` where there is none.
    ///
    /// `context` has what the service says of itself: `aws:SourceAccount`, `aws:SourceArn`.
    pub(crate) async fn may_assume(
        &self,
        ministack: Option<&Ministack>,
        role_arn: &str,
        service: &str,
        context: &[(&str, String)],
    ) -> Result<bool, Denied> {
        let ministack = ministack.ok_or_else(nobody_to_ask)?;
        let Some(role) = self.gathered.role(ministack, role_arn).await? else {
            return Ok(false);
        };
        let context = with_time(with_all(Context::default(), context), clock::wall());
        let request = Request {
            principal: &Principal::Service(service.to_owned()),
            action: "sts:AssumeRole",
            resource: role_arn,
            context: &context,
        };
        Ok(role.trust.verdict(&request) == Verdict::Allow)
    }

    /// What the policy on a resource says about the caller. An allow in it is not enough: [`Authority::check`] stands beside it.
    pub(crate) async fn verdict_of_resource(
        &self,
        ministack: Option<&Ministack>,
        caller: &Caller,
        policy: &Policy,
        action: &str,
        resource: &str,
        context: &[(&str, String)],
    ) -> Result<Verdict, Denied> {
        let role = match (&caller.standing, ministack) {
            (Standing::Session(session), Some(ministack)) => self.gathered.role(ministack, &session.role).await?,
            _ => None,
        };
        let principal = caller.as_principal().ok_or_else(Denied::unknown_key)?;
        let context = context_of(caller, role.as_deref(), resource, context, clock::wall());
        Ok(policy.verdict(&Request {
            principal: &principal,
            action,
            resource,
            context: &context,
        }))
    }

    /// Makes the next question about the role go to ministack.
    pub(crate) async fn forget(&self, role: &str) {
        self.gathered.forget(role).await;
    }
}

fn nobody_to_ask() -> Denied {
    Denied::undecided("this sandbox was started without a ministack")
}

/// A role's session may do what every layer allows and none denies; the error ends the sentence that says so.
fn decide(role: &Role, narrowed: &[Arc<Policy>], request: &Request<'_>) -> Result<(), String> {
    let verdict = |policies: &[Arc<Policy>]| {
        let each = policies.iter().map(|policy| policy.verdict(request));
        each.max().unwrap_or(Verdict::Nothing)
    };
    let mut layers = vec![Layer {
        article: "an",
        name: "identity-based policy",
        verdict: verdict(&role.policies),
    }];
    layers.extend(role.boundary.as_ref().map(|boundary| Layer {
        article: "a",
        name: "permissions boundary",
        verdict: boundary.verdict(request),
    }));
    layers.extend((!narrowed.is_empty()).then(|| Layer {
        article: "a",
        name: "session policy",
        verdict: verdict(narrowed),
    }));
    let find = |verdict| layers.iter().find(|layer| layer.verdict == verdict);
    if let Some(Layer { article, name, .. }) = find(Verdict::Deny) {
        return Err(format!("with an explicit deny in {article} {name}"));
    }
    if let Some(Layer { name, .. }) = find(Verdict::Nothing) {
        return Err(format!("because no {name} allows the {} action", request.action));
    }
    Ok(())
}

/// The condition keys of a request, those of the caller included.
fn context_of(
    caller: &Caller,
    role: Option<&Role>,
    resource: &str,
    given: &[(&str, String)],
    now: Timestamp,
) -> Context {
    let account = caller.account.as_deref().unwrap_or_default();
    let context = with_time(with_all(Context::default(), given), now)
        .with("aws:PrincipalAccount", account)
        .with("aws:ResourceAccount", account_of(resource).unwrap_or(account))
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:SourceIp", "127.0.0.1")
        .with("aws:SecureTransport", "true");
    let Standing::Session(session) = &caller.standing else {
        return context
            .with("aws:PrincipalArn", &caller.principal)
            .with("aws:PrincipalType", "Account")
            .with("aws:userid", account);
    };
    with_session(context, session, role)
}

fn with_session(context: Context, session: &Session, role: Option<&Role>) -> Context {
    let context = context
        .with("aws:PrincipalArn", &session.role)
        .with("aws:PrincipalType", "AssumedRole")
        .with("aws:userid", &session.user_id)
        .with("aws:MultiFactorAuthPresent", "false")
        .with("aws:TokenIssueTime", session.issued.to_string());
    let context = match &session.source_identity {
        Some(identity) => context.with("aws:SourceIdentity", identity),
        None => context,
    };
    // A session's tag replaces the role's of the same key.
    let replaced = |key: &str| session.tags.iter().any(|(tag, _)| tag.eq_ignore_ascii_case(key));
    let of_role = role
        .iter()
        .flat_map(|role| &role.tags)
        .filter(|(key, _)| !replaced(key));
    session
        .tags
        .iter()
        .chain(of_role)
        .fold(context, |context, (key, value)| {
            context.with(&format!("aws:PrincipalTag/{key}"), value)
        })
}

fn with_time(context: Context, now: Timestamp) -> Context {
    context
        .with("aws:CurrentTime", now.to_string())
        .with("aws:EpochTime", now.as_second().to_string())
}

fn with_all(context: Context, given: &[(&str, String)]) -> Context {
    given
        .iter()
        .fold(context, |context, (key, value)| context.with(key, value))
}

/// The account that an ARN names.
fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}
