//! Patching: JSON patch, merge patch, strategic merge patch, and server-side apply.

use std::sync::Arc;

use serde_json::Value;

use super::apply;
use super::asked::{parse, unsupported};
use super::kind::Kind;
use super::meta;
use super::read::options_invalid;
use super::refusal::{Cause, Refusal};
use super::reply::Reply;
use super::store::Store;
use super::strategic;
use super::turn::Turn;
use super::view::View;
use super::write::{self, Written};
use super::writer::Writer;

/// Operations of one JSON patch.
const MOST_OPERATIONS: usize = 1_000;

/// Values in an object, and how deep they may be in it.
const MOST_VALUES: usize = 100_000;
const DEEPEST: usize = 120;

const JSON: &str = "application/json-patch+json";
const MERGE: &str = "application/merge-patch+json";
const STRATEGIC: &str = "application/strategic-merge-patch+json";
const APPLY: &str = "application/apply-patch+yaml";

pub(crate) fn patch(turn: &Turn<'_>, name: &str) -> Result<Reply, Refusal> {
    let view = View::of(&turn.asked.accept)?;
    let kind = turn.resource.kind;
    let applies = turn.asked.content_type == APPLY;
    if turn.asked.flag("force") && !applies {
        let cause = Cause::forbidden("force", "may not be specified for non-apply patch");
        return Err(options_invalid("PatchOptions", &cause));
    }
    let written = match turn.asked.content_type.as_str() {
        APPLY => turn.cluster.write(|store| apply_to(store, turn, name)),
        _ => turn.cluster.write(|store| patch_in(store, turn, name)),
    }?;
    Ok(write::reply(kind, view, written))
}

fn patch_in(store: &mut Store, turn: &Turn<'_>, name: &str) -> Result<Written, Refusal> {
    let kind = turn.resource.kind;
    let live = live(store, turn, name).ok_or_else(|| Refusal::not_found(kind, name))?;
    let mut object = patched(turn, &live)?;
    if meta::name(&object) != name || meta::namespace(&object) != meta::namespace(&live) {
        let cause = Cause::invalid(
            "metadata.name",
            format!("{:?}", meta::name(&object)),
            "field is immutable",
        );
        return Err(Refusal::invalid(kind, name, &[cause]));
    }
    let warnings = write::admit(turn, &mut object)?;
    let object = write::replace(store, turn, object, &turn.writer())?;
    Ok(Written {
        object,
        created: false,
        warnings,
    })
}

fn live(store: &Store, turn: &Turn<'_>, name: &str) -> Option<Arc<Value>> {
    store.get(turn.resource.kind, turn.namespace(), name).cloned()
}

fn patched(turn: &Turn<'_>, live: &Value) -> Result<Value, Refusal> {
    let kind = turn.resource.kind;
    let body = &turn.asked.body;
    let mut object = live.clone();
    match turn.asked.content_type.as_str() {
        JSON => {
            let patch: json_patch::Patch = parse(body)?;
            operate(&mut object, &patch)?;
        }
        MERGE => json_patch::merge(&mut object, &map(body)?),
        STRATEGIC if !kind.custom() => strategic::merge(kind, &mut object, &map(body)?)?,
        _ => return Err(unsupported(&accepted(kind))),
    }
    Ok(object)
}

/// Does one operation after the other; a copy of what was copied grows fast, so the object is looked at after each.
fn operate(object: &mut Value, patch: &[json_patch::PatchOperation]) -> Result<(), Refusal> {
    let invalid = |message: String| Refusal::new(422, "Invalid", message);
    if patch.len() > MOST_OPERATIONS {
        let message = format!(
            "The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}, got {}",
            patch.len()
        );
        return Err(Refusal::new(413, "RequestEntityTooLarge", message));
    }
    for operation in patch {
        json_patch::patch(object, std::slice::from_ref(operation)).map_err(|error| {
            invalid(format!(
                "the server rejected our request due to an error in our request: {error}"
            ))
        })?;
        if !fits(object) {
            return Err(invalid("the patch makes the object too large or too deep".to_owned()));
        }
    }
    Ok(())
}

/// Whether an object is one that could also have been sent.
fn fits(object: &Value) -> bool {
    let (mut seen, mut open) = (0, vec![(object, 1)]);
    while let Some((value, depth)) = open.pop() {
        seen += 1;
        if seen > MOST_VALUES || depth > DEEPEST {
            return false;
        }
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => open.extend(members.values().map(|member| (member, depth + 1))),
            _ => {}
        }
    }
    true
}

/// A patch that is laid over an object is an object.
fn map(body: &[u8]) -> Result<Value, Refusal> {
    let patch: Value = parse(body)?;
    match patch.is_object() {
        true => Ok(patch),
        false => Err(Refusal::bad_request("the patch is no JSON object")),
    }
}

fn accepted(kind: &Kind) -> String {
    let strategic = (!kind.custom()).then_some(STRATEGIC);
    let all: Vec<&str> = [JSON, MERGE].into_iter().chain(strategic).chain([APPLY]).collect();
    all.join(", ")
}

fn apply_to(store: &mut Store, turn: &Turn<'_>, name: &str) -> Result<Written, Refusal> {
    let kind = turn.resource.kind;
    let Some(manager) = turn.asked.param("fieldManager") else {
        let cause = Cause::required("fieldManager", "is required for apply patch");
        return Err(options_invalid("PatchOptions", &cause));
    };
    let by = Writer {
        subresource: turn.resource.subresource.as_deref(),
        ..Writer::applying(manager, turn.now)
    };
    let mut config = map(&turn.asked.body)?;
    check_config(turn, name, &mut config)?;
    let live = live(store, turn, name);
    let given = meta::text(&config, "resourceVersion");
    if let Some(live) = &live
        && !given.is_empty()
        && given != meta::text(live, "resourceVersion")
    {
        return Err(Refusal::stale(kind, name));
    }
    if live.is_none() && (!given.is_empty() || turn.resource.subresource.is_some()) {
        return Err(Refusal::not_found(kind, name));
    }
    let mut object = apply::apply(kind, live.as_deref(), &config, turn.asked.flag("force"), &by)?;
    let warnings = write::admit(turn, &mut object)?;
    let created = live.is_none();
    let object = match created {
        true => write::create_in(store, kind, object, &by, turn.asked.dry_run()?),
        false => write::replace(store, turn, object, &by),
    }?;
    Ok(Written {
        object,
        created,
        warnings,
    })
}

/// A configuration names its object, and only fields that the kind has.
fn check_config(turn: &Turn<'_>, name: &str, config: &mut Value) -> Result<(), Refusal> {
    let kind = turn.resource.kind;
    if config["metadata"]["managedFields"].is_array() {
        return Err(Refusal::bad_request("metadata.managedFields must be nil"));
    }
    for field in ["apiVersion", "kind"] {
        if !config[field].is_string() {
            let message = format!("invalid object type: {field} must be set in the applied configuration");
            return Err(Refusal::bad_request(message));
        }
    }
    let given = meta::name(config);
    if !given.is_empty() && given != name {
        return Err(Refusal::bad_request(format!(
            "the name of the object ({given}) does not match the name on the URL ({name})"
        )));
    }
    meta::of(config).insert("name".to_owned(), name.into());
    write::settle_namespace(turn, config)?;
    if let Some(unknown) = super::validate::unknown(kind, config).first() {
        let place = match turn.namespace() {
            Some(namespace) => format!("{namespace}/{name}"),
            None => format!("/{name}"),
        };
        let message = format!(
            "failed to create typed patch object ({place}; {}, Kind={}): .{unknown}: field not declared in schema",
            kind.api_version(),
            kind.kind
        );
        return Err(Refusal::internal(message));
    }
    Ok(())
}
