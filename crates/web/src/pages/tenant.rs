//! The customers that the reader may see.

use std::collections::BTreeMap;

use app::authz::{self, Action};
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use domain::tenant_form::TenantForm;
use http::StatusCode;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::Form;
use crate::links::Links;
use crate::pages::frame::across;
use crate::pages::once::Once;
use crate::view::{FormField, Frame, words};

#[derive(Template)]
#[template(path = "tenant/list.html")]
pub(crate) struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
    /// For who may take customers on.
    new: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "tenant/new.html")]
struct NewPage {
    frame: Frame,
    once: Once,
    fields: Vec<FormField>,
    wrong: Option<String>,
}

struct Row {
    href: String,
    name: String,
    level: &'static str,
    approval: &'static str,
    until: String,
    standing: Option<&'static str>,
}

pub(crate) async fn list(State(cx): State<Cx>, Caller(actor): Caller) -> Result<Page<ListPage>, PageError> {
    let tenants = app::tenant::list(&cx, &actor).await?;
    let rows = tenants.iter().map(Row::new).collect();
    Ok(Page(ListPage {
        frame: across(&actor, "Customers", "/customers"),
        rows,
        new: authz::check_everywhere(&actor, Action::Administer)
            .is_ok()
            .then_some("/customers/new"),
    }))
}

/// The form that takes a customer on.
pub(crate) async fn form(Caller(actor): Caller) -> Result<Response, PageError> {
    authz::check_everywhere(&actor, Action::Administer)?;
    Ok(Page(NewPage::new(&actor, &BTreeMap::new(), &[])).into_response())
}

/// Takes a customer on; its inventory comes next.
pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    authz::check_everywhere(&actor, Action::Administer)?;
    let (once, given) = Once::take(pairs)?;
    match app::tenant::create(&cx, &actor, &given, Some(&once.key(&given))).await {
        Ok(tenant) => {
            let address = Links::of(&tenant).page("imports");
            Ok(Redirect::to(&format!("{address}?done=created")).into_response())
        }
        Err(AppError::Invalid(problems)) => {
            let page = NewPage::new(&actor, &given, &problems);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

impl NewPage {
    fn new(actor: &Actor, given: &BTreeMap<String, String>, problems: &[FormProblem]) -> Self {
        let wrong = words::count(problems.len(), "answer is", "answers are");
        Self {
            frame: across(actor, "Take a customer on", "/customers"),
            once: Once::new(),
            fields: FormField::all(&TenantForm::FIELDS, given, problems),
            wrong: (!problems.is_empty()).then(|| format!("{wrong} missing or not understood.")),
        }
    }
}

impl Row {
    fn new(tenant: &Tenant) -> Self {
        let until = tenant.contract.until.map(|day| day.strftime("%-d %b %Y").to_string());
        Self {
            href: Links::of(tenant).status(),
            name: tenant.name.clone(),
            level: words::service_level(tenant.contract.service_level),
            approval: words::approval_rule(tenant.contract.approval_rule),
            until: until.unwrap_or_else(|| "open-ended".to_owned()),
            standing: words::standing(&tenant.lifecycle),
        }
    }
}
