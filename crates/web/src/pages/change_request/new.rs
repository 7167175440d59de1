//! The form that asks for a change: the questions of the issue form.

use std::collections::BTreeMap;

use app::authz::{self, Action};
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::change_request::Source;
use domain::scope_change::{FormProblem, RETENTION, SCHEDULE, ScopeChangeForm};
use domain::tenant::Tenant;
use http::StatusCode;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Form, Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::once::Once;
use crate::view::{FormField, Frame, ScheduleCheck, words};

/// What may be typed as a retention: the tier's, the platform's default, and the presets of decisions.md.
const RETENTIONS: [&str; 4] = ["tier default", "14 days", "35 days", "720 hours"];

#[derive(Template)]
#[template(path = "change_request/new.html")]
struct NewPage {
    frame: Frame,
    list: String,
    once: Once,
    fields: Vec<FormField>,
    wrong: Option<String>,
}

/// Answers that are known already, when the form is opened from a component.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct NewQuery {
    component: Option<String>,
    environment: Option<String>,
    scope: Option<String>,
}

pub(crate) async fn form(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<NewQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::RequestChange, tenant.id)?;
    let known = [
        ("component", query.component),
        ("environment", query.environment),
        ("scope", query.scope),
    ];
    let given = known
        .into_iter()
        .filter_map(|(field, answer)| Some((field.to_owned(), answer?)))
        .collect();
    Ok(Page(page(&cx, &actor, &tenant, &given, &[]).await?).into_response())
}

pub(crate) async fn submit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (once, mut given) = Once::take(pairs)?;
    if given.remove("check").is_some() {
        authz::check(&actor, Action::RequestChange, tenant.id)?;
        return Ok(Page(page(&cx, &actor, &tenant, &given, &[]).await?).into_response());
    }
    let key = once.key(&given);
    match app::change_request::submit(&cx, &actor, tenant.id, Source::Web, &given, Some(&key)).await {
        Ok(change) => {
            let address = Links::of(&tenant).change(change.number);
            Ok(Redirect::to(&format!("{address}?done=asked")).into_response())
        }
        Err(AppError::Invalid(problems)) => {
            let page = page(&cx, &actor, &tenant, &given, &problems).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn page(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    given: &BTreeMap<String, String>,
    problems: &[FormProblem],
) -> Result<NewPage, PageError> {
    let inventory = app::status::whole(cx, actor, tenant.id).await?;
    let names = inventory
        .into_iter()
        .map(|judged| judged.status.component.name)
        .collect();
    let mut fields = FormField::all(&ScopeChangeForm::FIELDS, given, problems);
    if let Some(component) = fields.first_mut() {
        component.suggestions = names;
    }
    if let Some(retention) = fields.iter_mut().find(|field| field.field == RETENTION) {
        retention.suggestions = RETENTIONS.map(str::to_owned).to_vec();
    }
    if let Some(schedule) = fields.iter_mut().find(|item| item.field == SCHEDULE) {
        schedule.check = Some(ScheduleCheck::of(&schedule.value, cx.now()));
    }
    let wrong = words::count(problems.len(), "answer is", "answers are");
    Ok(NewPage {
        frame: of_tenant(actor, tenant, "Ask for a change", "changes").still().asking(),
        list: Links::of(tenant).page("changes"),
        once: Once::new(),
        fields,
        wrong: (!problems.is_empty()).then(|| format!("{wrong} missing or not understood.")),
    })
}
