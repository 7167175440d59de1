//! Passwords: argon2id (19 MiB, t=2, p=1), a few at a time so that sign-ins cannot starve the pages.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::AppError;

/// Hashes computed at once; each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Sign-ins that may wait for their turn.
const WAITING: usize = 64;

#[derive(Clone)]
pub(crate) struct Passwords {
    computing: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Verified against when there is no such person, so that the answer takes as long.
    nobody: Arc<str>,
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("the parameters are argon2's recommended ones");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &[u8]) -> String {
    argon2()
        .hash_password(password)
        .expect("argon2 hashes any password of allowed length")
        .to_string()
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self {
            computing: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(WAITING)),
            nobody: hash_now(uuid::Uuid::new_v4().as_bytes()).into(),
        }
    }

    /// The PHC string of a password.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, AppError> {
        self.compute(move || hash_now(password.expose_secret().as_bytes()))
            .await
    }

    /// Whether the password is the one of the hash; `None`: there is no such person, and it takes as long.
    pub(crate) async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool, AppError> {
        let nobody = Arc::clone(&self.nobody);
        self.compute(move || {
            let text = hash.as_deref().unwrap_or(&nobody);
            let right = PasswordHash::new(text).is_ok_and(|parsed| {
                argon2()
                    .verify_password(password.expose_secret().as_bytes(), &parsed)
                    .is_ok()
            });
            right && hash.is_some()
        })
        .await
    }

    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
        let busy = || AppError::Busy {
            retry_after: SignedDuration::from_secs(2),
        };
        let _waiting = self.waiting.try_acquire().map_err(|_| busy())?;
        let _turn = self.computing.acquire().await.map_err(|_| busy())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| busy())
    }
}
