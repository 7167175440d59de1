//! Suspending, resuming, announcing an end, keeping, ending, unlinking an account.

use app::authz::{self, Action};
use app::{Actor, AppError, Cx, Decision, lifecycle};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::id::TenantId;
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;

use super::admin::{Typed, unlink_field};
use super::show::page;
use crate::auth::Caller;
use crate::error::{Failure, Page, PageError};
use crate::extract::{Form, Path};
use crate::links::Links;

/// The forms that stop something.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StopForm {
    #[serde(default)]
    confirm: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    last_day: String,
    /// What was read before; another one has to be read first.
    revision: Option<i64>,
}

/// The forms that let something go on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoOnForm {
    revision: Option<i64>,
}

const fn on(tenant: &Tenant, revision: Option<i64>) -> Decision<TenantId> {
    Decision {
        on: tenant.id,
        revision,
        key: None,
    }
}

/// Whether the name that was typed into the form's `field` is the customer's.
fn confirmed(tenant: &Tenant, form: &StopForm, field: &str) -> Result<(), AppError> {
    if form.confirm.trim() == tenant.slug {
        return Ok(());
    }
    Err(AppError::Invalid(vec![FormProblem {
        field: field.to_owned(),
        label: "Name in addresses".to_owned(),
        given: Some(form.confirm.clone()).filter(|given| !given.is_empty()),
        why: format!("Nothing was done: {} is expected, as it is shown.", tenant.slug),
    }]))
}

fn back(slug: &str, done: &str) -> Response {
    let address = Links::slug(slug).page("hand-over");
    Redirect::to(&format!("{address}?done={done}")).into_response()
}

/// The page once more, with what was typed and what is wrong with it.
async fn or_again<T>(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    form: StopForm,
    done: Result<T, AppError>,
    word: &str,
) -> Result<Response, PageError> {
    match done {
        Ok(_) => Ok(back(&tenant.slug, word)),
        Err(AppError::Invalid(problems)) => {
            let typed = Typed {
                reason: form.reason,
                last_day: form.last_day,
                confirm: form.confirm,
                problems,
            };
            let page = page(cx, actor, tenant, typed).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn suspend(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(form): Form<StopForm>,
) -> Result<Response, PageError> {
    let tenant = admins(&cx, &actor, &slug).await?;
    let done = match confirmed(&tenant, &form, "suspend-confirm") {
        Ok(()) => lifecycle::suspend(&cx, &actor, on(&tenant, form.revision), &form.reason).await,
        Err(wrong) => Err(wrong),
    };
    or_again(&cx, &actor, &tenant, form, done, "suspended").await
}

pub(crate) async fn resume(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(form): Form<GoOnForm>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    lifecycle::resume(&cx, &actor, on(&tenant, form.revision)).await?;
    Ok(back(&slug, "resumed"))
}

pub(crate) async fn announce(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(form): Form<StopForm>,
) -> Result<Response, PageError> {
    let tenant = admins(&cx, &actor, &slug).await?;
    let done = match (
        confirmed(&tenant, &form, "announce-confirm"),
        form.last_day.trim().parse::<Date>(),
    ) {
        (Err(wrong), _) => Err(wrong),
        (Ok(()), Ok(day)) => lifecycle::announce(&cx, &actor, on(&tenant, form.revision), day, &form.reason).await,
        (Ok(()), Err(_)) => Err(AppError::Invalid(vec![FormProblem {
            field: "last_day".to_owned(),
            label: "Last day".to_owned(),
            given: Some(form.last_day.clone()),
            why: "A day like 2027-03-31 is expected.".to_owned(),
        }])),
    };
    or_again(&cx, &actor, &tenant, form, done, "announced").await
}

pub(crate) async fn keep(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(form): Form<GoOnForm>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    lifecycle::keep(&cx, &actor, on(&tenant, form.revision)).await?;
    Ok(back(&slug, "kept"))
}

pub(crate) async fn end(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(form): Form<StopForm>,
) -> Result<Response, PageError> {
    let tenant = admins(&cx, &actor, &slug).await?;
    let done = match confirmed(&tenant, &form, "end-confirm") {
        Ok(()) => lifecycle::end(&cx, &actor, on(&tenant, form.revision)).await,
        Err(wrong) => Err(wrong),
    };
    or_again(&cx, &actor, &tenant, form, done, "ended").await
}

/// The number of the account, typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnlinkForm {
    #[serde(default)]
    confirm: String,
}

pub(crate) async fn unlink_account(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, account)): Path<(String, String)>,
    Form(form): Form<UnlinkForm>,
) -> Result<Response, PageError> {
    let tenant = admins(&cx, &actor, &slug).await?;
    let number = account.parse().map_err(|_| PageError(Failure::NOT_FOUND))?;
    if form.confirm.trim() != account {
        let typed = Typed {
            problems: vec![FormProblem {
                field: unlink_field(&account),
                label: format!("Account {account}"),
                given: Some(form.confirm.clone()).filter(|given| !given.is_empty()),
                why: format!("Nothing was unlinked: {account} is expected, as it is shown."),
            }],
            confirm: form.confirm,
            ..Typed::default()
        };
        let page = page(&cx, &actor, &tenant, typed).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    lifecycle::unlink_account(&cx, &actor, tenant.id, &number, None).await?;
    Ok(back(&slug, "unlinked"))
}

/// The customer, for those who may administer it: nobody else is told what to type.
async fn admins(cx: &Cx, actor: &Actor, slug: &str) -> Result<Tenant, PageError> {
    let tenant = actor.tenant(cx, slug).await?;
    authz::check(actor, Action::Administer, tenant.id)?;
    Ok(tenant)
}
