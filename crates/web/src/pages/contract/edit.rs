//! The form that makes a new version of the contract.

use std::collections::{BTreeMap, BTreeSet};

use app::authz::{self, Action};
use app::contract::Edit;
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::contract::{Contract, GROUPS, NOTE, VALID_FROM};
use domain::id::ComponentId;
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use http::StatusCode;
use jiff::civil::Date;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Form, Path};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{FormField, Frame, words};

/// The fields of the form that are about the version rather than the contract.
const READ: &str = "version";
const ACCEPTED: &str = "accepted_conflicts";

#[derive(Template)]
#[template(path = "contract/edit.html")]
pub(crate) struct EditPage {
    frame: Frame,
    contract: String,
    action: String,
    /// The version that this form was read from.
    version: i32,
    groups: Vec<(&'static str, Vec<FormField>)>,
    wrong: Option<String>,
    /// Whether somebody else was first.
    superseded: bool,
    /// What would be outside the new bounds.
    outside: Vec<String>,
    /// The components of those, for the box that accepts them.
    accepted: String,
}

pub(crate) async fn form(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
) -> Result<Page<EditPage>, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::ManageContract, tenant.id)?;
    let standing = app::contract::in_force(&cx, &actor, &tenant).await?;
    let given = standing.contract.answers();
    Ok(Page(page(&actor, &tenant, standing.version, &given, &[], false)))
}

pub(crate) async fn submit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::ManageContract, tenant.id)?;
    let given: BTreeMap<String, String> = pairs.into_iter().collect();
    let read = given.get(READ).and_then(|read| read.parse().ok());
    let made = match understood(&given, read) {
        Ok(edit) => app::contract::change(&cx, &actor, &tenant, edit).await,
        Err(problems) => Err(AppError::Invalid(problems)),
    };
    let (status, problems, superseded) = match made {
        Ok(version) => {
            let address = Links::of(&tenant).page("contract");
            let made = read != Some(i64::from(version.version));
            let done = if made { "contract" } else { "contract-unchanged" };
            return Ok(Redirect::to(&format!("{address}?done={done}")).into_response());
        }
        Err(AppError::Invalid(problems)) => (StatusCode::UNPROCESSABLE_ENTITY, problems, false),
        Err(AppError::Superseded(problems)) => (StatusCode::PRECONDITION_FAILED, problems, true),
        Err(other) => return Err(other.into()),
    };
    let standing = app::contract::in_force(&cx, &actor, &tenant).await?.version;
    let version = match read {
        Some(read) if !superseded => i32::try_from(read).unwrap_or(standing),
        _ => standing,
    };
    let page = page(&actor, &tenant, version, &given, &problems, superseded);
    Ok((status, Page(page)).into_response())
}

/// What was filled in, as far as it can be understood without looking anything up.
fn understood(given: &BTreeMap<String, String>, read: Option<i64>) -> Result<Edit, Vec<FormProblem>> {
    let of_version = [READ, ACCEPTED, VALID_FROM.id, NOTE.id];
    let mut of_contract = given.clone();
    of_contract.retain(|field, _| !of_version.contains(&field.as_str()));
    let text = |field: &str| given.get(field).map_or("", |text| text.trim());
    let mut problems = Vec::new();
    let valid_from = match text(VALID_FROM.id) {
        "" => None,
        text => text.parse::<Date>().ok().or_else(|| {
            problems.push(FormProblem::new(
                &VALID_FROM,
                Some(text),
                "a day is expected as `YYYY-MM-DD`",
            ));
            None
        }),
    };
    if read.is_none() {
        problems.push(FormProblem {
            field: READ.to_owned(),
            label: "Version".to_owned(),
            given: None,
            why: "the form has to say which version it was read from: open it again".to_owned(),
        });
    }
    let contract = match Contract::from_answers(&of_contract) {
        Ok(contract) if problems.is_empty() => contract,
        Ok(_) => return Err(problems),
        Err(further) => return Err(problems.into_iter().chain(further).collect()),
    };
    let accepted = text(ACCEPTED)
        .split(',')
        .filter_map(|id| id.parse().ok().map(ComponentId));
    Ok(Edit {
        contract,
        valid_from,
        note: text(NOTE.id).to_owned(),
        read,
        accepted: accepted.collect(),
    })
}

fn page(
    actor: &Actor,
    tenant: &Tenant,
    version: i32,
    given: &BTreeMap<String, String>,
    problems: &[FormProblem],
    superseded: bool,
) -> EditPage {
    let links = Links::of(tenant);
    let (outside, wrong): (Vec<_>, Vec<_>) = problems.iter().partition(|problem| problem.field == ACCEPTED);
    let of_version = ("This version", &[VALID_FROM, NOTE][..]);
    let groups = GROUPS.iter().chain([&of_version]);
    let components: BTreeSet<_> = outside.iter().filter_map(|problem| problem.given.as_deref()).collect();
    EditPage {
        frame: of_tenant(actor, tenant, "Change the contract", "contract").still(),
        contract: links.page("contract"),
        action: links.page("contract/edit"),
        version,
        groups: groups
            .map(|(heading, fields)| (*heading, FormField::all(fields, given, problems)))
            .collect(),
        wrong: (!wrong.is_empty() && !superseded).then(|| {
            format!(
                "{} missing or not understood.",
                words::count(wrong.len(), "answer is", "answers are")
            )
        }),
        superseded,
        accepted: components.into_iter().collect::<Vec<_>>().join(","),
        outside: outside.into_iter().map(|problem| words::plain(&problem.why)).collect(),
    }
}
