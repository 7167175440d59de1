//! What holds for every plan.

use domain::observation::{Completeness, ObservedResource};
use domain::plan::{Severity, StepAction};
use domain::retention::RetentionDays;
use domain::schedule::Schedule;
use domain::sow::{Location, Scope, Terms};
use domain::window::BackupWindow;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

use crate::support::{World, instance, keep, schedule, window};

fn windows() -> impl Strategy<Value = Option<BackupWindow>> {
    prop_oneof![
        Just(None),
        Just(Some(window("03:00-04:00"))),
        Just(Some(window("22:00-22:30")))
    ]
}

fn scopes() -> impl Strategy<Value = Scope> {
    let schedules = prop_oneof![
        Just(Schedule::Continuous),
        Just(Schedule::Hourly),
        Just(Schedule::Daily),
        Just(Schedule::Weekly),
        Just(schedule("daily at 03:00")),
        Just(schedule("daily at 22:10 Asia/Kathmandu")),
        Just(schedule("daily at 03:00 Europe/Brussels")),
        Just(schedule("every 6 hours"))
    ];
    let location = prop_oneof![
        4 => Just(Location::SameAccountAndRegion),
        1 => Just(Location::AnotherRegion),
        1 => Just(Location::AnotherAccount)
    ];
    // Mostly what RDS can do, sometimes more.
    let retention = prop_oneof![4 => 1..=35_u16, 1 => 1..=3650_u16];
    let terms = (retention, schedules, windows(), location);
    let terms = terms.prop_map(|(days, schedule, window, location)| Terms {
        retention: RetentionDays::parse(days).unwrap(),
        schedule,
        window,
        location,
        ..keep(1)
    });
    prop_oneof![1 => Just(Scope::Out), 5 => terms.prop_map(Scope::In)]
}

fn instances() -> impl Strategy<Value = ObservedResource> {
    (0..=35_u16, windows(), any::<bool>()).prop_map(|(days, window, encrypted)| ObservedResource {
        window,
        encrypted,
        ..instance(days)
    })
}

/// Some instances, some of which could not be read or are not there.
fn worlds() -> impl Strategy<Value = World> {
    let one = (scopes(), instances(), any::<bool>());
    (vec(one, 0..5), any::<bool>()).prop_map(|(instances, complete)| {
        let mut world = World::empty();
        for (index, (scope, seen, read)) in instances.into_iter().enumerate() {
            let name = format!("db-{index}");
            world = world.with(&name, scope, seen);
            if !read {
                world.seen.resources.remove(&crate::support::arn(&name));
            }
        }
        if !complete {
            let reason = "access denied".to_owned();
            world.seen.completeness = Completeness::Partial { reason };
        }
        world
    })
}

proptest! {
    #[test]
    fn equal_inputs_give_equal_plans(world in worlds()) {
        prop_assert_eq!(world.clone().plan(), world.plan());
    }

    /// Security 38, over all pairs of what is there and what is wanted.
    #[test]
    fn retention_goes_down_only_by_a_step_that_says_so_and_a_warning(world in worlds()) {
        let plan = world.plan();
        for step in &plan.steps {
            let StepAction::SetAutomatedBackups { retention_before, retention_after, .. } = step.action else { continue };
            prop_assert_eq!(retention_before, world.seen.resources[&step.arn].automated_retention_days);
            prop_assert!(retention_after > 0, "automated backups are never turned off");
            prop_assert_eq!(step.weakens, retention_after < retention_before);
            let warned = plan.findings.iter().any(|finding| {
                finding.component_name == step.component_name
                    && finding.severity == Severity::Warning
                    && finding.message.starts_with("Retention goes down")
            });
            prop_assert_eq!(warned, step.weakens);
        }
    }

    #[test]
    fn only_what_is_in_scope_and_was_read_gets_a_step(world in worlds()) {
        let plan = world.plan();
        for step in &plan.steps {
            prop_assert!(world.seen.resources.contains_key(&step.arn));
            let wanted = world.wanted.iter().find(|(component, _)| component.name == step.component_name);
            prop_assert!(matches!(wanted, Some((_, Scope::In(_)))));
        }
    }

    /// What is in scope is brought to its terms, or said not to be.
    #[test]
    fn after_the_plan_there_is_nothing_left_to_do(mut world in worlds()) {
        let plan = world.plan();
        world.apply(&plan);
        let again = world.plan();
        prop_assert_eq!(&again.steps, &[]);
        for (component, scope) in &world.wanted {
            let Some(terms) = scope.terms() else { continue };
            let unmet = again.findings.iter().any(|finding| {
                finding.component_name == component.name && finding.severity == Severity::Unmet
            });
            let seen = component.aws.as_ref().and_then(|place| world.seen.resources.get(&place.arn));
            let met = seen.is_some_and(|seen| {
                seen.automated_retention_days == terms.retention.get() && terms.window.is_none_or(|w| seen.window == Some(w))
                    && terms.schedule.daily_in_utc().is_none_or(|time| terms.window.is_some() || seen.window.is_some_and(|w| w.begins_at(time)))
            });
            prop_assert!(met || unmet, "{}", component.name);
        }
    }
}
