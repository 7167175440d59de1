//! The deliveries that can be looked up and sent again.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::app::need_jwt;
use super::delivery::{Delivery, Task};
use super::page;
use super::refusal::Refusal;
use super::turn::{Reply, Turn};

/// How long GitHub keeps a delivery.
const LIFE: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Payload bytes that are kept; beyond, the oldest deliveries go before their time.
const BYTES: usize = 64 << 20;

/// Attempted deliveries, in the order of their attempts.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    kept: VecDeque<Delivery>,
    bytes: usize,
}

impl Deliveries {
    /// Keeps an attempted delivery, and drops what is too old or too much.
    pub(crate) fn record(&mut self, delivery: Delivery, now: Timestamp) {
        self.bytes += delivery.payload.len();
        self.kept.push_back(delivery);
        while let Some(oldest) = self.kept.front()
            && (self.bytes > BYTES || !alive(oldest, now))
        {
            self.bytes -= oldest.payload.len();
            self.kept.pop_front();
        }
    }

    fn alive(&self, now: Timestamp) -> impl Iterator<Item = &Delivery> {
        self.kept.iter().filter(move |delivery| alive(delivery, now))
    }
}

fn alive(delivery: &Delivery, now: Timestamp) -> bool {
    delivery
        .outcome
        .as_ref()
        .is_some_and(|outcome| now.duration_since(outcome.at) < LIFE)
}

/// Newest first; the cursor is the id of the last one seen.
pub(crate) fn list(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    need_jwt(turn)?;
    let below = match turn.param("cursor") {
        None => u64::MAX,
        Some(cursor) => cursor
            .parse()
            .map_err(|_| Refusal::new(422, "The cursor is not one of a delivery"))?,
    };
    let taken = match turn.param("status") {
        None => None,
        Some("success") => Some(true),
        Some("failure") => Some(false),
        Some(_) => return Err(Refusal::new(422, "The status is neither success nor failure")),
    };
    let per_page = page::per_page(turn);
    let mut newest: Vec<&Delivery> = turn
        .state
        .deliveries
        .alive(turn.now)
        .filter(|delivery| delivery.id < below && taken.is_none_or(|taken| taken == delivery.was_taken()))
        .collect();
    newest.sort_by_key(|delivery| std::cmp::Reverse(delivery.id));
    let more = newest.len() > per_page;
    newest.truncate(per_page);
    let next = newest
        .last()
        .filter(|_| more)
        .map(|last| page::link(turn, "next", &[("cursor", &last.id.to_string())]));
    let shown = newest.into_iter().filter_map(Delivery::shown).collect();
    Ok(Reply::ok(Value::Array(shown)).with_link(next))
}

pub(crate) fn get(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let url = turn.state.webhook.as_ref().map(|webhook| webhook.url.to_string());
    let shown = find(turn)?.shown_whole(url.as_deref());
    shown.map(Reply::ok).ok_or_else(Refusal::not_found)
}

/// Queues the same payload again, under the same GUID.
pub(crate) fn redeliver(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let again = find(turn)?.clone();
    let again = Delivery {
        id: turn.state.next_id(),
        redelivery: true,
        outcome: None,
        ..again
    };
    // The queue ends with the sandbox.
    turn.state
        .queue
        .send(Task::Deliver(Box::new(again)))
        .unwrap_or_default();
    Ok(Reply::accepted(json!({})))
}

fn find<'a>(turn: &'a Turn<'_>) -> Result<&'a Delivery, Refusal> {
    need_jwt(turn)?;
    let id = turn.number(3)?;
    turn.state
        .deliveries
        .alive(turn.now)
        .find(|delivery| delivery.id == id)
        .ok_or_else(Refusal::not_found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_payloads_push_out_the_oldest_deliveries() {
        let now = Timestamp::UNIX_EPOCH;
        let mut deliveries = Deliveries::default();
        for id in 1..=3 {
            let delivery = Delivery {
                id,
                guid: String::new(),
                event: "issues".to_owned(),
                action: None,
                installation: None,
                repository: None,
                redelivery: false,
                payload: "x".repeat(BYTES / 2),
                outcome: None,
            };
            deliveries.record(delivery.lost(now), now);
        }
        let kept: Vec<u64> = deliveries.alive(now).map(|delivery| delivery.id).collect();
        assert_eq!((kept, deliveries.bytes), (vec![2, 3], BYTES));
    }
}
