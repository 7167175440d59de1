//! The form that asks for a change: the questions of the issue form.

use std::collections::BTreeMap;

use app::authz::{self, Action};
use app::idempotency::Idempotency;
use app::{AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::change_request::Source;
use domain::scope_change::{FormProblem, ScopeChangeForm};
use http::StatusCode;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Form, Path};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::once::Once;
use crate::view::{FormField, Frame, words};

#[derive(Template)]
#[template(path = "change_request/new.html")]
struct NewPage {
    frame: Frame,
    list: String,
    once: Once,
    fields: Vec<FormField>,
    wrong: Option<String>,
}

impl NewPage {
    fn new(frame: Frame, links: &Links, once: Once, given: &BTreeMap<String, String>, problems: &[FormProblem]) -> Self {
        let fields = FormField::all(&ScopeChangeForm::FIELDS, given, problems);
        let wrong = (!problems.is_empty()).then(|| {
            format!("{} missing or not understood.", words::count(problems.len(), "answer is", "answers are"))
        });
        Self { frame: frame.still(), list: links.page("changes"), once, fields, wrong }
    }
}

pub(crate) async fn form(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::RequestChange, tenant.id)?;
    let frame = of_tenant(&actor, &tenant, "Ask for a change", "changes");
    Ok(Page(NewPage::new(frame, &Links::of(&tenant), Once::new(), &BTreeMap::new(), &[])).into_response())
}

pub(crate) async fn submit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (once, given) = Once::take(pairs)?;
    let links = Links::of(&tenant);
    let key: Idempotency = once.key(&given);
    match app::change_request::submit(&cx, &actor, tenant.id, Source::Web, &given, Some(&key)).await {
        Ok(change) => Ok(Redirect::to(&format!("{}?done=asked", links.change(change.number))).into_response()),
        Err(AppError::Invalid(problems)) => {
            let frame = of_tenant(&actor, &tenant, "Ask for a change", "changes");
            let page = NewPage::new(frame, &links, Once::new(), &given, &problems);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}
