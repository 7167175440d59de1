//! Asking for a component's end, confirming it, taking it back.

use std::collections::BTreeMap;

use app::{AppError, Cx, Decision, decommission};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::id::ComponentId;
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::show::ShowPage;
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Form, Path};
use crate::links::Links;
use crate::pages::once::Once;

/// The typed name, and the revision that was read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmForm {
    confirm: String,
    revision: Option<i64>,
}

/// The revision that was read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawForm {
    revision: Option<i64>,
}

pub(crate) async fn ask(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, id)): Path<(String, Uuid)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let component = ComponentId(id);
    let (once, given) = Once::take(pairs)?;
    // What belongs to a choice that was not made is not an answer.
    let not_chosen = |field: &str| match field {
        "recovery_point" => given.get("final_backup").is_none_or(|last| last != "existing"),
        "keep_until" => given.get("recovery_points").is_none_or(|fate| fate != "keep-until"),
        _ => false,
    };
    let answers: BTreeMap<_, _> = given
        .iter()
        .filter(|(field, _)| !not_chosen(field))
        .map(|(field, answer)| (field.clone(), answer.clone()))
        .collect();
    match decommission::ask(&cx, &actor, &tenant, component, &answers, Some(&once.key(&given))).await {
        Ok(_) => Ok(back(&tenant, component, "asked")),
        Err(AppError::Invalid(problems)) => {
            let view = decommission::view(&cx, &actor, tenant.id, component).await?;
            let page = ShowPage::new(&actor, &tenant, view, None, &given, &problems);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn confirm(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, id)): Path<(String, Uuid)>,
    Form(form): Form<ConfirmForm>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let component = ComponentId(id);
    let view = decommission::view(&cx, &actor, tenant.id, component).await?;
    if view.may_confirm.is_ok() && form.confirm.trim() != view.component.name {
        let wrong = FormProblem {
            field: "confirm".to_owned(),
            label: "Name".to_owned(),
            given: None,
            why: format!("Type {}, the component's name, to confirm.", view.component.name),
        };
        let given = [("confirm".to_owned(), form.confirm)].into();
        let page = ShowPage::new(&actor, &tenant, view, None, &given, &[wrong]);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    let end = decommission::confirm(&cx, &actor, tenant.id, at(component, form.revision), &form.confirm).await?;
    let done = if end.is_asked() { "confirmed" } else { "decommissioned" };
    Ok(back(&tenant, component, done))
}

pub(crate) async fn withdraw(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, id)): Path<(String, Uuid)>,
    Form(form): Form<WithdrawForm>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let component = ComponentId(id);
    decommission::withdraw(&cx, &actor, tenant.id, at(component, form.revision)).await?;
    Ok(back(&tenant, component, "withdrawn"))
}

fn at(component: ComponentId, revision: Option<i64>) -> Decision<ComponentId> {
    Decision {
        revision,
        ..component.into()
    }
}

fn back(tenant: &Tenant, component: ComponentId, done: &str) -> Response {
    Redirect::to(&format!("{}?done={done}", Links::of(tenant).decommission(component))).into_response()
}
