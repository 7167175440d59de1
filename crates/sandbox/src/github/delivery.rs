//! One delivery of a webhook: signed, attempted once, and shown.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use axum::http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::show::time;
use crate::clock::Clock;
use crate::config::Webhook;

/// GitHub gives a receiver ten seconds.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Characters of a receiver's answer that are kept.
const ANSWER_KEPT: usize = 4_096;

/// The App's only webhook.
const HOOK: u64 = 1;

/// What the queue holds.
pub(crate) enum Task {
    Deliver(Box<Delivery>),
    /// Answered when everything before it was attempted.
    Drained(oneshot::Sender<()>),
}

/// One attempt to deliver an event.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) id: u64,
    /// The same for every attempt of one event.
    pub(crate) guid: String,
    pub(crate) event: String,
    pub(crate) action: Option<String>,
    pub(crate) installation: Option<u64>,
    pub(crate) repository: Option<u64>,
    pub(crate) redelivery: bool,
    /// The raw body that is signed and sent.
    pub(crate) payload: String,
    /// `None`: not attempted yet.
    pub(crate) outcome: Option<Outcome>,
}

#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) at: Timestamp,
    took: Duration,
    /// 502 where nobody answered, 504 where the answer took too long.
    pub(crate) status: u16,
    request_headers: BTreeMap<String, String>,
    response_headers: BTreeMap<String, String>,
    answer: String,
}

/// A payload that a test sends as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payload {
    event: String,
    /// A string is sent raw, anything else as JSON.
    body: Value,
    /// `None`: the webhook's own.
    pub(crate) secret: Option<String>,
    /// `None`: a new GUID.
    delivery: Option<String>,
}

impl Payload {
    pub(crate) fn into_delivery(self, id: u64) -> Delivery {
        let action = self.body.get("action").and_then(Value::as_str).map(str::to_owned);
        Delivery {
            id,
            guid: self.delivery.unwrap_or_else(|| Uuid::new_v4().to_string()),
            event: self.event,
            action,
            installation: self.body.pointer("/installation/id").and_then(Value::as_u64),
            repository: self.body.pointer("/repository/id").and_then(Value::as_u64),
            redelivery: false,
            payload: match self.body {
                Value::String(raw) => raw,
                json => json.to_string(),
            },
            outcome: None,
        }
    }
}

impl Delivery {
    /// As if nobody had taken it; nothing is sent.
    pub(crate) fn lost(self, now: Timestamp) -> Self {
        let outcome = Outcome {
            at: now,
            took: Duration::ZERO,
            status: 502,
            request_headers: BTreeMap::new(),
            response_headers: BTreeMap::new(),
            answer: String::new(),
        };
        Self {
            outcome: Some(outcome),
            ..self
        }
    }

    /// Posts the payload once, signed; the outcome is in the delivery that is returned.
    pub(crate) async fn attempt(
        mut self,
        http: &reqwest::Client,
        webhook: &Webhook,
        app: Option<u64>,
        clock: &Clock,
    ) -> Self {
        let mut headers = BTreeMap::from([
            (ACCEPT.as_str().to_owned(), "*/*".to_owned()),
            (CONTENT_TYPE.as_str().to_owned(), "application/json".to_owned()),
            (USER_AGENT.as_str().to_owned(), "GitHub-Hookshot/5a4d0b1".to_owned()),
            ("x-github-delivery".to_owned(), self.guid.clone()),
            ("x-github-event".to_owned(), self.event.clone()),
            ("x-github-hook-id".to_owned(), HOOK.to_string()),
            (
                "x-github-hook-installation-target-id".to_owned(),
                app.unwrap_or_default().to_string(),
            ),
            (
                "x-github-hook-installation-target-type".to_owned(),
                "integration".to_owned(),
            ),
        ]);
        if !webhook.secret.is_empty() {
            let signature = signature(&webhook.secret, &self.payload);
            headers.insert("x-hub-signature-256".to_owned(), signature);
        }
        let request = headers.iter().fold(
            http.post(webhook.url.clone()).timeout(TIMEOUT),
            |request, (name, value)| request.header(name, value),
        );
        let started = Instant::now();
        let (status, response_headers, answer) = match request.body(self.payload.clone()).send().await {
            Ok(response) => {
                let shown = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                    (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                };
                let (status, headers) = (
                    response.status().as_u16(),
                    response.headers().iter().map(shown).collect(),
                );
                (
                    status,
                    headers,
                    response.text().await.unwrap_or_else(|error| error.to_string()),
                )
            }
            Err(error) => (
                if error.is_timeout() { 504 } else { 502 },
                BTreeMap::new(),
                error.to_string(),
            ),
        };
        self.outcome = Some(Outcome {
            at: clock.now(),
            took: started.elapsed(),
            status,
            request_headers: headers,
            response_headers,
            answer: answer.chars().take(ANSWER_KEPT).collect(),
        });
        if !self.was_taken() {
            tracing::info!(
                delivery = self.guid,
                event = self.event,
                status,
                "A webhook was not taken"
            );
        }
        self
    }

    /// Whether the receiver answered with a success.
    pub(crate) fn was_taken(&self) -> bool {
        let status = self.outcome.as_ref().map(|outcome| outcome.status);
        status.is_some_and(|status| (200..300).contains(&status))
    }

    /// As it is listed; `None` before it was attempted.
    pub(crate) fn shown(&self) -> Option<Value> {
        let outcome = self.outcome.as_ref()?;
        let status = match outcome.status {
            200..300 => "OK".to_owned(),
            502 => "failed to connect to host".to_owned(),
            504 => "timed out".to_owned(),
            other => format!("Invalid HTTP Response: {other}"),
        };
        Some(json!({
            "id": self.id,
            "guid": self.guid,
            "delivered_at": time(outcome.at),
            "redelivery": self.redelivery,
            "duration": outcome.took.as_secs_f64(),
            "status": status,
            "status_code": outcome.status,
            "event": self.event,
            "action": self.action,
            "installation_id": self.installation,
            "repository_id": self.repository,
            "throttled_at": null,
        }))
    }

    /// With request and response.
    pub(crate) fn shown_whole(&self, url: Option<&str>) -> Option<Value> {
        let (mut shown, outcome) = (self.shown()?, self.outcome.as_ref()?);
        shown["url"] = json!(url.unwrap_or_default());
        // What was sent raw may be no JSON.
        let payload = serde_json::from_str::<Value>(&self.payload)
            .ok()
            .filter(Value::is_object);
        shown["request"] = json!({"headers": outcome.request_headers, "payload": payload});
        shown["response"] = json!({"headers": outcome.response_headers, "payload": outcome.answer});
        Some(shown)
    }
}

fn signature(secret: &str, payload: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(payload.as_bytes());
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}
