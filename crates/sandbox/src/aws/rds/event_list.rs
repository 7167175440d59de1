//! `DescribeEvents`, and the same events for the account's bus.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::super::answer::{Answer, Refusal};
use super::super::events as bus;
use super::super::request::Call;
use super::super::xml::Element;
use super::desk::Desk;
use super::events::{Event, KEPT};
use super::ledger::Ledger;
use super::{limits, page};

/// Minutes that are looked back where the call does not say.
const DURATION: i64 = 60;
const LONGEST: i64 = 14 * 24 * 60;

const TYPES: [&str; 11] = [
    "db-instance",
    "db-parameter-group",
    "db-security-group",
    "db-snapshot",
    "db-cluster",
    "db-cluster-snapshot",
    "custom-engine-version",
    "db-proxy",
    "blue-green-deployment",
    "db-shard-group",
    "zero-etl",
];

pub(crate) async fn describe(desk: &Desk<'_>, ledger: &Ledger, call: &Call) -> Result<Answer, Refusal> {
    // ministack takes the times to be on its own clock, and refuses those that lie ahead of it.
    desk.authorise_where(call, "InvalidParameterValue").await?;
    let (from, to) = span(call, desk.now)?;
    let (kind, source) = (call.param("SourceType"), call.param("SourceIdentifier"));
    if let Some(kind) = kind.filter(|kind| !TYPES.contains(kind)) {
        return Err(Refusal::invalid(format!("Invalid SourceType: {kind}")));
    }
    if source.is_some() && kind.is_none() {
        return Err(limits::combination(
            "SourceType must be specified when SourceIdentifier is specified.",
        ));
    }
    let categories = call.listed("EventCategories.");
    let shown = ledger
        .events
        .happened(desk.now)
        .into_iter()
        .filter(|event| from <= event.at && event.at <= to)
        .filter(|event| kind.is_none_or(|kind| event.subject.kind.described == kind))
        .filter(|event| source.is_none_or(|source| event.subject.id == source))
        .filter(|event| categories.is_empty() || categories.contains(&event.category))
        .map(shown)
        .collect();
    page::answer(call, "Events", shown)
}

/// First and last moment that are asked for.
fn span(call: &Call, now: Timestamp) -> Result<(Timestamp, Timestamp), Refusal> {
    let duration: i64 = match call.param("Duration") {
        None => DURATION,
        Some(text) => text
            .parse()
            .ok()
            .filter(|minutes| (0..=LONGEST).contains(minutes))
            .ok_or_else(|| Refusal::invalid(format!("Invalid Duration: {text}. Must be between 0 and {LONGEST}.")))?,
    };
    let to = limits::moment(call, "EndTime")?.unwrap_or(now);
    let before = to.min(now).checked_sub(SignedDuration::from_mins(duration));
    let from = limits::moment(call, "StartTime")?.unwrap_or(before.unwrap_or(to));
    if from > to {
        return Err(limits::combination("The start time must be before the end time."));
    }
    if from < now - KEPT - SignedDuration::from_mins(1) {
        return Err(Refusal::invalid("The start time must be within the last 14 days."));
    }
    Ok((from, to))
}

fn shown(event: &Event) -> Element {
    let categories = Element::new("EventCategories").with("EventCategory", event.category);
    Element::new("Event")
        .with("SourceIdentifier", &event.subject.id)
        .with("SourceType", event.subject.kind.described)
        .with("SourceArn", &event.subject.arn)
        .with("Message", &event.message)
        .with("Date", &event.at.to_string())
        .with_child(categories)
}

/// What has happened and is to be sent to the account's bus, once.
pub(crate) fn take(ledger: &mut Ledger, now: Timestamp) -> Vec<bus::Event> {
    let events = ledger.events.take_unpublished(now);
    events.iter().map(published).collect()
}

fn published(event: &Event) -> bus::Event {
    let subject = &event.subject;
    let mut detail = json!({
        "EventCategories": [event.category],
        "SourceType": subject.kind.published,
        "SourceArn": subject.arn,
        "Date": event.at,
        "Message": event.message,
        "SourceIdentifier": subject.id,
    });
    if let Some(number) = event.number {
        detail["EventID"] = json!(number);
    }
    bus::Event {
        source: "aws.rds",
        detail_type: subject.kind.detail_type,
        resources: vec![subject.arn.clone()],
        detail,
        at: event.at,
    }
}
