//! Signing in, and who a session or a token belongs to.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::digest::Digest;
use domain::export::KEPT;
use domain::id::TenantId;
use domain::scope_change::normalise;
use domain::tenant::TenantScope;
use jiff::{SignedDuration, Timestamp};
use rand::Rng as _;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use store::user::Grant;
use store::{Connection, SignedIn};

use crate::{Actor, AppError, Cx};

/// A session ends this long after sign-in …
const ABSOLUTE: SignedDuration = SignedDuration::from_hours(12);
/// … or this long after its last use.
const IDLE: SignedDuration = SignedDuration::from_hours(1);
/// Failed sign-ins of one person or one address within [`WINDOW`] that are answered.
const MAX_FAILURES: i32 = 10;
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Bytes of the longest e-mail address that mail can be sent to (RFC 5321): nobody has a longer one.
const MAX_EMAIL: usize = 254;

/// A new session's secret: 256 bits for the cookie. Only its hash is stored.
pub struct SessionToken(String);

impl SessionToken {
    /// The text for the cookie.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// 256 random bits as text.
pub(crate) fn random_token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Signs in. The session that the browser had before, if any, is dead afterwards. Failures count for the person, and
/// for the network address where it is known.
///
/// # Errors
/// [`AppError::SignIn`], the same for an unknown person, a wrong password and too many attempts;
/// [`AppError::Busy`].
pub async fn sign_in(
    cx: &Cx,
    email: &str,
    password: SecretString,
    address: Option<IpAddr>,
    previous: Option<&str>,
) -> Result<SessionToken, AppError> {
    let (now, email) = (cx.now(), &normalise(email));
    let person = format!("email:{}", Digest::of_bytes(email.to_lowercase().as_bytes()));
    let keys: Vec<String> = std::iter::once(person.clone())
        .chain(address.map(|address| format!("address:{address}")))
        .collect();
    let mut tx = cx.db.begin_global().await?;
    let mut locked = false;
    for key in &keys {
        locked |= store::user::sign_in_failures(&mut tx, key, WINDOW, now).await? >= MAX_FAILURES;
    }
    let user = if email.len() <= MAX_EMAIL {
        store::user::by_email(&mut tx, email).await?
    } else {
        None
    };
    tx.commit().await?;

    // A locked person's password is checked all the same: the answer takes as long.
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = cx.passwords.verify(password, hash).await?;
    let mut tx = cx.db.begin_global().await?;
    let Some(user) = user.filter(|_| right && !locked) else {
        for key in &keys {
            store::user::count_sign_in_failure(&mut tx, key, WINDOW, now).await?;
        }
        tx.commit().await?;
        tracing::warn!(
            address = address.map(tracing::field::display),
            locked,
            "A sign-in failed"
        );
        return Err(AppError::SignIn);
    };
    store::user::clear_sign_in_failures(&mut tx, &person).await?;
    if let Some(previous) = previous {
        store::session::delete(&mut tx, &token_hash(previous)).await?;
    }
    let token = SessionToken(random_token());
    store::session::insert(&mut tx, &token_hash(&token.0), user.id, now, now + ABSOLUTE).await?;
    tx.commit().await?;
    tracing::info!(user.id = %user.id, "Signed in");
    Ok(token)
}

/// Ends a session.
///
/// # Errors
/// [`AppError::Store`].
pub async fn sign_out(cx: &Cx, token: &str) -> Result<(), AppError> {
    let mut tx = cx.db.begin_global().await?;
    store::session::delete(&mut tx, &token_hash(token)).await?;
    Ok(tx.commit().await?)
}

/// Forgets the sessions and the failed sign-ins that no longer count.
pub(crate) async fn purge(cx: &Cx, tx: &mut Connection) -> Result<(), AppError> {
    let now = cx.now();
    store::session::purge(tx, now, now - IDLE).await?;
    store::user::purge_sign_in_failures(tx, WINDOW, now).await?;
    Ok(())
}

/// The person of a session that is neither over nor idle; `None`: sign in.
///
/// # Errors
/// [`AppError::Store`].
pub async fn authenticate(cx: &Cx, token: &str) -> Result<Option<Actor>, AppError> {
    let (hash, now) = (token_hash(token), cx.now());
    let mut tx = cx.db.begin_global().await?;
    let Some(person) = store::session::resume(&mut tx, &hash, now, now - IDLE).await? else {
        return Ok(None);
    };
    let actor = actor(cx, &mut tx, person).await?;
    tx.commit().await?;
    Ok(Some(actor))
}

/// The person of an API token; `None`: it is unknown or expired.
///
/// # Errors
/// [`AppError::Store`].
pub async fn authenticate_token(cx: &Cx, token: &str) -> Result<Option<Actor>, AppError> {
    let mut tx = cx.db.begin_global().await?;
    let Some(person) = store::api_token::find(&mut tx, &token_hash(token), cx.now()).await? else {
        return Ok(None);
    };
    Ok(Some(actor(cx, &mut tx, person).await?))
}

async fn actor(cx: &Cx, tx: &mut Connection, person: SignedIn) -> Result<Actor, AppError> {
    let mut grants = person.grants;
    let everywhere = grants
        .iter()
        .any(|grant| grant.tenant.is_none() && grant.role.is_staff());
    let (scope, ended) = if everywhere {
        let all = store::tenant::all_with_end(tx).await?;
        let ended = all.iter().filter(|(_, end)| end.is_some()).map(|(tenant, _)| *tenant);
        let ended = ended.collect();
        (TenantScope::of(all.into_iter().map(|(tenant, _)| tenant)), ended)
    } else {
        // A customer's people may read for a while after its end; the provider's go on.
        let closed = |grant: &Grant| {
            let over = |(tenant, at): &(TenantId, Timestamp)| Some(*tenant) == grant.tenant && *at + KEPT <= cx.now();
            !grant.role.is_staff() && person.ended.iter().any(over)
        };
        grants.retain(|grant| !closed(grant));
        let scope = TenantScope::of(grants.iter().filter_map(|grant| grant.tenant));
        (scope, person.ended.into_iter().map(|(tenant, _)| tenant).collect())
    };
    Ok(Actor {
        user: person.user,
        email: person.email,
        display_name: person.display_name,
        grants,
        scope,
        ended,
    })
}
