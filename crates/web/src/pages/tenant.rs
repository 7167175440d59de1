//! The customers that the reader may see.

use app::Cx;
use askama::Template;
use axum::extract::State;
use domain::tenant::Tenant;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::links::Links;
use crate::pages::frame::across;
use crate::view::{Frame, words};

#[derive(Template)]
#[template(path = "tenant/list.html")]
pub(crate) struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    name: String,
    level: &'static str,
    approval: &'static str,
    until: String,
    standing: Option<&'static str>,
}

pub(crate) async fn list(State(cx): State<Cx>, Caller(actor): Caller) -> Result<Page<ListPage>, PageError> {
    let tenants = app::tenant::list(&cx, &actor).await?;
    let rows = tenants.iter().map(Row::new).collect();
    Ok(Page(ListPage {
        frame: across(&actor, "Customers", "/customers"),
        rows,
    }))
}

impl Row {
    fn new(tenant: &Tenant) -> Self {
        let until = tenant.contract.until.map(|day| day.strftime("%-d %b %Y").to_string());
        Self {
            href: Links::of(tenant).status(),
            name: tenant.name.clone(),
            level: words::service_level(tenant.contract.service_level),
            approval: words::approval_rule(tenant.contract.approval_rule),
            until: until.unwrap_or_else(|| "open-ended".to_owned()),
            standing: words::standing(&tenant.lifecycle),
        }
    }
}
