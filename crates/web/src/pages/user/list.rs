//! Everybody who may sign in.

use app::Cx;
use app::user::{self, Filter, Person};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::role::Role;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::{Customers, address, customers, roles};
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::Query;
use crate::pages::frame::across;
use crate::view::{Badge, Csv, Format, Frame, Moment, Pager, Tone, words};

const PATH: &str = "/settings/people";

/// What the list is filtered by; it stands in the address.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    customer: String,
    #[serde(default)]
    state: String,
    cursor: Option<String>,
    #[serde(default)]
    format: Format,
}

const COLUMNS: [&str; 5] = ["email", "name", "roles", "state", "created_at"];

#[derive(Template)]
#[template(path = "user/list.html")]
struct ListPage {
    frame: Frame,
    q: String,
    roles: Vec<(&'static str, &'static str, bool)>,
    customers: Vec<(String, String, bool)>,
    states: [(&'static str, &'static str, bool); 3],
    rows: Vec<Row>,
    filtered: bool,
    pager: Pager,
}

struct Row {
    href: String,
    name: String,
    email: String,
    roles: Vec<String>,
    badge: Badge,
    created: Moment,
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let known = customers(&cx, &actor).await?;
    let tenant = known.iter().find(|(_, (slug, _))| *slug == query.customer);
    let filter = Filter {
        words: Some(query.q.trim().to_owned()).filter(|words| !words.is_empty()),
        role: query.role.parse().ok(),
        tenant: tenant.map(|(id, _)| *id),
        disabled: match query.state.as_str() {
            "enabled" => Some(false),
            "disabled" => Some(true),
            _ => None,
        },
        after: query.cursor.clone(),
    };
    let people = user::list(&cx, &actor, &filter).await?;
    if query.format == Format::Csv {
        let read = move |after| {
            let (cx, actor) = (cx.clone(), actor.clone());
            let filter = Filter {
                after: Some(after),
                ..filter.clone()
            };
            async move { user::list(&cx, &actor, &filter).await }
        };
        let cells = move |person: &Person| Row::new(person, &known).cells();
        return Ok(Csv::new("people", &COLUMNS).pages(people, |person| person.email.clone(), read, cells));
    }
    let rows = people.items.iter().map(|person| Row::new(person, &known)).collect();
    let given = [
        ("q", query.q.as_str()),
        ("role", &query.role),
        ("customer", &query.customer),
        ("state", &query.state),
    ];
    let given: Vec<_> = given.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let mut names: Vec<_> = known.into_values().collect();
    names.sort_by(|one, other| one.1.cmp(&other.1));
    Ok(Page(ListPage {
        frame: across(&actor, "People", "/settings"),
        filtered: !given.is_empty(),
        pager: pager(&given, people.next(|person| person.email.clone())),
        roles: Role::ALL
            .map(|role| (role.as_str(), words::role(role), role.as_str() == query.role))
            .into(),
        customers: names
            .into_iter()
            .map(|(slug, name)| (slug.clone(), name, slug == query.customer))
            .collect(),
        states: [("", "Everybody"), ("enabled", "Can sign in"), ("disabled", "Disabled")]
            .map(|(value, word)| (value, word, value == query.state)),
        q: query.q,
        rows,
    })
    .into_response())
}

impl Row {
    fn new(person: &Person, customers: &Customers) -> Self {
        Self {
            href: address(person.id),
            name: person.display_name.clone(),
            email: person.email.clone(),
            roles: roles(person, customers).into_iter().map(|(.., words)| words).collect(),
            badge: match person.disabled_at {
                None => Badge::new(Tone::Ok, "Can sign in"),
                Some(_) => Badge::new(Tone::Unknown, "Disabled"),
            },
            created: person.created_at.into(),
        }
    }

    fn cells(self) -> Vec<String> {
        vec![
            self.email,
            self.name,
            self.roles.join("; "),
            self.badge.word.to_owned(),
            self.created.0.to_string(),
        ]
    }
}

/// The next page and the download keep the filter.
fn pager(given: &[(&str, &str)], next: Option<String>) -> Pager {
    let address = |key: &str, value: &str| {
        let query = Serializer::new(String::new())
            .extend_pairs(given)
            .append_pair(key, value)
            .finish();
        format!("{PATH}?{query}")
    };
    Pager {
        next: next.map(|cursor| address("cursor", &cursor)),
        csv: address("format", "csv"),
    }
}
