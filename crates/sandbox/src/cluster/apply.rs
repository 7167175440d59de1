//! Server-side apply.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fields::{self, Path};
use super::kind::Kind;
use super::managed::{self, Managed};
use super::merge;
use super::meta;
use super::refusal::{Cause, Refusal};
use super::writer::Writer;

/// The object after `config` was applied to `live`, with its new `managedFields`.
///
/// # Errors
/// 409 where it changes a field of another manager, unless `force` takes it.
pub(crate) fn apply(
    kind: &Kind,
    live: Option<&Value>,
    config: &Value,
    force: bool,
    by: &Writer<'_>,
) -> Result<Value, Refusal> {
    let nothing = Value::Null;
    let base = live.unwrap_or(&nothing);
    let mut others = managed::read(base);
    if live.is_some() && others.is_empty() {
        others.push(Managed {
            fields: fields::claimed(kind, base),
            ..Managed::new(kind, &Writer::new("before-first-apply", by.now))
        });
    }
    let mut mine = Managed::new(kind, by);
    let known = others.iter().position(|entry| entry.same_as(&mine));
    let before = known.map(|known| others.swap_remove(known));
    mine.fields = fields::claimed(kind, config);

    let mut merged = merge::merge(kind, base, config);
    let changes = fields::changes(kind, base, &merged);
    let mut conflicts = Vec::new();
    for other in &mut others {
        let taken: BTreeSet<Path> = other.fields.intersection(&changes.set).cloned().collect();
        other
            .fields
            .retain(|path| !taken.contains(path) && !changes.removes(path));
        conflicts.extend(taken.into_iter().map(|path| (described(other), path)));
    }
    if !force && !conflicts.is_empty() {
        return Err(conflict(conflicts));
    }

    if let Some(before) = &before {
        let mut owned = mine.fields.clone();
        owned.extend(others.iter().flat_map(|other| other.fields.iter().cloned()));
        let gone = before.fields.difference(&owned).cloned().collect();
        merge::prune(kind, &mut merged, &gone, &owned);
    }
    if let Some(before) = before
        && before.fields == mine.fields
        && unmanaged(base) == unmanaged(&merged)
    {
        mine.time = before.time;
    }
    others.push(mine);
    managed::write(&mut merged, others);
    Ok(merged)
}

fn unmanaged(object: &Value) -> Value {
    let mut object = object.clone();
    meta::of(&mut object).remove("managedFields");
    object
}

/// As a conflict names the other manager.
fn described(other: &Managed) -> String {
    let subresource = other.subresource.as_ref();
    let subresource = subresource.map_or(String::new(), |name| format!(" with subresource {name:?}"));
    let using = match other.applies {
        true => String::new(),
        false => format!(" using {}", other.api_version),
    };
    format!("{:?}{subresource}{using}", other.manager)
}

fn conflict(conflicts: Vec<(String, Path)>) -> Refusal {
    let causes: Vec<Cause> = conflicts
        .iter()
        .map(|(manager, path)| Cause {
            reason: "FieldManagerConflict",
            message: format!("conflict with {manager}"),
            field: fields::display(path),
        })
        .collect();
    let said = match causes.as_slice() {
        [only] => format!("1 conflict: {}: {}", only.message, only.field),
        all => {
            let mut managers = BTreeMap::<_, Vec<String>>::new();
            for (manager, path) in conflicts {
                managers
                    .entry(manager)
                    .or_default()
                    .push(format!("- {}", fields::display(&path)));
            }
            let said: Vec<String> = managers
                .iter()
                .map(|(manager, paths)| format!("conflicts with {manager}:\n{}", paths.join("\n")))
                .collect();
            format!("{} conflicts: {}", all.len(), said.join("\n"))
        }
    };
    Refusal::new(409, "Conflict", format!("Apply failed with {said}")).with_causes(&causes)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::cluster::kind::{PODS, SCHEDULES};

    fn by(manager: &str) -> Writer<'_> {
        Writer::applying(manager, Timestamp::UNIX_EPOCH)
    }

    fn schedule(spec: Value) -> Value {
        json!({"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": "s"}, "spec": spec})
    }

    #[test]
    fn a_field_that_is_no_longer_applied_goes_unless_another_manager_has_it() {
        let first = schedule(json!({"schedule": "@daily", "paused": true, "template": {"ttl": "1h"}}));
        let live = apply(&SCHEDULES, None, &first, false, &by("a")).unwrap();
        let shared = schedule(json!({"schedule": "@daily"}));
        let live = apply(&SCHEDULES, Some(&live), &shared, false, &by("b")).unwrap();
        let less = schedule(json!({"template": {"storageLocation": "x"}}));
        let live = apply(&SCHEDULES, Some(&live), &less, false, &by("a")).unwrap();
        assert_eq!(
            live["spec"],
            json!({"schedule": "@daily", "template": {"storageLocation": "x"}})
        );
        let owners = &live["metadata"]["managedFields"];
        assert_eq!(owners[1]["fieldsV1"], json!({"f:spec": {"f:schedule": {}}}));
    }

    #[test]
    fn a_conflict_names_manager_and_field_and_force_takes_it() {
        let live = apply(
            &SCHEDULES,
            None,
            &schedule(json!({"schedule": "@daily"})),
            false,
            &by("a"),
        )
        .unwrap();
        let other = schedule(json!({"schedule": "@hourly"}));
        let refused = apply(&SCHEDULES, Some(&live), &other, false, &by("b")).unwrap_err();
        assert_eq!(
            refused.message,
            r#"Apply failed with 1 conflict: conflict with "a": .spec.schedule"#
        );
        let live = apply(&SCHEDULES, Some(&live), &other, true, &by("b")).unwrap();
        let owners = live["metadata"]["managedFields"].as_array().unwrap();
        assert_eq!((owners.len(), &owners[0]["manager"]), (1, &json!("b")));
    }

    #[test]
    fn items_of_a_shared_list_are_told_apart_by_their_key() {
        let pod = |containers: Value| json!({"metadata": {"name": "p"}, "spec": {"containers": containers}});
        let live = apply(&PODS, None, &pod(json!([{"name": "x", "image": "1"}])), false, &by("a")).unwrap();
        let live = apply(
            &PODS,
            Some(&live),
            &pod(json!([{"name": "y", "image": "2"}])),
            false,
            &by("b"),
        )
        .unwrap();
        let refused = apply(
            &PODS,
            Some(&live),
            &pod(json!([{"name": "x", "image": "3"}])),
            false,
            &by("b"),
        );
        let refused = refused.unwrap_err().message;
        assert!(refused.ends_with(r#".spec.containers[name="x"].image"#), "{refused}");
        let live = apply(&PODS, Some(&live), &pod(json!([])), false, &by("a")).unwrap();
        assert_eq!(live["spec"]["containers"], json!([{"name": "y", "image": "2"}]));
    }
}
