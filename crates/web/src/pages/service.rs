//! What the service is: what it protects against and what not, its two levels, by when somebody answers, and who
//! answers for what.

use app::authz::{Action, may};
use app::{Actor, AppError, Cx, duty};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::contract::{ContractVersion, EscalationStep, Priority, ServiceLevel};
use domain::duty::{Responsibility, Responsible};
use domain::scope_change::FormProblem;
use domain::service::{
    COMPARISON, CONTROL_PLANE, Compared, ControlPlane, EXCLUDED, Elsewhere, OTHERWISE, Protects, UNCOVERED, protects,
};
use domain::tenant::Tenant;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Form, Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{Csv, Format, Frame, Moment, Pager, TiersView, words};

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ServiceQuery {
    /// The duty whose form is open.
    duty: Option<String>,
    done: Option<String>,
    #[serde(default)]
    format: Format,
}

/// The form that says who answers for a duty.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgreeForm {
    duty: String,
    responsible: Responsible,
    #[serde(default)]
    reason: String,
    /// The revision that was read; 0 before anything was agreed.
    revision: i64,
}

#[derive(Template)]
#[template(path = "service/show.html")]
struct ServicePage {
    frame: Frame,
    address: String,
    level: &'static str,
    is_baseline: bool,
    protects: Protects,
    comparison: &'static [Compared],
    tiers: TiersView,
    targets: Vec<Target>,
    hours: String,
    opening: Moment,
    escalation: Vec<EscalationStep>,
    /// (heading, words beside it, the duties).
    matrix: [(&'static str, &'static str, Vec<Row>); 2],
    form: Option<Open>,
    elsewhere: [(&'static str, &'static str, &'static [Elsewhere]); 3],
    control_plane: &'static ControlPlane,
    pager: Pager,
}

struct Target {
    what: &'static str,
    within: String,
    due: Option<Moment>,
}

struct Row {
    id: &'static str,
    title: &'static str,
    words: &'static str,
    provider: bool,
    customer: bool,
    agreed: Option<Agreed>,
    /// The form that changes it; `None`: the reader may not.
    change: Option<String>,
}

struct Agreed {
    usually: &'static str,
    reason: String,
    by: String,
    at: Moment,
}

/// The form of one duty.
struct Open {
    id: &'static str,
    title: &'static str,
    options: [(&'static str, &'static str, bool); 3],
    reason: String,
    revision: i64,
    wrong: Vec<String>,
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ServiceQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let version = app::contract::in_force(&cx, &actor, &tenant).await?;
    let matrix = duty::matrix(&cx, &actor, &tenant).await?;
    if query.format == Format::Csv {
        return Ok(csv(&matrix).into_response());
    }
    let may_change = may(&actor, Action::ManageContract, tenant.id);
    let wanted = |one: &&Responsibility| may_change && query.duty.as_deref() == Some(one.duty.id);
    let form = matrix.iter().find(wanted).map(|one| Open::new(one, None, &[]));
    let frame = frame(&actor, &tenant, form.is_some()).saying(query.done.as_deref());
    let page = ServicePage::new(frame, &actor, &tenant, &version, &matrix, form, cx.now());
    Ok(Page(page).into_response())
}

pub(crate) async fn agree(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(form): Form<AgreeForm>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let read = Some(form.revision);
    let agreed = duty::agree(&cx, &actor, tenant.id, &form.duty, read, form.responsible, &form.reason).await;
    let (status, problems) = match agreed {
        Ok(agreed) => {
            let address = Links::of(&tenant).page("service");
            return Ok(Redirect::to(&format!("{address}?done=saved#{}", agreed.duty)).into_response());
        }
        Err(AppError::Invalid(problems)) => (StatusCode::UNPROCESSABLE_ENTITY, problems),
        Err(AppError::Superseded(problems)) => (StatusCode::PRECONDITION_FAILED, problems),
        Err(other) => return Err(other.into()),
    };
    let version = app::contract::in_force(&cx, &actor, &tenant).await?;
    let matrix = duty::matrix(&cx, &actor, &tenant).await?;
    let open = matrix
        .iter()
        .find(|one| one.duty.id == form.duty)
        .map(|one| Open::new(one, Some(&form), &problems));
    // Whoever was told what stands by now may replace it; whoever was not has still read the earlier one.
    let told = status == StatusCode::PRECONDITION_FAILED;
    let open = open.map(|open| Open {
        revision: if told { open.revision } else { form.revision },
        ..open
    });
    let frame = frame(&actor, &tenant, true);
    let page = ServicePage::new(frame, &actor, &tenant, &version, &matrix, open, cx.now());
    Ok((status, Page(page)).into_response())
}

/// Live, unless a form is being filled in.
fn frame(actor: &Actor, tenant: &Tenant, with_form: bool) -> Frame {
    let frame = of_tenant(actor, tenant, "Service", "service");
    if with_form { frame.still() } else { frame }
}

impl ServicePage {
    fn new(
        frame: Frame,
        actor: &Actor,
        tenant: &Tenant,
        version: &ContractVersion,
        matrix: &[Responsibility],
        form: Option<Open>,
        now: Timestamp,
    ) -> Self {
        let contract = &version.contract;
        let (calendar, level) = (&contract.calendar, contract.service_level);
        let address = Links::of(tenant).page("service");
        let may_change = may(actor, Action::ManageContract, tenant.id);
        let row = |one: &Responsibility| Row::new(one, level, may_change.then_some(address.as_str()));
        let rows = |checks: bool| {
            let of_kind = matrix.iter().filter(|one| one.duty.is_check == checks);
            of_kind.map(row).collect()
        };
        let target = |priority| Target {
            what: words::priority(priority),
            within: words::response_target(priority, contract.urgent_response),
            due: contract.respond_by(priority, now).map(Moment),
        };
        Self {
            frame,
            level: words::service_level(level),
            is_baseline: level == ServiceLevel::Baseline,
            protects: protects(level),
            comparison: &COMPARISON,
            tiers: TiersView::new(level),
            targets: Priority::ALL.map(target).into(),
            hours: if calendar.is_open(now) {
                format!("Somebody is at work now ({}).", calendar.zone_name())
            } else {
                format!(
                    "Nobody is at work now ({}); the next business hour begins",
                    calendar.zone_name()
                )
            },
            opening: calendar.next_opening(now).into(),
            escalation: contract.escalation.clone(),
            matrix: [
                ("Duties", "what each side has to do", rows(false)),
                (
                    "Checks",
                    "who answers for each; what Holdfast cannot check yet it does not report",
                    rows(true),
                ),
            ],
            form,
            elsewhere: [
                (
                    "Covered by nothing unless you ask",
                    "What lies here is lost when its place is, unless somebody put it in scope.",
                    &UNCOVERED,
                ),
                ("Backed up otherwise", "Not by the backups on these pages.", &OTHERWISE),
                ("No matter of backups", "Left out by design.", &EXCLUDED),
            ],
            control_plane: &CONTROL_PLANE,
            pager: Pager::new(&address, None, None),
            address,
        }
    }
}

impl Row {
    fn new(one: &Responsibility, level: ServiceLevel, address: Option<&str>) -> Self {
        let duty = one.duty;
        Self {
            id: duty.id,
            title: duty.title,
            words: duty.words,
            provider: one.responsible.is_providers(),
            customer: one.responsible.is_customers(),
            agreed: one.agreed.as_ref().map(|agreed| Agreed {
                usually: words::responsible(duty.usually(level)),
                reason: agreed.reason.clone(),
                by: agreed.set_by.clone(),
                at: agreed.set_at.into(),
            }),
            change: address.map(|address| format!("{address}?duty={}#form", duty.id)),
        }
    }
}

impl Open {
    /// As it stands, or as it was filled in when that could not be saved.
    fn new(one: &Responsibility, filled: Option<&AgreeForm>, problems: &[FormProblem]) -> Self {
        let chosen = filled.map_or(one.responsible, |form| form.responsible);
        let all = [Responsible::Provider, Responsible::Customer, Responsible::Both];
        let standing = one.agreed.as_ref();
        Self {
            id: one.duty.id,
            title: one.duty.title,
            options: all.map(|option| (option.as_str(), words::responsible(option), option == chosen)),
            reason: filled.map_or_else(
                || standing.map(|agreed| agreed.reason.clone()).unwrap_or_default(),
                |form| form.reason.clone(),
            ),
            revision: standing.map_or(0, |agreed| agreed.revision),
            wrong: problems
                .iter()
                .map(|problem| words::plain(&problem.to_string()))
                .collect(),
        }
    }
}

fn csv(matrix: &[Responsibility]) -> Csv {
    let head = [
        "duty",
        "title",
        "kind",
        "responsible",
        "agreed_reason",
        "agreed_by",
        "agreed_at",
    ];
    let mut csv = Csv::new("responsibilities", &head);
    for one in matrix {
        let agreed = one.agreed.as_ref();
        csv.row(&[
            one.duty.id.to_owned(),
            one.duty.title.to_owned(),
            if one.duty.is_check { "check" } else { "task" }.to_owned(),
            one.responsible.as_str().to_owned(),
            agreed.map(|agreed| agreed.reason.clone()).unwrap_or_default(),
            agreed.map(|agreed| agreed.set_by.clone()).unwrap_or_default(),
            agreed.map(|agreed| agreed.set_at.to_string()).unwrap_or_default(),
        ]);
    }
    csv
}
