//! The customers that the reader may see: the fleet without the provider's work.

use std::collections::BTreeMap;

use app::authz::{self, Action};
use app::fleet::{self, Member};
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::scope_change::FormProblem;
use domain::tenant_form::TenantForm;
use http::StatusCode;

use super::fleet::worst;
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Form, Query};
use crate::links::Links;
use crate::pages::frame::across;
use crate::pages::once::Once;
use crate::view::{Badge, Csv, CustomerQuery, FilterBar, FormField, Format, Frame, NEEDY, Pager, words};

#[derive(Template)]
#[template(path = "tenant/list.html")]
struct ListPage {
    frame: Frame,
    bar: FilterBar,
    rows: Vec<Row>,
    pager: Pager,
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
    badge: Badge,
    protected: String,
    level: &'static str,
    approval: &'static str,
    until: String,
    standing: Option<&'static str>,
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Query(query): Query<CustomerQuery>,
) -> Result<Response, PageError> {
    let query = query.among(NEEDY)?;
    let filter = query.filter().without_work();
    if query.format == Format::Csv {
        return Ok(csv(&fleet::all(&cx, &actor, &filter).await?).into_response());
    }
    let (_, members) = fleet::page(&cx, &actor, &filter).await?;
    Ok(Page(ListPage {
        frame: across(&actor, "Customers", "/customers"),
        bar: query.bar("/customers", NEEDY),
        rows: members.items.iter().map(Row::new).collect(),
        pager: query.pager("/customers", members.next(|member| member.tenant.id)),
        new: authz::check_everywhere(&actor, Action::Administer)
            .is_ok()
            .then_some("/customers/new"),
    })
    .into_response())
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
    fn new(member: &Member) -> Self {
        let (tenant, tally) = (&member.tenant, &member.tally);
        let until = tenant.contract.until.map(|day| day.strftime("%-d %b %Y").to_string());
        Self {
            href: Links::of(tenant).status(),
            name: tenant.name.clone(),
            badge: worst(tally),
            protected: format!("{} of {}", tally.protected, tally.in_scope()),
            level: words::service_level(tenant.contract.service_level),
            approval: words::approval_rule(tenant.contract.approval_rule),
            until: until.unwrap_or_else(|| "open-ended".to_owned()),
            standing: words::standing(&tenant.lifecycle),
        }
    }
}

fn csv(members: &[Member]) -> Csv {
    let head = [
        "customer",
        "slug",
        "state",
        "protected",
        "in_scope",
        "service_level",
        "contract_until",
        "standing",
    ];
    let mut csv = Csv::new("customers", &head);
    for Member { tenant, tally, .. } in members {
        csv.row(&[
            tenant.name.clone(),
            tenant.slug.clone(),
            worst(tally).word.to_owned(),
            tally.protected.to_string(),
            tally.in_scope().to_string(),
            tenant.contract.service_level.as_str().to_owned(),
            tenant.contract.until.map(|day| day.to_string()).unwrap_or_default(),
            words::standing(&tenant.lifecycle).unwrap_or_default().to_owned(),
        ]);
    }
    csv
}
