//! What of an object a kind accepts: unknown fields go, wrong ones are named.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::kind::{Family, Kind};
use super::meta;
use super::names;
use super::refusal::{Cause, Refusal};
use super::schema::{Field, METADATA, Type};

/// Fields of every object.
const BESIDES: &[&str] = &["apiVersion", "kind", "metadata"];

/// Takes unknown fields out, and refuses an object that the kind cannot be.
///
/// Returns the paths of the unknown fields.
///
/// # Errors
/// 400 for what is no such object at all, 422 with a cause for each field that is wrong.
pub(crate) fn admit(kind: &Kind, object: &mut Value) -> Result<Vec<String>, Refusal> {
    check_type(kind, object)?;
    drop_nulls(&mut object["metadata"]);
    let mut unknown = Vec::new();
    prune(&METADATA, &mut object["metadata"], "metadata", &mut unknown);
    let mut wrong = Vec::new();
    check(&METADATA, &object["metadata"], "metadata", &mut wrong);
    if let Some(cause) = wrong.first() {
        let message = format!(
            "{0} in version {1:?} cannot be handled as a {0}: {2}: {3}",
            kind.kind, kind.version, cause.field, cause.message
        );
        return Err(Refusal::bad_request(message));
    }
    let mut causes = names::check(kind, object);
    if kind.family == Family::Velero
        && let Some(map) = object.as_object_mut()
    {
        prune_fields(kind.fields, map, BESIDES, "", &mut unknown);
        check_fields(kind.fields, map, "", &mut causes);
    }
    match causes.is_empty() {
        true => Ok(unknown),
        false => Err(Refusal::invalid(kind, meta::name(object), &causes)),
    }
}

/// Paths of the fields that the kind does not have.
pub(crate) fn unknown(kind: &Kind, object: &Value) -> Vec<String> {
    let mut unknown = Vec::new();
    let mut object = object.clone();
    prune(&METADATA, &mut object["metadata"], "metadata", &mut unknown);
    if kind.family == Family::Velero
        && let Some(map) = object.as_object_mut()
    {
        prune_fields(kind.fields, map, BESIDES, "", &mut unknown);
    }
    unknown
}

fn check_type(kind: &Kind, object: &mut Value) -> Result<(), Refusal> {
    let Some(map) = object.as_object_mut() else {
        return Err(Refusal::bad_request(
            "couldn't get version/kind; json parse error: the body is no object",
        ));
    };
    let expected = kind.api_version();
    for (field, expected) in [("apiVersion", expected.as_str()), ("kind", kind.kind)] {
        let given = map.get(field).and_then(Value::as_str).unwrap_or_default();
        if given.is_empty() && kind.custom() {
            let field = if field == "kind" { "Kind" } else { field };
            return Err(Refusal::bad_request(format!("Object '{field}' is missing in the data")));
        }
        if !given.is_empty() && given != expected {
            let what = if field == "kind" { "kind" } else { "API version" };
            return Err(Refusal::bad_request(format!(
                "the {what} in the data ({given}) does not match the expected {what} ({expected})"
            )));
        }
    }
    map.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
    Ok(())
}

/// In metadata a `null` is an absence.
fn drop_nulls(metadata: &mut Value) {
    if let Some(map) = metadata.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
}

fn prune(type_: &Type, value: &mut Value, path: &str, unknown: &mut Vec<String>) {
    match (type_, value) {
        (Type::Object(fields) | Type::Atomic(fields), Value::Object(map)) => {
            prune_fields(fields, map, &[], path, unknown);
        }
        (Type::List(item) | Type::Keyed(_, item), Value::Array(items)) => {
            for (index, value) in items.iter_mut().enumerate() {
                prune(item, value, &format!("{path}[{index}]"), unknown);
            }
        }
        (Type::Map(item), Value::Object(map)) => {
            for (name, value) in map {
                prune(item, value, &join(path, name), unknown);
            }
        }
        _ => {}
    }
}

fn prune_fields(
    fields: &[Field],
    map: &mut Map<String, Value>,
    besides: &[&str],
    path: &str,
    unknown: &mut Vec<String>,
) {
    map.retain(|name, value| match fields.iter().find(|field| field.name == name) {
        Some(field) => {
            prune(&field.type_, value, &join(path, name), unknown);
            true
        }
        None if besides.contains(&name.as_str()) => true,
        None => {
            unknown.push(join(path, name));
            false
        }
    });
}

fn check_fields(fields: &[Field], map: &Map<String, Value>, path: &str, causes: &mut Vec<Cause>) {
    for field in fields {
        let path = join(path, field.name);
        match map.get(field.name) {
            None if field.required => causes.push(Cause::required(path, "")),
            None => {}
            Some(Value::Null) if field.nullable => {}
            Some(value) => check(&field.type_, value, &path, causes),
        }
    }
}

fn check(type_: &Type, value: &Value, path: &str, causes: &mut Vec<Cause>) {
    let mut wrong = |expected: &str| causes.push(mistyped(path, value, expected));
    match (type_, value) {
        (Type::Any, _) | (Type::String, Value::String(_)) | (Type::Boolean, Value::Bool(_)) => {}
        (Type::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {}
        (Type::Enum(allowed), Value::String(text)) => {
            if !allowed.contains(&text.as_str()) {
                causes.push(Cause::unsupported(path, value, allowed));
            }
        }
        (Type::DateTime, Value::String(text)) => {
            if text.parse::<Timestamp>().is_err() {
                wrong("date-time");
            }
        }
        (Type::Bytes, Value::String(text)) => {
            if STANDARD.decode(text).is_err() {
                wrong("byte");
            }
        }
        (Type::Object(fields) | Type::Atomic(fields) | Type::Open(fields), Value::Object(map)) => {
            check_fields(fields, map, path, causes);
        }
        (Type::Map(item), Value::Object(map)) => {
            for (name, value) in map {
                check(item, value, &join(path, name), causes);
            }
        }
        (Type::List(item) | Type::Keyed(_, item), Value::Array(items)) => {
            for (index, value) in items.iter().enumerate() {
                check(item, value, &format!("{path}[{index}]"), causes);
            }
        }
        (Type::Set, Value::Array(items)) => {
            for (index, value) in items.iter().enumerate() {
                check(&Type::String, value, &format!("{path}[{index}]"), causes);
            }
        }
        _ => wrong(type_.name()),
    }
}

fn mistyped(path: &str, value: &Value, expected: &str) -> Cause {
    let given = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        // A string in the wrong format is shown itself.
        Value::String(text) if matches!(expected, "date-time" | "byte") => text,
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    Cause {
        reason: "FieldValueTypeInvalid",
        message: format!("Invalid value: {given:?}: {path} in body must be of type {expected}: {given:?}"),
        field: path.to_owned(),
    }
}

impl Type {
    /// As OpenAPI names it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::String | Self::Enum(_) | Self::DateTime | Self::Bytes => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Any | Self::Map(_) | Self::Object(_) | Self::Atomic(_) | Self::Open(_) => "object",
            Self::List(_) | Self::Set | Self::Keyed(..) => "array",
        }
    }
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}
