//! A small world: one tenant's components, what is wanted of them, and what was read of them.

use std::collections::BTreeMap;

use domain::account::{AwsAccountId, Region};
use domain::component::{AwsPlace, Component, ComponentKind, Environment};
use domain::hold::Held;
use domain::id::{ComponentId, TenantId};
use domain::observation::{Completeness, Observed, ObservedResource};
use domain::plan::{Plan, Step, StepAction};
use domain::retention::RetentionDays;
use domain::schedule::Schedule;
use domain::sow::{Location, Scope, Terms};
use domain::window::BackupWindow;
use jiff::Timestamp;
use planner::{Desired, Wanted};
use uuid::Uuid;

/// Components with what is wanted of each, and a reading.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) wanted: Vec<(Component, Scope)>,
    /// Of each of them; `None`: nobody decided yet.
    pub(crate) contracted: Option<Scope>,
    /// What is under hold of each of them.
    pub(crate) held: Vec<Held>,
    pub(crate) seen: Observed,
}

impl World {
    /// Everything was read, and there was nothing.
    pub(crate) fn empty() -> Self {
        Self {
            wanted: Vec::new(),
            contracted: None,
            held: Vec::new(),
            seen: Observed {
                at: Timestamp::UNIX_EPOCH,
                completeness: Completeness::Complete,
                resources: BTreeMap::new(),
                left_behind: BTreeMap::new(),
            },
        }
    }

    /// An RDS instance that exists as `seen`, and of which `scope` is wanted.
    pub(crate) fn with(mut self, name: &str, scope: Scope, seen: ObservedResource) -> Self {
        self.seen.resources.insert(arn(name), seen);
        self.wanted.push((rds(name), scope));
        self
    }

    /// What was agreed before.
    pub(crate) fn contracted(mut self, scope: Scope) -> Self {
        self.contracted = Some(scope);
        self
    }

    pub(crate) fn plan(&self) -> Plan {
        let wanted = self.wanted.iter();
        let desired = Desired {
            tenant: TenantId(Uuid::nil()),
            wanted: wanted
                .map(|(component, scope)| Wanted {
                    component,
                    before: self.contracted.as_ref(),
                    scope,
                    held: &self.held,
                })
                .collect(),
            others_in_scope: 0,
        };
        planner::plan(&desired, &self.seen)
    }

    /// Carries the plan's steps out, as RDS would.
    pub(crate) fn apply(&mut self, plan: &Plan) {
        for step in &plan.steps {
            let resource = self.seen.resources.get_mut(&step.arn);
            apply(step, resource.expect("a step changes what was read"));
        }
    }

    pub(crate) fn seen(&mut self, name: &str) -> &mut ObservedResource {
        let resource = self.seen.resources.get_mut(&arn(name));
        resource.expect("an instance of this world")
    }
}

fn apply(step: &Step, resource: &mut ObservedResource) {
    match &step.action {
        StepAction::Tag { tags } => resource.tags.extend(tags.clone()),
        StepAction::SetAutomatedBackups {
            retention_after,
            window_after,
            ..
        } => {
            resource.automated_retention_days = *retention_after;
            resource.window = window_after.or(resource.window);
        }
        StepAction::RestoreSnapshot { .. } | StepAction::RestorePointInTime { .. } => {
            panic!("no change of the scope of work restores: {step:?}")
        }
    }
}

/// The plan as people read it: steps in apply order, then findings.
pub(crate) fn shown(plan: &Plan) -> String {
    let steps = plan.steps.iter().map(|step| {
        let weakens = if step.weakens { " (weakens)" } else { "" };
        format!("{}{weakens}", step.summary())
    });
    let findings = plan.findings.iter().map(|finding| {
        let severity = format!("{:?}", finding.severity).to_lowercase();
        format!("{severity}: {}: {}", finding.component_name, finding.message)
    });
    let unchanged = (plan.unchanged > 0).then(|| format!("{} unchanged", plan.unchanged));
    let lines: Vec<_> = steps.chain(findings).chain(unchanged).collect();
    lines.join("\n")
}

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:rds:eu-west-1:111122223333:db:{name}")
}

/// An RDS instance of the inventory.
pub(crate) fn rds(name: &str) -> Component {
    Component {
        id: ComponentId(Uuid::nil()),
        tenant: TenantId(Uuid::nil()),
        name: name.to_owned(),
        kind: ComponentKind::RdsInstance,
        environment: Environment::Production,
        workload: None,
        owner: None,
        engine: None,
        version: None,
        size_bytes: None,
        aws: Some(AwsPlace {
            account: AwsAccountId::try_from("111122223333".to_owned()).unwrap(),
            region: Region::try_from("eu-west-1".to_owned()).unwrap(),
            arn: arn(name),
        }),
        stated_region: None,
        decommissioned_at: None,
    }
}

/// In scope: daily, kept so many days, beside the source.
pub(crate) fn keep(days: u16) -> Terms {
    Terms {
        tier: None,
        schedule: Schedule::Daily,
        retention: RetentionDays::parse(days).unwrap(),
        window: None,
        location: Location::SameAccountAndRegion,
        sources: BTreeMap::new(),
        note: None,
    }
}

pub(crate) fn window(text: &str) -> BackupWindow {
    text.parse().unwrap()
}

pub(crate) fn schedule(text: &str) -> Schedule {
    text.parse().unwrap()
}

/// As RDS makes it: encrypted, untagged, automated backups kept so many days (0: off).
pub(crate) fn instance(retention_days: u16) -> ObservedResource {
    ObservedResource {
        status: "available".to_owned(),
        engine: "postgres 17.2".to_owned(),
        size_bytes: 20 << 30,
        encrypted: true,
        automated_retention_days: retention_days,
        window: Some(window("22:00-22:30")),
        tags: BTreeMap::from([("team".to_owned(), "payments".to_owned())]),
        recovery_points: Vec::new(),
    }
}
