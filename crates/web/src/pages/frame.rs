//! The navigation: what the reader's role opens, and where the reader is.

use app::Actor;
use app::authz::{Action, may};
use domain::lifecycle::Stage;
use domain::role::Role;
use domain::tenant::Tenant;

use crate::links::Links;
use crate::view::{Frame, Moment, NavGroup, NavLink, Notice, Person, Reference, SubjectTo, words};

/// The pages of a customer, as (name in the address, icon, word).
const TENANT_PAGES: [(&str, &str, &str); 12] = [
    ("scope", "file-text", "Scope of work"),
    ("decisions", "list-checks", "Decisions"),
    ("changes", "git-pull-request-arrow", "Changes"),
    ("restores", "rotate-ccw", "Restores"),
    ("recovery-points", "archive", "Recovery points"),
    ("components", "database", "Components"),
    ("imports", "inbox", "Imports"),
    ("accounts", "cloud", "Accounts"),
    ("contract", "briefcase", "Contract"),
    ("service", "life-buoy", "Service"),
    ("audit", "scroll-text", "Audit log"),
    ("hand-over", "download", "Hand-over"),
];

/// The frame of a page across customers; `current` is its address.
pub(super) fn across(actor: &Actor, title: &str, current: &str) -> Frame {
    Frame {
        nav: across_links(actor, current),
        person: Some(person(actor)),
        ..Frame::bare(title)
    }
}

/// The frame of a customer's page; `current` is its name in the address, empty for the status page. It is
/// live: it hears of every change of this customer.
pub(super) fn of_tenant(actor: &Actor, tenant: &Tenant, title: &str, current: &str) -> Frame {
    let links = Links::of(tenant);
    let mut nav = across_links(actor, "");
    let shown = |name: &str| match name {
        "audit" => may(actor, Action::ReadAudit, tenant.id),
        "hand-over" => may(actor, Action::HandOver, tenant.id),
        "imports" => may(actor, Action::ImportInventory, tenant.id),
        _ => true,
    };
    let pages = TENANT_PAGES.iter().filter(|(name, ..)| shown(name));
    let pages = pages.map(|(name, icon, word)| link(links.page(name), icon, word, *name == current));
    let status = link(links.status(), "shield", "Status", current.is_empty());
    nav.push(NavGroup {
        heading: Some(tenant.name.clone()),
        links: std::iter::once(status).chain(pages).collect(),
    });
    Frame {
        nav,
        person: Some(person(actor)),
        events: Some(links.events()),
        subject_to: Some(SubjectTo {
            words: words::subject_to(&tenant.contract.terms_version),
            href: links.page("contract"),
            terms: Reference::new(&tenant.contract.terms_reference),
        }),
        notice: notice(tenant),
        ..Frame::bare(format!("{title} · {}", tenant.name))
    }
}

/// How the customer stands, in words for everybody who reads its pages.
fn notice(tenant: &Tenant) -> Option<Notice> {
    match (&tenant.lifecycle.stage, &tenant.lifecycle.suspension) {
        (Stage::Offboarded { at, .. }, _) => Some(Notice {
            words: format!("{} was offboarded", tenant.name),
            at: Some(Moment(*at)),
            rest:
                "Holdfast makes no call to its accounts any more; what is shown here is as it was last seen, and its \
                   people can read it for 30 days."
                    .to_owned(),
        }),
        (_, Some(suspension)) => Some(Notice {
            words: format!("{} was suspended", tenant.name),
            at: Some(Moment(suspension.at)),
            rest: format!(
                "Nothing is read or changed in its accounts and repositories, and no change, restore or end of a \
                 component can be asked for. What was asked for waits. The reason: {}",
                suspension.reason
            ),
        }),
        (Stage::Offboarding(end), None) => Some(Notice {
            words: format!(
                "The service for {} ends: its last day is {}",
                tenant.name,
                end.last_day.strftime("%-d %b %Y")
            ),
            at: None,
            rest: "Until it is closed, everything goes on.".to_owned(),
        }),
        (Stage::Active, None) => None,
    }
}

fn across_links(actor: &Actor, current: &str) -> Vec<NavGroup> {
    let one_customer = !actor.is_staff() && actor.scope().tenants().len() == 1;
    let pages: &[(&str, &'static str, &'static str)] = if actor.is_staff() {
        &[
            ("/", "layout-grid", "Fleet"),
            ("/customers", "users", "Customers"),
            ("/approvals", "list-checks", "Approvals"),
            ("/retention", "history", "Retention"),
            ("/expiring", "calendar", "Expiring"),
            ("/settings", "settings", "Settings"),
        ]
    } else if one_customer {
        &[]
    } else {
        &[("/customers", "layout-grid", "Customers")]
    };
    let links: Vec<_> = pages
        .iter()
        .map(|(href, icon, word)| link((*href).to_owned(), icon, word, *href == current))
        .collect();
    if links.is_empty() {
        Vec::new()
    } else {
        vec![NavGroup { heading: None, links }]
    }
}

fn link(href: String, icon: &'static str, word: &'static str, current: bool) -> NavLink {
    NavLink {
        href,
        icon,
        word,
        current,
    }
}

/// The reader, by the role that opens most.
fn person(actor: &Actor) -> Person {
    let strongest = [
        Role::Admin,
        Role::Approver,
        Role::Engineer,
        Role::AccountManager,
        Role::Auditor,
        Role::CustomerApprover,
        Role::CustomerRequester,
    ];
    let role = strongest
        .into_iter()
        .find(|role| actor.roles().any(|held| held == *role));
    Person {
        name: actor.display_name.clone(),
        role: words::role(role.unwrap_or(Role::CustomerViewer)),
    }
}
