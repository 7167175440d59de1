//! A caller of a REST API with JSON: Holdfast's, GitHub's, the sandbox's.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

/// How long one call may take.
pub(super) const CALL_WITHIN: Duration = Duration::from_secs(30);

/// A call was not answered as it should be.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No answer, or no JSON.
    #[error("{what}")]
    Send {
        /// Method and address.
        what: String,
        /// Why not.
        source: reqwest::Error,
    },
    /// Another status.
    #[error("{what} was answered {status}: {said}")]
    Refused {
        /// Method and address.
        what: String,
        /// The status.
        status: u16,
        /// The beginning of the answer.
        said: String,
    },
}

/// A person or a program with a token.
#[derive(Debug)]
pub struct Rest {
    http: Client,
    root: String,
    token: Option<String>,
}

impl Rest {
    /// Calls `root` (no trailing slash) with a bearer token.
    pub fn new(root: &str, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..Self::open(root)
        }
    }

    /// Calls an API that wants no token.
    pub fn open(root: &str) -> Self {
        Self {
            http: Client::new(),
            root: root.to_owned(),
            token: None,
        }
    }

    /// # Errors
    /// [`CallError`].
    pub async fn get(&self, path: &str) -> Result<Value, CallError> {
        let url = format!("{}{path}", self.root);
        self.answer(format!("GET {url}"), self.http.get(url)).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, CallError> {
        let url = format!("{}{path}", self.root);
        self.answer(format!("POST {url}"), self.http.post(url).json(body)).await
    }

    async fn answer(&self, what: String, mut request: RequestBuilder) -> Result<Value, CallError> {
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = sent(&what, request).await?;
        if !response.status().is_success() {
            return Err(refused(what, response).await);
        }
        let json = response.json().await;
        json.map_err(|source| CallError::Send { what, source })
    }
}

/// Sends it, and waits for an answer of any status.
pub(super) async fn sent(what: &str, request: RequestBuilder) -> Result<Response, CallError> {
    let sent = request.timeout(CALL_WITHIN).send().await;
    sent.map_err(|source| CallError::Send {
        what: what.to_owned(),
        source,
    })
}

pub(super) async fn refused(what: String, response: Response) -> CallError {
    let status = response.status().as_u16();
    let said = response.text().await.unwrap_or_default();
    CallError::Refused {
        what,
        status,
        said: said.chars().take(400).collect(),
    }
}
