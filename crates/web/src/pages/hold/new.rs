//! The form that asks that recovery points be kept.

use std::collections::BTreeMap;

use app::authz::{self, Action};
use app::hold::On;
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::hold::HoldForm;
use domain::id::RecoveryPointId;
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use http::StatusCode;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Failure, Page, PageError};
use crate::extract::{Form, Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::once::Once;
use crate::view::{ExactMoment, ExpiryView, FormField, Frame, words};

#[derive(Template)]
#[template(path = "hold/new.html")]
struct NewPage {
    frame: Frame,
    list: String,
    once: Once,
    point: Option<Point>,
    fields: Vec<FormField>,
    wrong: Option<String>,
}

/// The recovery point that is to be held, when the form is opened from one.
struct Point {
    id: RecoveryPointId,
    component: String,
    provider_id: String,
    at: ExactMoment,
    goes: ExpiryView,
}

/// What is known already, when the form is opened from a recovery point or a component.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct NewQuery {
    point: Option<uuid::Uuid>,
    component: Option<String>,
    environment: Option<String>,
    case: Option<String>,
}

pub(crate) async fn form(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<NewQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::AskHold, tenant.id)?;
    let known = [
        ("component", query.component),
        ("environment", query.environment),
        ("case", query.case),
    ];
    let given = known
        .into_iter()
        .filter_map(|(field, answer)| Some((field.to_owned(), answer?)));
    let point = query.point.map(RecoveryPointId);
    let page = page(&cx, &actor, &tenant, point, &given.collect(), &[]).await?;
    Ok(Page(page).into_response())
}

pub(crate) async fn submit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (once, mut given) = Once::take(pairs)?;
    let key = once.key(&given);
    let point = match given.remove("point").map(|text| text.parse()) {
        None => None,
        Some(Ok(point)) => Some(RecoveryPointId(point)),
        Some(Err(_)) => return Err(PageError(Failure::NOT_FOUND)),
    };
    match app::hold::ask(&cx, &actor, tenant.id, point.map(On::Point), &given, Some(&key)).await {
        Ok(held) => {
            let address = Links::of(&tenant).hold(held.hold.number);
            Ok(Redirect::to(&format!("{address}?done=held")).into_response())
        }
        Err(AppError::Invalid(problems)) => {
            let page = page(&cx, &actor, &tenant, point, &given, &problems).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn page(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    point: Option<RecoveryPointId>,
    given: &BTreeMap<String, String>,
    problems: &[FormProblem],
) -> Result<NewPage, PageError> {
    let point = match point {
        Some(id) => Some(Point::read(cx, actor, tenant, id).await?),
        None => None,
    };
    let of_component = ["component", "environment"];
    let asked: Vec<_> = HoldForm::FIELDS
        .into_iter()
        .filter(|field| point.is_none() || !of_component.contains(&field.id))
        .collect();
    let mut fields = FormField::all(&asked, given, problems);
    if let Some(component) = fields.iter_mut().find(|item| item.field.id == "component") {
        let inventory = app::status::whole(cx, actor, tenant.id).await?;
        component.suggestions = inventory
            .into_iter()
            .map(|judged| judged.status.component.name)
            .collect();
    }
    let wrong = words::count(problems.len(), "answer is", "answers are");
    Ok(NewPage {
        frame: of_tenant(actor, tenant, "Ask for a hold", "recovery-points").still(),
        list: Links::of(tenant).page("holds"),
        once: Once::new(),
        point,
        fields,
        wrong: (!problems.is_empty()).then(|| format!("{wrong} missing or not understood.")),
    })
}

impl Point {
    async fn read(cx: &Cx, actor: &Actor, tenant: &Tenant, id: RecoveryPointId) -> Result<Self, PageError> {
        let listed = app::recovery_point::get(cx, actor, tenant.id, id).await?;
        Ok(Self {
            id,
            goes: ExpiryView::of_listed(&listed),
            component: listed.name,
            provider_id: listed.point.provider_id,
            at: ExactMoment(listed.point.at),
        })
    }
}
