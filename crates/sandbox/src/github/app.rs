//! The App: itself, and its installations' tokens.

use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use super::caller::Caller;
use super::installation;
use super::refusal::Refusal;
use super::show::time;
use super::state::Token;
use super::turn::{Reply, Turn};
use super::webhook::SUBSCRIBED;
use crate::clock;

/// An installation token's life.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// The App's name in addresses; its bot is `{slug}[bot]`.
pub(crate) fn slug(id: u64) -> String {
    format!("app-{id}")
}

/// What each installation grants.
pub(crate) fn permissions() -> Value {
    json!({"issues": "write", "metadata": "read"})
}

/// Events that the App subscribes to.
pub(crate) fn events() -> Vec<&'static str> {
    SUBSCRIBED.iter().map(|(event, _)| *event).collect()
}

/// Only a JWT reaches the App's own endpoints.
pub(crate) fn need_jwt(turn: &Turn<'_>) -> Result<(), Refusal> {
    match turn.caller {
        Caller::App => Ok(()),
        Caller::User(_) | Caller::Installation(_) => Err(Refusal::new(401, "A JSON web token could not be decoded")),
    }
}

pub(crate) fn get(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    need_jwt(turn)?;
    Ok(Reply::ok(turn.links.app(turn.state)))
}

pub(crate) fn create_token(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let installation = installation::find(turn)?;
    if installation.suspended.is_some() {
        return Err(Refusal::suspended());
    }
    let installation = installation.id;
    let token = format!("ghs_{}", Uuid::new_v4().simple());
    let now = clock::wall();
    let expires_at = now + TOKEN_LIFE;
    turn.state
        .tokens
        .retain(|_, token| !matches!(token, Token::Installation { expires_at, .. } if *expires_at <= now));
    turn.state.tokens.insert(
        token.clone(),
        Token::Installation {
            installation,
            expires_at,
        },
    );
    Ok(Reply::created(json!({
        "token": token,
        "expires_at": time(expires_at),
        "permissions": permissions(),
        "repository_selection": "selected",
    })))
}
