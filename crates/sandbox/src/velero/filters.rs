//! Which objects a spec names, and what Velero finds wrong with it.

use serde::{Deserialize, Deserializer};

use super::labels::Selector;

/// The filters of a backup or a restore, as they stand in its spec.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Filters {
    #[serde(deserialize_with = "list")]
    pub(crate) included_namespaces: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) excluded_namespaces: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) included_resources: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) excluded_resources: Vec<String>,
    /// `None`: what belongs to the chosen namespaces.
    pub(crate) include_cluster_resources: Option<bool>,
    #[serde(deserialize_with = "list")]
    pub(crate) included_cluster_scoped_resources: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) excluded_cluster_scoped_resources: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) included_namespace_scoped_resources: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) excluded_namespace_scoped_resources: Vec<String>,
    pub(crate) label_selector: Option<Selector>,
    pub(crate) or_label_selectors: Option<Vec<Selector>>,
}

/// `null` is an empty list.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Never collected by a filter: Velero handles those that a backup itself makes.
const AUTO_EXCLUDED: [&str; 2] = [
    "volumesnapshots.snapshot.storage.k8s.io",
    "volumesnapshotcontents.snapshot.storage.k8s.io",
];

impl Filters {
    /// Whether the filters are those of before Velero 1.11; without any filter the newer ones hold.
    pub(crate) fn old(&self) -> bool {
        self.include_cluster_resources.is_some()
            || !self.included_resources.is_empty()
            || !self.excluded_resources.is_empty()
    }

    fn scoped(&self) -> bool {
        [
            &self.included_cluster_scoped_resources,
            &self.excluded_cluster_scoped_resources,
            &self.included_namespace_scoped_resources,
            &self.excluded_namespace_scoped_resources,
        ]
        .iter()
        .any(|list| !list.is_empty())
    }

    /// What is wrong with a backup's filters, in Velero's words and order. Right ones get what Velero excludes by itself.
    pub(crate) fn complete_for_backup(&mut self) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.old() && self.scoped() {
            wrong.push(
                "include-resources, exclude-resources and include-cluster-resources are old filter parameters.\n\
                 include-cluster-scoped-resources, exclude-cluster-scoped-resources, include-namespace-scoped-resources \
                 and exclude-namespace-scoped-resources are new filter parameters.\nThey cannot be used together"
                    .to_owned(),
            );
        }
        if self.old() {
            let lists = (&mut self.included_resources, &mut self.excluded_resources);
            let found = unscoped(lists.0, lists.1);
            finish(lists, found, &AUTO_EXCLUDED, "", &mut wrong);
        } else {
            let lists = (
                &mut self.included_cluster_scoped_resources,
                &mut self.excluded_cluster_scoped_resources,
            );
            let found = scoped(lists.0, lists.1);
            finish(lists, found, &AUTO_EXCLUDED[1..], "cluster-scoped ", &mut wrong);
            let lists = (
                &mut self.included_namespace_scoped_resources,
                &mut self.excluded_namespace_scoped_resources,
            );
            let found = scoped(lists.0, lists.1);
            finish(lists, found, &AUTO_EXCLUDED[..1], "namespace-scoped ", &mut wrong);
        }
        let mut namespaces = unscoped(&self.included_namespaces, &self.excluded_namespaces);
        for list in [&self.included_namespaces, &self.excluded_namespaces] {
            namespaces.extend(sorted(list).into_iter().filter_map(wrong_namespace));
        }
        wrong.extend(prefixed("Invalid included/excluded namespace lists: ", namespaces));
        wrong.extend(self.two_selectors("backup"));
        wrong
    }

    /// What is wrong with a restore's filters.
    pub(crate) fn wrong_for_restore(&self) -> Vec<String> {
        let resources = unscoped(&self.included_resources, &self.excluded_resources);
        let namespaces = unscoped(&self.included_namespaces, &self.excluded_namespaces);
        prefixed("Invalid included/excluded resource lists: ", resources)
            .chain(prefixed("Invalid included/excluded namespace lists: ", namespaces))
            .chain(self.two_selectors("restore"))
            .collect()
    }

    fn two_selectors(&self, of: &str) -> Option<String> {
        (self.label_selector.is_some() && self.or_label_selectors.is_some()).then(|| {
            format!("encountered labelSelector as well as orLabelSelectors in {of} spec, only one can be specified")
        })
    }
}

fn prefixed(prefix: &str, errors: Vec<String>) -> impl Iterator<Item = String> {
    errors.into_iter().map(move |error| format!("{prefix}{error}"))
}

/// Adds what was found, or, if that is nothing, Velero's own exclusions to the list.
fn finish(
    lists: (&mut Vec<String>, &mut Vec<String>),
    found: Vec<String>,
    auto: &[&str],
    scope: &str,
    wrong: &mut Vec<String>,
) {
    if !found.is_empty() {
        wrong.extend(prefixed(
            &format!("Invalid {scope}included/excluded resource lists: "),
            found,
        ));
        return;
    }
    let (included, excluded) = lists;
    for resource in auto {
        if !excluded.iter().any(|listed| listed == resource) {
            excluded.push((*resource).to_owned());
        }
    }
    included.retain(|listed| !excluded.contains(listed));
}

fn unscoped(included: &[String], excluded: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    if several_with_star(included) {
        wrong.push("includes list must either contain '*' only, or a non-empty list of items".to_owned());
    }
    if star(excluded) {
        wrong.push("excludes list cannot contain '*'".to_owned());
    }
    wrong.extend(both(included, excluded));
    wrong
}

fn scoped(included: &[String], excluded: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    if several_with_star(included) {
        wrong.push("includes list must either contain '*' only, or a non-empty list of items".to_owned());
    }
    if several_with_star(excluded) {
        wrong.push("excludes list must either contain '*' only, or a non-empty list of items".to_owned());
    }
    if !included.is_empty() && star(excluded) {
        wrong.push("when exclude is '*', include cannot have value".to_owned());
    }
    wrong.extend(both(included, excluded));
    wrong
}

fn both(included: &[String], excluded: &[String]) -> impl Iterator<Item = String> {
    sorted(excluded)
        .into_iter()
        .filter(|item| included.contains(item))
        .map(|item| format!("excludes list cannot contain an item in the includes list: {item}"))
}

fn star(list: &[String]) -> bool {
    list.iter().any(|item| item == "*")
}

fn several_with_star(list: &[String]) -> bool {
    star(list) && sorted(list).len() > 1
}

/// Each item once, in the order in which Velero complains.
fn sorted(list: &[String]) -> Vec<&String> {
    let mut items: Vec<&String> = list.iter().collect();
    items.sort();
    items.dedup();
    items
}

fn wrong_namespace(name: &String) -> Option<String> {
    const CHARACTERS: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end \
        with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    if name.contains(['|', '(', ')', '!', '{', '}', ',']) {
        return Some("wildcard pattern contains unsupported characters: |, (, ), !, {, }, ,".to_owned());
    }
    if name.contains("**") {
        return Some("wildcard pattern contains consecutive asterisks (only single * allowed)".to_owned());
    }
    if glob::Pattern::new(name).is_err() {
        return Some("wildcard pattern contains unclosed bracket '['".to_owned());
    }
    if name.len() > 63 {
        return Some(format!("invalid namespace {name:?}: must be no more than 63 bytes"));
    }
    let plain = name.replace(['*', '?', '[', ']'], "x");
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (!plain.chars().all(allowed) || plain.starts_with('-') || plain.ends_with('-'))
        .then(|| format!("invalid namespace {name:?}: {CHARACTERS}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn wrong(spec: Value) -> Vec<String> {
        serde_json::from_value::<Filters>(spec).unwrap().complete_for_backup()
    }

    #[test]
    fn contradicting_lists_are_refused_in_velero_s_words() {
        for (spec, error) in [
            (
                json!({"includedNamespaces": ["a", "*"]}),
                "Invalid included/excluded namespace lists: includes list must either contain '*' only, or a non-empty list of items",
            ),
            (
                json!({"excludedNamespaces": ["*"]}),
                "Invalid included/excluded namespace lists: excludes list cannot contain '*'",
            ),
            (
                json!({"includedNamespaces": ["a"], "excludedNamespaces": ["a"]}),
                "Invalid included/excluded namespace lists: excludes list cannot contain an item in the includes list: a",
            ),
            (
                json!({"includedResources": ["pods"], "excludedResources": ["pods"]}),
                "Invalid included/excluded resource lists: excludes list cannot contain an item in the includes list: pods",
            ),
            (
                json!({"includedNamespaceScopedResources": ["pods"], "excludedNamespaceScopedResources": ["*"]}),
                "Invalid namespace-scoped included/excluded resource lists: when exclude is '*', include cannot have value",
            ),
            (
                json!({"labelSelector": {}, "orLabelSelectors": [{}]}),
                "encountered labelSelector as well as orLabelSelectors in backup spec, only one can be specified",
            ),
            (
                json!({"includedNamespaces": ["a**"]}),
                "Invalid included/excluded namespace lists: wildcard pattern contains consecutive asterisks (only single * allowed)",
            ),
        ] {
            assert_eq!(wrong(spec), [error]);
        }
        assert!(wrong(json!({"includedNamespaces": ["Shop"]}))[0].starts_with(
            "Invalid included/excluded namespace lists: invalid namespace \"Shop\": a lowercase RFC 1123 label"
        ));
    }

    #[test]
    fn old_and_new_filters_cannot_be_mixed() {
        let wrong = wrong(json!({"includeClusterResources": true, "includedClusterScopedResources": ["nodes"]}));
        assert!(wrong[0].ends_with("They cannot be used together"), "{wrong:?}");
    }

    #[test]
    fn volume_snapshots_are_excluded_by_themselves() {
        let mut filters: Filters = serde_json::from_value(json!({})).unwrap();
        assert_eq!(filters.complete_for_backup(), Vec::<String>::new());
        assert_eq!(filters.excluded_namespace_scoped_resources, [AUTO_EXCLUDED[0]]);
        assert_eq!(filters.excluded_cluster_scoped_resources, [AUTO_EXCLUDED[1]]);
        let mut old: Filters = serde_json::from_value(json!({"includedResources": ["pods"]})).unwrap();
        assert_eq!(old.complete_for_backup(), Vec::<String>::new());
        assert_eq!(old.excluded_resources, AUTO_EXCLUDED);
    }
}
