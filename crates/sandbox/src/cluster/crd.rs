//! CustomResourceDefinitions, written from the table of kinds.

use serde_json::{Map, Value, json};

use super::kind::{Column, Family, KINDS, Kind};
use super::schema::{Field, Type};

/// The definitions of all kinds that are not built in.
pub(crate) fn all() -> impl Iterator<Item = Value> {
    KINDS.iter().filter(|kind| kind.custom()).map(|kind| definition(kind))
}

fn definition(kind: &Kind) -> Value {
    let mut version = json!({
        "name": kind.version,
        "served": true,
        "storage": true,
        "schema": {"openAPIV3Schema": schema(kind)},
    });
    if !kind.columns.is_empty() {
        version["additionalPrinterColumns"] = kind.columns.iter().map(column).collect();
    }
    if kind.status {
        version["subresources"] = json!({"status": {}});
    }
    let mut names = json!({
        "plural": kind.plural,
        "singular": kind.singular,
        "kind": kind.kind,
        "listKind": format!("{}List", kind.kind),
    });
    if !kind.short_names.is_empty() {
        names["shortNames"] = json!(kind.short_names);
    }
    let mut annotations = Map::new();
    if kind.group.ends_with(".k8s.io") {
        // Kubernetes wants one in its own groups.
        annotations.insert("api-approved.kubernetes.io".to_owned(), json!("unapproved, for tests"));
    }
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": kind.resource(), "annotations": annotations},
        "spec": {
            "group": kind.group,
            "names": names,
            "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
            "versions": [version],
        },
        "status": {
            "acceptedNames": names,
            "conditions": [
                {"type": "NamesAccepted", "status": "True", "reason": "NoConflicts", "message": "no conflicts found"},
                {"type": "Established", "status": "True", "reason": "InitialNamesAccepted", "message": "the initial names have been accepted"},
            ],
            "storedVersions": [kind.version],
        },
    })
}

fn column(column: &Column) -> Value {
    let path: String = column.path.iter().map(|name| format!(".{name}")).collect();
    json!({"name": column.name, "type": column.type_, "jsonPath": path})
}

fn schema(kind: &Kind) -> Value {
    if kind.family == Family::Foreign {
        return json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    }
    let mut schema = object(kind.fields);
    let properties = &mut schema["properties"];
    properties["apiVersion"] = json!({"type": "string"});
    properties["kind"] = json!({"type": "string"});
    properties["metadata"] = json!({"type": "object"});
    schema
}

fn object(fields: &[Field]) -> Value {
    let mut schema = json!({"type": "object"});
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| (field.name.to_owned(), property(field)))
        .collect();
    let required: Vec<&str> = fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name)
        .collect();
    if !properties.is_empty() {
        schema["properties"] = properties.into();
    }
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn property(field: &Field) -> Value {
    let mut schema = of(&field.type_);
    if field.nullable {
        schema["nullable"] = json!(true);
    }
    schema
}

fn of(type_: &Type) -> Value {
    let mut schema = match type_ {
        Type::Object(fields) => return object(fields),
        Type::Atomic(fields) | Type::Open(fields) => object(fields),
        _ => json!({"type": type_.name()}),
    };
    match type_ {
        Type::Enum(values) => schema["enum"] = json!(values),
        Type::DateTime => schema["format"] = json!("date-time"),
        Type::Bytes => schema["format"] = json!("byte"),
        Type::Integer => schema["format"] = json!("int64"),
        Type::Any | Type::Open(_) => schema["x-kubernetes-preserve-unknown-fields"] = json!(true),
        Type::Atomic(_) => schema["x-kubernetes-map-type"] = json!("atomic"),
        Type::Map(item) => schema["additionalProperties"] = of(item),
        Type::List(item) => schema["items"] = of(item),
        Type::Set => {
            schema["items"] = json!({"type": "string"});
            schema["x-kubernetes-list-type"] = json!("set");
        }
        Type::Keyed(keys, item) => {
            schema["items"] = of(item);
            schema["x-kubernetes-list-type"] = json!("map");
            schema["x-kubernetes-list-map-keys"] = json!(keys);
        }
        Type::String | Type::Boolean | Type::Object(_) => {}
    }
    schema
}
