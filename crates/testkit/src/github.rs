//! The customer's side of GitHub: issues filed with the form, as a person with a token does.

use std::collections::BTreeMap;

use domain::scope_change::{FieldKind, ScopeChangeForm};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::{Customer, TestApp};

/// The form's answers: each field's placeholder or first option, and `answers` over them, by field id.
#[must_use]
pub fn answers(answers: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut filled: BTreeMap<String, String> = ScopeChangeForm::FIELDS
        .iter()
        .map(|field| {
            let value = match field.kind {
                FieldKind::Input { placeholder } => placeholder,
                FieldKind::Choice { options } => options[0],
                FieldKind::Text => "",
            };
            (field.id.to_owned(), value.to_owned())
        })
        .collect();
    filled.extend(
        answers
            .iter()
            .map(|(id, value)| ((*id).to_owned(), (*value).to_owned())),
    );
    filled
}

/// The body that GitHub makes of the form's answers.
#[must_use]
pub fn issue_body(answers: &BTreeMap<String, String>) -> String {
    let sections = ScopeChangeForm::FIELDS.iter().map(|field| {
        let value = answers
            .get(field.id)
            .filter(|value| !value.is_empty())
            .map_or("_No response_", String::as_str);
        format!("### {}\n\n{value}\n", field.label)
    });
    sections.collect::<Vec<_>>().join("\n")
}

impl TestApp {
    /// Files an issue as `login`; returns its number.
    ///
    /// # Panics
    /// When GitHub refuses.
    pub async fn file_issue(&self, customer: &Customer, login: &str, body: &str) -> u64 {
        let issue = json!({ "title": "Back up prod-pg", "body": body });
        let made = self
            .github(
                login,
                Method::POST,
                &format!("/repos/{}/issues", customer.repository),
                Some(issue),
            )
            .await;
        made["number"].as_u64().expect("an issue's number")
    }

    /// Files an issue and takes it over as the webhook's job would, then runs the jobs. Returns its number.
    ///
    /// # Panics
    /// When anything refuses.
    pub async fn file_and_plan(&self, customer: &Customer, answers: &BTreeMap<String, String>) -> u64 {
        let number = self
            .file_issue(customer, &customer.requester, &issue_body(answers))
            .await;
        self.deliver(customer, number, "opened").await;
        self.run_jobs().await;
        number
    }

    /// Stores the delivery of an event about an issue, as the webhook's handler does.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn deliver(&self, customer: &Customer, issue: u64, action: &str) {
        let repository = self
            .github(
                "stranger",
                Method::GET,
                &format!("/repos/{}", customer.repository),
                None,
            )
            .await;
        let installation = repository["id"].as_i64().expect("an id") + 2000;
        let event = json!({
            "action": action,
            "issue": { "id": 1, "number": issue },
            "repository": { "id": repository["id"], "full_name": repository["full_name"] },
            "installation": { "id": installation },
            "sender": { "id": 1, "login": "somebody" },
        });
        let delivery = app::inbox::Delivery {
            id: uuid::Uuid::new_v4().to_string(),
            event: "issues".to_owned(),
            body: event.to_string().into_bytes(),
        };
        app::inbox::receive(&self.cx, &delivery, None).await.expect("the inbox");
    }

    /// Calls GitHub as `login`.
    ///
    /// # Panics
    /// When GitHub refuses.
    pub async fn github(&self, login: &str, method: Method, path: &str, body: Option<Value>) -> Value {
        let token = &self.sandbox.github_tokens[login];
        let request = Client::new()
            .request(method, format!("{}{path}", self.sandbox.github_url))
            .bearer_auth(token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request
            .send()
            .await
            .expect("the sandbox")
            .error_for_status()
            .expect("GitHub does it");
        answer.json().await.expect("JSON")
    }

    /// The texts of an issue's comments, oldest first.
    ///
    /// # Panics
    /// When GitHub refuses.
    pub async fn comments(&self, customer: &Customer, issue: u64) -> Vec<String> {
        let path = format!("/repos/{}/issues/{issue}/comments", customer.repository);
        let comments = self.github("stranger", Method::GET, &path, None).await;
        let texts = comments
            .as_array()
            .expect("a list")
            .iter()
            .map(|comment| comment["body"].as_str().unwrap_or_default().to_owned());
        texts.collect()
    }

    /// The sandbox's log of AWS calls to an account that had an effect, with this operation.
    ///
    /// # Panics
    /// When the sandbox does not answer.
    pub async fn effects(&self, customer: &Customer, operation: &str) -> Vec<Value> {
        let url = format!(
            "{}/_sandbox/calls?tenant={}&op={operation}",
            self.sandbox.url, customer.account.account
        );
        let calls: Value = reqwest::get(url)
            .await
            .expect("the sandbox")
            .json()
            .await
            .expect("JSON");
        let calls = calls["items"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|call| call["effect"] == true)
            .cloned();
        calls.collect()
    }

    /// Posts a fault to the sandbox.
    ///
    /// # Panics
    /// When the sandbox refuses it.
    pub async fn fault(&self, fault: Value) {
        let url = format!("{}/_sandbox/faults", self.sandbox.url);
        let answer = Client::new().post(url).json(&fault).send().await.expect("the sandbox");
        assert!(
            answer.status().is_success(),
            "{}",
            answer.text().await.unwrap_or_default()
        );
    }

    /// Takes every fault back.
    ///
    /// # Panics
    /// When the sandbox does not answer.
    pub async fn heal(&self) {
        let url = format!("{}/_sandbox/faults", self.sandbox.url);
        Client::new()
            .delete(url)
            .send()
            .await
            .expect("the sandbox")
            .error_for_status()
            .expect("healed");
    }
}
