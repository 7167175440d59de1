//! What every handler can reach.

use std::sync::Arc;

use app::Cx;
use axum::extract::FromRef;
use ipnet::IpNet;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How the portal is reached, and whose webhooks it takes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The origin of the pages, as browsers see it; `None`: whatever the `Host` header says.
    pub public_url: Option<Url>,
    /// Whether browsers reach us over HTTPS only. Without it, the session cookie also goes over plain HTTP:
    /// for loopback.
    pub secure_cookies: bool,
    /// Proxies in front of us: their `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Secrets of the GitHub App's webhook; several while one is rotated.
    pub webhook_secrets: Vec<SecretString>,
}

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct Web {
    pub(crate) cx: Cx,
    pub(crate) settings: Arc<Settings>,
    /// Ends the event streams, which would otherwise outlast a graceful stop.
    pub(crate) stop: CancellationToken,
}

impl Web {
    /// Puts the parts together. `stop` is the token that [`crate::server::serve`] is given.
    #[must_use]
    pub fn new(cx: Cx, settings: Settings, stop: CancellationToken) -> Self {
        Self {
            cx,
            settings: Arc::new(settings),
            stop,
        }
    }
}

impl FromRef<Web> for Cx {
    fn from_ref(web: &Web) -> Self {
        web.cx.clone()
    }
}
