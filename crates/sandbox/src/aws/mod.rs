//! The AWS front: each request is forwarded as it was signed, so that ministack authorises it; RDS is completed on the way, and what ministack lacks is done here.

mod answer;
mod authority;
mod backup;
mod dlm;
mod events;
mod identity;
mod ministack;
mod permission;
mod queue;
mod rds;
mod request;
mod rest;
mod role;
mod schedule;
mod served;
mod sign;
mod sts;
mod xml;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use self::answer::{Answer, Refusal};
use self::authority::Authority;
use self::backup::Backup;
use self::dlm::Dlm;
use self::identity::{Caller, Identities};
use self::ministack::Ministack;
use self::queue::Place;
use self::rds::{Front, Rds};
use self::request::Call;
use self::rest::{Ask, Exception, Route};
use crate::faults::{self, Fault, Faults, Kind};
use crate::world::World;
use crate::{calls, clock};

pub(crate) struct Aws {
    ministack: Option<Ministack>,
    identities: Identities,
    authority: Authority,
    rds: Rds,
    backup: Backup,
    dlm: Dlm,
}

impl Aws {
    pub(crate) fn new(
        ministack: Option<Url>,
        (restore_seconds, job_seconds): (u32, u32),
        http: reqwest::Client,
    ) -> Self {
        Self {
            ministack: ministack.map(|url| Ministack::new(url, http)),
            identities: Identities::default(),
            authority: Authority::default(),
            rds: Rds::new(restore_seconds),
            backup: Backup::new(job_seconds),
            dlm: Dlm::default(),
        }
    }

    /// When something that is known of is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let due = [self.rds.next_due(), self.backup.next_due(), self.dlm.next_due()];
        due.into_iter().flatten().min()
    }

    /// Does what is due at `now` in every account that was ever used.
    pub(crate) async fn catch_up(&self, faults: &Faults, now: Timestamp) {
        if let Some(ministack) = &self.ministack {
            let front = Front { ministack, faults, now };
            self.rds.catch_up(front).await;
        }
        self.backup.catch_up(self.ministack.as_ref(), faults, now).await;
        self.dlm.catch_up(self.ministack.as_ref(), faults, now).await;
        for made in self.backup.take_databases() {
            let restore = rds::Made {
                since: made.since,
                ready_at: made.ready_at,
                fails: false,
            };
            let place = (made.place.account.as_str(), made.place.region.as_str());
            self.rds.restored(place, made.instance, restore).await;
        }
    }

    async fn caller(&self, call: &Call) -> Caller {
        self.identities.resolve(self.ministack.as_ref(), &call.access_key).await
    }

    async fn perform(
        &self,
        call: &Call,
        caller: &Caller,
        (faults, now): (&Faults, Timestamp),
        failing: Option<Fault>,
    ) -> Result<Answer, Refusal> {
        if !routes(&call.service).is_empty() {
            return Ok(self.serve(call, caller, now, failing).await);
        }
        let ministack = self
            .ministack
            .as_ref()
            .ok_or_else(|| Refusal::unavailable("this sandbox was started without a ministack"))?;
        match call.service.as_str() {
            "sts" => {
                sts::check_policy(call)?;
                let answer = ministack.forward(call).await?;
                if let Some(role) = self.identities.learn(call, &answer, clock::wall()).await {
                    self.authority.forget(&role).await;
                }
                Ok(answer)
            }
            "rds" => {
                let front = Front { ministack, faults, now };
                self.rds.perform(front, call, caller, failing).await
            }
            other => Err(Refusal::not_implemented(other, &call.operation)),
        }
    }
}

impl Aws {
    /// Does a call of a service that ministack lacks.
    async fn serve(&self, call: &Call, caller: &Caller, now: Timestamp, failing: Option<Fault>) -> Answer {
        let place = Place {
            account: caller.account.clone().unwrap_or_default(),
            region: call.region.clone(),
        };
        if let Err(exception) = self.permit(call, caller, &place).await {
            return exception.into_answer();
        }
        match call.service.as_str() {
            "dlm" => self.dlm.perform(call, place, now),
            _ => self.backup.perform(call, place, now, failing),
        }
    }
}

/// The REST operations of a service that the sandbox serves itself.
fn routes(service: &str) -> &'static [Route] {
    match service {
        "backup" => backup::ROUTES,
        "dlm" => dlm::ROUTES,
        _ => &[],
    }
}

/// Answers one request, meets faults, and logs it.
pub(crate) async fn answer(world: &World, request: Request) -> Response {
    let call = match Call::read(request).await {
        Ok(call) => call,
        Err(refusal) => return refusal.into_answer().into_response(),
    };
    let aws = &world.aws;
    let caller = aws.caller(&call).await;
    let account = sts::account_of_role(&call).or_else(|| caller.account.clone());
    let fault = world.faults.meet(&call.service, &call.operation, account.as_deref());
    let failing = match &fault {
        None if call.starts_job() => world
            .faults
            .meet_job(&call.service, &call.operation, account.as_deref()),
        _ => None,
    };
    let kind = fault.as_ref().or(failing.as_ref()).map(|fault| fault.kind);
    let answer = match fault.as_ref().and_then(|fault| refuse(&call, fault)) {
        Some(answer) => answer,
        None => aws
            .perform(&call, &caller, (&world.faults, world.clock.now()), failing)
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
    let rest = !routes(&call.service).is_empty();
    let error = |status, query: &str, json: &'static str, text: &str| {
        let text = message(text);
        if rest {
            Exception::new(status, json, text).into_answer()
        } else {
            Answer::error(status, query, &text)
        }
    };
    Some(match fault.kind {
        Kind::Throttle => error(400, "Throttling", "ThrottlingException", "Rate exceeded"),
        Kind::Error => error(
            500,
            "InternalFailure",
            "ServiceUnavailableException",
            "An internal error occurred",
        ),
        Kind::AccessDenied => error(403, "AccessDenied", "AccessDeniedException", &denied),
        Kind::Garbage if rest => Answer::garbage("{\"", "application/json"),
        Kind::Garbage => Answer::garbage(&format!("<{0}Response><{0}Result><", call.operation), "text/xml"),
        // The status is for the log only: the answer is never sent.
        Kind::Timeout => error(
            504,
            "RequestTimeout",
            "RequestTimeoutException",
            "held without an answer",
        ),
        Kind::LostResponse | Kind::JobFailed => return None,
    })
}

fn described(call: &Call, caller: &Caller) -> Value {
    if call.service == "sts" {
        return sts::described(call, caller);
    }
    if !routes(&call.service).is_empty() {
        return Ask::new(call).described();
    }
    let shown = call
        .form
        .iter()
        .filter(|(name, _)| !name.contains("Password"))
        .map(|(name, value)| (name.clone(), json!(value)));
    Value::Object(shown.collect())
}
