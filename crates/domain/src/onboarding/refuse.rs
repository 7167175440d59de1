//! What a document may not say of components that are known.

use std::collections::HashMap;

use super::compare::{Known, Linked};
use super::{Decision, Line, Problem};
use crate::account::Region;
use crate::component::{Component, ComponentKind};
use crate::contract::Bounds;
use crate::sow::{Scope, Terms, ValueSource};

/// An account that is not linked, or a resource that another living component is.
pub(super) fn misplaced(
    line: &Line,
    known: Option<&Known>,
    arns: &HashMap<String, Component>,
    linked: &Linked,
) -> Vec<Problem> {
    let Some(place) = &line.aws else { return Vec::new() };
    let mut problems = Vec::new();
    match linked.iter().find(|(account, _)| *account == place.account) {
        None => {
            let names: Vec<_> = linked.iter().map(|(account, _)| account.as_str()).collect();
            let why = format!(
                "this account is not linked for this customer, so nothing there could be read or backed up; linked: {}. Link it first; until then, give the region alone",
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                }
            );
            problems.push(line.refused("aws_account", Some(place.account.as_str()), why));
        }
        Some((_, region)) if *region != place.region => {
            let why = format!(
                "the account is linked for {region}, so this could not be read; until the region is linked, give it without the ARN"
            );
            problems.push(line.refused("region", Some(place.region.as_str()), why));
        }
        Some(_) => {}
    }
    let own = known.map(|known| known.component.id);
    if let Some(owner) = arns.get(&place.arn).filter(|owner| Some(owner.id) != own) {
        let why = format!(
            "{} ({}) has this ARN: a resource is listed once",
            owner.name, owner.environment
        );
        problems.push(line.refused("arn", Some(&place.arn), why));
    }
    problems
}

/// What a document may not do to a component that is known.
pub(super) fn forbidden(line: &Line, known: &Known, bounds: &Bounds) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(at) = known.component.decommissioned_at {
        let why = format!(
            "this component was decommissioned on {}; if it is a new one, give it another name",
            at.strftime("%-d %b %Y")
        );
        return vec![line.refused("name", Some(&line.name), why)];
    }
    let ask = "ask for a change: a document alters nothing that is contracted";
    if known.contracted.as_ref().and_then(Scope::terms).is_some() {
        if line.kind != known.component.kind {
            let is = known.component.kind.as_str();
            let why = format!(
                "it is in scope as {is}, and what it is stays as long as it is: give `{is}`. If it is another system by now, list that under another name, and ask for the end of this one"
            );
            problems.push(line.refused("kind", Some(line.kind.as_str()), why));
        }
        if let (Some(said), Some(is)) = (&line.aws, &known.component.aws)
            && said != is
        {
            let why = format!(
                "it is in scope as {}; if that was replaced, an engineer states the new ARN on the component\u{2019}s page",
                is.arn
            );
            problems.push(line.refused("arn", Some(&said.arn), why));
        }
        if let Some(why) = bounds.refuse_region(line.region()) {
            problems.push(line.refused("region", line.region().map(Region::as_str), why));
        }
    }
    problems.extend(always_on(line, known));
    let Some(contracted) = &known.contracted else {
        return problems;
    };
    match (&line.decision, contracted) {
        (Decision::Undecided, _) | (Decision::Out { .. }, Scope::Out) => {}
        (Decision::In(said), Scope::In(is)) => {
            let said = said.terms().map(|said| differing(said, is)).unwrap_or_default();
            problems.extend(said.into_iter().map(|(column, said, is)| {
                line.refused(
                    column,
                    Some(&said),
                    format!("it is contracted as \u{201c}{is}\u{201d}; {ask}"),
                )
            }));
        }
        (Decision::Out { .. }, Scope::In(_)) => {
            problems.push(line.refused(
                "decision",
                Some("out"),
                format!("it is contracted to be in scope; {ask}"),
            ));
        }
        (Decision::In(_), Scope::Out) => {
            problems.push(line.refused(
                "decision",
                Some("in"),
                format!("it was decided to be out of scope; {ask}"),
            ));
        }
    }
    problems
}

/// A Kubernetes platform is backed up always (feature B14): nothing becomes one that was decided to be out of scope, and none
/// ceases to be one without anybody saying so.
fn always_on(line: &Line, known: &Known) -> Option<Problem> {
    const PLATFORM: ComponentKind = ComponentKind::KubernetesPlatform;
    let is = known.component.kind;
    let why = match (is, line.kind, &known.contracted) {
        (is, PLATFORM, Some(Scope::Out)) if is != PLATFORM => format!(
            "it was decided to be out of scope, and a Kubernetes platform is always backed up: give `{}`, or list the platform under a name of its own",
            is.as_str()
        ),
        (PLATFORM, said, None) if said != PLATFORM => format!(
            "it is a Kubernetes platform, which is always backed up, and would be no longer: give `{}`. If it never was one, ask for its end, and list what it is under another name",
            PLATFORM.as_str()
        ),
        _ => return None,
    };
    Some(line.refused("kind", Some(line.kind.as_str()), why))
}

/// The columns in which terms differ: what the document says, and what is contracted. What it leaves open it does not say.
fn differing(said: &Terms, is: &Terms) -> Vec<(&'static str, String, String)> {
    let window = |terms: &Terms| terms.window.map(|window| window.to_string());
    let tier = |terms: &Terms| terms.tier.map(|tier| format!("tier {}", tier.number()));
    let left_open = said.sources.get("location") == Some(&ValueSource::Default);
    let location = Some(said.location.as_str().to_owned()).filter(|_| !left_open);
    let columns = [
        ("tier", tier(said), tier(is)),
        (
            "retention",
            Some(said.retention.to_string()),
            Some(is.retention.to_string()),
        ),
        (
            "frequency",
            Some(said.schedule.to_string()),
            Some(is.schedule.to_string()),
        ),
        ("backup_window", window(said), window(is)),
        ("location", location, Some(is.location.as_str().to_owned())),
        ("note", said.note.clone(), is.note.clone()),
    ];
    let differs = |(column, said, is): (&'static str, Option<String>, Option<String>)| {
        let is = is.unwrap_or_else(|| "none".to_owned());
        said.filter(|said| *said != is).map(|said| (column, said, is))
    };
    columns.into_iter().filter_map(differs).collect()
}
