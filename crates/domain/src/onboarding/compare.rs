//! A document held against the inventory and the scope of work: what importing it would do.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::refuse::{forbidden, misplaced};
use super::{Decision, Line, Problem};
use crate::account::{AwsAccountId, Region};
use crate::component::{AwsPlace, Component, ComponentKind, Environment, PLATFORM_UNSEEN};
use crate::contract::Bounds;
use crate::digest::Digest;
use crate::id::{ComponentId, TenantId};
use crate::sow::{MechanismChoice, Scope};

/// What is known of a component before the document.
#[derive(Debug, Clone)]
pub struct Known {
    /// The component, also when it was decommissioned.
    pub component: Component,
    /// What the newest version says; `None`: nobody decided.
    pub contracted: Option<Scope>,
    /// The last restore test as the customer stated it.
    pub last_restore_test: Option<Date>,
}

/// The accounts that the customer has linked, each with the region that is read there.
pub type Linked = [(AwsAccountId, Region)];

/// What importing makes of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It enters the inventory.
    New,
    /// Something is learnt of it, or decided about it.
    Changed,
}

/// One value that is learnt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The column.
    pub column: &'static str,
    /// `None`: it was not stated before.
    pub before: Option<String>,
    /// From now on.
    pub after: String,
}

/// What importing would do to one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its line in the document.
    pub line: usize,
    /// New or changed.
    pub effect: Effect,
    /// The component as it will be; the id of a new one is fresh.
    pub component: Component,
    /// What is learnt of it.
    pub facts: Vec<Fact>,
    /// What is decided about it, with the customer's reason where it goes out; `None`: nothing.
    pub decided: Option<(Scope, Option<String>)>,
    /// The line that stands with the mechanism that serves it by what is learnt; `None`: as it was. Nothing is decided by it.
    pub rechosen: Option<(Scope, MechanismChoice)>,
    /// The last restore test as the customer states it, where that is news.
    pub last_restore_test: Option<Date>,
}

/// What importing a document would do. Nothing of it is done while there is a problem.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What would be new or changed, in the document's order.
    pub changes: Vec<Change>,
    /// How many lines say what is known already.
    pub unchanged: usize,
    /// What is refused.
    pub problems: Vec<Problem>,
    /// What is worth knowing, and keeps nothing from being imported.
    pub warnings: Vec<Warning>,
}

/// Something worth knowing about a document, at a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Counted from 1.
    pub line: usize,
    /// A sentence or two.
    pub words: String,
}

impl Comparison {
    /// How many components have that effect.
    #[must_use]
    pub fn count(&self, effect: Effect) -> usize {
        self.changes.iter().filter(|change| change.effect == effect).count()
    }

    /// How many components are decided about.
    #[must_use]
    pub fn decided(&self) -> usize {
        self.changes.iter().filter(|change| change.decided.is_some()).count()
    }

    /// What an import is bound to: everything that it would do, whatever the order of the lines, and who signed.
    #[must_use]
    pub fn digest(&self, signed_by: &[String], signed_on: Date) -> Digest {
        #[derive(Serialize)]
        struct Shown<'a> {
            environment: Environment,
            name: &'a str,
            effect: Effect,
            facts: &'a [Fact],
            decided: &'a Option<(Scope, Option<String>)>,
        }
        let mut shown: Vec<_> = self
            .changes
            .iter()
            .map(|change| Shown {
                environment: change.component.environment,
                name: &change.component.name,
                effect: change.effect,
                facts: &change.facts,
                decided: &change.decided,
            })
            .collect();
        shown.sort_by(|a, b| (a.environment, a.name).cmp(&(b.environment, b.name)));
        Digest::of(&(shown, self.unchanged, signed_by, signed_on))
    }
}

/// Holds the lines against what is known, and what they place somewhere against what the contract bounds. A cell that is
/// empty says nothing: it takes nothing away.
#[must_use]
pub fn compare(
    tenant: TenantId,
    lines: Vec<Line>,
    known: Vec<Known>,
    linked: &Linked,
    bounds: &Bounds,
    now: Timestamp,
) -> Comparison {
    let mut arns: HashMap<String, Component> = HashMap::new();
    let mut by_name: HashMap<(Environment, String), Known> = HashMap::new();
    for one in known {
        let place = one.component.aws.as_ref();
        if let Some(place) = place.filter(|_| one.component.decommissioned_at.is_none()) {
            arns.insert(place.arn.clone(), one.component.clone());
        }
        by_name.insert((one.component.environment, one.component.name.clone()), one);
    }
    let mut comparison = Comparison {
        warnings: without_platform(&lines, by_name.values()).into_iter().collect(),
        ..Comparison::default()
    };
    let mut unplaced = Vec::new();
    for line in lines {
        let known = by_name.get(&(line.environment, line.name.clone()));
        let mut problems = misplaced(&line, known, &arns, linked);
        let change = match known {
            None => Some(new(tenant, &line, now)),
            Some(known) => {
                problems.extend(forbidden(&line, known, bounds));
                changed(&line, known)
            }
        };
        if unproven(&line, known, bounds) {
            unplaced.push(line.line);
        }
        match (problems.is_empty(), change) {
            (false, _) => comparison.problems.extend(problems),
            (true, Some(change)) => comparison.changes.push(change),
            (true, None) => comparison.unchanged += 1,
        }
    }
    comparison.problems = super::bounded(comparison.problems);
    comparison.warnings.extend(without_region(&unplaced, bounds));
    comparison
}

/// Whether what the line names is in scope, and nobody says in which of the contract's regions.
fn unproven(line: &Line, known: Option<&Known>, bounds: &Bounds) -> bool {
    let known_region = known.and_then(|known| known.component.region());
    let contracted = known.and_then(|known| known.contracted.as_ref());
    let in_scope = match (&line.decision, contracted) {
        (_, Some(contracted)) => contracted.terms().is_some(),
        (Decision::In(_), None) => true,
        (Decision::Out { .. }, None) => false,
        (Decision::Undecided, None) => line.kind == ComponentKind::KubernetesPlatform,
    };
    in_scope && bounds.unproven_residency(line.region().or(known_region)).is_some()
}

/// Said once, at the first line of which no region is known.
fn without_region(lines: &[usize], bounds: &Bounds) -> Option<Warning> {
    let (line, why) = (*lines.first()?, bounds.unproven_residency(None)?);
    let more = match lines.len() - 1 {
        0 => String::new(),
        1 => " The same holds for 1 more component.".to_owned(),
        more => format!(" The same holds for {more} more components."),
    };
    Some(Warning {
        line,
        words: format!("{why}: state the region, or the ARN.{more}"),
    })
}

/// Said once, at the first line of Kubernetes namespaces, where neither the document nor the inventory has a platform.
fn without_platform<'a>(lines: &[Line], known: impl IntoIterator<Item = &'a Known>) -> Option<Warning> {
    let living = known.into_iter().map(|known| &known.component);
    let mut living = living.filter(|component| component.decommissioned_at.is_none());
    let is_platform = |kind: ComponentKind| kind == ComponentKind::KubernetesPlatform;
    if lines.iter().any(|line| is_platform(line.kind)) || living.any(|component| is_platform(component.kind)) {
        return None;
    }
    let namespaces = lines.iter().find(|line| line.kind == ComponentKind::Kubernetes)?;
    Some(Warning {
        line: namespaces.line,
        words: PLATFORM_UNSEEN.to_owned(),
    })
}

fn decided(line: &Line) -> Option<(Scope, Option<String>)> {
    match &line.decision {
        Decision::Undecided => None,
        Decision::Out { reason } => Some((Scope::Out, Some(reason.clone()))),
        Decision::In(scope) => Some((scope.clone(), None)),
    }
}

fn new(tenant: TenantId, line: &Line, now: Timestamp) -> Change {
    let empty = Component {
        id: ComponentId::at(now),
        tenant,
        name: line.name.clone(),
        kind: line.kind,
        environment: line.environment,
        workload: None,
        owner: None,
        engine: None,
        version: None,
        size_bytes: None,
        aws: None,
        stated_region: None,
        decommissioned_at: None,
    };
    let (component, mut facts) = learnt(line, &empty, None);
    facts.insert(
        0,
        Fact {
            column: "kind",
            before: None,
            after: line.kind.as_str().to_owned(),
        },
    );
    Change {
        line: line.line,
        effect: Effect::New,
        component,
        facts,
        decided: decided(line),
        rechosen: None,
        last_restore_test: line.last_restore_test,
    }
}

fn changed(line: &Line, known: &Known) -> Option<Change> {
    let (component, facts) = learnt(line, &known.component, known.last_restore_test);
    let decided = decided(line).filter(|_| known.contracted.is_none());
    if facts.is_empty() && decided.is_none() {
        return None;
    }
    Some(Change {
        line: line.line,
        effect: Effect::Changed,
        component,
        facts,
        decided,
        rechosen: None,
        last_restore_test: line
            .last_restore_test
            .filter(|day| Some(*day) != known.last_restore_test),
    })
}

/// The component with what the line states, and what of that is news.
fn learnt(line: &Line, before: &Component, tested: Option<Date>) -> (Component, Vec<Fact>) {
    fn take<T: Clone + PartialEq>(
        facts: &mut Vec<Fact>,
        column: &'static str,
        slot: &mut Option<T>,
        said: Option<&T>,
        words: impl Fn(&T) -> String,
    ) {
        let Some(said) = said.filter(|said| slot.as_ref() != Some(*said)) else {
            return;
        };
        facts.push(Fact {
            column,
            before: slot.as_ref().map(&words),
            after: words(said),
        });
        *slot = Some(said.clone());
    }
    let (mut component, mut facts) = (before.clone(), Vec::new());
    if component.kind != line.kind {
        facts.push(Fact {
            column: "kind",
            before: Some(component.kind.as_str().to_owned()),
            after: line.kind.as_str().to_owned(),
        });
        component.kind = line.kind;
    }
    take(
        &mut facts,
        "workload",
        &mut component.workload,
        line.workload.as_ref(),
        String::clone,
    );
    take(
        &mut facts,
        "owner",
        &mut component.owner,
        line.owner.as_ref(),
        String::clone,
    );
    take(
        &mut facts,
        "engine",
        &mut component.engine,
        line.engine.as_ref(),
        String::clone,
    );
    take(
        &mut facts,
        "version",
        &mut component.version,
        line.version.as_ref(),
        String::clone,
    );
    take(
        &mut facts,
        "size",
        &mut component.size_bytes,
        line.size_bytes.as_ref(),
        |bytes| format!("{bytes} bytes"),
    );
    take(
        &mut facts,
        "arn",
        &mut component.aws,
        line.aws.as_ref(),
        |place: &AwsPlace| format!("{} ({}, {})", place.arn, place.account, place.region),
    );
    if component.aws.is_some() {
        component.stated_region = None;
    } else {
        take(
            &mut facts,
            "region",
            &mut component.stated_region,
            line.region.as_ref(),
            Region::to_string,
        );
    }
    take(
        &mut facts,
        "last_restore_test",
        &mut tested.clone(),
        line.last_restore_test.as_ref(),
        Date::to_string,
    );
    (component, facts)
}
