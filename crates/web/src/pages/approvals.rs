//! What waits for a decision, across all customers of the reader.

use std::collections::HashMap;

use app::hold::OfTarget;
use app::{Actor, Cx};
use askama::Template;
use axum::extract::State;
use domain::change_request::ChangeRequest;
use domain::id::TenantId;
use domain::restore::{RestoreRequest, Urgency};
use domain::tenant::Tenant;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::links::Links;
use crate::pages::frame::across;
use crate::pages::hold::target;
use crate::view::{Badge, Frame, Moment, Tone, words};

#[derive(Template)]
#[template(path = "approvals.html")]
pub(crate) struct ApprovalsPage {
    frame: Frame,
    headline: String,
    restores: Vec<Row>,
    changes: Vec<Row>,
    /// Holds whose release the reader may confirm.
    releases: Vec<Row>,
}

struct Row {
    href: String,
    title: String,
    customer: String,
    customer_href: String,
    badge: Badge,
    asker: String,
    since: Moment,
    /// By when an answer is due, where that is promised.
    due: Option<Moment>,
    /// Whether the reader asked for it, so that somebody else decides.
    own: bool,
}

/// So many of each kind are listed at most.
const LISTED: usize = 200;

pub(crate) async fn list(State(cx): State<Cx>, Caller(actor): Caller) -> Result<Page<ApprovalsPage>, PageError> {
    let tenants: HashMap<_, _> = app::tenant::list(&cx, &actor)
        .await?
        .into_iter()
        .map(|one| (one.id, one))
        .collect();
    let mut restores = app::restore::waiting(&cx, &actor).await?;
    restores.sort_by_key(|restore| restore.respond_by);
    let changes = app::change_request::waiting(&cx, &actor).await?;
    let restores: Vec<_> = restores
        .into_iter()
        .filter_map(|one| Row::restore(&actor, &tenants, one))
        .collect();
    let changes: Vec<_> = changes
        .into_iter()
        .filter_map(|one| Row::change(&actor, &tenants, one))
        .collect();
    let releases = app::hold::waiting(&cx, &actor).await?;
    let releases: Vec<_> = releases
        .into_iter()
        .filter_map(|held| Row::release(&tenants, &held))
        .collect();
    Ok(Page(ApprovalsPage {
        frame: across(&actor, "Approvals", "/approvals"),
        headline: match restores.len() + changes.len() + releases.len() {
            _ if [restores.len(), changes.len(), releases.len()].contains(&LISTED) => {
                format!("Many requests wait for a decision: the first {LISTED} of each kind are listed")
            }
            0 => "Nothing waits for a decision".to_owned(),
            some => format!(
                "{} for a decision",
                words::count(some, "request waits", "requests wait")
            ),
        },
        restores,
        changes,
        releases,
    }))
}

impl Row {
    fn change(actor: &Actor, tenants: &HashMap<TenantId, Tenant>, change: ChangeRequest) -> Option<Self> {
        let tenant = tenants.get(&change.tenant)?;
        let links = Links::of(tenant);
        let weakens = change.state.plan().is_some_and(|plan| plan.weakens);
        Some(Self {
            href: links.change(change.number),
            title: change.title,
            customer: tenant.name.clone(),
            customer_href: links.status(),
            badge: if weakens {
                Badge::new(Tone::Warn, "Gives up protection")
            } else {
                Badge::new(Tone::Ok, "Only tightens")
            },
            asker: change.requester.name,
            since: change.created_at.into(),
            due: None,
            own: change.requester.user == Some(actor.user),
        })
    }

    fn release(tenants: &HashMap<TenantId, Tenant>, held: &OfTarget) -> Option<Self> {
        let (tenant, asked) = (tenants.get(&held.hold.tenant)?, held.hold.release.as_ref()?);
        let links = Links::of(tenant);
        Some(Self {
            href: links.hold(held.hold.number),
            title: format!("Release hold {} on {}", held.hold.number, target(held)),
            customer: tenant.name.clone(),
            customer_href: links.status(),
            badge: match held.hold.case {
                Some(_) => Badge::new(Tone::Warn, "Legal hold"),
                None => Badge::new(Tone::Unknown, "Hold"),
            },
            asker: asked.said.name.clone(),
            since: asked.said.at.into(),
            due: None,
            own: false,
        })
    }

    fn restore(actor: &Actor, tenants: &HashMap<TenantId, Tenant>, restore: RestoreRequest) -> Option<Self> {
        let tenant = tenants.get(&restore.tenant)?;
        let links = Links::of(tenant);
        Some(Self {
            href: links.restore(restore.number),
            title: format!("Restore {}", restore.component.name),
            customer: tenant.name.clone(),
            customer_href: links.status(),
            badge: match restore.urgency {
                Urgency::Critical => Badge::new(Tone::Bad, "Critical"),
                Urgency::BusinessHours => Badge::new(Tone::Unknown, "Business hours"),
            },
            asker: restore.requester.name,
            since: restore.created_at.into(),
            due: Some(restore.respond_by.into()),
            own: restore.requester.user == Some(actor.user),
        })
    }
}
