//! The form in which people state the facts of a component anew.

use std::collections::BTreeMap;

use app::authz::{self, Action, may};
use app::component::{self, View};
use app::{Actor, AppError, Cx, Decision};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::component::{Facts, RESOURCE};
use domain::id::ComponentId;
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use http::StatusCode;
use uuid::Uuid;

use crate::auth::Caller;
use crate::error::{Failure, Page, PageError};
use crate::extract::{Form, Path};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{FormField, Frame};

const MISSHAPEN: Failure = Failure::new(
    StatusCode::BAD_REQUEST,
    "This was not understood",
    "Open the form again and send it once more.",
);

#[derive(Template)]
#[template(path = "component/facts.html")]
struct FactsPage {
    frame: Frame,
    name: String,
    component: String,
    revision: i64,
    fields: Vec<FormField>,
    wrong: Option<&'static str>,
}

pub(crate) async fn form(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, id)): Path<(String, Uuid)>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::EditInventory, tenant.id)?;
    let view = component::view(&cx, &actor, &tenant, ComponentId(id)).await?;
    let component = &view.judged.status.component;
    let mut given = Facts::of(component).answers();
    given.extend(
        component
            .aws
            .as_ref()
            .map(|place| (RESOURCE.id.to_owned(), place.arn.clone())),
    );
    Ok(Page(FactsPage::new(&actor, &tenant, &view, &given, &[], None)).into_response())
}

pub(crate) async fn state(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, id)): Path<(String, Uuid)>,
    Form(mut given): Form<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::EditInventory, tenant.id)?;
    let revision = given
        .remove("revision")
        .and_then(|text| text.parse().ok())
        .ok_or(PageError(MISSHAPEN))?;
    let on = Decision {
        on: ComponentId(id),
        revision: Some(revision),
        key: None,
    };
    let stated: BTreeMap<_, _> = given
        .iter()
        .map(|(field, answer)| (field.clone(), Some(answer.clone())))
        .collect();
    let refused = match component::edit(&cx, &actor, tenant.id, on, stated.clone()).await {
        Ok(()) => {
            let address = Links::of(&tenant).component(ComponentId(id));
            return Ok(Redirect::to(&format!("{address}?done=stated")).into_response());
        }
        Err(refused) => refused,
    };
    let mut view = component::view(&cx, &actor, &tenant, ComponentId(id)).await?;
    let (status, problems, wrong) = match refused {
        AppError::Invalid(problems) => {
            view.revision = revision;
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                problems,
                "Something was not understood. Nothing was changed.",
            )
        }
        // What is shown and the revision that replaces it are of the same reading.
        AppError::Superseded(_) => (
            StatusCode::PRECONDITION_FAILED,
            Facts::of(&view.judged.status.component).differences(&stated),
            "Somebody stated these facts while you were editing them. Your answers are kept below, beside what stands now; send them again to replace it.",
        ),
        other => return Err(other.into()),
    };
    let page = FactsPage::new(&actor, &tenant, &view, &given, &problems, Some(wrong));
    Ok((status, Page(page)).into_response())
}

impl FactsPage {
    fn new(
        actor: &Actor,
        tenant: &Tenant,
        view: &View,
        given: &BTreeMap<String, String>,
        problems: &[FormProblem],
        wrong: Option<&'static str>,
    ) -> Self {
        let component = &view.judged.status.component;
        let mut fields = Facts::FIELDS.to_vec();
        if may(actor, Action::ReplaceResource, tenant.id) {
            fields.push(RESOURCE);
        }
        Self {
            frame: of_tenant(actor, tenant, &component.name, "components").still(),
            name: component.name.clone(),
            component: Links::of(tenant).component(component.id),
            revision: view.revision,
            fields: FormField::all(&fields, given, problems),
            wrong,
        }
    }
}
