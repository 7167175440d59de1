//! How many jobs there were of the last fourteen days: by state, type of resource, and success.
//!
//! A parameter that is left out counts as `ANY`: each value is counted for itself.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::super::rest::{self, Exception};
use super::desk::{Desk, Reply, midnight, present, time};
use super::resource::Kind;

const ALL: &str = "AGGREGATE_ALL";
const ANY: &str = "ANY";

/// What is counted of a job.
struct Facts {
    created: Timestamp,
    state: &'static str,
    kind: Option<Kind>,
    /// `None` where the category is no part of the list.
    category: Option<&'static str>,
}

pub(crate) fn of_backups(desk: &mut Desk<'_>) -> Reply {
    let jobs = desk.read().backup_jobs.values().map(|job| Facts {
        created: job.created,
        state: job.stage.name(),
        kind: Kind::of(&job.order.resource),
        category: Some(category(job.message.as_deref())),
    });
    listed(desk, "BackupJobSummaries", jobs)
}

pub(crate) fn of_copies(desk: &mut Desk<'_>) -> Reply {
    let jobs = desk.read().copy_jobs.values().map(|job| Facts {
        created: job.created,
        state: job.stage.name(),
        kind: Some(job.order.resource.kind),
        category: Some(category(job.message.as_deref())),
    });
    listed(desk, "CopyJobSummaries", jobs)
}

pub(crate) fn of_restores(desk: &mut Desk<'_>) -> Reply {
    let jobs = desk.read().restore_jobs.values().map(|job| Facts {
        created: job.created,
        state: job.stage.name(),
        kind: Some(job.order.point.resource.kind),
        category: None,
    });
    listed(desk, "RestoreJobSummaries", jobs)
}

fn category(message: Option<&str>) -> &'static str {
    message.map_or("SUCCESS", |_| "FAILURE")
}

fn listed(desk: &Desk<'_>, list: &str, jobs: impl Iterator<Item = Facts>) -> Reply {
    let ask = &desk.ask;
    let period = ask.query("AggregationPeriod").unwrap_or("ONE_DAY");
    let spans = spans(period, desk.now)
        .ok_or_else(|| Exception::invalid_parameter(format!("Invalid AggregationPeriod: {period}")))?;
    let place = &desk.place;
    let mine = ask
        .query("AccountId")
        .is_none_or(|account| [place.account.as_str(), ANY, ALL].contains(&account));
    let mut counts: BTreeMap<(usize, [&str; 3]), u64> = BTreeMap::new();
    for job in jobs.filter(|_| mine) {
        let span = spans
            .iter()
            .position(|(start, end)| *start <= job.created && job.created < *end);
        let values = [
            seen(ask.query("State"), job.state),
            seen(ask.query("ResourceType"), job.kind.map_or("", Kind::name)),
            job.category
                .map_or(Some(""), |category| seen(ask.query("MessageCategory"), category)),
        ];
        if let (Some(span), [Some(state), Some(kind), Some(category)]) = (span, values) {
            *counts.entry((span, [state, kind, category])).or_default() += 1;
        }
    }
    let items = counts.into_iter().map(|((span, values), count)| {
        let key = format!("{span:02} {}", values.join(" "));
        (key, (spans[span], values, count))
    });
    let show = |((start, end), [state, kind, category], count): ((Timestamp, Timestamp), [&str; 3], u64)| {
        present(json!({
            "Region": place.region,
            "AccountId": place.account,
            "State": state,
            "ResourceType": kind,
            "MessageCategory": Some(category).filter(|category| !category.is_empty()),
            "Count": count,
            "StartTime": time(start),
            "EndTime": time(end),
        }))
    };
    let mut page: Map<String, Value> = rest::page(ask, ("MaxResults", "NextToken"), list, items, show)?;
    page.insert("AggregationPeriod".to_owned(), json!(period));
    Ok(page.into())
}

/// As what a value is counted; `None` where it is not asked for.
fn seen<'a>(asked: Option<&'a str>, value: &'a str) -> Option<&'a str> {
    match asked {
        None | Some(ANY) => Some(value),
        Some(ALL) => Some(ALL),
        Some(asked) => (asked == value).then_some(value),
    }
}

/// From when to when is counted, newest first: each of fourteen days, or so many days at once.
fn spans(period: &str, now: Timestamp) -> Option<Vec<(Timestamp, Timestamp)>> {
    let ago = |days: i64| midnight(now) - SignedDuration::from_hours(24 * days);
    match period {
        "ONE_DAY" => Some((0..14).map(|day| (ago(day), ago(day - 1))).collect()),
        "SEVEN_DAYS" => Some(vec![(ago(6), ago(-1))]),
        "FOURTEEN_DAYS" => Some(vec![(ago(13), ago(-1))]),
        _ => None,
    }
}
