//! The AWS front: each request is forwarded as it was signed, so that ministack authorises it; RDS is completed on the way.

mod answer;
mod identity;
mod ministack;
mod rds;
mod request;
mod sign;
mod sts;
mod xml;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use self::answer::{Answer, Refusal};
use self::identity::{Caller, Identities};
use self::ministack::Ministack;
use self::rds::Rds;
use self::request::Call;
use crate::calls;
use crate::faults::{self, Fault, Kind};
use crate::world::World;

pub(crate) struct Aws {
    ministack: Option<Ministack>,
    identities: Identities,
    rds: Rds,
}

impl Aws {
    pub(crate) fn new(ministack: Option<Url>, restore_seconds: u32, http: reqwest::Client) -> Self {
        Self {
            ministack: ministack.map(|url| Ministack::new(url, http)),
            identities: Identities::default(),
            rds: Rds::new(restore_seconds),
        }
    }

    /// Does what is due at `now` in every account that was ever used.
    pub(crate) async fn catch_up(&self, now: Timestamp) {
        if let Some(ministack) = &self.ministack {
            self.rds.catch_up_all(ministack, now).await;
        }
    }

    async fn caller(&self, call: &Call) -> Caller {
        match &self.ministack {
            Some(ministack) => self.identities.resolve(ministack, &call.access_key).await,
            None => Caller::unknown(&call.access_key),
        }
    }

    async fn perform(&self, call: &Call, caller: &Caller, now: Timestamp, job_fails: bool) -> Result<Answer, Refusal> {
        let ministack = self
            .ministack
            .as_ref()
            .ok_or_else(|| Refusal::unavailable("this sandbox was started without a ministack"))?;
        match call.service.as_str() {
            "sts" => {
                let answer = ministack.forward(call).await?;
                self.identities.learn(&answer);
                Ok(answer)
            }
            "rds" => self.rds.perform(ministack, call, caller, now, job_fails).await,
            other => Err(Refusal::not_implemented(other, &call.operation)),
        }
    }
}

/// Answers one request, meets faults, and logs it.
pub(crate) async fn answer(world: &World, request: Request) -> Response {
    let call = match Call::read(request).await {
        Ok(call) => call,
        Err(refusal) => return refusal.into_answer().into_response(),
    };
    let caller = world.aws.caller(&call).await;
    let account = sts::account_of_role(&call).or_else(|| caller.account.clone());
    let fault = world.faults.meet(&call.service, &call.operation, account.as_deref());
    let kind = fault.as_ref().map(|fault| fault.kind);
    let answer = match fault.as_ref().and_then(|fault| refuse(&call, fault)) {
        Some(answer) => answer,
        None => world
            .aws
            .perform(&call, &caller, world.clock.now(), kind == Some(Kind::JobFailed))
            .await
            .unwrap_or_else(Refusal::into_answer),
    };
    world.calls.add(calls::Call {
        at: world.clock.now(),
        service: call.service.clone(),
        operation: call.operation.clone(),
        account,
        region: Some(call.region.clone()),
        principal: Some(caller.principal.clone()),
        status: answer.status.as_u16(),
        error: answer.error_code(),
        fault: kind,
        request: described(&call, &caller),
        effect: call.mutates() && answer.status.is_success() && kind != Some(Kind::Garbage),
    });
    faults::send(fault.as_ref(), answer).await
}

/// What the fault answers in place of the service; `None` lets the call through.
fn refuse(call: &Call, fault: &Fault) -> Option<Answer> {
    let message = |default: &str| fault.message.clone().unwrap_or_else(|| default.to_owned());
    let denied = format!("User is not authorized to perform: {}:{}", call.service, call.operation);
    Some(match fault.kind {
        Kind::Throttle => Answer::error(400, "Throttling", &message("Rate exceeded")),
        Kind::Error => Answer::error(500, "InternalFailure", &message("An internal error occurred")),
        Kind::AccessDenied => Answer::error(403, "AccessDenied", &message(&denied)),
        Kind::Garbage => Answer::xml(200, format!("<{0}Response><{0}Result><", call.operation)),
        // The status is for the log only: the answer is never sent.
        Kind::Timeout => Answer::error(504, "RequestTimeout", &message("held without an answer")),
        Kind::LostResponse | Kind::JobFailed => return None,
    })
}

fn described(call: &Call, caller: &Caller) -> Value {
    if call.service == "sts" {
        return sts::described(call, caller);
    }
    let shown = call
        .form
        .iter()
        .filter(|(name, _)| !name.contains("Password"))
        .map(|(name, value)| (name.clone(), json!(value)));
    Value::Object(shown.collect())
}
