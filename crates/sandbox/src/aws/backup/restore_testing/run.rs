//! A plan's run: of each resource that its selections take, one recovery point is restored.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::recovery_point::RecoveryPoint;
use super::super::restore::{self, Order, Test};
use super::super::state::{Place, State};
use super::infer::{PREFIX, infer};
use super::selection::Selection;
use super::{Pick, TestingPlan};
use crate::faults::Faults;

/// Runs the plan, unless it was changed since the run was planned, and plans its next run.
pub(crate) fn fire(state: &mut State, faults: &Faults, place: &Place, name: &str, at: Timestamp) {
    let plan = state.region(place).restore_testing_plans.get_mut(name);
    let Some(plan) = plan else { return };
    if !plan.begin(at) {
        return;
    }
    if let Some((next, task)) = plan.schedule(at) {
        state.plan(next, place, task);
    }
    let orders = match state.read(place).restore_testing_plans.get(name) {
        Some(plan) => orders(state, place, plan, at),
        None => Vec::new(),
    };
    for order in orders {
        let failing = faults.meet_job("backup", "StartRestoreJob", Some(&place.account));
        restore::accept(state, place, Order { failing, ..order }, at);
    }
}

fn orders(state: &State, place: &Place, plan: &TestingPlan, at: Timestamp) -> Vec<Order> {
    let selections = plan.selections.values();
    selections
        .flat_map(|selection| {
            let picked = picked(state, place, &plan.pick, selection, at);
            picked
                .map(|(vault, point)| order(place, plan, selection, (&vault, point), at))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The recovery point of each resource, with its vault's name.
fn picked<'a>(
    state: &'a State,
    place: &Place,
    pick: &Pick,
    selection: &Selection,
    at: Timestamp,
) -> impl Iterator<Item = (String, &'a RecoveryPoint)> {
    let mut by_resource: BTreeMap<&str, Vec<&RecoveryPoint>> = BTreeMap::new();
    let mut vaults: BTreeMap<&str, &str> = BTreeMap::new();
    for vault in state
        .read(place)
        .vaults
        .values()
        .filter(|vault| pick.takes_vault(&vault.arn(place)))
    {
        for point in vault.points.values() {
            if selection.takes(&point.resource) && pick.takes(point, at) {
                by_resource.entry(&point.resource.arn).or_default().push(point);
                vaults.insert(&point.arn, &vault.name);
            }
        }
    }
    let chosen: Vec<_> = by_resource
        .into_values()
        .filter_map(|points| {
            let point = pick.of(points, at)?;
            Some((vaults.get(point.arn.as_str()).map(|name| (*name).to_owned())?, point))
        })
        .collect();
    chosen.into_iter()
}

fn order(
    place: &Place,
    plan: &TestingPlan,
    selection: &Selection,
    (vault, point): (&str, &RecoveryPoint),
    at: Timestamp,
) -> Order {
    let mut metadata = infer(point, place);
    // What the guide does not list, and the restore needs.
    if point.continuous_since.is_some() {
        metadata.insert("restoreTime".to_owned(), at.to_string());
    }
    if metadata.contains_key("newFileSystem") {
        metadata.insert("creationToken".to_owned(), uuid::Uuid::new_v4().to_string());
    }
    for (key, value) in &selection.overrides {
        metadata.retain(|inferred, _| !inferred.eq_ignore_ascii_case(key));
        metadata.insert(key.clone(), value.clone());
    }
    Order {
        point: point.clone(),
        vault: vault.to_owned(),
        metadata,
        role: selection.role.clone(),
        tags: BTreeMap::from([(PREFIX.to_owned(), plan.name.clone())]),
        test: Some(Test {
            plan: plan.arn.clone(),
            validation_hours: selection.validation_hours,
        }),
        failing: None,
    }
}
