//! What stands around every page: title, navigation, who is signed in, what just happened.

use super::Moment;

/// The frame of a page; `templates/base.html` draws it.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Names the page in the browser's tab.
    pub(crate) title: String,
    /// Who reads; `None` before sign-in and on errors, which then show no navigation.
    pub(crate) person: Option<Person>,
    /// The navigation, in groups.
    pub(crate) nav: Vec<NavGroup>,
    /// Address of the event stream that keeps the page live.
    pub(crate) events: Option<String>,
    /// How the customer stands, where its people have to know.
    pub(crate) notice: Option<Notice>,
    /// Whether a part of the page is fetched anew while the reader types.
    pub(crate) asks: bool,
    /// One sentence about what the reader just did.
    pub(crate) done: Option<&'static str>,
    /// What the service on the page is subject to (feature A1).
    pub(crate) subject_to: Option<SubjectTo>,
}

/// How a customer stands: in words, since when, and what follows from it.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) words: String,
    pub(crate) at: Option<Moment>,
    pub(crate) rest: String,
}

/// The agreement that a customer's pages are subject to.
#[derive(Debug, Clone)]
pub(crate) struct SubjectTo {
    pub(crate) words: String,
    pub(crate) href: String,
    /// Where the terms and conditions can be read; `None`: not stated.
    pub(crate) terms: Option<Reference>,
}

/// Where a paper can be read.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    /// An address or a file number.
    pub(crate) text: String,
    /// Whether it is an address that can be followed.
    pub(crate) followed: bool,
}

impl Reference {
    /// The reference, unless it is empty.
    pub(crate) fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self {
            followed: text.starts_with("https://") || text.starts_with("http://"),
            text: text.to_owned(),
        })
    }
}

/// The signed-in person.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) role: &'static str,
}

/// Links under a heading; the first group has none.
#[derive(Debug, Clone)]
pub(crate) struct NavGroup {
    pub(crate) heading: Option<String>,
    pub(crate) links: Vec<NavLink>,
}

/// A link of the navigation.
#[derive(Debug, Clone)]
pub(crate) struct NavLink {
    pub(crate) href: String,
    pub(crate) icon: &'static str,
    pub(crate) word: &'static str,
    pub(crate) current: bool,
}

impl Frame {
    /// A frame without navigation.
    pub(crate) fn bare(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            person: None,
            nav: Vec::new(),
            events: None,
            notice: None,
            asks: false,
            done: None,
            subject_to: None,
        }
    }

    /// The same without live updates: for a form that is being filled in.
    pub(crate) fn still(self) -> Self {
        Self { events: None, ..self }
    }

    /// The same, fetching a part of it anew while the reader types.
    pub(crate) fn asking(self) -> Self {
        Self { asks: true, ..self }
    }

    /// The same, saying what was just done: the address names it after a form was carried out.
    pub(crate) fn saying(self, done: Option<&str>) -> Self {
        let done = done.and_then(|done| match done {
            "asked" => Some("Asked for."),
            "approved" => Some("Approved."),
            "rejected" => Some("Rejected."),
            "withdrawn" => Some("Withdrawn."),
            "imported" => Some("Imported, as it was shown."),
            "confirmed" => Some("Confirmed. It happens when the other side has confirmed it as well."),
            "decommissioned" => Some("Confirmed. This component is decommissioned."),
            "created" => Some("The customer is taken on. Its inventory comes next."),
            "cancelled" => Some("Cancelled."),
            "planning" => Some("It is being planned again."),
            "policy-saved" => Some("Saved. No line of any scope of work changes by it."),
            "policy-retired" => Some("Retired. What was made from it stays as it is."),
            "held" => Some("Noted. No mechanism enforces it yet: when a recovery point expires stands beside it."),
            "release-asked" => Some("Asked for. Somebody of the other side has to confirm it."),
            "released" => Some("Released."),
            "hold-kept" => Some("The hold stands."),
            "suspended" => Some("Suspended: queued work waits."),
            "resumed" => Some("Resumed: what waited is queued again."),
            "announced" => Some("The end of the contract is announced."),
            "kept" => Some("The end of the contract is taken back."),
            "ended" => Some("The customer is offboarded."),
            "exporting" => Some("The hand-over is being made; this page shows how far it is."),
            "linked" => Some("Linked."),
            "unlinked" => Some("Unlinked."),
            "saved" => Some("Saved."),
            "granted" => Some("Role given; the person's sessions have ended."),
            "revoked" => Some("Taken away; the person's sessions have ended."),
            "token-revoked" => Some("The token has ended."),
            "disabled" => Some("Disabled: sessions and API tokens have ended."),
            "enabled" => Some("The person can sign in again."),
            "disputed" => {
                Some("Noted. Your provider sees what is wrong; ask for another recovery point if one would help.")
            }
            "stated" => Some("Stated. The inventory has it from now on."),
            "verified" => Some("Thank you. This restore is closed."),
            "signed" => Some("Signed. It holds for a year."),
            "taken-back" => Some("Taken back. The signature stays on record."),
            "contract-unchanged" => Some("Nothing was changed: the version in force says this already."),
            "contract" => Some("Saved. This version is in force now."),
            "contact-removed" => Some("The contact is removed."),
            _ => None,
        });
        Self { done, ..self }
    }
}
