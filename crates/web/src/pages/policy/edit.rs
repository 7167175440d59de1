//! Making, reading, changing and retiring a policy.

use std::collections::BTreeMap;

use app::{Actor, AppError, Cx, Decision};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::id::PolicyId;
use domain::policy::{KINDS, Policy};
use domain::scope_change::FormProblem;
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::form::{KindChoice, Sent, fields, kinds};
use super::list::{fits, terms};
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Form, Path, Query};
use crate::pages::DoneQuery;
use crate::pages::frame::across;
use crate::pages::once::Once;
use crate::view::{Badge, FormField, Frame, Moment, Tone, words};

const PATH: &str = "/settings/policies";

#[derive(Template)]
#[template(path = "policy/edit.html")]
struct EditPage {
    frame: Frame,
    title: String,
    /// `None`: it is being made.
    policy: Option<Standing>,
    /// `None`: the reader may not change it, or it is retired.
    form: Option<FormView>,
    /// Newest first.
    revisions: Vec<Revision>,
}

/// A policy as it stands.
struct Standing {
    address: String,
    badge: Badge,
    description: String,
    fits: String,
    terms: Vec<String>,
    changed_by: String,
    changed_at: Moment,
}

struct FormView {
    action: String,
    once: Once,
    /// Of which the answers are an edit.
    revision: Option<i64>,
    fields: Vec<FormField>,
    kinds: Vec<KindChoice>,
    kinds_help: &'static str,
    wrong_kinds: Option<String>,
    wrong: Option<String>,
    /// What somebody else changed meanwhile.
    theirs: Vec<FormProblem>,
}

struct Revision {
    number: i64,
    what: &'static str,
    name: String,
    terms: Vec<String>,
    by: String,
    at: Moment,
}

pub(crate) async fn new(State(_): State<Cx>, Caller(actor): Caller) -> Result<Response, PageError> {
    app::authz::check_everywhere(&actor, app::authz::Action::ManagePolicies)?;
    Ok(Page(making(&actor, &BTreeMap::new(), &[], &[])).into_response())
}

pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::read(pairs)?;
    let key = sent.once.key(&sent.whole);
    match app::policy::create(&cx, &actor, &sent.given, &sent.kinds, Some(&key)).await {
        Ok(policy) => Ok(Redirect::to(&format!("{PATH}/{}?done=policy-saved", policy.id)).into_response()),
        Err(AppError::Invalid(problems)) => {
            let page = making(&actor, &sent.given, &sent.kinds, &problems);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, PageError> {
    let policy = app::policy::get(&cx, &actor, PolicyId(id)).await?;
    let given = policy.body.fields();
    let chosen: Vec<_> = policy.body.kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    let revision = policy.revision;
    let mut page = standing(&cx, &actor, policy, Edit::new(&given, &chosen, revision)).await?;
    page.frame = page.frame.saying(query.done.as_deref());
    Ok(Page(page).into_response())
}

pub(crate) async fn save(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(id): Path<Uuid>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::read(pairs)?;
    let decision = Decision {
        on: PolicyId(id),
        revision: sent.revision,
        key: Some(sent.once.key(&sent.whole)),
    };
    match app::policy::update(&cx, &actor, decision, &sent.given, &sent.kinds).await {
        Ok(policy) => Ok(Redirect::to(&format!("{PATH}/{}?done=policy-saved", policy.id)).into_response()),
        Err(AppError::Invalid(problems)) => {
            let policy = app::policy::get(&cx, &actor, PolicyId(id)).await?;
            let revision = sent.revision.unwrap_or(policy.revision);
            let edit = Edit {
                problems: &problems,
                ..Edit::new(&sent.given, &sent.kinds, revision)
            };
            let page = standing(&cx, &actor, policy, edit).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(AppError::Superseded(_)) => {
            let policy = app::policy::get(&cx, &actor, PolicyId(id)).await?;
            let edit = Edit {
                overtaken: true,
                ..Edit::new(&sent.given, &sent.kinds, policy.revision)
            };
            let page = standing(&cx, &actor, policy, edit).await?;
            Ok((StatusCode::PRECONDITION_FAILED, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// The form that retires a policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetireForm {
    /// The one that was read.
    revision: Option<i64>,
}

pub(crate) async fn retire(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(id): Path<Uuid>,
    Form(form): Form<RetireForm>,
) -> Result<Redirect, PageError> {
    let decision = Decision {
        revision: form.revision,
        ..PolicyId(id).into()
    };
    app::policy::retire(&cx, &actor, decision).await?;
    Ok(Redirect::to(&format!("{PATH}/{id}?done=policy-retired")))
}

/// Answers that are being given to an existing policy.
struct Edit<'a> {
    given: &'a BTreeMap<String, String>,
    kinds: &'a [String],
    problems: &'a [FormProblem],
    /// The revision that saving them replaces.
    revision: i64,
    /// Somebody else changed it since it was read.
    overtaken: bool,
}

impl<'a> Edit<'a> {
    const fn new(given: &'a BTreeMap<String, String>, kinds: &'a [String], revision: i64) -> Self {
        Self {
            given,
            kinds,
            problems: &[],
            revision,
            overtaken: false,
        }
    }
}

fn making(actor: &Actor, given: &BTreeMap<String, String>, chosen: &[String], problems: &[FormProblem]) -> EditPage {
    let edit = Edit {
        problems,
        ..Edit::new(given, chosen, 0)
    };
    EditPage {
        frame: across(actor, "A new policy", "/settings").still(),
        title: "A new policy".to_owned(),
        policy: None,
        form: Some(FormView {
            revision: None,
            ..FormView::new(format!("{PATH}/new"), &edit, Vec::new())
        }),
        revisions: Vec::new(),
    }
}

async fn standing(cx: &Cx, actor: &Actor, policy: Policy, edit: Edit<'_>) -> Result<EditPage, PageError> {
    let revisions = app::policy::revisions(cx, actor, policy.id).await?;
    let may_change = app::policy::may_manage(actor) && policy.retired_at.is_none();
    let theirs = if edit.overtaken {
        policy.body.differences(edit.given, edit.kinds)
    } else {
        Vec::new()
    };
    Ok(EditPage {
        frame: across(actor, &policy.body.name, "/settings").still(),
        form: may_change.then(|| FormView::new(format!("{PATH}/{}", policy.id), &edit, theirs)),
        title: policy.body.name.clone(),
        revisions: revisions.into_iter().map(Revision::new).collect(),
        policy: Some(Standing::new(policy)),
    })
}

impl FormView {
    fn new(action: String, edit: &Edit<'_>, theirs: Vec<FormProblem>) -> Self {
        let (fields, wrong_kinds) = fields(edit.given, edit.problems);
        let wrong = words::count(edit.problems.len(), "answer is", "answers are");
        Self {
            action,
            once: Once::new(),
            revision: Some(edit.revision),
            fields,
            kinds: kinds(edit.kinds),
            kinds_help: KINDS.help,
            wrong_kinds,
            wrong: (!edit.problems.is_empty()).then(|| format!("{wrong} missing or not understood.")),
            theirs,
        }
    }
}

impl Standing {
    fn new(policy: Policy) -> Self {
        Self {
            address: format!("{PATH}/{}", policy.id),
            badge: match policy.retired_at {
                None => Badge::new(Tone::Ok, "Offered"),
                Some(_) => Badge::new(Tone::Unknown, "Retired"),
            },
            fits: fits(&policy.body.kinds),
            terms: terms(&policy.body.answers),
            description: policy.body.description,
            changed_by: policy.changed_by,
            changed_at: policy.changed_at.into(),
        }
    }
}

impl Revision {
    fn new(policy: Policy) -> Self {
        Self {
            number: policy.revision,
            what: match (policy.revision, policy.retired_at) {
                (_, Some(_)) => "retired",
                (1, None) => "made",
                (_, None) => "changed",
            },
            terms: terms(&policy.body.answers),
            name: policy.body.name,
            by: policy.changed_by,
            at: policy.changed_at.into(),
        }
    }
}
