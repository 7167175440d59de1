//! Posts that carry an `Idempotency-Key` are carried out once.

use domain::digest::Digest;
use jiff::SignedDuration;
use serde_json::json;
use store::Connection;
use store::idempotency::Answer;
use uuid::Uuid;

use crate::{Actor, AppError, Cx};

/// For how long a key is known.
const LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The key of a post, and the digest of what was posted.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// As the client chose it.
    pub key: String,
    /// Of method, path and body.
    pub request: Digest,
}

/// What the same post made before, if it was carried out before.
///
/// # Errors
/// [`AppError::KeyReused`] when another request came under the key.
pub(crate) async fn earlier(
    tx: &mut Connection,
    actor: &Actor,
    key: Option<&Idempotency>,
) -> Result<Option<Uuid>, AppError> {
    let Some(key) = key else { return Ok(None) };
    let Some(answer) = store::idempotency::find(tx, actor.user, &key.key).await? else {
        return Ok(None);
    };
    if answer.request_digest != key.request.to_string() {
        return Err(AppError::KeyReused);
    }
    Ok(answer
        .response
        .get("id")
        .and_then(|id| id.as_str())
        .and_then(|id| id.parse().ok()))
}

/// Remembers what a post made, in the transaction that makes it.
pub(crate) async fn remember(
    cx: &Cx,
    tx: &mut Connection,
    actor: &Actor,
    key: Option<&Idempotency>,
    made: Uuid,
) -> Result<(), AppError> {
    let Some(key) = key else { return Ok(()) };
    let answer = Answer {
        request_digest: key.request.to_string(),
        response: json!({ "id": made }),
    };
    match store::idempotency::save(tx, actor.user, &key.key, &answer, cx.now()).await {
        Err(store::StoreError::Exists { .. }) => Err(AppError::Conflict),
        other => Ok(other?),
    }
}

/// Forgets the keys that are over a week old.
pub(crate) async fn purge(cx: &Cx, tx: &mut Connection) -> Result<(), AppError> {
    Ok(store::idempotency::purge(tx, cx.now() - LIFE).await?)
}
