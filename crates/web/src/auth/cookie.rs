//! The cookie that carries a session's token.

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::state::Settings;

/// `__Host-`: the browser takes it over HTTPS only, for this host only.
const SECURE_NAME: &str = "__Host-holdfast";
const PLAIN_NAME: &str = "holdfast";

const fn name(settings: &Settings) -> &'static str {
    if settings.secure_cookies {
        SECURE_NAME
    } else {
        PLAIN_NAME
    }
}

/// The token that the browser sent.
pub(super) fn token<'a>(settings: &Settings, jar: &'a CookieJar) -> Option<&'a str> {
    jar.get(name(settings)).map(Cookie::value)
}

/// The cookie of a new session. It ends with the browser, and the session at the latest when it expires.
pub(super) fn issued(settings: &Settings, token: &str) -> Cookie<'static> {
    Cookie::build((name(settings), token.to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(settings.secure_cookies)
        .build()
}

/// Makes the browser forget the session.
pub(super) fn removed(settings: &Settings, jar: CookieJar) -> CookieJar {
    jar.remove(issued(settings, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_script_no_other_site_and_no_other_host_gets_the_session() {
        let settings = Settings {
            public_url: None,
            secure_cookies: true,
            trusted_proxies: Vec::new(),
            webhook_secrets: Vec::new(),
        };
        let cookie = issued(&settings, "token").to_string();
        assert_eq!(cookie, "__Host-holdfast=token; HttpOnly; SameSite=Lax; Secure; Path=/");
    }
}
