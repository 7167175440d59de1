//! Everybody who may sign in.

use app::Cx;
use app::user::{self, Filter, Person};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::role::Role;
use serde::Deserialize;

use super::{Customers, address, customers, roles};
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::Query;
use crate::pages::frame::across;
use crate::view::{Badge, Csv, FilterBar, Format, Frame, Moment, Pager, Select, Tone, chosen, searched, words};

const PATH: &str = "/settings/people";

/// What the list is filtered by; it stands in the address.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    q: Option<String>,
    #[serde(default, deserialize_with = "chosen")]
    role: Option<Role>,
    /// Its name in addresses.
    #[serde(default, deserialize_with = "chosen")]
    customer: Option<String>,
    #[serde(default, deserialize_with = "chosen")]
    state: Option<StateName>,
    cursor: Option<String>,
    #[serde(default)]
    format: Format,
}

/// Whether a person can sign in, by its name in addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StateName {
    Enabled,
    Disabled,
}

impl StateName {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

const COLUMNS: [&str; 5] = ["email", "name", "roles", "state", "created_at"];

#[derive(Template)]
#[template(path = "user/list.html")]
struct ListPage {
    frame: Frame,
    bar: FilterBar,
    rows: Vec<Row>,
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
    let tenant = match &query.customer {
        None => None,
        Some(slug) => Some(actor.tenant(&cx, slug).await?.id),
    };
    let filter = Filter {
        words: searched(query.q.as_deref()).map(str::to_owned),
        role: query.role,
        tenant,
        disabled: query.state.map(|state| state == StateName::Disabled),
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
    let next = people.next(|person| person.email.clone());
    Ok(Page(ListPage {
        frame: across(&actor, "People", "/settings"),
        pager: Pager::new(PATH, query.given(), next),
        bar: query.bar(known),
        rows,
    })
    .into_response())
}

impl ListQuery {
    /// What is chosen, as (name, value).
    fn given(&self) -> Vec<(&'static str, &str)> {
        let given = [
            ("q", searched(self.q.as_deref())),
            ("role", self.role.map(Role::as_str)),
            ("customer", self.customer.as_deref()),
            ("state", self.state.map(StateName::as_str)),
        ];
        given
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    fn bar(&self, customers: Customers) -> FilterBar {
        let mut customers: Vec<_> = customers.into_values().collect();
        customers.sort_by(|one, other| one.1.cmp(&other.1));
        let any_customer = std::iter::once((String::new(), "Any".to_owned()));
        let roles = Role::ALL.map(|role| (role.as_str(), words::role(role)));
        let states = [("", "Everybody"), ("enabled", "Can sign in"), ("disabled", "Disabled")];
        FilterBar {
            path: PATH.to_owned(),
            q: searched(self.q.as_deref()).unwrap_or_default().to_owned(),
            looks_in: "name and e-mail address",
            selects: vec![
                Select::new(
                    "role",
                    "Role",
                    std::iter::once(("", "Any")).chain(roles),
                    self.role.map(Role::as_str),
                ),
                Select::new(
                    "customer",
                    "Customer",
                    any_customer.chain(customers),
                    self.customer.as_deref(),
                ),
                Select::new("state", "State", states, self.state.map(StateName::as_str)),
            ],
            hidden: Vec::new(),
            clear: (!self.given().is_empty()).then(|| PATH.to_owned()),
            keeps: None,
        }
    }
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
