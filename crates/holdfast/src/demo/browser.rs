//! A person at Holdfast's pages, as a browser without script acts for them.

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, header};

use super::facts::Login;
use super::rest::{CallError, refused, sent};

/// A browser in which somebody is signed in.
#[derive(Debug)]
pub struct Browser {
    http: Client,
    root: String,
    cookie: String,
}

impl Browser {
    /// Signs in at `root` (no trailing slash).
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn sign_in(root: &str, login: &Login) -> Result<Self, CallError> {
        let mut browser = Self {
            http: Client::builder()
                .redirect(Policy::none())
                .build()
                .expect("a client without TLS settings can be built"),
            root: root.to_owned(),
            cookie: String::new(),
        };
        let fields = [("email", &*login.email), ("password", &*login.password)];
        browser.cookie = browser.submit("/login", &fields).await?;
        Ok(browser)
    }

    /// The HTML of a page.
    ///
    /// # Errors
    /// [`CallError`], also when the page leads elsewhere.
    pub async fn page(&self, path: &str) -> Result<String, CallError> {
        let url = format!("{}{path}", self.root);
        let what = format!("GET {url}");
        let request = self.http.get(url).header(header::COOKIE, &self.cookie);
        let response = sent(&what, request).await?;
        if !response.status().is_success() {
            return Err(refused(what, response).await);
        }
        let html = response.text().await;
        html.map_err(|source| CallError::Send { what, source })
    }

    /// Sends a form of one of the pages; Holdfast takes it and leads on.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Result<(), CallError> {
        self.submit(path, fields).await.map(drop)
    }

    /// Returns the cookie that was set, if one was.
    async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Result<String, CallError> {
        let url = format!("{}{path}", self.root);
        let what = format!("POST {url}");
        let request = self.http.post(url).form(fields);
        let response = sent(&what, self.on_own_page(request)).await?;
        if !response.status().is_redirection() {
            return Err(refused(what, response).await);
        }
        let set = response.headers().get(header::SET_COOKIE);
        let cookie = set.and_then(|cookie| cookie.to_str().ok()?.split(';').next());
        Ok(cookie.unwrap_or_default().to_owned())
    }

    /// What a browser says about a form that came from the site itself.
    fn on_own_page(&self, request: RequestBuilder) -> RequestBuilder {
        request
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, &self.root)
            .header(header::COOKIE, &self.cookie)
    }
}
