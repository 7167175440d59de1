//! Laying one object over another, and taking fields out.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::fields::{self, Path};
use super::kind::Kind;
use super::schema::Type;

/// `live` with everything that `config` says.
pub(crate) fn merge(kind: &Kind, live: &Value, config: &Value) -> Value {
    let mut merged = live.as_object().cloned().unwrap_or_default();
    for (name, value) in config.as_object().into_iter().flatten() {
        let type_ = kind.field(name).unwrap_or(&Type::Any);
        let value = merge_value(type_, merged.get(name), value);
        merged.insert(name.clone(), value);
    }
    Value::Object(merged)
}

fn merge_value(type_: &'static Type, live: Option<&Value>, config: &Value) -> Value {
    let Some(live) = live else {
        return config.clone();
    };
    let (Some(old), Some(new)) = (fields::members(type_, live), fields::members(type_, config)) else {
        return config.clone();
    };
    match config {
        Value::Object(map) => {
            let mut merged = live.as_object().cloned().unwrap_or_default();
            for (name, value) in map {
                let type_ = type_.member(name).unwrap_or(&Type::Any);
                let value = merge_value(type_, merged.get(name), value);
                merged.insert(name.clone(), value);
            }
            Value::Object(merged)
        }
        _ => {
            let kept = old.iter().map(|(step, value, type_)| {
                let over = new.iter().find(|(other, ..)| other == step);
                over.map_or_else(
                    || (*value).clone(),
                    |(_, over, _)| merge_value(type_, Some(value), over),
                )
            });
            let added = new
                .iter()
                .filter(|(step, ..)| !old.iter().any(|(other, ..)| other == step))
                .map(|(_, value, _)| (*value).clone());
            kept.chain(added).collect()
        }
    }
}

/// Takes the paths out, and what becomes empty by that, unless somebody still owns something in it.
pub(crate) fn prune(kind: &Kind, object: &mut Value, gone: &BTreeSet<Path>, owned: &BTreeSet<Path>) {
    let Some(map) = object.as_object_mut() else { return };
    prune_map(map, |name| kind.field(name), &mut Path::new(), gone, owned);
}

/// Whether a value at this path goes as a whole.
fn goes(path: &Path, gone: &BTreeSet<Path>, owned: &BTreeSet<Path>) -> bool {
    gone.contains(path) && !below(path, owned)
}

/// Whether the path or one below it is among them.
fn below(path: &Path, paths: &BTreeSet<Path>) -> bool {
    paths
        .range(path.clone()..)
        .next()
        .is_some_and(|next| next.starts_with(path))
}

fn prune_map(
    map: &mut Map<String, Value>,
    member: impl Fn(&str) -> Option<&'static Type>,
    path: &mut Path,
    gone: &BTreeSet<Path>,
    owned: &BTreeSet<Path>,
) {
    map.retain(|name, value| {
        path.push(format!("f:{name}"));
        let stays = member(name).is_none_or(|type_| keep(type_, value, path, gone, owned));
        path.pop();
        stays
    });
}

/// Prunes a value; `false` where nothing of it is left.
fn keep(
    type_: &'static Type,
    value: &mut Value,
    path: &mut Path,
    gone: &BTreeSet<Path>,
    owned: &BTreeSet<Path>,
) -> bool {
    if goes(path, gone, owned) {
        return false;
    }
    if !below(path, gone) {
        return true;
    }
    let Some(steps) = fields::members(type_, value) else {
        return true;
    };
    let steps: Vec<(String, &'static Type)> = steps.into_iter().map(|(step, _, type_)| (step, type_)).collect();
    match value {
        Value::Object(map) => prune_map(map, |name| type_.member(name), path, gone, owned),
        Value::Array(items) => {
            let mut steps = steps.into_iter();
            items.retain_mut(|item| {
                let Some((step, type_)) = steps.next() else { return true };
                path.push(step);
                let stays = keep(type_, item, path, gone, owned);
                path.pop();
                stays
            });
        }
        _ => {}
    }
    let empty = value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty);
    !empty || owned.contains(path)
}
