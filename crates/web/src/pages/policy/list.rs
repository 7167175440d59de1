//! The presets and the policies.

use app::Cx;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::component::ComponentKind;
use domain::id::PolicyId;
use domain::policy::{PRESETS, Policy, PolicyBody, Preset};
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::Query;
use crate::pages::frame::across;
use crate::view::{Csv, Filter, Format, Frame, Moment, Pager, chosen, filters, words};

const PATH: &str = "/settings/policies";
const STATES: [(&str, &str); 1] = [("retired", "Retired")];

#[derive(Template)]
#[template(path = "policy/list.html")]
struct ListPage {
    frame: Frame,
    presets: Vec<PresetRow>,
    filters: Vec<Filter>,
    rows: Vec<Row>,
    retired: bool,
    may_manage: bool,
    pager: Pager,
}

struct PresetRow {
    name: &'static str,
    description: &'static str,
    source: &'static str,
    fits: String,
    terms: Vec<String>,
}

struct Row {
    href: String,
    name: String,
    description: String,
    fits: String,
    terms: Vec<String>,
    changed_by: String,
    changed_at: Moment,
}

/// The filter that the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default, deserialize_with = "chosen")]
    state: Option<StateName>,
    cursor: Option<Uuid>,
    #[serde(default)]
    format: Format,
    done: Option<String>,
}

/// What is listed instead of the policies that are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StateName {
    Retired,
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let retired = query.state == Some(StateName::Retired);
    let policies = app::policy::list(&cx, &actor, retired, query.cursor.map(PolicyId)).await?;
    if query.format == Format::Csv {
        let read = move |after| {
            let (cx, actor) = (cx.clone(), actor.clone());
            async move { app::policy::list(&cx, &actor, retired, Some(after)).await }
        };
        return Ok(Csv::new("policies", &columns()).pages(policies, |policy| policy.id, read, cells));
    }
    let next = policies.next(|policy| policy.id);
    let state = retired.then_some("retired");
    Ok(Page(ListPage {
        frame: across(&actor, "Policies", "/settings").saying(query.done.as_deref()),
        presets: PRESETS.iter().map(PresetRow::new).collect(),
        filters: filters(PATH, "state", &STATES, state),
        rows: policies.items.into_iter().map(Row::new).collect(),
        retired,
        may_manage: app::policy::may_manage(&actor),
        pager: Pager::new(PATH, state.map(|state| ("state", state)), next),
    })
    .into_response())
}

impl PresetRow {
    fn new(preset: &Preset) -> Self {
        let answers = preset.answers();
        Self {
            name: preset.name,
            description: preset.description,
            source: preset.source,
            fits: fits(preset.kinds),
            terms: if answers.get("scope").is_some_and(|scope| scope == "Out of scope") {
                vec!["out of scope".to_owned()]
            } else {
                terms(&answers)
            },
        }
    }
}

impl Row {
    fn new(policy: Policy) -> Self {
        Self {
            href: format!("{PATH}/{}", policy.id),
            fits: fits(&policy.body.kinds),
            terms: terms(&policy.body.answers),
            name: policy.body.name,
            description: policy.body.description,
            changed_by: policy.changed_by,
            changed_at: policy.changed_at.into(),
        }
    }
}

/// The kinds in words.
pub(super) fn fits(kinds: &[ComponentKind]) -> String {
    let names: Vec<_> = kinds.iter().map(|kind| kind.words().to_owned()).collect();
    if names.is_empty() {
        "every kind".to_owned()
    } else {
        words::list(&names)
    }
}

/// The terms in words: `Retention: 35 days`.
pub(super) fn terms(answers: &std::collections::BTreeMap<String, String>) -> Vec<String> {
    let said = |field: domain::scope_change::Field| Some(format!("{}: {}", field.label, answers.get(field.id)?));
    PolicyBody::terms().filter_map(said).collect()
}

fn columns() -> Vec<&'static str> {
    let fields: Vec<_> = PolicyBody::terms().map(|field| field.id).collect();
    [
        &["name", "description", "kinds"][..],
        &fields,
        &["retired_at", "changed_by", "changed_at"],
    ]
    .concat()
}

fn cells(policy: &Policy) -> Vec<String> {
    let kinds: Vec<_> = policy.body.kinds.iter().map(|kind| kind.as_str()).collect();
    let mut cells = vec![
        policy.body.name.clone(),
        policy.body.description.clone(),
        kinds.join(" "),
    ];
    cells.extend(PolicyBody::terms().map(|field| policy.body.answers.get(field.id).cloned().unwrap_or_default()));
    cells.extend([
        policy.retired_at.map(|at| at.to_string()).unwrap_or_default(),
        policy.changed_by.clone(),
        policy.changed_at.to_string(),
    ]);
    cells
}
