//! What ends next quarter unless somebody renews it, across all customers of the reader.

use app::Cx;
use app::expiring::{self, Expiring, Filter, Key, Kind};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Failure, Page, PageError};
use crate::extract::Query;
use crate::links::Links;
use crate::pages::frame::across;
use crate::view::{Badge, Csv, Format, Frame, Pager, Select, Tone, chosen, searched};

/// What the address filters by. What a form left empty was not given.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ExpiringQuery {
    q: Option<String>,
    #[serde(default, deserialize_with = "chosen")]
    until: Option<Date>,
    #[serde(default, deserialize_with = "chosen")]
    kind: Option<KindName>,
    cursor: Option<String>,
    #[serde(default)]
    format: Format,
}

/// A source by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KindName {
    Contract,
    Acknowledgement,
    OutDecision,
    Hold,
    ApiToken,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Contract => Self::Contract,
            KindName::Acknowledgement => Self::Acknowledgement,
            KindName::OutDecision => Self::Decision,
            KindName::Hold => Self::Hold,
            KindName::ApiToken => Self::Token,
        }
    }
}

#[derive(Template)]
#[template(path = "expiring/list.html")]
struct ExpiringPage {
    frame: Frame,
    /// What is searched for; empty: nothing.
    q: String,
    /// What stands in the field; empty: each customer's own next quarter.
    until: String,
    kinds: Select,
    /// Where the whole list is; `None`: this is it.
    clear: Option<&'static str>,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    kind: &'static str,
    name: Option<String>,
    /// Its name, and where what ends is shown, if its pages do.
    customer: Option<(String, Option<String>)>,
    on: String,
    /// The last day on which notice can be given, if the contract asks for some.
    notice: Option<String>,
    badge: Badge,
    todo: &'static str,
}

const KINDS: [(&str, &str); 6] = [
    ("", "Everything"),
    ("contract", "Contracts"),
    ("acknowledgement", "Acknowledgements"),
    ("out-decision", "Decisions against backups"),
    ("hold", "Holds"),
    ("api-token", "API tokens"),
];

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Query(query): Query<ExpiringQuery>,
) -> Result<Response, PageError> {
    let after = query.cursor.as_deref().map(cursor).transpose().map_err(PageError)?;
    let kind = query.kind.map(Kind::from);
    let q = searched(query.q.as_deref());
    let filter = Filter {
        text: q.map(str::to_owned),
        until: query.until,
        kind,
        after,
    };
    if query.format == Format::Csv {
        return Ok(csv(&expiring::all(&cx, &actor, &filter).await?).into_response());
    }
    let listed = expiring::page(&cx, &actor, &filter).await?;
    let until = query.until.map(|until| until.to_string());
    let narrowed = [("q", q), ("until", until.as_deref()), ("kind", kind.map(Kind::as_str))];
    let narrowed: Vec<_> = narrowed
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect();
    Ok(Page(ExpiringPage {
        frame: across(&actor, "Expiring", "/expiring"),
        kinds: Select::new("kind", "What", KINDS, kind.map(Kind::as_str)),
        clear: (!narrowed.is_empty()).then_some("/expiring"),
        rows: listed.items.iter().map(Row::new).collect(),
        pager: Pager::new("/expiring", narrowed, listed.next(Expiring::key)),
        until: until.as_deref().unwrap_or_default().to_owned(),
        q: q.unwrap_or_default().to_owned(),
    })
    .into_response())
}

/// Where a page begins, as the page before said it.
pub(crate) fn cursor(text: &str) -> Result<Key, Failure> {
    text.parse().map_err(|_| {
        Failure::new(
            http::StatusCode::BAD_REQUEST,
            "This was not understood",
            "The cursor is none that this list gave: begin at the first page.",
        )
    })
}

impl Row {
    fn new(expiring: &Expiring) -> Self {
        let tenant = expiring.tenant.as_ref();
        Self {
            kind: words(expiring.kind),
            name: (expiring.kind != Kind::Contract).then(|| expiring.name.clone()),
            customer: tenant.map(|tenant| (tenant.name.clone(), shown(expiring.kind, &Links::of(tenant)))),
            on: said(expiring.on),
            notice: expiring.notice_by.map(said),
            badge: match expiring {
                Expiring { over: true, .. } => Badge::new(Tone::Bad, "Over"),
                Expiring { notice_over: true, .. } => Badge::new(Tone::Warn, "Too late for notice"),
                _ => Badge::new(Tone::Warn, "Ends"),
            },
            todo: match expiring.kind {
                Kind::Contract if expiring.notice_by.is_some() && !expiring.notice_over => {
                    "Agree on the next term, or give notice in time."
                }
                Kind::Contract => "Agree on the next term, or end the service.",
                Kind::Acknowledgement => "An approver of the customer signs it again, for another year.",
                Kind::Decision => {
                    "An approver of the customer attests that it stays without backups, or it comes into scope."
                }
                Kind::Hold => {
                    "From then on nothing keeps these recovery points beyond their retention: hold them anew if they are needed."
                }
                Kind::Token => "The program that uses it stops on that day: give it a new one before.",
            },
        }
    }
}

fn said(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

/// Where a customer's thing is shown.
fn shown(kind: Kind, links: &Links) -> Option<String> {
    let page = match kind {
        Kind::Contract => "contract",
        Kind::Acknowledgement => "contract#acknowledgements",
        Kind::Decision => "decisions",
        Kind::Hold => "holds",
        Kind::Token => return None,
    };
    Some(links.page(page))
}

const fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Contract => "Contract",
        Kind::Acknowledgement => "Acknowledgement",
        Kind::Decision => "Out of scope",
        Kind::Hold => "Hold",
        Kind::Token => "API token",
    }
}

fn csv(rows: &[Expiring]) -> Csv {
    let mut csv = Csv::new(
        "expiring",
        &["what", "name", "customer", "ends_on", "over", "notice_by"],
    );
    for row in rows {
        csv.row(&[
            row.kind.as_str().to_owned(),
            row.name.clone(),
            row.tenant
                .as_ref()
                .map(|tenant| tenant.slug.clone())
                .unwrap_or_default(),
            row.on.to_string(),
            row.over.to_string(),
            row.notice_by.map(|day| day.to_string()).unwrap_or_default(),
        ]);
    }
    csv
}
