//! GitHub: a subset of its REST API, one App, and that App's webhooks.

mod app;
mod caller;
mod comment;
mod delivery;
mod issue;
mod label;
mod page;
mod refusal;
mod repo;
mod route;
mod seed;
mod show;
mod state;
mod turn;
mod user;
mod webhook;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

pub(crate) use self::delivery::Payload;
pub use self::seed::SeedError;

use self::caller::AppKey;
use self::delivery::{Delivery, Task};
use self::refusal::Refusal;
use self::show::Links;
use self::state::State;
use self::turn::{Asked, Turn};
use crate::calls;
use crate::clock::Clock;
use crate::config::{Config, SeedRepo, SeedUser, Webhook};
use crate::faults::{self, Fault, Kind};
use crate::server::StartError;
use crate::world::World;

pub(crate) struct GitHub {
    state: Mutex<State>,
    links: Links,
    app: Option<AppKey>,
    http: reqwest::Client,
}

impl GitHub {
    /// The second part is the queue of webhooks, for [`deliver_in_order`].
    pub(crate) fn new(
        config: &Config,
        root: &str,
        http: reqwest::Client,
        now: Timestamp,
    ) -> Result<(Self, UnboundedReceiver<Task>), StartError> {
        let app = config.app.as_ref().map(AppKey::new).transpose()?;
        let (queue, tasks) = tokio::sync::mpsc::unbounded_channel();
        let mut state = State::new(queue, config.webhook.clone(), app.as_ref().map(|app| app.id), now);
        for user in &config.users {
            seed::user(&mut state, user, now)?;
        }
        for repo in &config.repos {
            seed::repo(&mut state, repo, now)?;
        }
        Ok((
            Self {
                state: Mutex::new(state),
                links: Links::new(root),
                app,
                http,
            },
            tasks,
        ))
    }

    pub(crate) fn user_tokens(&self) -> BTreeMap<String, String> {
        self.lock().user_tokens()
    }

    pub(crate) fn seed_user(&self, seed: &SeedUser, now: Timestamp) -> Result<Value, SeedError> {
        let (id, token) = seed::user(&mut self.lock(), seed, now)?;
        Ok(json!({"id": id, "login": seed.login, "token": token}))
    }

    pub(crate) fn seed_repo(&self, seed: &SeedRepo, now: Timestamp) -> Result<Value, SeedError> {
        let id = seed::repo(&mut self.lock(), seed, now)?;
        Ok(json!({"id": id, "full_name": seed.full_name, "installation_id": seed.installation_id}))
    }

    pub(crate) fn set_webhook(&self, webhook: Webhook) {
        self.lock().webhook = Some(webhook);
    }

    /// Sends a payload outside the queue; `None` without a webhook.
    pub(crate) async fn deliver(&self, payload: Payload, clock: &Clock) -> Option<Value> {
        let (delivery, secret) = {
            let mut state = self.lock();
            let webhook = state.webhook.clone()?;
            let secret = payload.secret.clone().unwrap_or_else(|| webhook.secret.clone());
            (payload.into_delivery(state.next_id()), Webhook { secret, ..webhook })
        };
        let delivery = delivery.attempt(&self.http, &secret, clock).await;
        let said = json!({"delivery": delivery.guid, "status_code": delivery.outcome.as_ref().map_or(0, |outcome| outcome.status)});
        self.lock().record(delivery);
        Some(said)
    }

    /// Waits until the deliveries queued so far were attempted.
    pub(crate) async fn drain(&self) {
        let (done, drained) = oneshot::channel();
        let queued = self.lock().queue.send(Task::Drained(done));
        if queued.is_ok() {
            // A sandbox that stops meanwhile has nothing left to deliver.
            drained.await.unwrap_or_default();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Attempts each queued delivery once, one after the other.
pub(crate) async fn deliver_in_order(world: Arc<World>, mut tasks: UnboundedReceiver<Task>) {
    let github = &world.github;
    while let Some(task) = tasks.recv().await {
        let delivery = match task {
            Task::Deliver(delivery) => delivery,
            Task::Drained(done) => {
                // The one who asked may have gone.
                done.send(()).unwrap_or_default();
                continue;
            }
        };
        let webhook = github.lock().webhook.clone();
        if let Some(webhook) = webhook {
            let delivery: Delivery = delivery.attempt(&github.http, &webhook, &world.clock).await;
            github.lock().record(delivery);
        }
    }
}

/// Answers one request, meets faults, and logs it.
pub(crate) async fn answer(world: &World, request: Request) -> Response {
    let asked = match Asked::read(request).await {
        Ok(asked) => asked,
        Err(refusal) => return refusal.into_response(),
    };
    let (operation, handler) = route::find(&asked);
    let github = &world.github;
    let now = whole_seconds(world.clock.now());
    // Nothing below waits until the answer is made, so a call sees and leaves a consistent state.
    let (account, principal, fault, answer) = {
        let mut state = github.lock();
        let caller = caller::authenticate(&state, github.app.as_ref(), &asked);
        let account = asked.repository(&state);
        let principal = caller.as_ref().ok().and_then(|caller| caller.login(&state));
        let fault = world.faults.meet("github", operation, account.as_deref());
        let answer = match fault.as_ref().and_then(refuse) {
            Some(answer) => Err(answer),
            None => caller.and_then(|caller| {
                handler(&mut Turn {
                    state: &mut state,
                    links: &github.links,
                    caller,
                    asked: &asked,
                    now,
                })
            }),
        };
        (account, principal, fault, answer)
    };
    let kind = fault.as_ref().map(|fault| fault.kind);
    let (status, error) = match &answer {
        Ok(reply) => (reply.status.as_u16(), None),
        Err(refusal) => (refusal.status.as_u16(), Some(refusal.message.clone())),
    };
    world.calls.add(calls::Call {
        at: now,
        service: "github".to_owned(),
        operation: operation.to_owned(),
        account,
        region: None,
        principal,
        status,
        error,
        fault: kind,
        request: json!({"path": asked.path, "query": asked.query, "body": asked.body}),
        effect: asked.changes() && answer.is_ok(),
    });
    faults::send(kind, answer).await
}

/// What the fault answers in place of GitHub; `None` lets the call through.
fn refuse(fault: &Fault) -> Option<Refusal> {
    let message = |default: &str| fault.message.clone().unwrap_or_else(|| default.to_owned());
    Some(match fault.kind {
        Kind::Throttle => Refusal::secondary_rate_limit(message(
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        )),
        Kind::Error => Refusal::new(500, message("Server Error")),
        Kind::AccessDenied => Refusal::new(403, message("Resource not accessible by integration")),
        Kind::Garbage => Refusal::garbage(),
        // The status is for the log only: the answer is never sent.
        Kind::Timeout => Refusal::new(504, message("held without an answer")),
        Kind::LostResponse | Kind::JobFailed => return None,
    })
}

/// GitHub knows no fractions of a second.
fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
