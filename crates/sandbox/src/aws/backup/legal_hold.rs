//! Legal holds: recovery points that stay, whatever their lifecycle says.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::rest::{self, Exception};
use super::desk::{Desk, Reply, present, time};
use super::recovery_point::{RecoveryPoint, Status};
use super::state::{Place, Region, State, Task};
use super::tags;

/// What is held: the recovery points of vaults or of resources, made within a time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Selection {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    vault_names: Vec<String>,
    /// ARNs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resource_identifiers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_range: Option<DateRange>,
}

/// Seconds since 1970.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DateRange {
    from_date: f64,
    to_date: f64,
}

#[derive(Debug, Clone)]
pub(crate) struct LegalHold {
    id: String,
    title: String,
    description: String,
    selection: Selection,
    created: Timestamp,
    token: Option<String>,
    cancelled: Option<Cancelled>,
}

#[derive(Debug, Clone)]
struct Cancelled {
    at: Timestamp,
    why: String,
    kept_until: Option<Timestamp>,
}

impl LegalHold {
    fn holds(&self, vault: &str, point: &RecoveryPoint) -> bool {
        let selection = &self.selection;
        let created = point.created.as_second();
        let within = |range: DateRange| range.from_date as i64 <= created && created <= range.to_date as i64;
        let named = selection.vault_names.iter().any(|name| name == vault)
            || selection.resource_identifiers.contains(&point.resource.arn);
        self.cancelled.is_none() && named && selection.date_range.is_none_or(within)
    }

    fn arn(&self, place: &Place) -> String {
        place.arn(&format!("legal-hold:{}", self.id))
    }

    /// As the list shows it.
    fn shown(&self, place: &Place) -> Value {
        present(json!({
            "Title": self.title,
            "Status": if self.cancelled.is_some() { "CANCELED" } else { "ACTIVE" },
            "Description": self.description,
            "LegalHoldId": self.id,
            "LegalHoldArn": self.arn(place),
            "CreationDate": time(self.created),
            "CancellationDate": self.cancelled.as_ref().map(|cancelled| time(cancelled.at)),
        }))
    }
}

impl Region {
    /// Whether a legal hold keeps a recovery point of a vault.
    pub(crate) fn held(&self, vault: &str, point: &RecoveryPoint) -> bool {
        self.legal_holds.values().any(|hold| hold.holds(vault, point))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    title: Option<String>,
    description: Option<String>,
    idempotency_token: Option<String>,
    #[serde(default)]
    recovery_point_selection: Selection,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

pub(crate) fn create(desk: &mut Desk<'_>) -> Reply {
    let asked: Create = desk.ask.body()?;
    let needed = |value: Option<String>, name| value.ok_or_else(|| Exception::missing_parameter(name));
    let title = needed(asked.title, "Title")?;
    let description = needed(asked.description, "Description")?;
    let same = |hold: &&LegalHold| hold.token.is_some() && hold.token == asked.idempotency_token;
    if let Some(there) = desk.read().legal_holds.values().find(same) {
        return Ok(made(there, &desk.place));
    }
    let selection = asked.recovery_point_selection;
    if selection.vault_names.is_empty() && selection.resource_identifiers.is_empty() {
        return Err(Exception::invalid_parameter(
            "RecoveryPointSelection must name at least one backup vault or resource",
        ));
    }
    let hold = LegalHold {
        id: Uuid::new_v4().to_string(),
        title,
        description,
        selection,
        created: desk.now,
        token: asked.idempotency_token,
        cancelled: None,
    };
    let (answer, arn) = (made(&hold, &desk.place), hold.arn(&desk.place));
    desk.region().legal_holds.insert(hold.id.clone(), hold);
    tags::put(desk, &arn, asked.tags);
    Ok(answer)
}

fn made(hold: &LegalHold, place: &Place) -> Value {
    let mut shown = hold.shown(place);
    shown["RecoveryPointSelection"] = json!(hold.selection);
    shown
}

pub(crate) fn get(desk: &mut Desk<'_>) -> Reply {
    let hold = named(desk)?;
    let mut shown = made(hold, &desk.place);
    if let Some(cancelled) = &hold.cancelled {
        shown["CancelDescription"] = json!(cancelled.why);
        if let Some(until) = cancelled.kept_until {
            shown["RetainRecordUntil"] = time(until);
        }
    }
    Ok(shown)
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Reply {
    let holds = desk.read().legal_holds.values();
    let items = holds.map(|hold| (rest::newest_first(hold.created, &hold.id), hold));
    let page = rest::page(&desk.ask, ("maxResults", "nextToken"), "LegalHolds", items, |hold| {
        hold.shown(&desk.place)
    })?;
    Ok(page.into())
}

/// What only the hold kept goes at once.
pub(crate) fn cancel(desk: &mut Desk<'_>) -> Reply {
    let hold = named(desk)?;
    if hold.cancelled.is_some() {
        return Err(Exception::new(
            400,
            "InvalidResourceStateException",
            format!("Legal hold {} is already canceled.", hold.id),
        ));
    }
    let why = desk.ask.query("cancelDescription");
    let why = why
        .ok_or_else(|| Exception::missing_parameter("CancelDescription"))?
        .to_owned();
    let days = match desk.ask.query("retainRecordInDays") {
        None => None,
        Some(text) => {
            let days = text.parse::<i64>().ok().filter(|days| (0..=36_500).contains(days));
            let wrong = || Exception::invalid_parameter(format!("Invalid value for RetainRecordInDays: {text}"));
            Some(days.ok_or_else(wrong)?)
        }
    };
    let (id, now, place) = (hold.id.clone(), desk.now, desk.place.clone());
    let region = desk.region();
    let kept_until = days.map(|days| now + SignedDuration::from_hours(24 * days));
    if let Some(hold) = region.legal_holds.get_mut(&id) {
        hold.cancelled = Some(Cancelled {
            at: now,
            why,
            kept_until,
        });
    }
    let points = region
        .vaults
        .values()
        .flat_map(|vault| vault.points.values().map(move |point| (vault, point)));
    let over: Vec<Task> = points
        .filter(|(_, point)| point.status == Status::Expired)
        .map(|(vault, point)| Task::Expire {
            vault: vault.name.clone(),
            point: point.arn.clone(),
        })
        .collect();
    for task in over {
        desk.state.plan(now, &place, task);
    }
    if let Some(until) = kept_until {
        desk.state.plan(until, &place, Task::ForgetHold(id));
    }
    Ok(Value::Null)
}

/// Its record has been kept for as long as was asked.
pub(crate) fn forget(state: &mut State, place: &Place, id: &str) {
    let region = state.region(place);
    if let Some(hold) = region.legal_holds.remove(id) {
        region.tags.remove(&hold.arn(place));
    }
}

pub(crate) fn list_points(desk: &mut Desk<'_>) -> Reply {
    let (hold, region) = (named(desk)?, desk.read());
    let points = region
        .vaults
        .values()
        .flat_map(|vault| vault.points.values().map(move |point| (vault, point)));
    let items = points
        .filter(|(vault, point)| hold.holds(&vault.name, point))
        .map(|(vault, point)| (rest::newest_first(point.created, &point.arn), (&vault.name, point)));
    let shown = |(vault, point): (&String, &RecoveryPoint)| {
        json!({
            "RecoveryPointArn": point.arn,
            "ResourceArn": point.resource.arn,
            "ResourceType": point.resource.kind.name(),
            "BackupVaultName": vault,
        })
    };
    let page = rest::page(&desk.ask, ("maxResults", "nextToken"), "RecoveryPoints", items, shown)?;
    Ok(page.into())
}

fn named<'a>(desk: &'a Desk<'_>) -> Result<&'a LegalHold, Exception> {
    let id = desk.ask.path("legalHoldId");
    let hold = desk.read().legal_holds.get(id);
    hold.ok_or_else(|| Exception::not_found(format!("Legal hold {id} does not exist")))
}
