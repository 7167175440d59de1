//! Strategic merge patch, for built-in kinds: lists whose items have a key are merged by it.

use serde_json::{Map, Value};

use super::kind::Kind;
use super::refusal::Refusal;
use super::schema::Type;

/// # Errors
/// 400 for a directive that is not offered.
pub(crate) fn merge(kind: &Kind, object: &mut Value, patch: &Value) -> Result<(), Refusal> {
    let (Some(object), Some(patch)) = (object.as_object_mut(), patch.as_object()) else {
        return Ok(());
    };
    merge_map(object, patch, |name| kind.field(name).unwrap_or(&Type::Any))
}

fn merge_map(
    object: &mut Map<String, Value>,
    patch: &Map<String, Value>,
    member: impl Fn(&str) -> &'static Type,
) -> Result<(), Refusal> {
    if patch.get("$patch").is_some_and(|directive| directive == "replace") {
        object.clear();
    }
    for (name, value) in patch {
        if name == "$patch" {
            continue;
        }
        if let Some(list) = name.strip_prefix("$deleteFromPrimitiveList/") {
            delete_items(object, list, value);
        } else if name.starts_with("$setElementOrder/") {
            // Kubernetes only orders by it.
        } else if name.starts_with('$') {
            return Err(Refusal::bad_request(format!("unknown directive {name:?} in the patch")));
        } else if value.is_null() {
            object.remove(name);
        } else {
            let merged = merge_value(member(name), object.remove(name), value)?;
            object.insert(name.clone(), merged);
        }
    }
    Ok(())
}

fn delete_items(object: &mut Map<String, Value>, list: &str, gone: &Value) {
    if let (Some(Value::Array(items)), Some(gone)) = (object.get_mut(list), gone.as_array()) {
        items.retain(|item| !gone.contains(item));
    }
}

fn merge_value(type_: &'static Type, live: Option<Value>, patch: &Value) -> Result<Value, Refusal> {
    match (type_, live, patch) {
        (Type::Keyed(keys, item), live, Value::Array(patch)) => {
            let items = match live {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            };
            merge_items(keys.first().copied().unwrap_or_default(), item, items, patch)
        }
        (Type::Set, Some(Value::Array(mut items)), Value::Array(patch)) => {
            items.extend(
                patch
                    .iter()
                    .filter(|item| !items.contains(item))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
            Ok(Value::Array(items))
        }
        (_, live, Value::Object(patch)) => {
            let mut map = match live {
                Some(Value::Object(map)) => map,
                _ => Map::new(),
            };
            merge_map(&mut map, patch, |name| type_.member(name).unwrap_or(&Type::Any))?;
            Ok(Value::Object(map))
        }
        (_, _, patch) => Ok(patch.clone()),
    }
}

fn merge_items(key: &str, type_: &'static Type, mut items: Vec<Value>, patch: &[Value]) -> Result<Value, Refusal> {
    if patch.iter().any(|item| item["$patch"] == "replace") {
        items.clear();
    }
    for over in patch {
        let same = |item: &Value| item[key] == over[key];
        match over["$patch"].as_str() {
            Some("replace") => {}
            Some("delete") => items.retain(|item| !same(item)),
            _ => {
                let known = items.iter().position(same);
                let merged = merge_value(type_, known.map(|known| items[known].take()), over)?;
                match known {
                    Some(known) => items[known] = merged,
                    None => items.push(merged),
                }
            }
        }
    }
    Ok(Value::Array(items))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::kind::PODS;

    #[test]
    fn lists_with_a_key_are_merged_by_it_and_others_replaced() {
        let mut pod = json!({"metadata": {"finalizers": ["a/a"]}, "spec": {
            "containers": [{"name": "x", "image": "1", "args": ["a"]}, {"name": "y"}], "dnsPolicy": "Default"}});
        let patch = json!({"metadata": {"finalizers": ["b/b"], "labels": {"l": "1"}}, "spec": {
            "containers": [{"name": "x", "args": ["b"]}, {"name": "y", "$patch": "delete"}, {"name": "z"}],
            "dnsPolicy": null}});
        merge(&PODS, &mut pod, &patch).unwrap();
        let expected = json!({"metadata": {"finalizers": ["a/a", "b/b"], "labels": {"l": "1"}}, "spec": {
            "containers": [{"name": "x", "image": "1", "args": ["b"]}, {"name": "z"}]}});
        assert_eq!(pod, expected);
    }
}
