//! Reading and writing an object's metadata.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// A string of the metadata; empty where there is none.
pub(crate) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object["metadata"][field].as_str().unwrap_or_default()
}

pub(crate) fn name(object: &Value) -> &str {
    text(object, "name")
}

/// Empty for objects outside namespaces.
pub(crate) fn namespace(object: &Value) -> &str {
    text(object, "namespace")
}

pub(crate) fn uid(object: &Value) -> &str {
    text(object, "uid")
}

/// Whether its deletion was asked for.
pub(crate) fn terminating(object: &Value) -> bool {
    object["metadata"]["deletionTimestamp"].is_string()
}

pub(crate) fn finalizers(object: &Value) -> impl Iterator<Item = &str> {
    list(object, "finalizers").filter_map(Value::as_str)
}

pub(crate) fn owner_references(object: &Value) -> impl Iterator<Item = &Value> {
    list(object, "ownerReferences")
}

fn list<'a>(object: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    object["metadata"][field].as_array().into_iter().flatten()
}

/// The metadata as a map that can be written to; what was there and is no map is replaced.
pub(crate) fn of(object: &mut Value) -> &mut Map<String, Value> {
    member(object, "metadata")
}

/// A member as a map that can be written to; what was there and is no map is replaced.
pub(crate) fn member<'a>(object: &'a mut Value, name: &str) -> &'a mut Map<String, Value> {
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let member = &mut object[name];
    if !member.is_object() {
        *member = Value::Object(Map::new());
    }
    match member {
        Value::Object(map) => map,
        _ => unreachable!("it was just made a map"),
    }
}

/// As Kubernetes writes moments: whole seconds.
pub(crate) fn stamp(at: Timestamp) -> Value {
    let whole = Timestamp::from_second(at.as_second()).unwrap_or(at);
    Value::String(whole.to_string())
}
