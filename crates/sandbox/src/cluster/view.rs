//! In which form objects are shown: as they are, their metadata alone, or as a table.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::kind::{Column, Kind};
use super::meta;
use super::refusal::Refusal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Plain,
    Metadata,
    Table,
}

/// A page of objects, with what is told about the list.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) objects: Vec<Arc<Value>>,
    pub(crate) metadata: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    kind: String,
    api_version: String,
    metadata: &'a Value,
    items: &'a [Arc<Value>],
}

impl View {
    /// The first form that the client accepts and we have.
    ///
    /// # Errors
    /// 406 where there is none.
    pub(crate) fn of(accept: &str) -> Result<Self, Refusal> {
        let mut forms = accept
            .split(',')
            .map(str::trim)
            .filter(|form| !form.is_empty())
            .peekable();
        if forms.peek().is_none() {
            return Ok(Self::Plain);
        }
        forms.find_map(form).ok_or_else(|| {
            let message = "only the following media types are accepted: application/json";
            Refusal::new(406, "NotAcceptable", message)
        })
    }

    pub(crate) fn object(self, kind: &'static Kind, object: &Value) -> Vec<u8> {
        match self {
            Self::Plain => json_bytes(object),
            Self::Metadata => json_bytes(&metadata_of(object)),
            Self::Table => json_bytes(&table(kind, &[object], json!({}), true)),
        }
    }

    /// What a watch sends of an object; only its first table has column definitions.
    pub(crate) fn event(self, kind: &'static Kind, object: &Value, first: bool) -> Value {
        match self {
            Self::Plain => object.clone(),
            Self::Metadata => metadata_of(object),
            Self::Table => table(kind, &[object], json!({}), first),
        }
    }

    pub(crate) fn page(self, kind: &'static Kind, page: &Page) -> Vec<u8> {
        match self {
            Self::Plain => json_bytes(&List {
                kind: format!("{}List", kind.kind),
                api_version: kind.api_version(),
                metadata: &page.metadata,
                items: &page.objects,
            }),
            Self::Metadata => {
                let items: Vec<Value> = page.objects.iter().map(|object| metadata_of(object)).collect();
                json_bytes(&json!({
                    "kind": "PartialObjectMetadataList",
                    "apiVersion": "meta.k8s.io/v1",
                    "metadata": page.metadata,
                    "items": items,
                }))
            }
            Self::Table => {
                let objects: Vec<&Value> = page.objects.iter().map(AsRef::as_ref).collect();
                json_bytes(&table(kind, &objects, page.metadata.clone(), true))
            }
        }
    }
}

fn form(accepted: &str) -> Option<View> {
    let mut parts = accepted.split(';').map(str::trim);
    if !matches!(parts.next()?, "application/json" | "application/*" | "*/*") {
        return None;
    }
    let parameters: Vec<&str> = parts.filter(|part| !part.starts_with("q=")).collect();
    let wanted = |part: &str| parameters.contains(&part);
    let meta_v1 = wanted("g=meta.k8s.io") && wanted("v=v1");
    match parameters.iter().find_map(|part| part.strip_prefix("as=")) {
        None => Some(View::Plain),
        Some("PartialObjectMetadata" | "PartialObjectMetadataList") if meta_v1 => Some(View::Metadata),
        Some("Table") if meta_v1 => Some(View::Table),
        Some(_) => None,
    }
}

/// Objects of maps, lists and strings are always JSON.
pub(crate) fn json_bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn metadata_of(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

const AGE: &[Column] = &[Column {
    name: "Age",
    type_: "date",
    path: &["metadata", "creationTimestamp"],
}];

fn table(kind: &'static Kind, objects: &[&Value], metadata: Value, with_columns: bool) -> Value {
    let columns = if kind.columns.is_empty() { AGE } else { kind.columns };
    let definition = |name: &str, type_: &str, format: &str| json!({"name": name, "type": type_, "format": format, "description": "", "priority": 0});
    let mut definitions = vec![definition("Name", "string", "name")];
    definitions.extend(columns.iter().map(|column| definition(column.name, column.type_, "")));
    let rows: Vec<Value> = objects
        .iter()
        .map(|object| {
            let cell = |column: &Column| column.path.iter().fold(*object, |value, name| &value[*name]).clone();
            let mut cells = vec![json!(meta::name(object))];
            cells.extend(columns.iter().map(cell));
            json!({"cells": cells, "object": metadata_of(object)})
        })
        .collect();
    let definitions = if with_columns { definitions } else { Vec::new() };
    json!({
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": definitions,
        "rows": rows,
    })
}
