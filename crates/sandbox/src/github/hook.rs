//! Where the App's webhook goes.

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::app::need_jwt;
use super::refusal::Refusal;
use super::turn::{Reply, Turn};
use crate::config::Webhook;

pub(crate) fn get(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    need_jwt(turn)?;
    let webhook = turn.state.webhook.as_ref().ok_or_else(Refusal::not_found)?;
    Ok(Reply::ok(shown(webhook)))
}

#[derive(Deserialize)]
struct Change {
    url: Option<String>,
    secret: Option<String>,
    content_type: Option<String>,
    /// `"0"`, `"1"`, 0 or 1.
    insecure_ssl: Option<Value>,
}

/// Changes what is given. The payload stays JSON, and certificates are checked: other wishes are refused.
pub(crate) fn update(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    need_jwt(turn)?;
    let change: Change = turn.body()?;
    if change.content_type.is_some_and(|kind| kind != "json") {
        return Err(Refusal::invalid("Hook", "content_type", "invalid"));
    }
    if change
        .insecure_ssl
        .is_some_and(|insecure| insecure != 0 && insecure != "0")
    {
        return Err(Refusal::invalid("Hook", "insecure_ssl", "invalid"));
    }
    let url = change
        .url
        .map(|url| Url::parse(&url).map_err(|_| Refusal::invalid("Hook", "url", "invalid")))
        .transpose()?;
    let (old_url, old_secret) = turn
        .state
        .webhook
        .take()
        .map_or((None, String::new()), |webhook| (Some(webhook.url), webhook.secret));
    let webhook = Webhook {
        url: url
            .or(old_url)
            .ok_or_else(|| Refusal::invalid("Hook", "url", "missing_field"))?,
        secret: change.secret.unwrap_or(old_secret),
    };
    let shown = shown(&webhook);
    turn.state.webhook = Some(webhook);
    Ok(Reply::ok(shown))
}

fn shown(webhook: &Webhook) -> Value {
    let mut shown = json!({"url": webhook.url, "content_type": "json", "insecure_ssl": "0"});
    if !webhook.secret.is_empty() {
        shown["secret"] = json!("********");
    }
    shown
}
