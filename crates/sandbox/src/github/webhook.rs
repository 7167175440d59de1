//! Events, composed when they happen and queued for delivery.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::delivery::{Delivery, Task};
use super::show::node;
use super::turn::Turn;

/// Sends an `issues` event.
pub(crate) fn issue(turn: &mut Turn<'_>, repo: u64, number: u64, action: &str, extra: Map<String, Value>) {
    send(turn, repo, number, "issues", action, extra);
}

/// Queues an event about an issue, as things are now; without a webhook or an installation there is nobody to tell.
pub(crate) fn send(turn: &mut Turn<'_>, repo: u64, number: u64, event: &str, action: &str, extra: Map<String, Value>) {
    let (sender, id) = (turn.actor(), turn.state.next_id());
    let repo = &turn.state.repos[&repo];
    let (Some(installation), true) = (repo.installation, turn.state.webhook.is_some()) else {
        return;
    };
    let mut payload = Map::from_iter([
        ("action".to_owned(), json!(action)),
        (
            "issue".to_owned(),
            turn.links.issue(turn.state, repo, &repo.issues[&number]),
        ),
        ("repository".to_owned(), turn.links.repo(repo)),
        ("sender".to_owned(), turn.links.user_by_id(turn.state, sender)),
        (
            "installation".to_owned(),
            json!({"id": installation, "node_id": node("Integration", installation)}),
        ),
    ]);
    payload.extend(extra);
    let delivery = Delivery {
        id,
        guid: Uuid::new_v4().to_string(),
        event: event.to_owned(),
        action: Some(action.to_owned()),
        installation: Some(installation),
        repository: Some(repo.id),
        redelivery: false,
        payload: Value::Object(payload).to_string(),
        outcome: None,
    };
    // The queue ends with the sandbox.
    turn.state
        .queue
        .send(Task::Deliver(Box::new(delivery)))
        .unwrap_or_default();
}
