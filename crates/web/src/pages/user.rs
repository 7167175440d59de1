//! People, for administrators: who they are, their roles, their API tokens.

mod list;
mod new;
mod show;

pub(crate) use list::list;
pub(crate) use new::{create, form};
pub(crate) use show::{disable, enable, grant, reset, revoke, revoke_token, show};

use std::collections::HashMap;

use app::user::{Created, Person};
use app::{Actor, Cx};
use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::id::{TenantId, UserId};
use secrecy::ExposeSecret as _;

use crate::error::{Page, PageError};
use crate::pages::frame::across;
use crate::view::{Frame, words};

/// The one time that a password is shown.
#[derive(Template)]
#[template(path = "user/password.html")]
struct PasswordPage {
    frame: Frame,
    href: String,
    name: String,
    email: String,
    password: Option<String>,
}

fn password_page(actor: &Actor, title: &str, created: Created) -> Response {
    let Created { person, password } = created;
    Page(PasswordPage {
        frame: across(actor, title, "/settings"),
        href: address(person.id),
        name: person.display_name,
        email: person.email,
        password: password.map(|password| password.expose_secret().to_owned()),
    })
    .into_response()
}

fn address(id: UserId) -> String {
    format!("/settings/people/{id}")
}

/// The names of the customers, by id: (slug, name).
type Customers = HashMap<TenantId, (String, String)>;

async fn customers(cx: &Cx, actor: &Actor) -> Result<Customers, PageError> {
    let tenants = app::tenant::list(cx, actor).await?;
    Ok(tenants
        .into_iter()
        .map(|tenant| (tenant.id, (tenant.slug, tenant.name)))
        .collect())
}

/// A person's roles in words: (role's name, slug, both in words).
fn roles(person: &Person, customers: &Customers) -> Vec<(&'static str, String, String)> {
    let grants = person.grants.iter().map(|grant| {
        let word = words::role(grant.role);
        match grant.tenant.map(|tenant| customers.get(&tenant)) {
            None => (grant.role.as_str(), String::new(), format!("{word}, all customers")),
            Some(Some((slug, name))) => (grant.role.as_str(), slug.clone(), format!("{word}, {name}")),
            Some(None) => (
                grant.role.as_str(),
                String::new(),
                format!("{word}, a customer that you cannot see"),
            ),
        }
    });
    grants.collect()
}
