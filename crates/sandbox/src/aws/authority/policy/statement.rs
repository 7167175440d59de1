//! One statement of a policy.

use super::super::request::Request;
use super::condition::Condition;
use super::document::{Effect, Many, Pairs, Scalar, Version, Written};
use super::pattern::{Pattern, Syntax};
use super::principals::Principals;
use super::{Kind, Verdict};

#[derive(Debug)]
pub(crate) struct Statement {
    effect: Verdict,
    /// `None` in a policy of an identity.
    principals: Option<Scope<Principals>>,
    actions: Scope<Vec<Pattern>>,
    /// `None` in a trust policy: it is about its own role.
    resources: Option<Scope<Vec<Pattern>>>,
    conditions: Vec<Condition>,
}

/// An element, or its `Not…`.
#[derive(Debug)]
struct Scope<T> {
    negated: bool,
    of: T,
}

impl Statement {
    /// The error names the element and what is wrong with it.
    pub(crate) fn parse(written: &Written, kind: Kind, version: Version) -> Result<Self, String> {
        let variables = version == Version::V2012;
        let resource_syntax = Syntax {
            wildcards: true,
            variables,
        };
        let (wanted, named, unnamed) = (kind != Kind::Identity, &written.principal, &written.not_principal);
        let principals = scope("Principal", wanted, named.as_ref(), unnamed.as_ref())?
            .map(|scope| scope.map("Principal", Principals::parse))
            .transpose()?;
        let actions = scope("Action", true, written.action.as_ref(), written.not_action.as_ref())?
            .ok_or("Action is missing")?
            .map("Action", |many| each(many, action))?;
        let (wanted, named, unnamed) = (kind != Kind::Trust, &written.resource, &written.not_resource);
        let resources = scope("Resource", wanted, named.as_ref(), unnamed.as_ref())?
            .map(|scope| scope.map("Resource", |many| each(many, |text| resource(text, resource_syntax))))
            .transpose()?;
        Ok(Self {
            effect: match written.effect {
                Effect::Allow => Verdict::Allow,
                Effect::Deny => Verdict::Deny,
            },
            principals,
            actions,
            resources,
            conditions: written
                .condition
                .as_ref()
                .map_or(Ok(Vec::new()), |block| conditions(block, variables))?,
        })
    }

    pub(crate) fn verdict(&self, request: &Request<'_>) -> Verdict {
        let Request {
            principal,
            action,
            resource,
            context,
        } = request;
        let applies = self
            .actions
            .holds(|all| all.iter().any(|one| one.matches_any_case(action, context)))
            && self
                .resources
                .as_ref()
                .is_none_or(|scope| scope.holds(|all| all.iter().any(|one| one.matches(resource, context))))
            && self
                .principals
                .as_ref()
                .is_none_or(|scope| scope.holds(|names| names.include(principal)))
            && self.conditions.iter().all(|condition| condition.is_met(context));
        if applies { self.effect } else { Verdict::Nothing }
    }
}

/// The one of an element and its `Not…` that is written; `None` where neither may be.
fn scope<T>(name: &str, wanted: bool, plain: Option<T>, negated: Option<T>) -> Result<Option<Scope<T>>, String> {
    match (wanted, plain, negated) {
        (false, None, None) => Ok(None),
        (false, ..) => Err(format!("{name} has no place in this kind of policy")),
        (true, Some(of), None) => Ok(Some(Scope { negated: false, of })),
        (true, None, Some(of)) => Ok(Some(Scope { negated: true, of })),
        (true, None, None) => Err(format!("{name} is missing")),
        (true, ..) => Err(format!("{name} and Not{name} exclude each other")),
    }
}

impl<T> Scope<T> {
    fn map<U>(self, name: &str, parse: impl FnOnce(T) -> Result<U, String>) -> Result<Scope<U>, String> {
        let not = if self.negated { "Not" } else { "" };
        Ok(Scope {
            negated: self.negated,
            of: parse(self.of).map_err(|wrong| format!("{not}{name}: {wrong}"))?,
        })
    }

    fn holds(&self, is_in: impl FnOnce(&T) -> bool) -> bool {
        is_in(&self.of) != self.negated
    }
}

fn each<T>(many: &Many<String>, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    if many.0.is_empty() {
        return Err("is empty".to_owned());
    }
    many.0.iter().map(|text| parse(text)).collect()
}

fn action(text: &str) -> Result<Pattern, String> {
    let named = text.split_once(':').is_some_and(|(service, name)| {
        !service.is_empty() && !service.contains(['*', '?']) && !name.is_empty() && !name.contains(':')
    });
    if !named && text != "*" {
        return Err(format!("`{text}` is not `*` or `service:Operation`"));
    }
    let syntax = Syntax {
        wildcards: true,
        variables: false,
    };
    Pattern::parse(text, syntax)
}

fn resource(text: &str, syntax: Syntax) -> Result<Pattern, String> {
    if text != "*" && !text.starts_with("arn:") {
        return Err(format!("`{text}` must be in ARN format or `*`"));
    }
    Pattern::parse(text, syntax)
}

fn conditions(block: &Pairs<Pairs<Many<Scalar>>>, variables: bool) -> Result<Vec<Condition>, String> {
    let mut conditions = Vec::new();
    for (operator, keys) in &block.0 {
        for (key, values) in &keys.0 {
            let values: Vec<String> = values.0.iter().map(|Scalar(value)| value.clone()).collect();
            let parsed = Condition::parse(operator, key, &values, variables);
            conditions.push(parsed.map_err(|wrong| format!("Condition.{operator}.{key}: {wrong}"))?);
        }
    }
    Ok(conditions)
}
