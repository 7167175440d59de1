//! The end of a component as JSON, and what is sent about one.

use std::collections::BTreeMap;

use domain::component::Component;
use domain::contract::Side;
use domain::decommission::{Decommission as End, Fate, FinalBackup, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is asked for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "reason": "It moved.", "final_backup": "none", "recovery_points": "expire" }))]
#[serde(deny_unknown_fields)]
pub(crate) struct AskDecommission {
    /// Who confirms it reads it.
    reason: String,
    /// `awaited`: a new one has to be seen first; `existing`: `recovery_point`; `none`: the customer wants none.
    final_backup: String,
    /// Id of the recovery point that stands at the end.
    recovery_point: Option<String>,
    /// `expire`: by their own retention; `keep-until`: `keep_until`.
    recovery_points: String,
    /// A day.
    keep_until: Option<String>,
}

/// The confirmation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "confirm": "old-pg" }))]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmDecommission {
    /// The component's name, typed.
    pub(crate) confirm: String,
}

/// The end of a component.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decommission {
    id: Uuid,
    component_id: Uuid,
    component: String,
    /// `asked`, `decommissioned` or `withdrawn`.
    state: &'static str,
    reason: String,
    requester: String,
    asked_at: Timestamp,
    /// `awaited`, `existing` or `none`.
    final_backup: &'static str,
    /// The recovery point that was named, or that was the newest when it was confirmed.
    final_recovery_point_id: Option<Uuid>,
    /// `expire` or `keep-until`.
    recovery_points: &'static str,
    /// A day. Once confirmed a hold records it; no mechanism enforces that: those that expire earlier by their own retention do expire.
    keep_until: Option<String>,
    /// The number of that hold; `null` before it is confirmed, and where none is needed.
    hold: Option<i32>,
    /// Who confirmed, the first one first.
    confirmations: Vec<Confirmation>,
    /// The sides that still have to confirm it: `customer`, and `provider` where it goes out of scope by it.
    outstanding: Vec<&'static str>,
    /// Those who confirmed, once all have.
    confirmed_by: Option<String>,
    withdrawn_by: Option<String>,
    /// The version of the scope of work that its line left by.
    sow_version: Option<i32>,
    updated_at: Timestamp,
    /// Counts the changes; also the `ETag`.
    revision: i64,
}

/// One side's confirmation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Confirmation {
    /// `customer` or `provider`.
    side: &'static str,
    /// Who.
    by: String,
    at: Timestamp,
}

impl AskDecommission {
    /// The answers of the form that the page has.
    pub(crate) fn fields(self) -> BTreeMap<String, String> {
        let answers = [
            ("reason", Some(self.reason)),
            ("final_backup", Some(self.final_backup)),
            ("recovery_point", self.recovery_point),
            ("recovery_points", Some(self.recovery_points)),
            ("keep_until", self.keep_until),
        ];
        let answers = answers.into_iter();
        answers
            .filter_map(|(field, answer)| Some((field.to_owned(), answer?)))
            .collect()
    }
}

impl Decommission {
    pub(crate) fn new(end: End, component: &Component, outstanding: &[Side]) -> Self {
        let confirmations = end.confirmations();
        let names: Vec<_> = confirmations.iter().map(|one| one.name.as_str()).collect();
        let names = names.join(", ");
        let confirmation = |one: &domain::decommission::Confirmation| Confirmation {
            side: one.side.as_str(),
            by: one.name.clone(),
            at: one.at,
        };
        let (confirmed_by, withdrawn_by, sow_version, last, hold) = match end.state.clone() {
            State::Asked { .. } => (None, None, None, None, None),
            State::Withdrawn { name } => (None, Some(name), None, None, None),
            State::Decommissioned {
                sow_version,
                last_point,
                hold,
                ..
            } => (Some(names), None, sow_version, last_point, hold),
        };
        let (final_backup, named) = match end.final_backup {
            FinalBackup::Awaited => ("awaited", None),
            FinalBackup::Existing { point } => ("existing", Some(point.0)),
            FinalBackup::None => ("none", None),
        };
        let (recovery_points, keep_until) = match end.fate {
            Fate::Expire => ("expire", None),
            Fate::KeepUntil { on } => ("keep-until", Some(on.to_string())),
        };
        Self {
            id: end.id.0,
            component_id: component.id.0,
            component: component.name.clone(),
            state: end.state.name(),
            reason: end.reason,
            requester: end.requester.name,
            asked_at: end.asked_at,
            final_backup,
            final_recovery_point_id: last.map(|point| point.id.0).or(named),
            recovery_points,
            keep_until,
            hold,
            confirmations: confirmations.iter().map(confirmation).collect(),
            outstanding: outstanding.iter().map(|side| side.as_str()).collect(),
            confirmed_by,
            withdrawn_by,
            sow_version,
            updated_at: end.updated_at,
            revision: end.revision,
        }
    }
}
