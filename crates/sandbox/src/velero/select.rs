//! Which kinds, namespaces and objects the filters of a spec take.

use serde_json::Value;

use super::filters::Filters;
use super::labels::Selector;
use crate::cluster::kind::{KINDS, Kind, NAMESPACES};

/// Filters, with the names of their resources resolved.
#[derive(Debug)]
pub(crate) struct Scope {
    namespaces: Lists,
    resources: Resources,
    /// One of them must match; none: all objects do.
    selectors: Vec<Selector>,
}

#[derive(Debug)]
enum Resources {
    /// One list for all kinds.
    Old {
        lists: Lists,
        cluster: Option<bool>,
    },
    Scoped {
        namespaced: Lists,
        cluster: Lists,
    },
}

/// What is included, or everything if that is empty, without what is excluded.
#[derive(Debug)]
struct Lists {
    included: Vec<String>,
    excluded: Vec<String>,
}

impl Lists {
    fn new(included: &[String], excluded: &[String]) -> Self {
        Self {
            included: included.to_vec(),
            excluded: excluded.to_vec(),
        }
    }

    fn of_resources(included: &[String], excluded: &[String]) -> Self {
        let resolved = |list: &[String]| list.iter().map(|item| resolved(item)).collect();
        Self {
            included: resolved(included),
            excluded: resolved(excluded),
        }
    }

    fn excludes(&self, name: &str) -> bool {
        any(&self.excluded, name)
    }

    fn takes(&self, name: &str) -> bool {
        !self.excludes(name) && (self.included.is_empty() || any(&self.included, name))
    }

    fn everything(&self) -> bool {
        self.excluded.is_empty() && (self.included.is_empty() || self.included == ["*"])
    }
}

impl Scope {
    pub(crate) fn of_backup(filters: &Filters) -> Self {
        let resources = if filters.old() {
            Resources::Old {
                lists: Lists::of_resources(&filters.included_resources, &filters.excluded_resources),
                cluster: filters.include_cluster_resources,
            }
        } else {
            Resources::Scoped {
                namespaced: Lists::of_resources(
                    &filters.included_namespace_scoped_resources,
                    &filters.excluded_namespace_scoped_resources,
                ),
                cluster: Lists::of_resources(
                    &filters.included_cluster_scoped_resources,
                    &filters.excluded_cluster_scoped_resources,
                ),
            }
        };
        Self::new(filters, resources)
    }

    /// A restore knows the older filters only.
    pub(crate) fn of_restore(filters: &Filters) -> Self {
        let lists = Lists::of_resources(&filters.included_resources, &filters.excluded_resources);
        let cluster = filters.include_cluster_resources;
        Self::new(filters, Resources::Old { lists, cluster })
    }

    fn new(filters: &Filters, resources: Resources) -> Self {
        let selectors = filters.or_label_selectors.clone().unwrap_or_default();
        Self {
            namespaces: Lists::new(&filters.included_namespaces, &filters.excluded_namespaces),
            resources,
            selectors: selectors.into_iter().chain(filters.label_selector.clone()).collect(),
        }
    }

    /// Whether objects of this kind are taken without being asked for by another object. Namespaces always come as candidates.
    pub(crate) fn takes_kind(&self, kind: &Kind) -> bool {
        let name = kind.resource();
        match &self.resources {
            Resources::Old { lists, cluster } => {
                let wanted = match cluster {
                    _ if kind.namespaced => true,
                    Some(wanted) => *wanted,
                    None => *kind == NAMESPACES || self.namespaces.everything(),
                };
                wanted && lists.takes(&name)
            }
            Resources::Scoped { namespaced, .. } if kind.namespaced => namespaced.takes(&name),
            Resources::Scoped { namespaced, cluster } => {
                let unfiltered = cluster.included.is_empty() && cluster.excluded.is_empty();
                let full = unfiltered && self.namespaces.everything() && namespaced.everything();
                !cluster.excludes(&name) && (full || any(&cluster.included, &name) || *kind == NAMESPACES)
            }
        }
    }

    /// Whether objects of this kind stay out even when another object asks for them.
    pub(crate) fn bars_kind(&self, kind: &Kind) -> bool {
        let name = kind.resource();
        match &self.resources {
            Resources::Old { lists, cluster } => {
                lists.excludes(&name)
                    || (!kind.namespaced && (*cluster == Some(false) || (cluster.is_none() && !lists.takes(&name))))
            }
            Resources::Scoped { namespaced, .. } if kind.namespaced => namespaced.excludes(&name),
            Resources::Scoped { cluster, .. } => cluster.excludes(&name),
        }
    }

    /// Whether the lists of resources take this kind, wherever its objects live.
    pub(crate) fn takes_resource(&self, kind: &Kind) -> bool {
        let name = kind.resource();
        match &self.resources {
            Resources::Old { lists, .. } => lists.takes(&name),
            Resources::Scoped { namespaced, .. } if kind.namespaced => namespaced.takes(&name),
            Resources::Scoped { cluster, .. } => cluster.takes(&name),
        }
    }

    pub(crate) fn takes_namespace(&self, name: &str) -> bool {
        self.namespaces.takes(name)
    }

    /// Whether no namespace is left out.
    pub(crate) fn all_namespaces(&self) -> bool {
        self.namespaces.everything()
    }

    pub(crate) fn takes_labels(&self, object: &Value) -> bool {
        self.selectors.is_empty() || self.selectors.iter().any(|selector| selector.matches(object))
    }

    /// Whether a namespace is taken for itself, and not for what is in it.
    pub(crate) fn takes_namespace_object(&self, namespace: &Value) -> bool {
        let name = namespace["metadata"]["name"].as_str().unwrap_or_default();
        if self.selectors.is_empty() {
            return self.takes_namespace(name);
        }
        self.takes_labels(namespace) || (!self.all_namespaces() && self.takes_namespace(name))
    }
}

/// `po`, `Pod`, `pods` as `pods`; `deploy` as `deployments.apps`. An unknown name stays as it is.
fn resolved(item: &str) -> String {
    let lower = item.to_ascii_lowercase();
    let (name, group) = lower.split_once('.').unwrap_or((&lower, ""));
    let named = |kind: &&&Kind| {
        (group.is_empty() || kind.group == group)
            && (kind.plural == name || kind.singular == name || kind.short_names.contains(&name))
    };
    KINDS
        .iter()
        .find(named)
        .map_or_else(|| item.to_owned(), |kind| kind.resource())
}

/// Whether one of the names or patterns is this name.
fn any(list: &[String], name: &str) -> bool {
    list.iter().any(|item| {
        item == name
            || item == "*"
            || (item.contains(['*', '?', '[']) && glob::Pattern::new(item).is_ok_and(|pattern| pattern.matches(name)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::kind::{DEPLOYMENTS, NODES, PERSISTENT_VOLUMES, PODS};

    fn backup(spec: Value) -> Scope {
        let mut filters: Filters = serde_json::from_value(spec).unwrap();
        assert_eq!(filters.complete_for_backup(), Vec::<String>::new());
        Scope::of_backup(&filters)
    }

    #[test]
    fn resources_are_named_in_every_way_that_discovery_knows() {
        for name in ["deployments", "deployment", "Deployment", "deploy", "deployments.apps"] {
            let scope = backup(json!({"includedResources": [name]}));
            assert!(scope.takes_kind(&DEPLOYMENTS) && !scope.takes_kind(&PODS), "{name}");
        }
    }

    #[test]
    fn kinds_of_the_whole_cluster_come_along_where_they_are_asked_for() {
        for (spec, nodes) in [
            (json!({}), false),
            (json!({"includedClusterScopedResources": ["*"]}), true),
            (
                json!({"includeClusterResources": true, "includedNamespaces": ["shop"]}),
                true,
            ),
            (json!({"includedResources": ["*"]}), true),
            (
                json!({"includedResources": ["*"], "includedNamespaces": ["shop"]}),
                false,
            ),
        ] {
            assert_eq!(backup(spec.clone()).takes_kind(&NODES), nodes, "{spec}");
        }
    }

    #[test]
    fn a_volume_follows_its_claim_unless_it_is_excluded() {
        assert!(!backup(json!({"includedNamespaces": ["shop"]})).bars_kind(&PERSISTENT_VOLUMES));
        assert!(backup(json!({"includeClusterResources": false})).bars_kind(&PERSISTENT_VOLUMES));
        assert!(backup(json!({"excludedClusterScopedResources": ["pv"]})).bars_kind(&PERSISTENT_VOLUMES));
    }

    #[test]
    fn namespaces_may_be_patterns() {
        let scope = backup(json!({"includedNamespaces": ["shop-*"], "excludedNamespaces": ["shop-test"]}));
        let taken: Vec<bool> = ["shop-eu", "shop-test", "other"]
            .iter()
            .map(|name| scope.takes_namespace(name))
            .collect();
        assert_eq!(taken, [true, false, false]);
    }

    #[test]
    fn one_of_several_selectors_is_enough() {
        let scope = backup(json!({"orLabelSelectors": [{"matchLabels": {"app": "a"}}, {"matchLabels": {"app": "b"}}]}));
        let taken: Vec<bool> = ["a", "b", "c"]
            .iter()
            .map(|app| scope.takes_labels(&json!({"metadata": {"labels": {"app": app}}})))
            .collect();
        assert_eq!(taken, [true, true, false]);
    }
}
