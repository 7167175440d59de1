//! The Kubernetes platform's own backups: always on, and only their retention can be set.

use domain::component::ComponentKind;
use domain::retention::RetentionDays;
use domain::schedule::Schedule;
use domain::scope_change::{ScopeWish, TermsWish, Wish};
use domain::sow::{Location, Scope, ValueSource, in_force, platform_terms, resolve};
use domain::tier::Tier;

fn wish() -> TermsWish {
    TermsWish {
        retention: Wish::Exactly(RetentionDays::parse(30).unwrap()),
        schedule: Wish::Exactly(Schedule::Daily),
        backup_window: None,
        tier: None,
        location: Some(Location::SameAccountAndRegion),
    }
}

/// The fields that are refused.
fn refused(wish: ScopeWish) -> Vec<String> {
    let problems = resolve(ComponentKind::KubernetesPlatform, &wish, None).unwrap_err();
    for problem in &problems {
        assert!(problem.why.contains("only their retention can be set"), "{problem}");
        assert!(problem.given.is_some(), "{problem}");
    }
    problems.into_iter().map(|problem| problem.field).collect()
}

#[test]
fn nobody_has_to_decide_and_what_was_decided_holds() {
    let defaults = platform_terms();
    assert_eq!(
        (defaults.retention.get(), defaults.schedule.clone()),
        (14, Schedule::Daily)
    );
    assert!(defaults.sources.values().all(|source| *source == ValueSource::Default));
    let platform = ComponentKind::KubernetesPlatform;
    assert_eq!(in_force(platform, None), Some(Scope::In(defaults)));
    assert_eq!(in_force(platform, Some(Scope::Out)), Some(Scope::Out));
    assert_eq!(in_force(ComponentKind::Kubernetes, None), None);
}

#[test]
fn a_change_sets_its_retention_and_nothing_else() {
    let scope = resolve(ComponentKind::KubernetesPlatform, &ScopeWish::In(wish()), None).unwrap();
    let terms = scope.terms().unwrap();
    assert_eq!(
        (terms.retention.get(), terms.sources["retention_days"]),
        (30, ValueSource::Change)
    );
    assert_eq!(terms.sources["schedule"], ValueSource::Default);

    let default = ScopeWish::In(TermsWish {
        retention: Wish::TierDefault,
        schedule: Wish::TierDefault,
        ..wish()
    });
    let scope = resolve(ComponentKind::KubernetesPlatform, &default, Some(&scope));
    assert_eq!(scope, Ok(Scope::In(platform_terms())));
}

#[test]
fn every_other_wish_is_refused_by_its_field() {
    let everything = TermsWish {
        schedule: Wish::Exactly(Schedule::Hourly),
        backup_window: "03:00-04:00".parse().ok(),
        tier: Some(Tier::Tier1),
        location: Some(Location::AnotherRegion),
        ..wish()
    };
    assert_eq!(refused(ScopeWish::Out), ["scope"]);
    assert_eq!(
        refused(ScopeWish::In(everything)),
        ["frequency", "backup_window", "tier", "location"]
    );
}
