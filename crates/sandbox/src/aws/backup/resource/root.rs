//! Calls to a resource's own service, as the root of its account.

use axum::http::Method;
use serde_json::Value;
use uuid::Uuid;

use super::super::super::answer::{Answer, Refusal};
use super::super::super::ministack::Ministack;
use super::super::super::xml::Element;
use super::super::state::Place;
use super::find::DYNAMODB;

pub(super) const RDS: (&str, &str) = ("rds", "2014-10-31");
pub(super) const EC2: (&str, &str) = ("ec2", "2016-11-15");

/// The root of one account, in one region.
#[derive(Clone, Copy)]
pub(super) struct Root<'a> {
    pub(super) ministack: &'a Ministack,
    pub(super) place: &'a Place,
}

impl Root<'_> {
    pub(super) async fn rds(self, action: &str, params: &[(&str, &str)]) -> Result<Element, Refusal> {
        self.query(RDS, action, params).await
    }

    pub(super) async fn ec2(self, action: &str, params: &[(&str, &str)]) -> Result<Element, Refusal> {
        self.query(EC2, action, params).await
    }

    pub(super) async fn dynamodb(self, operation: &str, body: Value) -> Result<Value, Refusal> {
        self.ministack
            .json_as_root(&self.place.account, &self.place.region, &DYNAMODB, operation, &body)
            .await
    }

    async fn query(self, service: (&str, &str), action: &str, params: &[(&str, &str)]) -> Result<Element, Refusal> {
        let (account, region) = (&self.place.account, &self.place.region);
        self.ministack.as_root(account, region, service, action, params).await
    }

    /// A call of a REST protocol; `path` is encoded, with its query.
    pub(super) async fn rest(self, service: &str, method: Method, path: &str, body: String) -> Result<Answer, Refusal> {
        let from = (self.place.account.as_str(), self.place.region.as_str(), service);
        self.ministack.rest_as_root(from, method, path, body).await
    }

    /// `arn:aws:SERVICE:REGION:ACCOUNT:resource`.
    pub(super) fn arn(self, service: &str, resource: &str) -> String {
        format!(
            "arn:aws:{service}:{}:{}:{resource}",
            self.place.region, self.place.account
        )
    }
}

/// Text of the first element called `name`; empty where there is none.
pub(super) fn text(answer: &Element, name: &str) -> String {
    answer.find(name).map(|found| found.text.clone()).unwrap_or_default()
}

/// A service's refusal as AWS passes it on in the message of a job.
pub(super) fn passed_on(service: &str, refusal: Refusal) -> String {
    let answer = refusal.into_answer();
    let (code, message) = match answer.document() {
        Some(document) => (text(&document, "Code"), text(&document, "Message")),
        None => {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let field = |names: [&str; 2]| {
                names
                    .iter()
                    .find_map(|name| body[*name].as_str())
                    .unwrap_or_default()
                    .to_owned()
            };
            let code = field(["__type", "ErrorCode"]);
            (
                code.rsplit('#').next().unwrap_or_default().to_owned(),
                field(["message", "Message"]),
            )
        }
    };
    let status = answer.status.as_u16();
    let request = Uuid::new_v4();
    format!("{message} (Service: {service}; Status Code: {status}; Error Code: {code}; Request ID: {request})")
}
