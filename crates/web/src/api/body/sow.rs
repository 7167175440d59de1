//! The scope of work as JSON.

use std::collections::BTreeMap;

use app::status::Judged;
use domain::sow::{Scope, ScopeItem, ValueSource};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The version of the scope of work that is in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sow {
    /// 0 before anything was agreed.
    pub(crate) version: i32,
    /// `null` before anything was agreed.
    pub(crate) effective_from: Option<Timestamp>,
    /// Names of the people who approved it.
    pub(crate) approved_by: Vec<String>,
    pub(crate) items: Vec<Item>,
}

/// A version of the scope of work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SowVersion {
    version: i32,
    effective_from: Timestamp,
    /// The change that made it; `null` for the onboarding document.
    change_request_id: Option<Uuid>,
    approved_by: Vec<String>,
}

/// One thing that holds data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Component {
    id: Uuid,
    name: String,
    /// Such as `rds-instance`.
    kind: &'static str,
    environment: &'static str,
    engine: Option<String>,
    size_bytes: Option<i64>,
    /// `null` outside AWS.
    arn: Option<String>,
}

/// One component of the inventory, with where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedComponent {
    #[serde(flatten)]
    component: Component,
    /// `in` or `out` of scope, or `undecided`.
    decision: &'static str,
    /// 1, 2 or 3.
    tier: Option<i16>,
    /// Days contracted; `null` when not in scope.
    retention_days: Option<u16>,
    /// Days that are kept, as last read; `null` when nothing was read.
    effective_retention_days: Option<i32>,
    /// As last read; `null`: there is none, or nothing was read.
    oldest_recovery_point_at: Option<Timestamp>,
    /// `null` when not in scope.
    protection: Option<Protection>,
    /// Why it is so, in one sentence.
    why: String,
}

/// One component's line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Item {
    id: Uuid,
    component: Component,
    in_scope: bool,
    /// 1, 2 or 3.
    tier: Option<i16>,
    /// Such as `native:rds`; `none` when out of scope.
    mechanism: &'static str,
    /// Why this mechanism.
    reason: String,
    /// `continuous`, `hourly`, `daily`, `weekly`, or with its times, such as `weekly on Sunday at 00:00 Europe/Brussels`.
    schedule: Option<String>,
    /// `HH:MM-HH:MM` in UTC.
    window: Option<String>,
    retention_days: Option<u16>,
    /// `same-account-and-region`, `another-region` or `another-account`.
    location: Option<&'static str>,
    /// Which source supplied each value: `change`, `sow`, `tier` or `default`.
    #[schema(value_type = BTreeMap<String, String>)]
    value_sources: BTreeMap<String, ValueSource>,
    /// `null` when out of scope.
    protection: Option<Protection>,
}

/// Whether the component could be restored as contracted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Protection {
    /// `protected`, `at-risk`, `unprotected` or `unknown`.
    pub(crate) state: &'static str,
    pub(crate) newest_recovery_point_at: Option<Timestamp>,
    /// When it was last read; `null`: never.
    pub(crate) observed_at: Option<Timestamp>,
}

impl Item {
    pub(crate) fn new(item: &ScopeItem, protection: Option<Protection>) -> Self {
        let terms = item.scope.terms();
        Self {
            id: item.id.0,
            component: (&item.component).into(),
            in_scope: terms.is_some(),
            tier: terms.and_then(|terms| terms.tier).map(|tier| tier.number()),
            mechanism: item.choice.mechanism.as_str(),
            reason: item.choice.reason.clone(),
            schedule: terms.map(|terms| terms.schedule.to_string()),
            window: terms.and_then(|terms| terms.window).map(|window| window.to_string()),
            retention_days: terms.map(|terms| terms.retention.get()),
            location: terms.map(|terms| terms.location.as_str()),
            value_sources: terms.map(|terms| terms.sources.clone()).unwrap_or_default(),
            protection,
        }
    }
}

impl Protection {
    /// `None`: not in scope, so that nothing is promised.
    pub(crate) fn of(judged: &Judged) -> Option<Self> {
        let seen = judged.status.observed.as_ref();
        Some(Self {
            state: judged.protection?.as_str(),
            newest_recovery_point_at: seen.and_then(|seen| seen.newest_recovery_point_at),
            observed_at: seen.map(|seen| seen.at),
        })
    }
}

impl From<&Judged> for ListedComponent {
    fn from(judged: &Judged) -> Self {
        let seen = judged.status.observed.as_ref();
        let scope = judged.status.contracted.as_ref().map(|(scope, _)| scope);
        let terms = scope.and_then(Scope::terms);
        Self {
            component: (&judged.status.component).into(),
            decision: match scope {
                Some(Scope::In(_)) => "in",
                Some(Scope::Out) => "out",
                None => "undecided",
            },
            tier: terms.and_then(|terms| terms.tier).map(|tier| tier.number()),
            retention_days: terms.map(|terms| terms.retention.get()),
            effective_retention_days: seen.and_then(|seen| seen.retention_days),
            oldest_recovery_point_at: seen.and_then(|seen| seen.oldest_recovery_point_at),
            protection: Protection::of(judged),
            why: judged.why.clone(),
        }
    }
}

impl From<&domain::component::Component> for Component {
    fn from(component: &domain::component::Component) -> Self {
        Self {
            id: component.id.0,
            name: component.name.clone(),
            kind: component.kind.as_str(),
            environment: component.environment.as_str(),
            engine: component.engine.clone(),
            size_bytes: component.size_bytes,
            arn: component.aws.as_ref().map(|place| place.arn.clone()),
        }
    }
}

impl From<domain::sow::SowVersion> for SowVersion {
    fn from(version: domain::sow::SowVersion) -> Self {
        Self {
            version: version.version,
            effective_from: version.effective_from,
            change_request_id: version.change_request.map(|id| id.0),
            approved_by: version.approved_by,
        }
    }
}
