//! Linked AWS accounts, and whether their roles work.

use app::Cx;
use app::account::LinkedAccount;
use askama::Template;
use axum::extract::State;
use domain::account::RolePurpose;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::Path;
use crate::pages::frame::of_tenant;
use crate::view::{Badge, Frame, Moment, Tone};

#[derive(Template)]
#[template(path = "account/list.html")]
pub(crate) struct ListPage {
    frame: Frame,
    customer: String,
    accounts: Vec<AccountView>,
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
) -> Result<Page<ListPage>, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let accounts = app::account::list(&cx, &actor, tenant.id).await?;
    Ok(Page(ListPage {
        frame: of_tenant(&actor, &tenant, "Accounts", "accounts"),
        accounts: accounts.into_iter().map(AccountView::new).collect(),
        customer: tenant.name,
    }))
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
