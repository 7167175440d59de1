//! The portal of a [`TestApp`] on a loopback port, and who calls it: browsers, programs, GitHub.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use domain::role::Role;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::server::{Limits, serve};
use web::{Settings, Web};

use crate::app::{PASSWORD, WEBHOOK_SECRET, email};
use crate::{Customer, TestApp};

/// A call that takes longer has failed its test.
const PATIENCE: Duration = Duration::from_secs(60);

/// A proxy that every [`Portal`] trusts; [`Portal::browser_at`] it is a browser behind it.
pub const PROXY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 200);

/// The portal, served over TCP as in production; it stops when this is dropped.
pub struct Portal {
    /// Its origin, without a trailing slash.
    pub url: String,
    stop: CancellationToken,
}

impl Portal {
    /// Serves the portal of `t`, and lets the sandbox's GitHub send its webhooks there.
    ///
    /// # Panics
    /// When no port is free, or the sandbox refuses.
    pub async fn start(t: &TestApp) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let stop = CancellationToken::new();
        let settings = Settings {
            public_url: Some(url.parse().expect("an address")),
            secure_cookies: false,
            trusted_proxies: vec![IpAddr::V4(PROXY).into()],
            webhook_secrets: vec![WEBHOOK_SECRET.into()],
        };
        tokio::spawn(app::events::listen(t.cx.clone(), stop.clone()));
        let router = web::router(Web::new(t.cx.clone(), settings, stop.clone()));
        tokio::spawn(serve(listener, router, Limits::default(), stop.clone()));
        let webhook = json!({ "url": format!("{url}/webhooks/github"), "secret": WEBHOOK_SECRET });
        t.control("github/webhook", webhook).await;
        Self { url, stop }
    }

    /// A browser without a session.
    #[must_use]
    pub fn browser(&self) -> Browser {
        self.browser_at(Ipv4Addr::LOCALHOST)
    }

    /// The same at another loopback address: failed sign-ins are counted by address.
    ///
    /// # Panics
    /// Never: the client has no TLS to set up.
    #[must_use]
    pub fn browser_at(&self, address: Ipv4Addr) -> Browser {
        Browser {
            client: client(address),
            url: self.url.clone(),
            cookie: None,
        }
    }

    /// A browser in which the person with that role is signed in: a customer's at that customer, staff for all.
    ///
    /// # Panics
    /// When the sign-in is refused.
    pub async fn signed_in(&self, role: Role, customer: &Customer) -> Browser {
        let tenant = (!role.is_staff()).then_some(customer.tenant.id);
        let mut browser = self.browser();
        let answer = browser.sign_in(&email(role, tenant), PASSWORD).await;
        assert_eq!(answer.status, 303, "{role} signs in: {}", answer.body);
        browser
    }

    /// A program with this API token; an empty one sends none.
    #[must_use]
    pub fn api(&self, token: &str) -> Api {
        Api {
            client: client(Ipv4Addr::LOCALHOST),
            url: self.url.clone(),
            token: token.to_owned(),
        }
    }

    /// Posts a delivery as GitHub does, with the given signature headers.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn webhook(&self, id: &str, event: &str, body: &[u8], signed: &[(&str, &str)]) -> Answer {
        let request = client(Ipv4Addr::LOCALHOST)
            .post(format!("{}/webhooks/github", self.url))
            .header(CONTENT_TYPE, "application/json")
            .header("x-github-delivery", id)
            .header("x-github-event", event)
            .body(body.to_vec());
        let request = signed
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::of(request).await
    }

    /// Posts a delivery that is signed as it should be.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn signed_webhook(&self, id: &str, event: &str, body: &[u8]) -> Answer {
        let signature = signature(WEBHOOK_SECRET, body);
        self.webhook(id, event, body, &[("x-hub-signature-256", &signature)])
            .await
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl TestApp {
    /// Returns once GitHub has sent the webhooks of everything that happened there so far.
    ///
    /// # Panics
    /// When the sandbox does not answer.
    pub async fn webhooks_sent(&self) {
        self.control("github/drain", Value::Null).await;
    }

    async fn control(&self, what: &str, body: Value) {
        let url = format!("{}/_sandbox/{what}", self.sandbox.url);
        let answer = Client::new().post(url).json(&body).send().await;
        answer
            .and_then(reqwest::Response::error_for_status)
            .expect("the sandbox does it");
    }
}

/// The value of `X-Hub-Signature-256`.
///
/// # Panics
/// Never: any secret is a key.
#[must_use]
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length will do");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn client(address: Ipv4Addr) -> Client {
    Client::builder()
        .redirect(redirect::Policy::none())
        .local_address(IpAddr::V4(address))
        .timeout(PATIENCE)
        .build()
        .expect("a client without TLS")
}

/// A browser: it keeps the session's cookie and says where its requests come from. It follows no redirect.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    url: String,
    /// `name=value` of the session, as the portal set it last.
    pub cookie: Option<String>,
}

impl Browser {
    /// Opens a page. `path` may carry a query.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// Sends a form of our own pages.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let came_from = [("sec-fetch-site", "same-origin"), ("origin", &self.url)];
        self.post_from(path, form, &came_from).await
    }

    /// Sends a form with these headers about where it came from.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn post_from(&self, path: &str, form: &[(&str, &str)], from: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path).form(form);
        let request = from
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::of(request).await
    }

    /// Sends a form of our own pages with a file in its field `file`.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn post_file(&self, path: &str, form: &[(&str, &str)], name: &str, file: Vec<u8>) -> Answer {
        const BOUNDARY: &str = "holdfast-boundary";
        let mut body = Vec::new();
        let mut part = |head: String, content: &[u8]| {
            body.extend_from_slice(
                format!("--{BOUNDARY}\r\ncontent-disposition: form-data; {head}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        };
        for (field, text) in form {
            part(format!("name=\"{field}\""), text.as_bytes());
        }
        part(format!("name=\"file\"; filename=\"{name}\""), &file);
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let request = self
            .request(Method::POST, path)
            .header(CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
            .header("sec-fetch-site", "same-origin")
            .header("origin", &self.url);
        Answer::of(request.body(body)).await
    }

    /// Signs in, and keeps the new session.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        let answer = self.post("/login", &[("email", email), ("password", password)]).await;
        if let Some(cookie) = answer.headers.get(SET_COOKIE) {
            let cookie = cookie.to_str().expect("a cookie is ASCII");
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        answer
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        match &self.cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }
}

/// A program that calls the JSON API.
#[derive(Clone)]
pub struct Api {
    client: Client,
    url: String,
    token: String,
}

impl Api {
    /// Reads. `path` is below `/api/v1` and may carry a query.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// Posts JSON; `null` posts nothing.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, body, &[]).await
    }

    /// Posts JSON with further headers.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn post_with(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, body, headers).await
    }

    /// Patches with JSON and further headers.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn patch(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::PATCH, path, body, headers).await
    }

    async fn send(&self, method: Method, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let request = self.request(method, path);
        let request = if body.is_null() { request } else { request.json(body) };
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::of(request).await
    }

    /// Puts JSON with further headers.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn put(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::PUT, path).json(body);
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::of(request).await
    }

    /// Deletes.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}/api/v1{path}", self.url));
        if self.token.is_empty() {
            request
        } else {
            request.header(AUTHORIZATION, format!("Bearer {}", self.token))
        }
    }
}

/// What the portal answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body as text; empty for an event stream, which never ends.
    pub body: String,
}

impl Answer {
    async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the portal answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let streams = headers
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind == "text/event-stream");
        let body = if streams {
            String::new()
        } else {
            response.text().await.expect("a whole body")
        };
        Self { status, headers, body }
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none; shows it.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{}: {error}: {}", self.status, self.body))
    }

    /// A header's text; empty when it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// Where it redirects to; empty when it does not.
    #[must_use]
    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// Status, headers and body, but for what differs between any two answers: the date and the request's id.
    #[must_use]
    pub fn comparable(&self) -> (u16, Vec<(String, String)>, &str) {
        let mut headers: Vec<_> = self
            .headers
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "date" | "x-request-id"))
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.to_string(), value)
            })
            .collect();
        headers.sort();
        (self.status, headers, &self.body)
    }
}
