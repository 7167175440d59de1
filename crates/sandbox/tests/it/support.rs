//! A sandbox with a few people, and a receiver of its webhooks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::UNIX_EPOCH;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use sandbox::{App, Config, Running, SeedRepo, SeedUser, Webhook};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

pub(crate) const APP: u64 = 42;
pub(crate) const INSTALLATION: u64 = 77;
pub(crate) const SECRET: &str = "hook secret";
pub(crate) const REPO: &str = "/repos/acme/backups";

/// A sandbox, and whoever talks to it.
///
/// `alice` reads, `bob` writes to and `carol` administers `acme/backups`, where the App is installed; `carol/secret` is private,
/// `carol/open` is not.
pub(crate) struct World {
    pub(crate) running: Running,
    pub(crate) http: Client,
    app_key: EncodingKey,
    pub(crate) hooks: Receiver,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl World {
    pub(crate) async fn start() -> Self {
        let (app_key, public_key_pem) = key_pair();
        let hooks = Receiver::start().await;
        let user = |login: &str, id| SeedUser {
            login: login.to_owned(),
            id: Some(id),
            token: Some(format!("{login}-token")),
        };
        let repo = |full_name: &str, id| SeedRepo {
            full_name: full_name.to_owned(),
            id: Some(id),
            ..SeedRepo::default()
        };
        let config = Config {
            app: Some(App {
                id: APP,
                public_key_pem,
            }),
            webhook: Some(Webhook {
                url: hooks.url.parse().unwrap(),
                secret: SECRET.to_owned(),
            }),
            users: vec![user("alice", 1), user("bob", 2), user("carol", 3)],
            repos: vec![
                SeedRepo {
                    installation_id: Some(INSTALLATION),
                    collaborators: [("bob", "write"), ("carol", "admin")]
                        .map(|(login, permission)| (login.to_owned(), permission.to_owned()))
                        .into(),
                    ..repo("acme/backups", 10)
                },
                SeedRepo {
                    private: true,
                    ..repo("carol/secret", 11)
                },
                repo("carol/open", 12),
            ],
            ..Config::default()
        };
        let running = sandbox::start(config).await.unwrap();
        Self {
            running,
            http: Client::builder().no_proxy().redirect(Policy::none()).build().unwrap(),
            app_key,
            hooks,
        }
    }

    /// Calls the GitHub API.
    pub(crate) async fn call(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Got {
        got(self.send(method, path, token, body).await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Got {
        self.call("GET", path, token, None).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> reqwest::Result<Response> {
        let request = self.http.request(
            Method::from_bytes(method.as_bytes()).unwrap(),
            format!("{}{path}", self.running.github_url),
        );
        let request = request.header("authorization", format!("token {token}"));
        match body {
            Some(body) => request.json(&body),
            None => request,
        }
        .send()
        .await
    }

    /// Calls the control; the body goes out as `curl -d` sends it.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Option<Value>) -> Got {
        let url = format!("{}/_sandbox{path}", self.running.url);
        let request = self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        got(request.body(body).send().await.unwrap()).await
    }

    /// Opens an issue as alice; returns its number.
    pub(crate) async fn issue(&self, title: &str) -> u64 {
        let opened = self
            .call(
                "POST",
                &format!("{REPO}/issues"),
                "alice-token",
                Some(json!({"title": title, "body": "first"})),
            )
            .await;
        assert_eq!(opened.status, 201, "{opened:?}");
        opened.body["number"].as_u64().unwrap()
    }

    /// A JWT of the App that expires in so many seconds.
    pub(crate) fn jwt(&self, issuer: u64, expires_in: i64) -> String {
        let now = i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let claims = json!({"iss": issuer, "iat": now - 30, "exp": now + expires_in});
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.app_key).unwrap()
    }

    pub(crate) async fn installation_token(&self) -> String {
        let path = format!("/app/installations/{INSTALLATION}/access_tokens");
        let created = self.call("POST", &path, &self.jwt(APP, 300), None).await;
        assert_eq!(created.status, 201, "{created:?}");
        created.body["token"].as_str().unwrap().to_owned()
    }

    /// A GET with one more header.
    pub(crate) async fn get_with(&self, path: &str, token: &str, name: &str, value: &str) -> Got {
        let url = format!("{}{path}", self.running.github_url);
        let request = self.http.get(url).bearer_auth(token).header(name, value);
        got(request.send().await.unwrap()).await
    }

    /// A POST of bytes as they are.
    pub(crate) async fn post_raw(&self, path: &str, token: &str, body: &'static str) -> Got {
        let url = format!("{}{path}", self.running.github_url);
        got(self.http.post(url).bearer_auth(token).body(body).send().await.unwrap()).await
    }

    /// Meets the next call of an operation with a fault.
    pub(crate) async fn fault(&self, operation: &str, kind: &str) {
        let rule = json!({"service": "github", "operation": operation, "kind": kind, "hold_seconds": 0});
        assert_eq!(self.control("POST", "/faults", Some(rule)).await.status, 201);
    }

    /// The deliveries received so far, each with its headers.
    pub(crate) async fn received(&mut self) -> Vec<(HeaderMap, Value)> {
        assert_eq!(self.control("POST", "/github/drain", None).await.status, 204);
        let mut received = Vec::new();
        while let Ok((headers, body)) = self.hooks.received.try_recv() {
            received.push((headers, serde_json::from_slice(&body).unwrap()));
        }
        received
    }

    /// The events sent so far, each as `event.action` with its payload.
    pub(crate) async fn events(&mut self) -> Vec<(String, Value)> {
        let named = |(headers, payload): (HeaderMap, Value)| {
            let event = headers["x-github-event"].to_str().unwrap();
            (format!("{event}.{}", payload["action"].as_str().unwrap()), payload)
        };
        self.received().await.into_iter().map(named).collect()
    }
}

/// What the events are called, in their order.
pub(crate) fn kinds(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(kind, _)| kind.as_str()).collect()
}

async fn got(response: Response) -> Got {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes().await.unwrap();
    Got {
        status,
        headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    }
}

/// A new private key, and its public half in PEM.
pub(crate) fn key_pair() -> (EncodingKey, String) {
    let pem = |label: &str, der: &[u8]| {
        format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            STANDARD.encode(der)
        )
    };
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let private = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
    let private = EncodingKey::from_rsa_pem(pem("PRIVATE KEY", private.as_ref()).as_bytes()).unwrap();
    (private, pem("RSA PUBLIC KEY", pair.public_key().as_ref()))
}

/// Takes webhooks and answers with a status of choice.
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) received: UnboundedReceiver<(HeaderMap, Bytes)>,
    status: Arc<AtomicU16>,
}

impl Receiver {
    async fn start() -> Self {
        let (sender, received) = unbounded_channel();
        let status = Arc::new(AtomicU16::new(202));
        let answer = status.clone();
        let take = async move |headers: HeaderMap, body: Bytes| {
            sender.send((headers, body)).unwrap();
            StatusCode::from_u16(answer.load(Ordering::SeqCst)).unwrap()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/github", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(take)).await });
        Self { url, received, status }
    }

    pub(crate) fn answer_with(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }
}
