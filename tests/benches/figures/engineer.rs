//! Who opens the pages: an engineer of all customers.

use std::sync::Arc;

use app::{Cx, Db, SystemClock};
use domain::role::Role;
use reqwest::{Client, header};
use secrecy::ExposeSecret as _;

use crate::Result;
use crate::installation::{Installation, Server};

const EMAIL: &str = "engineer@provider.test";
const PASSWORD: &str = "correct horse battery staple";

/// The cookie of a new session; the person is added when nobody is there yet.
pub(crate) async fn sign_in(installation: &Installation, server: &Server) -> Result<String> {
    let db = Db::connect(installation.app_url().expose_secret(), 1).await?;
    let cx = Cx::new(db, Arc::new(SystemClock));
    if cookie(server).await?.is_none() {
        app::user::create(&cx, EMAIL, "Engineer", PASSWORD.into(), &[(Role::Engineer, None)]).await?;
    }
    Ok(cookie(server).await?.ok_or("no session")?)
}

async fn cookie(server: &Server) -> Result<Option<String>> {
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let answer = client
        .post(format!("{}/login", server.url))
        .header(header::ORIGIN, &server.url)
        .form(&[("email", EMAIL), ("password", PASSWORD)])
        .send()
        .await?;
    let Some(cookie) = answer.headers().get(header::SET_COOKIE) else {
        return Ok(None);
    };
    let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
    Ok(Some(pair.to_owned()))
}
