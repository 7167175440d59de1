//! Creating and replacing.

use axum::http::StatusCode;
use serde_json::Value;

use super::defaults;
use super::kind::Kind;
use super::meta;
use super::refusal::Refusal;
use super::reply::Reply;
use super::store::{Prepared, Store};
use super::turn::Turn;
use super::validate;
use super::view::View;
use super::writer::Writer;

/// An object as it is stored, or would be.
pub(super) struct Written {
    pub(super) object: std::sync::Arc<Value>,
    pub(super) created: bool,
    pub(super) warnings: Vec<String>,
}

pub(crate) fn create(turn: &Turn<'_>) -> Result<Reply, Refusal> {
    let view = View::of(&turn.asked.accept)?;
    let kind = turn.resource.kind;
    if kind.namespaced && turn.namespace().is_none() {
        let message = "the server does not allow this method on the requested resource";
        return Err(Refusal::new(405, "MethodNotAllowed", message));
    }
    let mut object: Value = turn.asked.json()?;
    let warnings = admit(turn, &mut object)?;
    settle_namespace(turn, &mut object)?;
    let dry_run = turn.asked.dry_run()?;
    let object = turn
        .cluster
        .write(|store| create_in(store, kind, object, &turn.writer(), dry_run))?;
    Ok(reply(
        kind,
        view,
        Written {
            object,
            created: true,
            warnings,
        },
    ))
}

pub(super) fn create_in(
    store: &mut Store,
    kind: &'static Kind,
    mut object: Value,
    by: &Writer<'_>,
    dry_run: bool,
) -> Result<std::sync::Arc<Value>, Refusal> {
    if kind.status
        && let Some(map) = object.as_object_mut()
    {
        map.remove("status");
    }
    match dry_run {
        true => store.prepare_create(kind, object, by).map(Into::into),
        false => store.create(kind, object, by),
    }
}

pub(crate) fn update(turn: &Turn<'_>, name: &str) -> Result<Reply, Refusal> {
    let view = View::of(&turn.asked.accept)?;
    let mut object: Value = turn.asked.json()?;
    let given = meta::name(&object).to_owned();
    if given != name {
        return Err(Refusal::bad_request(format!(
            "the name of the object ({given}) does not match the name on the URL ({name})"
        )));
    }
    let warnings = admit(turn, &mut object)?;
    settle_namespace(turn, &mut object)?;
    let object = turn
        .cluster
        .write(|store| replace(store, turn, object, &turn.writer()))?;
    let written = Written {
        object,
        created: false,
        warnings,
    };
    Ok(reply(turn.resource.kind, view, written))
}

/// Stores a new state of an object that was admitted.
pub(super) fn replace(
    store: &mut Store,
    turn: &Turn<'_>,
    mut object: Value,
    by: &Writer<'_>,
) -> Result<std::sync::Arc<Value>, Refusal> {
    let kind = turn.resource.kind;
    let name = meta::name(&object);
    let live = store
        .get(kind, turn.namespace(), name)
        .ok_or_else(|| Refusal::not_found(kind, name))?;
    keep_other_part(turn, live, &mut object);
    defaults::fill(kind, &mut object);
    let prepared = store.prepare_update(kind, object, by)?;
    Ok(match turn.asked.dry_run()? {
        true => match prepared {
            Prepared::Unchanged(object) => object,
            Prepared::Changed(object) | Prepared::Removed(object) => object.into(),
        },
        false => store.commit(kind, prepared, by.now),
    })
}

/// Through `/status` only the status is written, through the object itself everything but the status.
fn keep_other_part(turn: &Turn<'_>, live: &Value, object: &mut Value) {
    if !turn.resource.kind.status {
        return;
    }
    let status_of = |object: &Value| object.get("status").cloned();
    let (mut kept, status) = match turn.resource.subresource {
        Some(_) => {
            let mut kept = live.clone();
            let version = object["metadata"]["resourceVersion"].clone();
            meta::of(&mut kept).insert("resourceVersion".to_owned(), version);
            (kept, status_of(object))
        }
        None => (object.clone(), status_of(live)),
    };
    if let Some(map) = kept.as_object_mut() {
        match status {
            Some(status) => map.insert("status".to_owned(), status),
            None => map.remove("status"),
        };
    }
    *object = kept;
}

/// Checks the object; returns the warnings, or refuses what the caller wants refused.
pub(super) fn admit(turn: &Turn<'_>, object: &mut Value) -> Result<Vec<String>, Refusal> {
    let kind = turn.resource.kind;
    let unknown = validate::admit(kind, object)?;
    let unknown: Vec<String> = unknown.iter().map(|path| format!("unknown field {path:?}")).collect();
    match turn.asked.param("fieldValidation") {
        Some("Ignore") => Ok(Vec::new()),
        None | Some("Warn") => Ok(unknown),
        Some("Strict") if unknown.is_empty() => Ok(unknown),
        Some("Strict") => Err(Refusal::bad_request(format!(
            "{0} in version {1:?} cannot be handled as a {0}: strict decoding error: {2}",
            kind.kind,
            kind.version,
            unknown.join(", ")
        ))),
        Some(other) => Err(Refusal::new(
            422,
            "Invalid",
            format!(
                "fieldValidation: Unsupported value: {other:?}: supported values: \"Ignore\", \"Strict\", \"Warn\""
            ),
        )),
    }
}

/// The object is in the namespace of the path.
pub(super) fn settle_namespace(turn: &Turn<'_>, object: &mut Value) -> Result<(), Refusal> {
    let Some(namespace) = turn.namespace() else {
        return Ok(());
    };
    let given = meta::namespace(object);
    if !given.is_empty() && given != namespace {
        return Err(Refusal::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    meta::of(object).insert("namespace".to_owned(), namespace.into());
    Ok(())
}

pub(super) fn reply(kind: &'static Kind, view: View, written: Written) -> Reply {
    let status = if written.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Reply::bytes(view.object(kind, &written.object))
        .with_status(status)
        .with_warnings(written.warnings)
        .with_uid(meta::uid(&written.object))
}
