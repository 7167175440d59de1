//! The hand-over of a customer: exports, what remains, and (for administrators) suspending and the end of the contract.

use app::authz::{Action, may};
use app::lifecycle;
use app::{Actor, AppError, Cx, Decision};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::export::{Export, Remaining, State as Stage};
use domain::id::TenantId;
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Failure, Page, PageError};
use crate::extract::{Form, Path, Query};
use crate::links::Links;
use crate::pages::DoneQuery;
use crate::pages::frame::of_tenant;
use crate::pages::once::Once;
use crate::view::{Badge, Frame, Moment, Tone, words};

#[derive(Template)]
#[template(path = "lifecycle/show.html")]
struct LifecyclePage {
    frame: Frame,
    customer: String,
    address: String,
    once: Once,
    exports: Vec<ExportRow>,
    under_way: bool,
    remaining: RemainingView,
    /// What an administrator may do.
    admin: Option<AdminView>,
}

struct ExportRow {
    asked: Moment,
    by: String,
    badge: Badge,
    detail: String,
    sha256: Option<String>,
    /// Where it is downloaded.
    content: Option<String>,
}

struct RemainingView {
    components: Vec<(String, String, String)>,
    /// What restores made: name, place, what is known, ARN.
    restored: Vec<(String, String, String, Option<String>)>,
    tagged: Vec<(String, String)>,
    accounts: Vec<RemainingAccount>,
    /// Name, installation, and since when it is unlinked.
    repositories: Vec<(String, i64, Option<Moment>)>,
}

struct RemainingAccount {
    account: String,
    external_id: String,
    roles: Vec<String>,
    unlinked: Option<Moment>,
}

struct AdminView {
    slug: String,
    revision: i64,
    suspended: Option<(String, Moment, String)>,
    waiting: String,
    announced: Option<(String, String, String)>,
    ended: Option<Moment>,
    can_end: Result<(), String>,
    reason: String,
    last_day: String,
    confirm: String,
    problems: Vec<FormProblem>,
    accounts: Vec<UnlinkView>,
}

/// An account that can be unlinked.
struct UnlinkView {
    account: String,
    typed: String,
    wrong: Option<String>,
}

impl AdminView {
    fn wrong(&self, field: &str) -> Option<&str> {
        let problem = self.problems.iter().find(|problem| problem.field == field)?;
        Some(&problem.why)
    }

    /// The name that was typed to confirm, where it is wrong.
    fn typed(&self, field: &str) -> &str {
        self.wrong(field).map_or("", |_| &self.confirm)
    }
}

/// What was typed before it was refused.
#[derive(Default)]
struct Typed {
    reason: String,
    last_day: String,
    /// To confirm it.
    confirm: String,
    problems: Vec<FormProblem>,
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let mut page = page(&cx, &actor, &tenant, Typed::default()).await?;
    page.frame = page.frame.saying(query.done.as_deref());
    Ok(Page(page).into_response())
}

async fn page(cx: &Cx, actor: &Actor, tenant: &Tenant, typed: Typed) -> Result<LifecyclePage, PageError> {
    let links = Links::of(tenant);
    let exports = app::export::list(cx, actor, tenant.id, None).await?.items;
    let remaining = app::export::remaining(cx, actor, tenant.id).await?;
    let handed_over = exports.iter().find(|export| export.state == Stage::Verified);
    let handed_over = handed_over.map(|export| export.requested_at);
    let admin = match may(actor, Action::Administer, tenant.id) {
        true => {
            let waiting = lifecycle::waiting(cx, actor, tenant.id).await?;
            Some(AdminView::new(cx, tenant, waiting, handed_over, &remaining, typed))
        }
        false => None,
    };
    Ok(LifecyclePage {
        frame: of_tenant(actor, tenant, "Hand-over", "hand-over"),
        customer: tenant.name.clone(),
        address: links.page("hand-over"),
        once: Once::new(),
        under_way: exports.iter().any(|export| export.state.is_under_way()),
        exports: exports.iter().map(|export| ExportRow::new(&links, export)).collect(),
        remaining: RemainingView::new(&remaining),
        admin,
    })
}

impl AdminView {
    fn new(
        cx: &Cx,
        tenant: &Tenant,
        waiting: i64,
        handed_over: Option<jiff::Timestamp>,
        remaining: &Remaining,
        typed: Typed,
    ) -> Self {
        let standing = &tenant.lifecycle;
        let today = app::tenant::today(cx, tenant);
        let end = standing.clone().end("", today, handed_over, cx.now());
        let day = |date: Date| date.strftime("%-d %b %Y").to_string();
        Self {
            slug: tenant.slug.clone(),
            revision: standing.revision,
            suspended: standing
                .suspension
                .as_ref()
                .map(|one| (one.by.clone(), one.at.into(), one.reason.clone())),
            waiting: words::count(usize::try_from(waiting).unwrap_or_default(), "job waits", "jobs wait"),
            announced: standing
                .announced()
                .map(|one| (day(one.last_day), one.by.clone(), one.reason.clone())),
            ended: standing.ended_at().map(Moment),
            can_end: end.map(drop).map_err(|refused| refused.to_string()),
            accounts: remaining
                .accounts
                .iter()
                .filter(|account| account.unlinked_at.is_none())
                .map(|account| UnlinkView::new(&account.account, &typed))
                .collect(),
            confirm: typed.confirm,
            reason: typed.reason,
            last_day: typed.last_day,
            problems: typed.problems,
        }
    }
}

impl UnlinkView {
    fn new(account: &str, typed: &Typed) -> Self {
        let wrong = typed
            .problems
            .iter()
            .find(|problem| problem.field == unlink_field(account));
        Self {
            account: account.to_owned(),
            typed: wrong.map(|_| typed.confirm.clone()).unwrap_or_default(),
            wrong: wrong.map(|problem| problem.why.clone()),
        }
    }
}

/// The field in which the number of an account is typed, among those of the other accounts.
fn unlink_field(account: &str) -> String {
    format!("unlink-{account}")
}

impl ExportRow {
    fn new(links: &Links, export: &Export) -> Self {
        let (badge, detail) = match export.state {
            Stage::Queued => (Badge::new(Tone::Busy, "Waiting"), "It begins in a moment.".to_owned()),
            Stage::Writing => (Badge::new(Tone::Busy, "Being written"), progress(export)),
            Stage::Verifying => (Badge::new(Tone::Busy, "Being read back"), progress(export)),
            Stage::Verified => (Badge::new(Tone::Ok, "Verified"), verified(export)),
            Stage::Failed => (
                Badge::new(Tone::Bad, "Failed"),
                export.problem.clone().unwrap_or_default(),
            ),
            Stage::Expired => (
                Badge::new(Tone::Unknown, "Expired"),
                "It was kept for 30 days. Make a new one.".to_owned(),
            ),
        };
        Self {
            asked: export.requested_at.into(),
            by: export.requested_by.clone(),
            badge,
            detail,
            sha256: export.sha256.clone(),
            content: (export.state == Stage::Verified).then(|| links.page(&format!("exports/{}/content", export.id))),
        }
    }
}

fn progress(export: &Export) -> String {
    match export.files_total {
        Some(total) => format!("{} of {total} files", export.files_done),
        None => "It has begun.".to_owned(),
    }
}

fn verified(export: &Export) -> String {
    let rows = usize::try_from(export.rows.unwrap_or_default()).unwrap_or_default();
    let size = words::bytes(export.size_bytes.unwrap_or_default());
    format!(
        "{}, {size}, read back and the same as the records",
        words::count(rows, "row", "rows")
    )
}

impl RemainingView {
    fn new(remaining: &Remaining) -> Self {
        let components = remaining.recovery_points.iter().map(|of| {
            let place = match (&of.account, &of.region) {
                (Some(account), Some(region)) => format!("account {account}, {region}"),
                _ => "outside AWS".to_owned(),
            };
            let day = |at: jiff::Timestamp| at.strftime("%-d %b %Y, %H:%M UTC").to_string();
            let copies = match (of.points.first(), of.points.last()) {
                (Some(newest), Some(oldest)) => format!(
                    "{}; the newest goes back to {}, the oldest to {}",
                    words::count(of.points.len(), "recovery point", "recovery points"),
                    day(newest.at),
                    day(oldest.earliest.unwrap_or(oldest.at))
                ),
                _ => "no recovery point was seen".to_owned(),
            };
            let goes_on = match of.retention_days {
                Some(days) if days > 0 => format!("; AWS goes on making backups and keeps each {days} days"),
                _ => String::new(),
            };
            (
                format!("{} ({})", of.component, of.environment),
                place,
                format!("{copies}{goes_on}"),
            )
        });
        let tagged = remaining.tagged.iter().map(|tagged| {
            let tags: Vec<_> = tagged
                .tags
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            (tagged.arn.clone(), tags.join(" "))
        });
        let restored = remaining.restored.iter().map(|made| {
            let place = format!("account {}, {}", made.account, made.region);
            (made.name.clone(), place, made.known(), made.arn.clone())
        });
        let accounts = remaining.accounts.iter();
        Self {
            components: components.collect(),
            restored: restored.collect(),
            tagged: tagged.collect(),
            accounts: accounts
                .map(|one| RemainingAccount {
                    account: one.account.clone(),
                    external_id: one.external_id.clone(),
                    roles: one.roles.clone(),
                    unlinked: one.unlinked_at.map(Moment),
                })
                .collect(),
            repositories: remaining
                .repositories
                .iter()
                .map(|one| (one.full_name.clone(), one.installation_id, one.unlinked_at.map(Moment)))
                .collect(),
        }
    }

    const fn is_nothing(&self) -> bool {
        self.components.is_empty()
            && self.restored.is_empty()
            && self.tagged.is_empty()
            && self.accounts.is_empty()
            && self.repositories.is_empty()
    }
}

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
    app::authz::check(actor, Action::Administer, tenant.id)?;
    Ok(tenant)
}
