//! Getting and listing.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::asked::Asked;
use super::kind::Kind;
use super::meta;
use super::refusal::{Cause, Refusal};
use super::reply::Reply;
use super::selector::Selector;
use super::store::Store;
use super::turn::Turn;
use super::view::{Page, View};

/// Where the next page begins.
#[derive(Debug, Serialize, Deserialize)]
struct Continue {
    /// Version of the whole list.
    rv: u64,
    /// The last object that was shown: namespace and name.
    after: (String, String),
}

pub(crate) fn get(turn: &Turn<'_>, name: &str) -> Result<Reply, Refusal> {
    let view = View::of(&turn.asked.accept)?;
    let kind = turn.resource.kind;
    let found = turn
        .cluster
        .read(|store| store.get(kind, turn.namespace(), name).cloned());
    let object = found.ok_or_else(|| Refusal::not_found(kind, name))?;
    Ok(Reply::bytes(view.object(kind, &object)))
}

pub(crate) fn list(turn: &Turn<'_>) -> Result<Reply, Refusal> {
    let view = View::of(&turn.asked.accept)?;
    let kind = turn.resource.kind;
    let selector = Selector::of(turn.asked, kind)?;
    let page = turn
        .cluster
        .read(|store| page(store, turn.asked, kind, turn.namespace(), &selector))?;
    Ok(Reply::bytes(view.page(kind, &page)))
}

fn page(
    store: &Store,
    asked: &Asked,
    kind: &'static Kind,
    namespace: Option<&str>,
    selector: &Selector,
) -> Result<Page, Refusal> {
    let limit = asked.number("limit")?.filter(|limit| *limit > 0);
    let start = asked.param("continue").map(decode).transpose()?;
    let version = match &start {
        Some(start) => Some(start.rv),
        None => exact(store, asked, limit.is_some())?,
    };
    let all: Vec<Arc<Value>> = match version.filter(|version| *version != store.version()) {
        None => store.list(kind, namespace).cloned().collect(),
        Some(version) => store.at(version, kind, namespace).map_err(|_| too_old(store, asked))?,
    };
    let mut matching = all.into_iter().filter(|object| {
        let seen = start.as_ref().is_some_and(|start| place(object) <= start.after);
        !seen && selector.matches(object)
    });
    let version = version.unwrap_or(store.version());
    let mut metadata = json!({"resourceVersion": version.to_string()});
    let Some(limit) = limit else {
        return Ok(Page {
            objects: matching.collect(),
            metadata,
        });
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let objects: Vec<Arc<Value>> = matching.by_ref().take(limit).collect();
    let left = matching.count();
    if let Some(last) = objects.last().filter(|_| left > 0) {
        let next = Continue {
            rv: version,
            after: place(last),
        };
        metadata["continue"] = URL_SAFE_NO_PAD.encode(super::view::json_bytes(&next)).into();
        if selector.is_empty() {
            metadata["remainingItemCount"] = json!(left);
        }
    }
    Ok(Page { objects, metadata })
}

fn place(object: &Value) -> (String, String) {
    (meta::namespace(object).to_owned(), meta::name(object).to_owned())
}

fn decode(token: &str) -> Result<Continue, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    serde_json::from_slice(&bytes).map_err(|_| Refusal::bad_request("continue key is not valid"))
}

/// The one version that is asked for; `None` where the present state will do.
fn exact(store: &Store, asked: &Asked, limited: bool) -> Result<Option<u64>, Refusal> {
    let version = asked.number("resourceVersion")?;
    let wanted = asked.param("resourceVersionMatch");
    if version.is_none() && wanted.is_some() {
        let why = "resourceVersionMatch is forbidden unless resourceVersion is provided";
        return Err(options_invalid(
            "ListOptions",
            &Cause::forbidden("resourceVersionMatch", why),
        ));
    }
    let Some(version) = version.filter(|version| *version > 0) else {
        return Ok(None);
    };
    if version > store.version() {
        return Err(from_the_future(store, version));
    }
    match wanted {
        Some("Exact") => Ok(Some(version)),
        Some("NotOlderThan") => Ok(None),
        None => Ok(limited.then_some(version)),
        Some(other) => {
            let cause = Cause::unsupported("resourceVersionMatch", &json!(other), &["Exact", "NotOlderThan"]);
            Err(options_invalid("ListOptions", &cause))
        }
    }
}

/// Parameters that contradict each other.
pub(crate) fn options_invalid(options: &str, cause: &Cause) -> Refusal {
    let message = format!(
        "{options}.meta.k8s.io \"\" is invalid: {}: {}",
        cause.field, cause.message
    );
    Refusal::new(422, "Invalid", message).with_causes(std::slice::from_ref(cause))
}

fn from_the_future(store: &Store, version: u64) -> Refusal {
    let message = format!("Too large resource version: {version}, current: {}", store.version());
    let cause = Cause {
        reason: "ResourceVersionTooLarge",
        message: "Too large resource version".to_owned(),
        field: String::new(),
    };
    Refusal::new(504, "Timeout", message)
        .with_causes(&[cause])
        .retry_after(1)
}

fn too_old(store: &Store, asked: &Asked) -> Refusal {
    let Some(start) = asked.param("continue").and_then(|token| decode(token).ok()) else {
        return Refusal::expired("The resourceVersion for the provided list is too old.");
    };
    // With this token the client may go on, at the price of a list that is not of one moment.
    let fresh = Continue {
        rv: store.version(),
        ..start
    };
    let mut refusal = Refusal::expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without \
         the continue parameter, or use the continue token in this response to retrieve the remainder of the results. \
         Continuing with the provided token results in an inconsistent list - objects that were created, modified, or \
         deleted between the time the first chunk was returned and now may show up in the list.",
    );
    refusal.next = Some(URL_SAFE_NO_PAD.encode(super::view::json_bytes(&fresh)));
    refusal
}
