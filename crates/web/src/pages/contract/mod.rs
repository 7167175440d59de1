//! The contract: what the customer has to sign, what it says, whom it names, and its versions.

pub(crate) mod edit;

use app::authz::{Action, may};
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::acknowledgement::{Owed, Standing};
use domain::contact::Contact;
use domain::contract::{Addendum, Change, Conflict, Contract, ContractVersion, EscalationStep, GROUPS};
use domain::id::{ContactId, TenantId};
use domain::tenant::Tenant;
use futures::stream;
use jiff::civil::Date;
use serde::Deserialize;
use uuid::Uuid;

use super::once::Once;
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{Badge, Csv, Format, Frame, Moment, Pager, Reference, Tone, words};

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ContractQuery {
    /// The version with this number.
    version: Option<i32>,
    /// The version that held on this day; empty as a form sends it: the one in force.
    on: Option<String>,
    /// Where a page of versions begins.
    cursor: Option<i32>,
    /// Where a page of contacts begins.
    contacts: Option<Uuid>,
    done: Option<String>,
    #[serde(default)]
    format: Format,
}

const COLUMNS: [&str; 8] = [
    "version",
    "valid_from",
    "made_at",
    "made_by",
    "note",
    "field",
    "before",
    "after",
];

/// A version with what it changed of the one before.
type Changed = (ContractVersion, Vec<Change>);

#[derive(Template)]
#[template(path = "contract/show.html")]
struct ContractPage {
    frame: Frame,
    customer: String,
    lede: String,
    address: String,
    /// Whether a version is shown as it was: then only what it says.
    past: bool,
    /// The day that was asked for.
    on: Option<String>,
    /// Why there is nothing to show of that day.
    nothing: Option<String>,
    edit: Option<String>,
    owed: Vec<Statement>,
    outside: Vec<Conflict>,
    groups: Vec<(&'static str, Vec<Fact>)>,
    escalation: Vec<EscalationStep>,
    addenda: Vec<Paper>,
    contacts: Vec<Person>,
    more_contacts: Option<String>,
    new_contact: Option<String>,
    versions: Vec<Version>,
    pager: Pager,
}

/// A statement that the customer owes.
struct Statement {
    title: &'static str,
    wording: &'static str,
    version: String,
    badge: Badge,
    signed: Option<Signed>,
    sign: Option<Form>,
    withdraw: Option<Form>,
}

struct Signed {
    by: String,
    at: Moment,
    until: Moment,
}

/// A button that posts.
struct Form {
    action: String,
    kind: &'static str,
    once: Once,
}

/// One thing that the contract says.
struct Fact {
    label: &'static str,
    value: String,
    /// Whether nothing is stated.
    silent: bool,
}

struct Paper {
    addendum: Addendum,
    /// Whether the reference is an address that can be followed.
    followed: bool,
}

struct Person {
    contact: Contact,
    role: &'static str,
    entitlements: String,
    edit: Option<String>,
}

struct Version {
    number: i32,
    from: String,
    href: String,
    made_by: String,
    made_at: Moment,
    note: String,
    changes: Vec<Change>,
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ContractQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let versions = app::contract::versions(&cx, &actor, tenant.id, query.cursor).await?;
    if query.format == Format::Csv {
        return Ok(download(cx, actor, tenant.id, versions));
    }
    let links = Links::of(&tenant);
    let address = links.page("contract");
    let next = versions.next(|(version, _)| version.version);
    let pager = Pager::new(&address, None, next);
    let versions = versions
        .items
        .into_iter()
        .map(|(version, changes)| Version::new(&address, version, changes));
    let page = ContractPage {
        frame: of_tenant(&actor, &tenant, "Contract", "contract").saying(query.done.as_deref()),
        customer: tenant.name.clone(),
        lede: String::new(),
        past: false,
        on: None,
        nothing: None,
        edit: None,
        owed: Vec::new(),
        outside: Vec::new(),
        groups: Vec::new(),
        escalation: Vec::new(),
        addenda: Vec::new(),
        contacts: Vec::new(),
        more_contacts: None,
        new_contact: None,
        versions: versions.collect(),
        pager,
        address,
    };
    let page = match (query.version, query.on.filter(|on| !on.is_empty())) {
        (Some(number), _) => numbered(&cx, &actor, &tenant, page, number).await?,
        (None, Some(on)) => as_of(&cx, &actor, &tenant, page, on).await?,
        (None, None) => as_it_is(&cx, &actor, &tenant, page, query.contacts).await?,
    };
    Ok(Page(page).into_response())
}

/// As the version with that number has it.
async fn numbered(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    page: ContractPage,
    number: i32,
) -> Result<ContractPage, PageError> {
    let version = app::contract::by_number(cx, actor, tenant.id, number).await?;
    let lede = format!(
        "Version {number}, made by {}, which held from {}.",
        version.made_by,
        said(version.valid_from)
    );
    let page = ContractPage {
        lede,
        past: true,
        ..page
    };
    Ok(page.saying_what(&version.contract))
}

/// As it was on a day.
async fn as_of(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    page: ContractPage,
    on: String,
) -> Result<ContractPage, PageError> {
    let (lede, nothing, version) = match on.parse::<Date>() {
        Err(_) => (
            String::new(),
            Some(format!("“{on}” is no day: one like 2026-05-01 is expected.")),
            None,
        ),
        Ok(day) => match app::contract::on(cx, actor, tenant, day).await {
            Ok(version) => {
                let lede = format!("Version {}, which held on {}.", version.version, said(day));
                (lede, None, Some(version))
            }
            Err(app::AppError::NotFound) => {
                let nothing = format!("There was no contract yet on {}.", said(day));
                (String::new(), Some(nothing), None)
            }
            Err(other) => return Err(other.into()),
        },
    };
    let page = ContractPage {
        lede,
        nothing,
        past: true,
        on: Some(on),
        ..page
    };
    Ok(match version {
        Some(version) => page.saying_what(&version.contract),
        None => page,
    })
}

/// As it is in force, with all that hangs on it.
async fn as_it_is(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    page: ContractPage,
    contacts_after: Option<Uuid>,
) -> Result<ContractPage, PageError> {
    let links = Links::of(tenant);
    let version = app::contract::in_force(cx, actor, tenant).await?;
    let owed = app::acknowledgement::owed(cx, actor, tenant).await?;
    let contacts = app::contact::list(cx, actor, tenant.id, contacts_after.map(ContactId)).await?;
    let may_sign = may(actor, Action::Acknowledge, tenant.id);
    let manage = may(actor, Action::ManageContract, tenant.id);
    let more = contacts.next(|contact| contact.id);
    let contract = &version.contract;
    Ok(ContractPage {
        lede: lede(&version),
        edit: manage.then(|| links.page("contract/edit")),
        owed: owed
            .into_iter()
            .map(|one| Statement::new(&links, one, may_sign))
            .collect(),
        outside: app::contract::conflicts(cx, actor, tenant).await?,
        contacts: contacts
            .items
            .into_iter()
            .map(|contact| Person::new(&links, contact, manage))
            .collect(),
        more_contacts: more.map(|cursor| format!("{}?contacts={cursor}#contacts", links.page("contract"))),
        new_contact: manage.then(|| links.page("contacts/new")),
        ..page.saying_what(contract)
    })
}

impl ContractPage {
    fn saying_what(self, contract: &Contract) -> Self {
        let papers = contract.addenda.iter().map(|addendum| Paper {
            followed: Reference::new(&addendum.reference).is_some_and(|reference| reference.followed),
            addendum: addendum.clone(),
        });
        Self {
            groups: groups(contract),
            escalation: contract.escalation.clone(),
            addenda: papers.collect(),
            ..self
        }
    }
}

fn lede(version: &ContractVersion) -> String {
    let contract = &version.contract;
    let until = contract
        .until
        .map_or_else(|| "open-ended".to_owned(), |day| format!("until {}", said(day)));
    let notice = contract.notice_days.map_or_else(String::new, |days| {
        format!(", {} notice", words::count(usize::from(days), "day's", "days'"))
    });
    let level = words::service_level(contract.service_level);
    format!(
        "{level}, {until}{notice}. Version {} holds since {}.",
        version.version,
        said(version.valid_from)
    )
}

pub(super) fn said(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

/// What the contract says, but for what has a table of its own.
fn groups(contract: &Contract) -> Vec<(&'static str, Vec<Fact>)> {
    let mut answers = contract.answers();
    let fact = |field: &domain::scope_change::Field| {
        let value = answers.remove(field.id).unwrap_or_default();
        let silent = value.is_empty();
        let value = match field.id {
            "residency" if silent => "any region".to_owned(),
            "retention_minimum_days" | "retention_maximum_days" if silent => "no bound".to_owned(),
            "holidays" if silent => "none".to_owned(),
            "until" if silent => "open-ended".to_owned(),
            day if silent && day.starts_with("business_hours.") => "closed".to_owned(),
            _ if silent => "not stated".to_owned(),
            _ => value,
        };
        Fact {
            label: field.label,
            value,
            silent,
        }
    };
    let own_table = ["escalation", "addenda"];
    let mut facts = fact;
    let mut groups: Vec<(&'static str, Vec<Fact>)> = GROUPS
        .iter()
        .map(|(heading, fields)| {
            let fields = fields.iter().filter(|field| !own_table.contains(&field.id));
            (*heading, fields.map(&mut facts).collect())
        })
        .collect();
    for (heading, facts) in &mut groups {
        if *heading == "Regulation" {
            facts.extend(contract.bounds.moved_defaults().into_iter().map(|(tier, days)| Fact {
                label: "A tier's default that moves",
                value: format!("{}: {days} instead of {}", words::tier(tier), tier.retention()),
                silent: false,
            }));
        }
    }
    groups.retain(|(_, facts)| !facts.is_empty());
    groups
}

impl Statement {
    fn new(links: &Links, owed: Owed, may_sign: bool) -> Self {
        let badge = match owed.standing {
            Standing::Missing => Badge::new(Tone::Bad, "Missing"),
            Standing::Expired => Badge::new(Tone::Bad, "Expired"),
            Standing::Outdated => Badge::new(Tone::Bad, "Earlier version"),
            Standing::Expiring => Badge::new(Tone::Warn, "Expires soon"),
            Standing::Signed => Badge::new(Tone::Ok, "Signed"),
        };
        let form = |action: String| Form {
            action,
            kind: owed.statement.as_str(),
            once: Once::new(),
        };
        let all = links.page("acknowledgements");
        let signature = owed.signature.as_ref();
        Self {
            title: owed.statement.title(),
            wording: owed.statement.wording(),
            badge,
            signed: signature.map(|signature| Signed {
                by: format!("{}, version {},", signature.signed_by, signature.text_version),
                at: signature.signed_at.into(),
                until: signature.until.into(),
            }),
            sign: (may_sign && owed.standing != Standing::Signed).then(|| form(all.clone())),
            withdraw: signature
                .filter(|_| may_sign)
                .map(|signature| form(format!("{all}/{}/withdraw", signature.id))),
            version: owed.version,
        }
    }
}

impl Person {
    fn new(links: &Links, contact: Contact, manage: bool) -> Self {
        let entitled: Vec<_> = contact
            .card
            .entitlements
            .iter()
            .map(|one| one.words().to_owned())
            .collect();
        Self {
            role: contact.card.role.words(),
            entitlements: if entitled.is_empty() {
                "nothing".to_owned()
            } else {
                words::list(&entitled)
            },
            edit: manage.then(|| links.page(&format!("contacts/{}", contact.id))),
            contact,
        }
    }
}

impl Version {
    fn new(address: &str, version: ContractVersion, changes: Vec<Change>) -> Self {
        Self {
            number: version.version,
            from: said(version.valid_from),
            href: format!("{address}?version={}", version.version),
            made_by: version.made_by,
            made_at: version.made_at.into(),
            note: version.note,
            changes,
        }
    }
}

/// All versions from the first page on: a row for each field that one changed.
fn download(cx: Cx, actor: Actor, tenant: TenantId, first: app::Page<Changed>) -> Response {
    let rows = stream::try_unfold(Some(first), move |page| {
        let (cx, actor) = (cx.clone(), actor.clone());
        async move {
            let Some(page) = page else { return Ok(None) };
            let rows: Vec<_> = page.items.iter().flat_map(cells).collect();
            let after = match page.cursor(|(version, _)| version.version) {
                Some(before) => Some(app::contract::versions(&cx, &actor, tenant, Some(before)).await?),
                None => None,
            };
            Ok::<_, AppError>(Some((rows, after)))
        }
    });
    Csv::stream("contract-versions", &COLUMNS, rows)
}

fn cells((version, changes): &Changed) -> Vec<Vec<String>> {
    let of_version = [
        version.version.to_string(),
        version.valid_from.to_string(),
        version.made_at.to_string(),
        version.made_by.clone(),
        version.note.clone(),
    ];
    let row = |cells: [&str; 3]| -> Vec<String> {
        let cells = cells.map(str::to_owned);
        of_version.iter().cloned().chain(cells).collect()
    };
    if changes.is_empty() {
        return vec![row(["", "", ""])];
    }
    let changed = |change: &Change| row([change.field.id, &change.before, &change.after]);
    changes.iter().map(changed).collect()
}
