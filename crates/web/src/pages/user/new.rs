//! The form that adds a person.

use std::collections::BTreeMap;

use app::user::{self, NewPerson};
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::role::Role;
use domain::scope_change::FormProblem;
use http::StatusCode;

use super::{customers, password_page};
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::Form;
use crate::pages::frame::across;
use crate::pages::once::Once;
use crate::view::{Frame, words};

#[derive(Template)]
#[template(path = "user/new.html")]
struct NewPage {
    frame: Frame,
    once: Once,
    email: String,
    display_name: String,
    roles: Vec<(&'static str, &'static str, bool)>,
    customers: Vec<(String, String, bool)>,
    problems: Vec<FormProblem>,
}

impl NewPage {
    fn wrong(&self, field: &str) -> Option<&str> {
        let problem = self.problems.iter().find(|problem| problem.field == field)?;
        Some(&problem.why)
    }
}

pub(crate) async fn form(State(cx): State<Cx>, Caller(actor): Caller) -> Result<Response, PageError> {
    app::authz::check_everywhere(&actor, app::authz::Action::Administer)?;
    Ok(Page(page(&cx, &actor, &BTreeMap::new(), Vec::new()).await?).into_response())
}

pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (once, given) = Once::take(pairs)?;
    let text = |field: &str| given.get(field).cloned().unwrap_or_default();
    let done = match text("role").parse::<Role>() {
        Ok(role) => {
            let new = NewPerson {
                email: text("email"),
                display_name: text("display_name"),
                role,
                customer: Some(text("customer")).filter(|slug| !slug.is_empty()),
            };
            user::create_person(&cx, &actor, &new, Some(&once.key(&given))).await
        }
        Err(unknown) => {
            app::authz::check_everywhere(&actor, app::authz::Action::Administer)?;
            Err(AppError::Invalid(vec![FormProblem {
                field: "role".to_owned(),
                label: "Role".to_owned(),
                given: Some(text("role")),
                why: format!("{unknown}."),
            }]))
        }
    };
    match done {
        Ok(created) => Ok(password_page(&actor, "Person added", created)),
        Err(AppError::Invalid(problems)) => {
            let page = page(&cx, &actor, &given, problems).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn page(
    cx: &Cx,
    actor: &Actor,
    given: &BTreeMap<String, String>,
    problems: Vec<FormProblem>,
) -> Result<NewPage, PageError> {
    let text = |field: &str| given.get(field).cloned().unwrap_or_default();
    let (role, customer) = (text("role"), text("customer"));
    let mut names: Vec<_> = customers(cx, actor).await?.into_values().collect();
    names.sort_by(|one, other| one.1.cmp(&other.1));
    Ok(NewPage {
        frame: across(actor, "Add a person", "/settings"),
        once: Once::new(),
        email: text("email"),
        display_name: text("display_name"),
        roles: Role::ALL
            .map(|one| (one.as_str(), words::role(one), one.as_str() == role))
            .into(),
        customers: names
            .into_iter()
            .map(|(slug, name)| (slug.clone(), name, slug == customer))
            .collect(),
        problems,
    })
}
