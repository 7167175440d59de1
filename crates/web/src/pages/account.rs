//! Linked AWS accounts, and whether their roles work.

use app::Cx;
use app::account::LinkedAccount;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::account::RolePurpose;
use domain::id::AwsAccountLinkId;
use jiff::Timestamp;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::PageQuery;
use crate::pages::frame::of_tenant;
use crate::view::{Badge, Csv, Format, Frame, Moment, Pager, Tone};

#[derive(Template)]
#[template(path = "account/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
    accounts: Vec<AccountView>,
    pager: Pager,
}

struct AccountView {
    number: String,
    region: String,
    badge: Badge,
    problem: Option<String>,
    external_id: String,
    /// (what it may do, its ARN).
    roles: Vec<(&'static str, String)>,
    verified: Option<Moment>,
    observed: Option<Moment>,
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let after = query.cursor.map(AwsAccountLinkId);
    let accounts = app::account::list(&cx, &actor, tenant.id, after).await?;
    if query.format == Format::Csv {
        let read = move |after| {
            let (cx, actor) = (cx.clone(), actor.clone());
            async move { app::account::list(&cx, &actor, tenant.id, Some(after)).await }
        };
        return Ok(Csv::new("accounts", &COLUMNS).pages(accounts, |linked| linked.account.id, read, cells));
    }
    let next = accounts.next(|linked| linked.account.id);
    Ok(Page(ListPage {
        pager: Pager::new(&Links::of(&tenant).page("accounts"), None, next),
        frame: of_tenant(&actor, &tenant, "Accounts", "accounts"),
        accounts: accounts.items.into_iter().map(AccountView::new).collect(),
        customer: tenant.name,
    })
    .into_response())
}

impl AccountView {
    fn new(linked: LinkedAccount) -> Self {
        const PURPOSES: [(RolePurpose, &str); 4] = [
            (RolePurpose::Observe, "Observe: reads"),
            (RolePurpose::Configure, "Configure: adds protection"),
            (
                RolePurpose::Tune,
                "Tune: changes one resource, under an approved change",
            ),
            (
                RolePurpose::Restore,
                "Restore: makes new resources, under an approved restore",
            ),
        ];
        let account = linked.account;
        Self {
            badge: match (&linked.problem, linked.verified_at) {
                (Some(_), _) => Badge::new(Tone::Bad, "Not usable"),
                (None, Some(_)) => Badge::new(Tone::Ok, "Roles work"),
                (None, None) => Badge::new(Tone::Unknown, "Not checked yet"),
            },
            problem: linked.problem,
            verified: linked.verified_at.map(Moment),
            observed: linked.observed_at.map(Moment),
            roles: PURPOSES
                .iter()
                .map(|(purpose, words)| (*words, account.roles.get(*purpose).to_string()))
                .collect(),
            number: account.account.to_string(),
            region: account.region.to_string(),
            external_id: account.external_id,
        }
    }
}

const COLUMNS: [&str; 6] = [
    "account_id",
    "region",
    "external_id",
    "verified_at",
    "observed_at",
    "problem",
];

fn cells(linked: &LinkedAccount) -> Vec<String> {
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    vec![
        linked.account.account.to_string(),
        linked.account.region.to_string(),
        linked.account.external_id.clone(),
        moment(linked.verified_at),
        moment(linked.observed_at),
        linked.problem.clone().unwrap_or_default(),
    ]
}
