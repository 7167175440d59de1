//! Events, composed when they happen and queued for delivery.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::delivery::{Delivery, Task};
use super::show::node;
use super::state::UserKind;
use super::turn::Turn;

/// Events that an App subscribes to, with their actions.
pub(crate) const SUBSCRIBED: [(&str, &[&str]); 4] = [
    ("issue_comment", &["created", "deleted", "edited"]),
    (
        "issues",
        &[
            "closed",
            "deleted",
            "edited",
            "labeled",
            "opened",
            "reopened",
            "transferred",
            "unlabeled",
        ],
    ),
    ("label", &["created", "deleted", "edited"]),
    (
        "repository",
        &[
            "archived",
            "deleted",
            "privatized",
            "publicized",
            "renamed",
            "transferred",
            "unarchived",
        ],
    ),
];

/// Events that every App gets.
pub(crate) const ALWAYS: [(&str, &[&str]); 2] = [
    ("installation", &["deleted", "suspend", "unsuspend"]),
    ("installation_repositories", &["added", "removed"]),
];

/// Fields of a payload beside the usual ones.
pub(crate) type Extra = Map<String, Value>;

pub(crate) fn extra<const N: usize>(fields: [(&str, Value); N]) -> Extra {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Sends an event about an issue, as things are now.
pub(crate) fn issue(turn: &mut Turn<'_>, repo: u64, number: u64, event: &str, action: &str, more: Extra) {
    let Some(home) = turn.state.repos.get(&repo) else {
        return;
    };
    let Some(issue) = home.issues.get(&number) else {
        return;
    };
    let mut fields = extra([("issue", turn.links.issue(turn.state, home, issue))]);
    fields.extend(more);
    about_repo(turn, repo, event, action, fields);
}

/// Sends an event about something in a repository; without the App in it there is nobody to tell.
pub(crate) fn about_repo(turn: &mut Turn<'_>, repo: u64, event: &str, action: &str, more: Extra) {
    let Some(repo) = turn.state.repos.get(&repo) else {
        return;
    };
    let Some(installation) = repo.installation else {
        return;
    };
    let suspended = |id| {
        turn.state
            .installations
            .get(&id)
            .is_none_or(|it| it.suspended.is_some())
    };
    if suspended(installation) {
        return;
    }
    let mut fields = extra([
        ("repository", turn.links.repo(repo)),
        (
            "installation",
            json!({"id": installation, "node_id": node("Integration", installation)}),
        ),
    ]);
    if repo.owner.kind == UserKind::Organization {
        fields.insert("organization".to_owned(), turn.links.organization(&repo.owner));
    }
    fields.extend(more);
    let repo = repo.id;
    send(turn, installation, Some(repo), event, action, fields);
}

/// Sends an event about an installation.
pub(crate) fn about_installation(turn: &mut Turn<'_>, installation: u64, event: &str, action: &str, more: Extra) {
    let Some(shown) = turn.state.installations.get(&installation) else {
        return;
    };
    let mut fields = extra([("installation", turn.links.installation(turn.state, shown))]);
    fields.extend(more);
    send(turn, installation, None, event, action, fields);
}

fn send(turn: &mut Turn<'_>, installation: u64, repo: Option<u64>, event: &str, action: &str, fields: Extra) {
    let known = |(name, actions): &(&str, &[&str])| *name == event && actions.contains(&action);
    if turn.state.webhook.is_none() || !SUBSCRIBED.iter().chain(&ALWAYS).any(known) {
        return;
    }
    let mut payload = extra([
        ("action", json!(action)),
        ("sender", turn.links.user_by_id(turn.state, turn.actor())),
    ]);
    payload.extend(fields);
    let delivery = Delivery {
        id: turn.state.next_id(),
        guid: Uuid::new_v4().to_string(),
        event: event.to_owned(),
        action: Some(action.to_owned()),
        installation: Some(installation),
        repository: repo,
        redelivery: false,
        payload: Value::Object(payload).to_string(),
        outcome: None,
    };
    match &mut turn.state.held {
        _ if turn.loses_deliveries => turn.state.deliveries.record(delivery.lost(turn.now), turn.now),
        Some(held) => held.push(delivery),
        // The queue ends with the sandbox.
        None => turn
            .state
            .queue
            .send(Task::Deliver(Box::new(delivery)))
            .unwrap_or_default(),
    }
}

/// `event.action` of everything that is sent.
pub(crate) fn kinds() -> Vec<String> {
    let all = SUBSCRIBED.iter().chain(&ALWAYS);
    all.flat_map(|(event, actions)| actions.iter().map(move |action| format!("{event}.{action}")))
        .collect()
}
