//! The emulator behind the front.

use axum::http::header::{self, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, Method};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::answer::{Answer, Refusal};
use super::request::Call;
use super::sign::{self, Unsigned};
use super::xml::Element;
use crate::clock;

/// Content type of the query protocol.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// A service that speaks JSON to a target in a header.
pub(crate) struct Target {
    pub(crate) service: &'static str,
    /// Before the operation in `x-amz-target`.
    pub(crate) prefix: &'static str,
    /// Of the JSON protocol: `1.0` or `1.1`.
    pub(crate) version: &'static str,
}

/// Headers that belong to one connection, not to the message.
const HOP_BY_HOP: [HeaderName; 5] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

pub(crate) struct Ministack {
    url: Url,
    http: reqwest::Client,
}

impl Ministack {
    pub(crate) fn new(url: Url, http: reqwest::Client) -> Self {
        Self { url, http }
    }

    /// Sends the call as it was signed, Host included, and returns whatever comes back.
    pub(crate) async fn forward(&self, call: &Call) -> Result<Answer, Refusal> {
        let mut url = self.url.clone();
        url.set_path(call.parts.uri.path());
        url.set_query(call.parts.uri.query());
        let request = self
            .http
            .request(call.parts.method.clone(), url)
            .headers(end_to_end(&call.parts.headers));
        received(request.body(call.body.clone()).send().await).await
    }

    /// Makes a call of the query protocol as the account's root; a refusal is an error.
    pub(crate) async fn as_root(
        &self,
        account: &str,
        region: &str,
        (service, version): (&str, &str),
        action: &str,
        params: &[(&str, &str)],
    ) -> Result<Element, Refusal> {
        let head = [("Action", action), ("Version", version)];
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(head)
            .extend_pairs(params)
            .finish();
        let answer = self
            .signed((account, region, service), Method::POST, "/", (FORM, None), body)
            .await?;
        answer
            .document()
            .ok_or_else(|| Refusal::unavailable(format!("ministack answered {action} with something else than XML")))
    }

    /// Makes a call of the JSON protocol as the account's root; a refusal is an error.
    pub(crate) async fn json_as_root(
        &self,
        account: &str,
        region: &str,
        target: &Target,
        operation: &str,
        body: &Value,
    ) -> Result<Value, Refusal> {
        let content_type = format!("application/x-amz-json-{}", target.version);
        let operation = format!("{}.{operation}", target.prefix);
        let from = (account, region, target.service);
        let answer = self
            .signed(
                from,
                Method::POST,
                "/",
                (&content_type, Some(&operation)),
                body.to_string(),
            )
            .await?;
        serde_json::from_slice(&answer.body)
            .map_err(|_| Refusal::unavailable(format!("ministack answered {operation} with something else than JSON")))
    }

    /// An address at ministack.
    pub(crate) fn join(&self, path: &str) -> String {
        let mut url = self.url.clone();
        url.set_path(path);
        url.into()
    }

    /// Makes a call of a REST protocol as the account's root; a refusal is an error.
    ///
    /// `path` is encoded, with its query.
    pub(crate) async fn rest_as_root(
        &self,
        from: (&str, &str, &str),
        method: Method,
        path: &str,
        body: String,
    ) -> Result<Answer, Refusal> {
        self.signed(from, method, path, ("application/json", None), body).await
    }

    /// Sends as the root of an account, in a region, to a service; a refusal is an error.
    async fn signed(
        &self,
        (account, region, service): (&str, &str, &str),
        method: Method,
        path: &str,
        (content_type, target): (&str, Option<&str>),
        body: String,
    ) -> Result<Answer, Refusal> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let unsigned = Unsigned {
            method: method.as_str(),
            path,
            query,
            host: self.url.authority(),
            content_type,
            body: &body,
        };
        let (authorization, date) = sign::as_root(account, region, service, &unsigned, clock::wall());
        let mut url = self.url.clone();
        url.set_path(path);
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        let request = self
            .http
            .request(method, url)
            .header(CONTENT_TYPE, content_type)
            .header("x-amz-date", date);
        let request = target
            .into_iter()
            .fold(request, |request, target| request.header("x-amz-target", target));
        let answer = received(request.header(AUTHORIZATION, authorization).body(body).send().await).await?;
        if answer.status.is_success() {
            Ok(answer)
        } else {
            Err(answer.into())
        }
    }
}

fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let kept = headers.iter().filter(|(name, _)| !HOP_BY_HOP.contains(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

async fn received(sent: reqwest::Result<reqwest::Response>) -> Result<Answer, Refusal> {
    let lost = |error: reqwest::Error| Refusal::unavailable(format!("ministack cannot be reached: {error}"));
    let response = sent.map_err(lost)?;
    let (status, headers) = (response.status(), end_to_end(response.headers()));
    let body = response.bytes().await.map_err(lost)?;
    Ok(Answer { status, headers, body })
}
