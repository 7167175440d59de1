//! GitHub: a subset of its REST API, one App, and that App's webhooks.

mod answer;
mod app;
mod asked;
mod caller;
mod comment;
mod condition;
pub(crate) mod control;
mod deliveries;
mod delivery;
mod hook;
mod installation;
mod issue;
mod issue_move;
mod label;
mod moved;
mod page;
mod permission;
mod rate;
mod refusal;
mod repo;
mod repo_label;
mod route;
mod seed;
mod show;
mod state;
mod turn;
mod user;
mod webhook;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

pub(crate) use self::answer::answer;
pub use self::seed::SeedError;

use self::caller::AppKey;
use self::delivery::{Payload, Task};
use self::show::Links;
use self::state::State;
use crate::clock::Clock;
use crate::config::{Config, SeedRepo, SeedUser, Webhook};
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
        let (delivery, webhook, app) = {
            let mut state = self.lock();
            let webhook = state.webhook.clone()?;
            let secret = payload.secret.clone().unwrap_or_else(|| webhook.secret.clone());
            (
                payload.into_delivery(state.next_id()),
                Webhook { secret, ..webhook },
                state.app,
            )
        };
        let delivery = delivery.attempt(&self.http, &webhook, app, clock).await;
        let said = json!({"delivery": delivery.guid, "status_code": delivery.outcome.as_ref().map_or(0, |outcome| outcome.status)});
        self.lock().deliveries.record(delivery, clock.now());
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
        let (webhook, app) = {
            let state = github.lock();
            (state.webhook.clone(), state.app)
        };
        if let Some(webhook) = webhook {
            let delivery = delivery.attempt(&github.http, &webhook, app, &world.clock).await;
            github.lock().deliveries.record(delivery, world.clock.now());
        }
    }
}

/// GitHub knows no fractions of a second.
fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
