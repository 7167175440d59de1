//! The emulator behind the front.

use axum::http::HeaderMap;
use axum::http::header::{self, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use url::{Url, form_urlencoded};

use super::answer::{Answer, Refusal};
use super::request::Call;
use super::sign;
use super::xml::Element;
use crate::clock;

/// Content type of the query protocol.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

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
        let host = self.url.authority();
        let (authorization, date) = sign::as_root(account, region, service, host, &body, clock::wall());
        let request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, FORM)
            .header("x-amz-date", date);
        let answer = received(request.header(AUTHORIZATION, authorization).body(body).send().await).await?;
        if !answer.status.is_success() {
            return Err(answer.into());
        }
        answer
            .document()
            .ok_or_else(|| Refusal::unavailable(format!("ministack answered {action} with something else than XML")))
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
