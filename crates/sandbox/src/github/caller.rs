//! Who calls, by their token.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use super::asked::Asked;
use super::refusal::Refusal;
use super::state::{State, Token};
use crate::clock;
use crate::config::App;

/// Longest life of an App's JWT, in seconds.
const JWT_LIFE: i64 = 600;
/// GitHub forgives clocks that run a minute ahead.
const DRIFT: i64 = 60;

/// An authenticated caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Caller {
    /// By user id.
    User(u64),
    /// By JWT.
    App,
    /// By installation token.
    Installation(u64),
}

impl Caller {
    pub(crate) fn login(self, state: &State) -> Option<String> {
        let user = match self {
            Self::User(user) => user,
            Self::App | Self::Installation(_) => state.bot,
        };
        state.users.get(&user).map(|user| user.login.clone())
    }
}

/// The App, with the key that checks its JWTs.
pub(crate) struct AppKey {
    pub(crate) id: u64,
    key: DecodingKey,
}

#[derive(Deserialize)]
struct Claims {
    /// A number or a string.
    iss: Value,
    iat: i64,
    exp: i64,
}

impl AppKey {
    pub(crate) fn new(app: &App) -> Result<Self, jsonwebtoken::errors::Error> {
        Ok(Self {
            id: app.id,
            key: DecodingKey::from_rsa_pem(app.public_key_pem.as_bytes())?,
        })
    }

    /// Checks signature, issuer and times at wall time `now`.
    fn check(&self, jwt: &str, now: Timestamp) -> Result<(), Refusal> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.required_spec_claims.clear();
        // The times are checked below, in GitHub's words.
        validation.validate_exp = false;
        let undecodable = |_| Refusal::new(401, "A JSON web token could not be decoded");
        let claims = jsonwebtoken::decode::<Claims>(jwt, &self.key, &validation)
            .map_err(undecodable)?
            .claims;
        let now = now.as_second();
        if claims.iss != self.id && claims.iss.as_str() != Some(&self.id.to_string()) {
            return Err(Refusal::new(401, "'Issuer' claim ('iss') must be an Integer"));
        }
        if claims.exp <= now {
            return Err(Refusal::new(
                401,
                "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
            ));
        }
        if claims.exp > now + JWT_LIFE + DRIFT || claims.exp - claims.iat > JWT_LIFE + DRIFT {
            return Err(Refusal::new(
                401,
                "'Expiration time' claim ('exp') is too far in the future",
            ));
        }
        if claims.iat > now + DRIFT {
            return Err(Refusal::new(
                401,
                "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
            ));
        }
        Ok(())
    }
}

/// By wall time: real clients sign by their own clock.
pub(crate) fn authenticate(state: &State, app: Option<&AppKey>, asked: &Asked) -> Result<Caller, Refusal> {
    let token = asked
        .token
        .as_deref()
        .ok_or_else(|| Refusal::new(401, "Requires authentication"))?;
    let now = clock::wall();
    match state.tokens.get(token) {
        Some(Token::User(user)) => Ok(Caller::User(*user)),
        Some(Token::Installation {
            installation,
            expires_at,
        }) if *expires_at > now => working(state, *installation),
        Some(Token::Installation { .. }) => Err(Refusal::bad_credentials()),
        None if token.split('.').count() == 3 => {
            app.ok_or_else(|| Refusal::new(404, "Integration not found"))?
                .check(token, now)?;
            Ok(Caller::App)
        }
        None => Err(Refusal::bad_credentials()),
    }
}

/// The installation, unless it was suspended or deleted since.
fn working(state: &State, installation: u64) -> Result<Caller, Refusal> {
    let found = state
        .installations
        .get(&installation)
        .ok_or_else(Refusal::bad_credentials)?;
    match found.suspended {
        None => Ok(Caller::Installation(installation)),
        Some(_) => Err(Refusal::suspended()),
    }
}
