//! The form that asks for a restore: from which recovery point, how urgent, why.

use std::collections::BTreeMap;
use std::str::FromStr;

use app::authz::{self, Action};
use app::restore::Asked;
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::component::Component;
use domain::id::{ComponentId, RecoveryPointId};
use domain::restore::{RecoveryPoint, Urgency};
use domain::tenant::Tenant;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Form, Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::once::Once;
use crate::view::Frame;

/// Which choice is made already, when the form is opened from a list of recovery points.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct NewQuery {
    from: Option<String>,
}

#[derive(Template)]
#[template(path = "restore/new.html")]
struct NewPage {
    frame: Frame,
    list: String,
    once: Once,
    /// (component, its choices).
    groups: Vec<(String, Vec<Choice>)>,
    critical: bool,
    reason: String,
    wrong: Option<String>,
}

/// A recovery point that can be chosen.
struct Choice {
    value: String,
    words: String,
    chosen: bool,
}

/// A component, and the point that is wanted; `None`: the last available one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct From {
    component: ComponentId,
    point: Option<RecoveryPointId>,
}

pub(crate) async fn form(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<NewQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::RequestRestore, tenant.id)?;
    let given = query.from.map(|from| ("from".to_owned(), from)).into_iter().collect();
    Ok(Page(page(&cx, &actor, &tenant, &given, None).await?).into_response())
}

pub(crate) async fn submit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (once, given) = Once::take(pairs)?;
    let Some(asked) = asked(&given) else {
        let wrong = Some("Choose a recovery point and how urgent it is.".to_owned());
        let page = page(&cx, &actor, &tenant, &given, wrong).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    };
    match app::restore::request(&cx, &actor, tenant.id, &asked, Some(&once.key(&given))).await {
        Ok(restore) => {
            let address = Links::of(&tenant).restore(restore.number);
            Ok(Redirect::to(&format!("{address}?done=asked")).into_response())
        }
        Err(AppError::Invalid(problems)) => {
            let wrong = problems.into_iter().next().map(|problem| problem.why);
            let page = page(&cx, &actor, &tenant, &given, wrong).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// `None` when an answer is missing, or is none that the form offers.
fn asked(given: &BTreeMap<String, String>) -> Option<Asked> {
    const FIELDS: [&str; 3] = ["from", "urgency", "reason"];
    if given.keys().any(|field| !FIELDS.contains(&field.as_str())) {
        return None;
    }
    let From { component, point } = given.get("from")?.parse().ok()?;
    let urgency = match given.get("urgency")?.as_str() {
        "critical" => Urgency::Critical,
        "business-hours" => Urgency::BusinessHours,
        _ => return None,
    };
    Some(Asked {
        component,
        point,
        urgency,
        reason: given.get("reason").cloned().unwrap_or_default(),
    })
}

async fn page(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    given: &BTreeMap<String, String>,
    wrong: Option<String>,
) -> Result<NewPage, PageError> {
    let chosen = given.get("from").and_then(|from| from.parse().ok());
    let components = app::recovery_point::choices(cx, actor, tenant.id).await?;
    let groups = components
        .into_iter()
        .map(|(component, points)| (component.name.clone(), choices(&component, &points, chosen)));
    Ok(NewPage {
        frame: of_tenant(actor, tenant, "Ask for a restore", "restores").still(),
        list: Links::of(tenant).page("restores"),
        once: Once::new(),
        groups: groups.collect(),
        critical: given
            .get("urgency")
            .is_some_and(|urgency| urgency == Urgency::Critical.as_str()),
        reason: given.get("reason").cloned().unwrap_or_default(),
        wrong,
    })
}

fn choices(component: &Component, points: &[RecoveryPoint], chosen: Option<From>) -> Vec<Choice> {
    let choice = |point: Option<&RecoveryPoint>, words: String| {
        let from = From {
            component: component.id,
            point: point.map(|point| point.id),
        };
        Choice {
            value: from.to_string(),
            words,
            chosen: Some(from) == chosen,
        }
    };
    let newest = points
        .first()
        .map(|point| choice(None, format!("Last available, now {}", said(point.at))));
    newest
        .into_iter()
        .chain(points.iter().map(|point| choice(Some(point), said(point.at))))
        .collect()
}

/// A time inside an option, where no element can stand.
fn said(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M:%S UTC").to_string()
}

impl std::fmt::Display for From {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.point {
            Some(point) => write!(f, "{}/{point}", self.component),
            None => write!(f, "{}/last", self.component),
        }
    }
}

impl FromStr for From {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        let (component, point) = text.split_once('/').unwrap_or((text, "last"));
        let point = if point == "last" { None } else { Some(point.parse()?) };
        Ok(Self {
            component: component.parse()?,
            point,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(field, answer)| ((*field).to_owned(), (*answer).to_owned()))
            .collect()
    }

    #[test]
    fn only_what_the_form_offers_is_taken() {
        let component = "0197a5c2-0000-7000-8000-000000000001";
        let last = format!("{component}/last");
        let asked = asked(&given(&[
            ("from", &last),
            ("urgency", "critical"),
            ("reason", " a\r\nb "),
        ]))
        .unwrap();
        assert_eq!(
            (asked.component.to_string().as_str(), asked.point, asked.reason.as_str()),
            (component, None, " a\r\nb ")
        );
        for wrong in [
            given(&[("from", "x/last"), ("urgency", "critical")]),
            given(&[("from", &last), ("urgency", "Critical")]),
            given(&[("from", &last), ("urgency", "critical"), ("approved_by", "me")]),
            given(&[("urgency", "critical")]),
        ] {
            assert!(super::asked(&wrong).is_none(), "{wrong:?}");
        }
    }
}
