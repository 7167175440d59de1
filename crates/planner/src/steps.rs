//! From terms and readings to steps, in apply order.

use std::collections::BTreeMap;

use domain::component::Component;
use domain::hold::Held;
use domain::id::TenantId;
use domain::observation::{Completeness, Observed};
use domain::plan::{Finding, Plan, Severity, Step};
use domain::sow::{MechanismName, Scope};

use crate::choose::choose;
use crate::rds;

/// What a tenant wants of some components.
#[derive(Debug, Clone)]
pub struct Desired<'a> {
    /// Whose components these are.
    pub tenant: TenantId,
    /// The components, each with what the scope of work would say.
    pub wanted: Vec<Wanted<'a>>,
    /// In-scope components that are not among them.
    pub others_in_scope: usize,
}

/// One component and what is wanted of it.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The component.
    pub component: &'a Component,
    /// What is contracted now; `None`: nobody decided yet.
    pub before: Option<&'a Scope>,
    /// In, under which terms, or out.
    pub scope: &'a Scope,
    /// What somebody wants kept of it beyond its term.
    pub held: &'a [Held],
}

/// Compares what is wanted with what was read. Equal inputs give equal plans; what could not be read gets
/// no step; nothing that is there is ever removed.
#[must_use]
pub fn plan(desired: &Desired<'_>, seen: &Observed) -> Plan {
    let mut plan = Plan {
        steps: Vec::new(),
        findings: Vec::new(),
        unchanged: desired.others_in_scope,
        gives_up: Vec::new(),
        full_from: BTreeMap::new(),
    };
    for wanted in &desired.wanted {
        let before = plan.steps.len();
        let given_up = given_up(wanted);
        one(desired.tenant, wanted, seen, &mut plan);
        let steps = &plan.steps[before..];
        if steps.is_empty() && wanted.scope.terms().is_some() {
            plan.unchanged += 1;
        }
        if !given_up.is_empty() || steps.iter().any(|step| step.weakens) {
            plan.gives_up.push(wanted.component.name.clone());
        }
        plan.findings.extend(given_up.into_iter().map(|message| Finding {
            severity: Severity::Warning,
            component_name: wanted.component.name.clone(),
            message,
        }));
        plan.findings.extend(note_lost(wanted).map(|message| Finding {
            severity: Severity::Info,
            component_name: wanted.component.name.clone(),
            message,
        }));
    }
    plan
}

/// The customer's note on the terms, where it does not stand any more afterwards.
fn note_lost(wanted: &Wanted<'_>) -> Option<String> {
    let (before, after) = wanted.before?.loses_note(wanted.scope)?;
    Some(match after {
        Some(after) => format!("Its note becomes \u{201c}{after}\u{201d}; it was \u{201c}{before}\u{201d}."),
        None => format!("Its note \u{201c}{before}\u{201d} goes."),
    })
}

/// What is contracted now and would not be afterwards, or would be served by nothing.
fn given_up(wanted: &Wanted<'_>) -> Vec<String> {
    let Some(before) = wanted.before else {
        return Vec::new();
    };
    let mut given_up = before.gives_up(wanted.scope);
    let served = |scope| choose(wanted.component, scope).mechanism != MechanismName::None;
    if wanted.scope.terms().is_some() && served(before) && !served(wanted.scope) {
        given_up.push(
            "What serves it now cannot meet the new terms, and nothing else does: it would be unprotected.".to_owned(),
        );
    }
    given_up
}

fn one(tenant: TenantId, wanted: &Wanted<'_>, seen: &Observed, plan: &mut Plan) {
    let component = wanted.component;
    let choice = choose(component, wanted.scope);
    let resource = component.aws.as_ref().and_then(|place| seen.resources.get(&place.arn));
    let mut find = |severity, message: String| {
        plan.findings.push(Finding {
            severity,
            component_name: component.name.clone(),
            message,
        });
    };
    let Some(terms) = wanted.scope.terms() else {
        if let Some(resource) = resource.filter(|resource| resource.automated_retention_days > 0) {
            find(
                Severity::Info,
                format!(
                    "The automated backups at AWS stay as they are ({} days): turning them off would delete recovery points. Holdfast no longer watches them.",
                    resource.automated_retention_days
                ),
            );
        }
        return;
    };
    if choice.mechanism == MechanismName::None {
        find(Severity::Unmet, choice.reason);
        return;
    }
    let (Some(place), Some(resource)) = (&component.aws, resource) else {
        match &seen.completeness {
            Completeness::Complete => find(
                Severity::Unmet,
                "It was not found at AWS: nothing can be configured until it exists.".to_owned(),
            ),
            Completeness::Partial { reason } => find(
                Severity::Unmet,
                format!("It could not be read, so nothing is planned for it: {reason}"),
            ),
        }
        return;
    };
    for (severity, message) in rds::findings(terms, resource, wanted.held) {
        find(severity, message);
    }
    if let Some(from) = rds::full_from(terms, resource, seen.at) {
        plan.full_from.insert(component.name.clone(), from);
    }
    let tags = managed_tags(tenant, component);
    plan.steps.extend(
        rds::actions(terms, resource, tags)
            .into_iter()
            .map(|(action, weakens)| Step {
                component: component.id,
                component_name: component.name.clone(),
                account: place.account.clone(),
                region: place.region.clone(),
                arn: place.arn.clone(),
                action,
                weakens,
            }),
    );
}

/// Tags by which a resource is known as managed under the scope of work.
fn managed_tags(tenant: TenantId, component: &Component) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("holdfast:tenant".to_owned(), tenant.to_string()),
        ("holdfast:scope-item".to_owned(), component.id.to_string()),
    ])
}
