//! Which resources a selection means. Pure.

use std::collections::BTreeSet;

use wildmatch::WildMatchPattern;

use super::super::resource::{Kind, Resource};
use super::super::state::Place;
use super::selection::{Chosen, Condition};

/// AWS's only wildcard.
type Pattern = WildMatchPattern<'*', '\0'>;

/// ARNs of what is selected among `found`, and of what is named but not there: its backup fails for everyone to see.
pub(super) fn select(chosen: &Chosen, found: &[Resource], place: &Place) -> BTreeSet<String> {
    let there = found.iter().filter(|resource| means(chosen, resource));
    let named = chosen
        .resources
        .iter()
        .filter(|arn| is_of(arn, place) && !found.iter().any(|resource| resource.arn == **arn))
        // Its tags, which conditions are about, are unknown.
        .filter(|arn| chosen.conditions.all().next().is_none() && !matches(&chosen.not_resources, arn));
    there
        .map(|resource| resource.arn.clone())
        .chain(named.cloned())
        .collect()
}

/// Whether an ARN names one resource of a type that is backed up, in this account and region.
fn is_of(arn: &str, place: &Place) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let here = match parts.as_slice() {
        [_, _, "s3", ..] => true,
        [_, _, _, region, account, _] => *region == place.region && *account == place.account,
        _ => false,
    };
    here && !arn.contains('*') && Kind::of(arn).is_some()
}

/// Named or tagged, not excepted, and as the conditions say.
fn means(chosen: &Chosen, resource: &Resource) -> bool {
    let has = |key: &str, value: &str| resource.tags.get(key).is_some_and(|is| is == value);
    let mut tags = chosen.list_of_tags.iter();
    let tagged = tags.any(|tag| has(&tag.condition_key, &tag.condition_value));
    (tagged || matches(&chosen.resources, &resource.arn))
        && !matches(&chosen.not_resources, &resource.arn)
        && meets(chosen, resource)
}

fn matches(patterns: &[String], arn: &str) -> bool {
    patterns.iter().any(|pattern| Pattern::new(pattern).matches(arn))
}

/// A tag that is not there equals nothing, and differs from everything.
fn meets(chosen: &Chosen, resource: &Resource) -> bool {
    let tag = |condition: &Condition| resource.tags.get(condition.tag()?);
    let equal = |condition: &Condition| tag(condition).is_some_and(|is| *is == condition.condition_value);
    let like =
        |condition: &Condition| tag(condition).is_some_and(|is| Pattern::new(&condition.condition_value).matches(is));
    let conditions = &chosen.conditions;
    conditions.string_equals.iter().all(equal)
        && !conditions.string_not_equals.iter().any(equal)
        && conditions.string_like.iter().all(like)
        && !conditions.string_not_like.iter().any(like)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ORDERS: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders";
    const BILLING: &str = "arn:aws:rds:eu-west-1:111122223333:db:billing";
    const LOGS: &str = "arn:aws:s3:::logs";

    fn resource(arn: &str, tags: &[(&str, &str)]) -> Resource {
        Resource {
            arn: arn.to_owned(),
            kind: Kind::of(arn).unwrap(),
            name: String::new(),
            tags: tags
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            bytes: 0,
            encrypted: false,
            key: None,
            metadata: std::collections::BTreeMap::new(),
        }
    }

    /// `orders` is production's, `billing` a test's, and `logs` has no tags.
    fn selected(selection: Value) -> Vec<String> {
        let found = [
            resource(ORDERS, &[("env", "production"), ("backup", "daily")]),
            resource(BILLING, &[("env", "test-1")]),
            resource(LOGS, &[]),
        ];
        let place = Place {
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
        };
        let chosen: Chosen = serde_json::from_value(selection).unwrap();
        select(&chosen, &found, &place).into_iter().collect()
    }

    fn condition(operator: &str, value: &str) -> Value {
        json!({operator: [{"ConditionKey": "aws:ResourceTag/env", "ConditionValue": value}]})
    }

    #[test]
    fn by_arn_once_however_often_it_is_named() {
        assert_eq!(
            selected(json!({"Resources": [ORDERS, ORDERS, "arn:aws:rds:*:*:db:o*"]})),
            [ORDERS]
        );
        assert_eq!(selected(json!({"Resources": ["*"]})), [BILLING, ORDERS, LOGS]);
        assert_eq!(
            selected(json!({"Resources": ["arn:aws:rds:*"], "NotResources": ["arn:aws:rds:*:*:db:bill*"]})),
            [ORDERS]
        );
    }

    #[test]
    fn what_is_named_and_missing_is_selected_in_its_own_place_only() {
        let gone = "arn:aws:rds:eu-west-1:111122223333:db:gone";
        assert_eq!(selected(json!({"Resources": [gone]})), [gone]);
        assert!(selected(json!({"Resources": ["arn:aws:rds:eu-west-2:111122223333:db:gone"]})).is_empty());
        assert!(selected(json!({"Resources": ["arn:aws:sns:eu-west-1:111122223333:topic"]})).is_empty());
        assert!(selected(json!({"Resources": [gone], "Conditions": condition("StringNotEquals", "x")})).is_empty());
    }

    #[test]
    fn tags_add_to_arns_and_one_of_them_is_enough() {
        let tag = |key: &str, value: &str| json!({"ConditionType": "STRINGEQUALS", "ConditionKey": key, "ConditionValue": value});
        let either = json!([tag("backup", "daily"), tag("env", "test-1")]);
        assert_eq!(selected(json!({"ListOfTags": either})), [BILLING, ORDERS]);
        let both = json!({"Resources": [LOGS], "ListOfTags": [tag("backup", "daily")]});
        assert_eq!(selected(both), [ORDERS, LOGS]);
    }

    #[test]
    fn all_conditions_hold_and_a_missing_tag_differs() {
        let with = |conditions: Value| selected(json!({"Resources": ["*"], "Conditions": conditions}));
        assert_eq!(with(condition("StringEquals", "production")), [ORDERS]);
        assert_eq!(with(condition("StringLike", "test*")), [BILLING]);
        assert_eq!(with(condition("StringLike", "*st*")), [BILLING]);
        assert_eq!(with(condition("StringNotEquals", "production")), [BILLING, LOGS]);
        assert_eq!(with(condition("StringNotLike", "test*")), [ORDERS, LOGS]);
        let mut contrary = condition("StringEquals", "production");
        contrary["StringNotLike"] = condition("StringNotLike", "prod*")["StringNotLike"].clone();
        assert!(with(contrary).is_empty());
    }
}
