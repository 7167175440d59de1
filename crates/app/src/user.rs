//! People, their roles and tokens: here as the command line, the demo and the tests manage them, in `manage` as an
//! administrator does.

mod manage;

use domain::id::{TenantId, UserId};
use domain::role::Role;
use jiff::SignedDuration;
use secrecy::SecretString;
use serde_json::json;
use store::user::{Grant, User};
use uuid::Uuid;

use crate::session::{random_token, token_hash};
use crate::{AppError, By, Cx, audit};

pub use manage::{
    Created, Filter, NewPerson, Person, create_person, disable_person, enable_person, get, grant, list, reset, revoke,
    revoke_one, tokens,
};
pub use store::api_token::ApiToken;

/// Adds a person with their roles: each for one tenant, or (`None`, staff only) for all.
///
/// # Errors
/// [`AppError::Store`] when the e-mail address is taken.
pub async fn create(
    cx: &Cx,
    email: &str,
    display_name: &str,
    password: SecretString,
    roles: &[(Role, Option<TenantId>)],
) -> Result<UserId, AppError> {
    let password_hash = cx.passwords.hash(password).await?;
    let now = cx.now();
    let user = User {
        id: UserId::at(now),
        email: email.to_lowercase(),
        display_name: display_name.to_owned(),
        password_hash,
    };
    let mut tx = cx.db.begin_global().await?;
    store::user::insert(&mut tx, &user, now).await?;
    for (role, tenant) in roles {
        store::user::grant(
            &mut tx,
            user.id,
            Grant {
                role: *role,
                tenant: *tenant,
            },
        )
        .await?;
    }
    let detail = json!({ "email": user.email });
    audit::record_platform(cx, &mut tx, &By::holdfast(), "user.created", user.id.0, detail).await?;
    tx.commit().await?;
    Ok(user.id)
}

/// Replaces a person's password; all their sessions end.
///
/// # Errors
/// [`AppError::NotFound`] when nobody has that e-mail address.
pub async fn reset_password(cx: &Cx, email: &str, password: SecretString) -> Result<(), AppError> {
    let password_hash = cx.passwords.hash(password).await?;
    let mut tx = cx.db.begin_global().await?;
    let user = store::user::by_email(&mut tx, email).await?.ok_or(AppError::NotFound)?;
    store::user::set_password(&mut tx, user.id, &password_hash).await?;
    store::session::delete_all(&mut tx, user.id).await?;
    let detail = json!({ "email": user.email });
    audit::record_platform(cx, &mut tx, &By::holdfast(), "user.password-reset", user.id.0, detail).await?;
    Ok(tx.commit().await?)
}

/// Disables a person; all their sessions and tokens end.
///
/// # Errors
/// [`AppError::NotFound`] when nobody has that e-mail address.
pub async fn disable(cx: &Cx, email: &str) -> Result<(), AppError> {
    let mut tx = cx.db.begin_global().await?;
    let user = store::user::by_email(&mut tx, email).await?.ok_or(AppError::NotFound)?;
    store::user::disable(&mut tx, user.id, cx.now()).await?;
    let detail = json!({ "email": user.email });
    audit::record_platform(cx, &mut tx, &By::holdfast(), "user.disabled", user.id.0, detail).await?;
    Ok(tx.commit().await?)
}

/// Makes an API token (`hf_…`) that acts as the person with that e-mail address; it ends after `life`, if that is
/// given. It is shown once; only its hash is stored.
///
/// # Errors
/// [`AppError::NotFound`] when nobody has that e-mail address.
pub async fn create_token(cx: &Cx, email: &str, name: &str, life: Option<SignedDuration>) -> Result<String, AppError> {
    let mut tx = cx.db.begin_global().await?;
    let user = store::user::by_email(&mut tx, email).await?.ok_or(AppError::NotFound)?;
    let (token, now) = (format!("hf_{}", random_token()), cx.now());
    let expires_at = life.map(|life| now + life);
    store::api_token::insert(
        &mut tx,
        &token_hash(&token),
        Uuid::now_v7(),
        user.id,
        name,
        now,
        expires_at,
    )
    .await?;
    let detail = json!({ "email": user.email, "token": name, "expires_at": expires_at });
    audit::record_platform(cx, &mut tx, &By::holdfast(), "user.token-made", user.id.0, detail).await?;
    tx.commit().await?;
    Ok(token)
}

/// Ends the person's API tokens of that name at once, and says how many there were.
///
/// # Errors
/// [`AppError::NotFound`] when nobody has that e-mail address.
pub async fn revoke_token(cx: &Cx, email: &str, name: &str) -> Result<u64, AppError> {
    let mut tx = cx.db.begin_global().await?;
    let user = store::user::by_email(&mut tx, email).await?.ok_or(AppError::NotFound)?;
    let revoked = store::api_token::delete(&mut tx, user.id, name).await?;
    if revoked > 0 {
        let detail = json!({ "email": user.email, "token": name });
        audit::record_platform(cx, &mut tx, &By::holdfast(), "user.token-revoked", user.id.0, detail).await?;
    }
    tx.commit().await?;
    Ok(revoked)
}
