//! Fields of an object as paths, the way `managedFields` counts them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::kind::Kind;
use super::schema::Type;

/// Steps from the object down, each as FieldsV1 writes it: `f:name`, `k:{"key":"value"}`, `v:"value"`.
pub(crate) type Path = Vec<String>;

/// Metadata that nobody owns.
const OWNERLESS: [&str; 10] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "name",
    "namespace",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// What one write changed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Added, or with another value.
    pub(crate) set: BTreeSet<Path>,
    /// Gone, with all below them.
    pub(crate) removed: BTreeSet<Path>,
}

impl Changes {
    /// Whether the path, or what it is in, is gone.
    pub(crate) fn removes(&self, path: &Path) -> bool {
        self.removed.iter().any(|gone| path.starts_with(gone))
    }
}

/// What an applied configuration claims: its leaves, and each item of a shared list.
pub(crate) fn claimed(kind: &Kind, object: &Value) -> BTreeSet<Path> {
    let mut paths = BTreeSet::new();
    for (step, value, type_) in top(kind, object) {
        claim(type_, value, &mut vec![step], &mut paths);
    }
    paths
}

/// What turned one state of an object into another.
pub(crate) fn changes(kind: &Kind, before: &Value, after: &Value) -> Changes {
    let mut changes = Changes::default();
    compare(&top(kind, before), &top(kind, after), &mut Path::new(), &mut changes);
    changes
}

type Member<'a> = (String, &'a Value, &'static Type);

fn top<'a>(kind: &Kind, object: &'a Value) -> Vec<Member<'a>> {
    let mut members = Vec::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        match (name.as_str(), kind.field(name)) {
            ("apiVersion" | "kind", _) | (_, None) => {}
            (_, Some(type_)) => members.push((format!("f:{name}"), value, type_)),
        }
    }
    members
}

/// What a value is made of, for sharing; `None` where it belongs to one writer as a whole.
pub(crate) fn members<'a>(type_: &'static Type, value: &'a Value) -> Option<Vec<Member<'a>>> {
    match (type_, value) {
        (Type::Object(_) | Type::Open(_) | Type::Map(_) | Type::Any, Value::Object(map)) => Some(
            map.iter()
                .filter_map(|(name, value)| Some((format!("f:{name}"), value, type_.member(name)?)))
                .collect(),
        ),
        (Type::Keyed(keys, item), Value::Array(items)) => items
            .iter()
            .map(|value| Some((format!("k:{}", key(keys, value)?), value, *item)))
            .collect(),
        (Type::Set, Value::Array(items)) => Some(
            items
                .iter()
                .map(|value| (format!("v:{value}"), value, &Type::String))
                .collect(),
        ),
        _ => None,
    }
}

/// What tells an item of a list apart, as JSON; `None` for an item that lacks it.
fn key(keys: &[&str], item: &Value) -> Option<Value> {
    let mut key = Map::new();
    for name in keys {
        match (item.get(name), *name) {
            (Some(value), _) => key.insert((*name).to_owned(), value.clone()),
            (None, "protocol") => key.insert((*name).to_owned(), json!("TCP")),
            (None, _) => return None,
        };
    }
    Some(Value::Object(key))
}

fn ownerless(path: &Path) -> bool {
    match path.as_slice() {
        [metadata] => metadata == "f:metadata",
        [metadata, field, ..] if metadata == "f:metadata" => OWNERLESS.iter().any(|name| field[2..] == **name),
        _ => false,
    }
}

fn claim(type_: &'static Type, value: &Value, path: &mut Path, paths: &mut BTreeSet<Path>) {
    if ownerless(path) && path.len() > 1 {
        return;
    }
    let members = members(type_, value);
    let is_item = path.last().is_some_and(|step| step.starts_with("k:"));
    if (is_item || members.as_ref().is_none_or(Vec::is_empty)) && !ownerless(path) {
        paths.insert(path.clone());
    }
    for (step, value, type_) in members.into_iter().flatten() {
        path.push(step);
        claim(type_, value, path, paths);
        path.pop();
    }
}

/// Adds a new value with everything in it.
fn add(type_: &'static Type, value: &Value, path: &mut Path, set: &mut BTreeSet<Path>) {
    if ownerless(path) && path.len() > 1 {
        return;
    }
    if !ownerless(path) {
        set.insert(path.clone());
    }
    for (step, value, type_) in members(type_, value).into_iter().flatten() {
        path.push(step);
        add(type_, value, path, set);
        path.pop();
    }
}

fn compare(before: &[Member<'_>], after: &[Member<'_>], path: &mut Path, changes: &mut Changes) {
    let old: BTreeMap<&str, &Value> = before.iter().map(|(step, value, _)| (step.as_str(), *value)).collect();
    for (step, value, type_) in after {
        path.push(step.clone());
        match old.get(step.as_str()) {
            _ if ownerless(path) && path.len() > 1 => {}
            None => add(type_, value, path, &mut changes.set),
            Some(was) if was == value => {}
            Some(was) => match (members(type_, was), members(type_, value)) {
                (Some(before), Some(after)) => compare(&before, &after, path, changes),
                (was, _) => {
                    if was.is_some() {
                        changes.removed.insert(path.clone());
                    }
                    add(type_, value, path, &mut changes.set);
                }
            },
        }
        path.pop();
    }
    let new: BTreeSet<&str> = after.iter().map(|(step, ..)| step.as_str()).collect();
    for gone in old.keys().filter(|step| !new.contains(*step)) {
        path.push((*gone).to_owned());
        if !ownerless(path) {
            changes.removed.insert(path.clone());
        }
        path.pop();
    }
}

/// As FieldsV1: a tree of steps, in which `.` marks a path that has others below it.
pub(crate) fn to_v1(paths: &BTreeSet<Path>) -> Value {
    let mut tree = Tree::default();
    for path in paths {
        let mut node = &mut tree;
        for step in path {
            node = node.below.entry(step.as_str()).or_default();
        }
        node.is_path = true;
    }
    tree.json()
}

#[derive(Default)]
struct Tree<'a> {
    is_path: bool,
    below: BTreeMap<&'a str, Tree<'a>>,
}

impl Tree<'_> {
    fn json(&self) -> Value {
        let mut map = Map::new();
        if self.is_path && !self.below.is_empty() {
            map.insert(".".to_owned(), json!({}));
        }
        for (step, below) in &self.below {
            map.insert((*step).to_owned(), below.json());
        }
        Value::Object(map)
    }
}

/// Reads what [`to_v1`] wrote.
pub(crate) fn from_v1(fields: &Value) -> BTreeSet<Path> {
    let mut paths = BTreeSet::new();
    collect(fields, &mut Path::new(), &mut paths);
    paths
}

fn collect(fields: &Value, path: &mut Path, paths: &mut BTreeSet<Path>) {
    let below = fields.as_object().into_iter().flatten();
    let mut leaf = true;
    for (step, fields) in below {
        if step == "." {
            paths.insert(path.clone());
            continue;
        }
        leaf = false;
        path.push(step.clone());
        collect(fields, path, paths);
        path.pop();
    }
    if leaf && !path.is_empty() {
        paths.insert(path.clone());
    }
}

/// As messages name a path: `.spec.containers[name="app"].image`.
pub(crate) fn display(path: &Path) -> String {
    path.iter()
        .map(|step| match step.split_at(2) {
            ("f:", name) => format!(".{name}"),
            ("k:", key) => {
                let key: Map<String, Value> = serde_json::from_str(key).unwrap_or_default();
                let parts: Vec<String> = key.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("[{}]", parts.join(","))
            }
            (_, value) => format!("[={value}]"),
        })
        .collect()
}
