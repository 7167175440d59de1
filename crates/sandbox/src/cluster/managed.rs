//! `managedFields`: who owns which field.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fields::{self, Changes, Path};
use super::kind::Kind;
use super::meta;
use super::writer::Writer;

/// The fields of one manager.
#[derive(Debug, Clone)]
pub(crate) struct Managed {
    pub(crate) manager: String,
    /// By server-side apply, rather than by any other write.
    pub(crate) applies: bool,
    pub(crate) api_version: String,
    pub(crate) subresource: Option<String>,
    pub(crate) time: String,
    pub(crate) fields: BTreeSet<Path>,
}

impl Managed {
    /// The entry of this writer, without any field yet.
    pub(crate) fn new(kind: &Kind, by: &Writer<'_>) -> Self {
        Self {
            manager: by.manager.to_owned(),
            applies: by.applies,
            api_version: kind.api_version(),
            subresource: by.subresource.map(str::to_owned),
            time: meta::stamp(by.now).as_str().unwrap_or_default().to_owned(),
            fields: BTreeSet::new(),
        }
    }

    /// Whether both are entries of the same manager.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        (&self.manager, self.applies, &self.subresource) == (&other.manager, other.applies, &other.subresource)
    }

    fn parse(entry: &Value) -> Self {
        let text = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
        Self {
            manager: text("manager"),
            applies: entry["operation"] == "Apply",
            api_version: text("apiVersion"),
            subresource: entry["subresource"].as_str().map(str::to_owned),
            time: text("time"),
            fields: fields::from_v1(&entry["fieldsV1"]),
        }
    }

    fn json(&self) -> Value {
        let mut entry = json!({
            "manager": self.manager,
            "operation": if self.applies { "Apply" } else { "Update" },
            "apiVersion": self.api_version,
            "time": self.time,
            "fieldsType": "FieldsV1",
            "fieldsV1": fields::to_v1(&self.fields),
        });
        if let Some(subresource) = &self.subresource {
            entry["subresource"] = subresource.as_str().into();
        }
        entry
    }
}

/// The entries of an object.
pub(crate) fn read(object: &Value) -> Vec<Managed> {
    let entries = object["metadata"]["managedFields"].as_array();
    entries.into_iter().flatten().map(Managed::parse).collect()
}

/// Writes the entries that own something: appliers first, then by time and name.
pub(crate) fn write(object: &mut Value, mut entries: Vec<Managed>) {
    entries.retain(|entry| !entry.fields.is_empty());
    entries.sort_by(|a, b| (!a.applies, &a.time, &a.manager).cmp(&(!b.applies, &b.time, &b.manager)));
    let metadata = meta::of(object);
    match entries.is_empty() {
        true => metadata.remove("managedFields"),
        false => metadata.insert(
            "managedFields".to_owned(),
            entries.iter().map(Managed::json).collect::<Vec<_>>().into(),
        ),
    };
}

/// Records a write that is no apply: who writes a field takes it from the others.
pub(crate) fn track(kind: &Kind, live: Option<&Value>, object: &mut Value, by: &Writer<'_>) {
    let cleared = object["metadata"]["managedFields"]
        .as_array()
        .is_some_and(|entries| entries.iter().all(|entry| *entry == json!({})));
    let mut entries = match live {
        Some(live) if !cleared => read(live),
        _ => Vec::new(),
    };
    let changes = fields::changes(kind, live.unwrap_or(&Value::Null), object);
    disown(&mut entries, &changes);
    if !changes.set.is_empty() {
        let mut mine = Managed::new(kind, by);
        if let Some(known) = entries.iter().position(|entry| entry.same_as(&mine)) {
            mine.fields = entries.swap_remove(known).fields;
        }
        mine.fields.extend(changes.set);
        entries.push(mine);
    }
    write(object, entries);
}

/// Takes what was changed from everybody.
fn disown(entries: &mut [Managed], changes: &Changes) {
    for entry in entries {
        entry
            .fields
            .retain(|path| !changes.set.contains(path) && !changes.removes(path));
    }
}
