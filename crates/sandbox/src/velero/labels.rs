//! Label selectors as they stand in a spec, and names made to fit into a label.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Longest value of a label, in characters.
pub(crate) const LONGEST: usize = 63;

/// All of its parts must match; one without parts matches everything.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Selector {
    match_labels: BTreeMap<String, String>,
    match_expressions: Vec<Expression>,
}

#[derive(Debug, Clone, Deserialize)]
struct Expression {
    key: String,
    operator: Operator,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Selector {
    pub(crate) fn matches(&self, object: &Value) -> bool {
        let label = |key: &str| object["metadata"]["labels"][key].as_str();
        let labelled = |(key, value): (&String, &String)| label(key) == Some(value);
        self.match_labels.iter().all(labelled)
            && self.match_expressions.iter().all(|expression| {
                let value = label(&expression.key);
                let listed = value.is_some_and(|value| expression.values.iter().any(|one| one == value));
                match expression.operator {
                    Operator::In => listed,
                    Operator::NotIn => !listed,
                    Operator::Exists => value.is_some(),
                    Operator::DoesNotExist => value.is_none(),
                }
            })
    }
}

/// The name itself, or, where a label cannot hold it, its beginning and six digits of its SHA-256.
pub(crate) fn fitting(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let digest = hex::encode(Sha256::digest(name));
    let beginning: String = name.chars().take(LONGEST - 6).collect();
    format!("{beginning}{}", &digest[..6])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_part_of_a_selector_must_match() {
        let object = json!({"metadata": {"labels": {"app": "shop", "tier": "db"}}});
        for (selector, matches) in [
            (json!({}), true),
            (json!({"matchLabels": {"app": "shop"}}), true),
            (json!({"matchLabels": {"app": "shop", "tier": "web"}}), false),
            (
                json!({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["db", "web"]}]}),
                true,
            ),
            (
                json!({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["db"]}]}),
                false,
            ),
            (
                json!({"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["a"]}]}),
                true,
            ),
            (
                json!({"matchExpressions": [{"key": "app", "operator": "Exists"}]}),
                true,
            ),
            (
                json!({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}),
                false,
            ),
        ] {
            let parsed: Selector = serde_json::from_value(selector.clone()).unwrap();
            assert_eq!(parsed.matches(&object), matches, "{selector}");
        }
    }

    #[test]
    fn a_long_name_is_shortened_to_its_beginning_and_a_digest() {
        assert_eq!(fitting("nightly"), "nightly");
        let long = "a".repeat(70);
        assert_eq!(fitting(&long), format!("{}6bd5e5", "a".repeat(57)));
    }
}
