//! The scope of work as JSON.

use std::collections::BTreeMap;

use app::sow::{LiveLine, Sourced, Sources, Touched, Version, VersionLine};
use app::status::Judged;
use domain::component::ComponentKind;
use domain::contract::ServiceLevel;
use domain::sow::{Direction, Scope, Terms, ValueSource, deviations, diff};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Approval;
use super::attestation::OutDecision;
use super::component::{Objectives, RestoreTest};

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
    /// The change that made it; `null`: an onboarding document or the end of a component did.
    change_request_id: Option<Uuid>,
    /// The number of that change.
    change_request_number: Option<i32>,
    /// The number of the import that made it.
    import_number: Option<i32>,
    /// The component whose end made it.
    decommissioned_component_id: Option<Uuid>,
    approved_by: Vec<String>,
}

/// A version in the list of versions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedVersion {
    #[serde(flatten)]
    version: SowVersion,
    /// How many components' lines it changed.
    lines_changed: i64,
}

/// A version, and what it changed against the one before.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionDiff {
    #[serde(flatten)]
    version: SowVersion,
    /// Who agreed to the change that made it, and when; none for the onboarding document.
    approvals: Vec<Approval>,
    /// At most 50 components, by environment and name.
    items: Vec<LineDiff>,
    /// Give it as `cursor` for the next page; `null`: this is the last.
    next: Option<String>,
}

/// What a version changed of one component.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineDiff {
    component_id: Uuid,
    component: String,
    environment: &'static str,
    /// `added`, `removed` or `changed`.
    change: &'static str,
    /// The fields that differ.
    fields: Vec<ChangedField>,
}

/// A field that differs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedField {
    /// Its name in a line; `decision` is `in` or `out`.
    field: &'static str,
    before: Option<String>,
    after: Option<String>,
}

/// Where a value came from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Origin {
    /// The version that supplied it; `null`: nobody decided.
    version: Option<i32>,
    /// The number of the change that made that version; `null` for the onboarding document.
    change_request_number: Option<i32>,
}

/// One thing that holds data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Component {
    id: Uuid,
    name: String,
    /// Such as `rds-instance`.
    kind: &'static str,
    environment: &'static str,
    /// The business unit that it belongs to; `null` when not stated.
    workload: Option<String>,
    /// Who answers for it at the customer; `null` when not stated.
    owner: Option<String>,
    engine: Option<String>,
    /// The engine's version; `null` when not stated.
    version: Option<String>,
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
    #[serde(flatten)]
    objectives: Objectives,
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
    /// Whether its storage was observed to be encrypted; `null`: unknown.
    encrypted: Option<bool>,
    /// The newest restore that the customer verified; `null`: its backups are unproven.
    last_restore_test: Option<RestoreTest>,
    /// The day of the last restore test as the customer states it: not proven. `null` when not stated, and in a version that
    /// is no longer in force.
    stated_restore_test_on: Option<String>,
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
    #[serde(flatten)]
    objectives: Objectives,
    /// `HH:MM-HH:MM` in UTC.
    window: Option<String>,
    retention_days: Option<u16>,
    /// `same-account-and-region`, `another-region` or `another-account`.
    location: Option<&'static str>,
    /// Which source supplied each value: `change`, `sow`, `tier`, `default` or `regulation`.
    #[schema(value_type = BTreeMap<String, String>)]
    value_sources: BTreeMap<String, ValueSource>,
    /// The version, and the change, that supplied each value.
    value_origins: BTreeMap<String, Origin>,
    /// Why it is so, until when, and what would meet the tier, as the customer said.
    note: Option<String>,
    /// What of it is not what its tier stands for.
    deviations: Vec<Deviation>,
    /// `null` when out of scope, and in a version that is no longer in force.
    protection: Option<Protection>,
    /// Who decided that it is out of scope; `null` when in scope, and in a version that is no longer in force.
    out_decision: Option<OutDecision>,
    /// Whether its storage was observed to be encrypted; `null`: unknown, as in a version that is no longer in force.
    encrypted: Option<bool>,
    /// The newest restore that the customer verified; `null`: its backups are unproven, or the version is no longer in
    /// force.
    last_restore_test: Option<RestoreTest>,
    /// The day of the last restore test as the customer states it: not proven. `null` when not stated, and in a version that
    /// is no longer in force.
    stated_restore_test_on: Option<String>,
}

/// A value that is not what the tier stands for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deviation {
    /// `retention_days` or `schedule`.
    field: &'static str,
    /// `short` or `beyond`.
    direction: &'static str,
    /// One sentence: what follows from it.
    why: String,
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

impl Protection {
    pub(crate) fn of(judged: &Judged) -> Option<Self> {
        let seen = judged.status.observed.as_ref();
        Some(Self {
            state: judged.protection?.as_str(),
            newest_recovery_point_at: seen.and_then(|seen| seen.newest_recovery_point_at),
            observed_at: seen.map(|seen| seen.at),
        })
    }
}

/// Field name to where its value came from.
pub(crate) fn origins(sources: &Sources) -> BTreeMap<String, Origin> {
    let origin = |(field, sourced): (&String, &Sourced)| {
        let origin = Origin {
            version: sourced.version,
            change_request_number: sourced.change,
        };
        (field.clone(), origin)
    };
    sources.iter().map(origin).collect()
}

impl Item {
    pub(crate) fn new(line: &VersionLine, level: ServiceLevel, today: Date) -> Self {
        let (item, live) = (&line.item, line.live.as_ref());
        let terms = item.scope.terms();
        let decision = live.and_then(|live| live.decision.as_ref());
        let seen = live.and_then(|live| live.judged.status.observed.as_ref());
        Self {
            id: item.id.0,
            component: (&item.component).into(),
            in_scope: terms.is_some(),
            tier: terms.and_then(|terms| terms.tier).map(|tier| tier.number()),
            mechanism: item.choice.mechanism.as_str(),
            reason: item.choice.reason.clone(),
            schedule: terms.map(|terms| terms.schedule.to_string()),
            objectives: Objectives::of(terms, level),
            window: terms.and_then(|terms| terms.window).map(|window| window.to_string()),
            retention_days: terms.map(|terms| terms.retention.get()),
            location: terms.map(|terms| terms.location.as_str()),
            value_sources: terms.map(|terms| terms.sources.clone()).unwrap_or_default(),
            value_origins: origins(&line.sources),
            note: terms.and_then(|terms| terms.note.clone()),
            deviations: Deviation::all(item.component.kind, terms),
            protection: live.and_then(|live| Protection::of(&live.judged)),
            out_decision: decision.and_then(|decision| OutDecision::of(decision, today)),
            encrypted: seen.and_then(|seen| seen.encrypted),
            last_restore_test: live.and_then(|live| live.proof).map(RestoreTest::from),
            stated_restore_test_on: live.and_then(|live| live.claimed_test).map(|day| day.to_string()),
        }
    }
}

impl From<app::sow::ListedVersion> for ListedVersion {
    fn from(listed: app::sow::ListedVersion) -> Self {
        Self {
            version: (&listed.version).into(),
            lines_changed: listed.lines,
        }
    }
}

impl VersionDiff {
    pub(crate) fn new(version: &Version, touched: &[Touched], next: Option<String>) -> Self {
        let made_by = version.made_by.as_ref();
        Self {
            version: version.into(),
            approvals: made_by
                .map(|made| made.approvals.iter().map(Approval::from).collect())
                .unwrap_or_default(),
            items: touched.iter().map(LineDiff::from).collect(),
            next,
        }
    }
}

impl From<&Touched> for LineDiff {
    fn from(touched: &Touched) -> Self {
        let found = diff(touched.before.as_ref(), touched.after.as_ref());
        let field = |change: domain::sow::FieldChange| ChangedField {
            field: change.field,
            before: change.before,
            after: change.after,
        };
        Self {
            component_id: touched.component.0,
            component: touched.name.clone(),
            environment: touched.environment.as_str(),
            change: found.change.as_str(),
            fields: found.fields.into_iter().map(field).collect(),
        }
    }
}

impl Deviation {
    /// Those of a line; none when it is out of scope.
    pub(crate) fn all(kind: ComponentKind, terms: Option<&Terms>) -> Vec<Self> {
        let found = terms.map(|terms| deviations(Some(kind), terms)).unwrap_or_default();
        found.into_iter().map(Self::from).collect()
    }
}

impl From<domain::sow::Deviation> for Deviation {
    fn from(deviation: domain::sow::Deviation) -> Self {
        Self {
            field: deviation.field,
            direction: match deviation.direction {
                Direction::Short => "short",
                Direction::Beyond => "beyond",
            },
            why: deviation.words,
        }
    }
}

impl ListedComponent {
    pub(crate) fn new(line: &LiveLine, level: ServiceLevel) -> Self {
        let judged = &line.judged;
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
            objectives: Objectives::of(terms, level),
            retention_days: terms.map(|terms| terms.retention.get()),
            effective_retention_days: seen.and_then(|seen| seen.retention_days),
            oldest_recovery_point_at: seen.and_then(|seen| seen.oldest_recovery_point_at),
            protection: Protection::of(judged),
            why: judged.why.clone(),
            encrypted: seen.and_then(|seen| seen.encrypted),
            last_restore_test: line.proof.map(RestoreTest::from),
            stated_restore_test_on: line.claimed_test.map(|day| day.to_string()),
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
            workload: component.workload.clone(),
            owner: component.owner.clone(),
            engine: component.engine.clone(),
            version: component.version.clone(),
            size_bytes: component.size_bytes,
            arn: component.aws.as_ref().map(|place| place.arn.clone()),
        }
    }
}

impl From<&Version> for SowVersion {
    fn from(version: &Version) -> Self {
        let sow = &version.sow;
        Self {
            version: sow.version,
            effective_from: sow.effective_from,
            change_request_id: sow.change_request.map(|id| id.0),
            change_request_number: version.made_by.as_ref().map(|made| made.number),
            import_number: sow.import,
            decommissioned_component_id: sow.decommissioned.map(|id| id.0),
            approved_by: sow.approved_by.clone(),
        }
    }
}
