//! What the caller may do.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::asked::{Asked, Resource};
use super::kind::NAMESPACES;
use super::refusal::Refusal;

/// One rule, as a SelfSubjectRulesReview shows it.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Rule {
    verbs: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    api_groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resources: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resource_names: Vec<String>,
    #[serde(default, rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty")]
    non_resource_urls: Vec<String>,
    /// A rule of a role, for this namespace; absent in a rule of a cluster role.
    #[serde(default, skip_serializing)]
    namespace: Option<String>,
}

/// The one user of a cluster.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    /// `None`: everything is allowed.
    pub(crate) rules: Option<Vec<Rule>>,
}

/// Something that a user wants to do with a resource.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wish {
    namespace: String,
    verb: String,
    group: String,
    resource: String,
    subresource: String,
    name: String,
}

impl Wish {
    fn of(resource: &Resource) -> Self {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let kind = resource.kind;
        // A namespace is in itself, as far as roles go.
        let namespace = if *kind == NAMESPACES {
            &resource.name
        } else {
            &resource.namespace
        };
        Self {
            namespace: text(namespace),
            verb: resource.verb.to_owned(),
            group: kind.group.to_owned(),
            resource: kind.plural.to_owned(),
            subresource: text(&resource.subresource),
            name: text(&resource.name),
        }
    }

    /// `pods`, `pods/status`.
    fn whole_resource(&self) -> String {
        match self.subresource.as_str() {
            "" => self.resource.clone(),
            subresource => format!("{}/{subresource}", self.resource),
        }
    }
}

/// Paths that everybody with a token may read.
const DISCOVERY: [&str; 8] = [
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/openapi/*",
    "/version",
    "/livez",
];

impl Rule {
    fn allows(&self, wish: &Wish) -> bool {
        let any_with_subresource = format!("*/{}", wish.subresource);
        has(&self.verbs, &wish.verb)
            && has(&self.api_groups, &wish.group)
            && (has(&self.resources, &wish.whole_resource()) || self.resources.contains(&any_with_subresource))
            && (self.resource_names.is_empty() || self.resource_names.contains(&wish.name))
            && self
                .namespace
                .as_ref()
                .is_none_or(|namespace| *namespace == wish.namespace)
    }

    fn allows_path(&self, verb: &str, path: &str) -> bool {
        has(&self.verbs, verb) && self.non_resource_urls.iter().any(|pattern| covers(pattern, path))
    }
}

fn has(list: &[String], wanted: &str) -> bool {
    list.iter().any(|item| item == "*" || item == wanted)
}

fn covers(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => pattern == path,
    }
}

impl User {
    fn may(&self, wish: &Wish) -> bool {
        let allows = |rules: &Vec<Rule>| rules.iter().any(|rule| rule.allows(wish));
        self.rules.as_ref().is_none_or(allows)
    }

    fn may_path(&self, verb: &str, path: &str) -> bool {
        let open = verb == "get" && (DISCOVERY.iter().any(|pattern| covers(pattern, path)) || path == "/readyz");
        let allows = |rules: &Vec<Rule>| rules.iter().any(|rule| rule.allows_path(verb, path));
        open || self.rules.as_ref().is_none_or(allows)
    }

    /// # Errors
    /// 403 that says what the user cannot do.
    pub(crate) fn check(&self, resource: &Resource) -> Result<(), Refusal> {
        match self.may(&Wish::of(resource)) {
            true => Ok(()),
            false => Err(self.denial(resource)),
        }
    }

    /// Says what the user cannot do.
    pub(crate) fn denial(&self, resource: &Resource) -> Refusal {
        let wish = Wish::of(resource);
        let place = match wish.namespace.as_str() {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace {namespace:?}"),
        };
        let why = format!(
            "User {:?} cannot {} resource {:?} in API group {:?} {place}",
            self.name,
            wish.verb,
            wish.whole_resource(),
            wish.group
        );
        Refusal::denied(resource.kind, &wish.name, &why)
    }

    /// # Errors
    /// 403 that names the path.
    pub(crate) fn check_path(&self, asked: &Asked) -> Result<(), Refusal> {
        let verb = asked.method.as_str().to_ascii_lowercase();
        if self.may_path(&verb, &asked.path) {
            return Ok(());
        }
        let message = format!("forbidden: User {:?} cannot {verb} path {:?}", self.name, asked.path);
        Err(Refusal::new(403, "Forbidden", message))
    }

    /// Answers a review of the caller's own rights; `None` for a resource that is no such review.
    pub(crate) fn review(&self, resource: &str, mut review: Value) -> Option<Value> {
        let status = match resource {
            "selfsubjectaccessreviews" => self.access(&review["spec"]),
            "selfsubjectrulesreviews" => self.own_rules(review["spec"]["namespace"].as_str().unwrap_or_default()),
            "selfsubjectreviews" => {
                json!({"userInfo": {"username": self.name, "groups": ["system:authenticated"]}})
            }
            _ => return None,
        };
        review["status"] = status;
        Some(review)
    }

    fn access(&self, spec: &Value) -> Value {
        let path = &spec["nonResourceAttributes"];
        let allowed = if path.is_object() {
            let text = |field: &str| path[field].as_str().unwrap_or_default();
            self.may_path(text("verb"), text("path"))
        } else {
            let wish = serde_json::from_value(spec["resourceAttributes"].clone()).unwrap_or_default();
            self.may(&wish)
        };
        json!({"allowed": allowed})
    }

    fn own_rules(&self, namespace: &str) -> Value {
        let everything = || {
            vec![
                Rule {
                    verbs: vec!["*".to_owned()],
                    api_groups: vec!["*".to_owned()],
                    resources: vec!["*".to_owned()],
                    ..Rule::default()
                },
                Rule {
                    verbs: vec!["*".to_owned()],
                    non_resource_urls: vec!["*".to_owned()],
                    ..Rule::default()
                },
            ]
        };
        let rules: Vec<Rule> = self.rules.clone().unwrap_or_else(everything);
        let here = rules
            .into_iter()
            .filter(|rule| rule.namespace.as_ref().is_none_or(|only| only == namespace));
        let (paths, resources): (Vec<Rule>, Vec<Rule>) = here.partition(|rule| !rule.non_resource_urls.is_empty());
        json!({"resourceRules": resources, "nonResourceRules": paths, "incomplete": false})
    }
}
