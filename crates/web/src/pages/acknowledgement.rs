//! Signing for the customer, and taking a signature back: each form is one use-case, then back to the contract.

use app::{Cx, Decision, acknowledgement};
use axum::extract::State;
use axum::response::Redirect;
use domain::acknowledgement::Statement;
use domain::id::AcknowledgementId;
use http::StatusCode;
use uuid::Uuid;

use super::once::Once;
use crate::auth::Caller;
use crate::error::{Failure, PageError};
use crate::extract::{Form, Path};
use crate::links::Links;

const NO_STATEMENT: Failure = Failure::new(
    StatusCode::UNPROCESSABLE_ENTITY,
    "There is no such statement",
    "Open the contract again and sign one of those that stand there.",
);

pub(crate) async fn sign(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (once, given) = Once::take(pairs)?;
    let named = |statement: &Statement| given.get("kind").is_some_and(|kind| kind == statement.as_str());
    let statement = Statement::ALL.into_iter().find(named).ok_or(PageError(NO_STATEMENT))?;
    let version = given.get("text_version").map_or("", String::as_str);
    acknowledgement::sign(&cx, &actor, &tenant, statement, version, Some(&once.key(&given))).await?;
    Ok(back(&slug, "signed"))
}

pub(crate) async fn withdraw(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, id)): Path<(String, Uuid)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (once, given) = Once::take(pairs)?;
    let decision = Decision {
        key: Some(once.key(&given)),
        ..AcknowledgementId(id).into()
    };
    acknowledgement::withdraw(&cx, &actor, tenant.id, decision).await?;
    Ok(back(&slug, "taken-back"))
}

fn back(slug: &str, done: &str) -> Redirect {
    let contract = Links::slug(slug).page("contract");
    Redirect::to(&format!("{contract}?done={done}#acknowledgements"))
}
