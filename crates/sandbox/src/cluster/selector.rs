//! Label and field selectors.

use std::collections::BTreeSet;

use serde_json::Value;

use super::asked::Asked;
use super::kind::Kind;
use super::meta;
use super::refusal::Refusal;

/// Which objects are asked for.
#[derive(Debug, Default)]
pub(crate) struct Selector {
    labels: Vec<Requirement>,
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Requirement {
    key: String,
    operator: Operator,
}

#[derive(Debug)]
enum Operator {
    Exists,
    Absent,
    In(BTreeSet<String>),
    NotIn(BTreeSet<String>),
    Above(i64),
    Below(i64),
}

/// A field with the value that it must, or must not, have.
#[derive(Debug)]
struct Field {
    path: &'static [&'static str],
    equal: bool,
    value: String,
}

/// Fields that can be selected by, beside name and namespace.
const FIELDS: &[(&str, &str, &[&str])] = &[
    ("pods", "status.phase", &["status", "phase"]),
    ("pods", "spec.nodeName", &["spec", "nodeName"]),
    ("pods", "spec.serviceAccountName", &["spec", "serviceAccountName"]),
    ("namespaces", "status.phase", &["status", "phase"]),
    ("secrets", "type", &["type"]),
    ("events", "type", &["type"]),
    ("events", "reason", &["reason"]),
    ("events", "involvedObject.kind", &["involvedObject", "kind"]),
    ("events", "involvedObject.name", &["involvedObject", "name"]),
    ("events", "involvedObject.namespace", &["involvedObject", "namespace"]),
    ("events", "involvedObject.uid", &["involvedObject", "uid"]),
];

impl Selector {
    /// # Errors
    /// 400 for a selector that cannot be read, or a field that cannot be selected by.
    pub(crate) fn of(asked: &Asked, kind: &Kind) -> Result<Self, Refusal> {
        Ok(Self {
            labels: labels(asked.param("labelSelector").unwrap_or_default())?,
            fields: fields(asked, kind)?,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        let labels = &object["metadata"]["labels"];
        self.labels
            .iter()
            .all(|requirement| requirement.holds(labels[&requirement.key].as_str()))
            && self.fields.iter().all(|field| field.holds(object))
    }
}

impl Requirement {
    fn holds(&self, label: Option<&str>) -> bool {
        let number = |label: &str| label.parse::<i64>().ok();
        match &self.operator {
            Operator::Exists => label.is_some(),
            Operator::Absent => label.is_none(),
            Operator::In(values) => label.is_some_and(|label| values.contains(label)),
            Operator::NotIn(values) => label.is_none_or(|label| !values.contains(label)),
            Operator::Above(bound) => label.and_then(number).is_some_and(|label| label > *bound),
            Operator::Below(bound) => label.and_then(number).is_some_and(|label| label < *bound),
        }
    }
}

impl Field {
    fn holds(&self, object: &Value) -> bool {
        let value = self.path.iter().fold(object, |value, name| &value[*name]);
        (value.as_str().unwrap_or_default() == self.value) == self.equal
    }
}

fn labels(selector: &str) -> Result<Vec<Requirement>, Refusal> {
    let refuse = |part: &str| Refusal::bad_request(format!("unable to parse requirement: {part:?} in {selector:?}"));
    outer_commas(selector)
        .map(|part| requirement(part).ok_or_else(|| refuse(part)))
        .collect()
}

/// The parts between commas that are not in parentheses.
fn outer_commas(selector: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    let parts = selector.split(move |letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    });
    parts.map(str::trim).filter(move |_| !selector.trim().is_empty())
}

fn requirement(part: &str) -> Option<Requirement> {
    let requirement = |key: &str, operator| {
        let key = key.trim();
        super::names::label_key(key).then(|| Requirement {
            key: key.to_owned(),
            operator,
        })
    };
    let one = |value: &str| {
        let value = value.trim();
        super::names::label_value(value).then(|| BTreeSet::from([value.to_owned()]))
    };
    if let Some(key) = part.strip_prefix('!') {
        return requirement(key, Operator::Absent);
    }
    if let Some((key, value)) = part.split_once("!=") {
        return requirement(key, Operator::NotIn(one(value)?));
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return requirement(key, Operator::In(one(value)?));
    }
    if let Some((key, bound)) = part.split_once('>') {
        return requirement(key, Operator::Above(bound.trim().parse().ok()?));
    }
    if let Some((key, bound)) = part.split_once('<') {
        return requirement(key, Operator::Below(bound.trim().parse().ok()?));
    }
    let Some((before, values)) = part.split_once('(') else {
        return requirement(part, Operator::Exists);
    };
    let values = values.strip_suffix(')')?.split(',').map(str::trim);
    let values: Option<BTreeSet<String>> = values
        .map(|value| super::names::label_value(value).then(|| value.to_owned()))
        .collect();
    let (key, word) = before.trim().rsplit_once(char::is_whitespace)?;
    match word {
        "in" => requirement(key, Operator::In(values?)),
        "notin" => requirement(key, Operator::NotIn(values?)),
        _ => None,
    }
}

fn fields(asked: &Asked, kind: &Kind) -> Result<Vec<Field>, Refusal> {
    let selector = asked.param("fieldSelector").unwrap_or_default();
    let parts = selector.split(',').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let split = part
                .split_once("!=")
                .map(|(name, value)| (name, value, false))
                .or_else(|| part.split_once("==").map(|(name, value)| (name, value, true)))
                .or_else(|| part.split_once('=').map(|(name, value)| (name, value, true)));
            let (name, value, equal) = split.ok_or_else(|| {
                Refusal::bad_request(format!("invalid selector: {selector:?}; can't understand {part:?}"))
            })?;
            Ok(Field {
                path: selectable(asked, kind, name)?,
                equal,
                value: value.to_owned(),
            })
        })
        .collect()
}

fn selectable(asked: &Asked, kind: &Kind, name: &str) -> Result<&'static [&'static str], Refusal> {
    if name == "metadata.name" {
        return Ok(&["metadata", "name"]);
    }
    if name == "metadata.namespace" && kind.namespaced {
        return Ok(&["metadata", "namespace"]);
    }
    let known = FIELDS
        .iter()
        .find(|(plural, field, _)| kind.group.is_empty() && *plural == kind.plural && *field == name);
    known.map(|(.., path)| *path).ok_or_else(|| {
        Refusal::bad_request(format!(
            "Unable to find {:?} that match label selector {:?}, field selector {:?}: field label not supported: {name}",
            format!("{}, Resource={}", kind.api_version(), kind.plural),
            asked.param("labelSelector").unwrap_or_default(),
            asked.param("fieldSelector").unwrap_or_default(),
        ))
    })
}

/// Whether an object is in the namespace asked for; all are where none was.
pub(crate) fn inside(kind: &Kind, namespace: Option<&str>, object: &Value) -> bool {
    !kind.namespaced || namespace.is_none_or(|namespace| namespace == meta::namespace(object))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn selects(selector: &str, object: &Value) -> bool {
        let selector = Selector {
            labels: labels(selector).unwrap(),
            fields: Vec::new(),
        };
        selector.matches(object)
    }

    #[test]
    fn every_operator_selects_as_documented() {
        let object = json!({"metadata": {"labels": {"tier": "db", "a.b/size": "3"}}});
        for selector in [
            "",
            "tier=db",
            "tier == db",
            "tier!=web",
            "none!=x",
            "tier in (web, db)",
            "tier notin (web),a.b/size",
            "!none",
            "a.b/size>2,a.b/size<4",
        ] {
            assert!(selects(selector, &object), "{selector}");
        }
        for selector in [
            "tier=web",
            "tier!=db",
            "none",
            "!tier",
            "tier in (web)",
            "tier notin (db,web)",
            "a.b/size>3",
        ] {
            assert!(!selects(selector, &object), "{selector}");
        }
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for selector in ["a=b=c", "a in (b", "a within (b)", "=b", "a,,b", "a>b", "_=x y"] {
            assert_eq!(labels(selector).unwrap_err().code, 400, "{selector}");
        }
    }
}
