//! The Kubernetes platform's own backups: always on, and only their retention can be set.

use domain::component::{AwsPlace, Component, ComponentKind, Environment};
use domain::contract::Bounds;
use domain::id::{ComponentId, TenantId};
use domain::retention::RetentionDays;
use domain::schedule::Schedule;
use domain::scope_change::{FormProblem, ScopeWish, TermsWish, Wish};
use domain::sow::{self, Location, Scope, ValueSource, in_force, platform_terms};
use domain::tier::Tier;
use jiff::Timestamp;

/// In eu-west-1.
fn platform() -> Component {
    Component {
        id: ComponentId::at(Timestamp::UNIX_EPOCH),
        tenant: TenantId::at(Timestamp::UNIX_EPOCH),
        name: "prod-k8s".to_owned(),
        kind: ComponentKind::KubernetesPlatform,
        environment: Environment::Production,
        workload: None,
        owner: None,
        engine: None,
        version: None,
        size_bytes: None,
        aws: Some(AwsPlace {
            account: "111122223333".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            arn: "arn:aws:eks:eu-west-1:111122223333:cluster/prod-k8s".to_owned(),
        }),
        stated_region: None,
        decommissioned_at: None,
    }
}

fn resolve(wish: &ScopeWish, current: Option<&Scope>) -> Result<Scope, Vec<FormProblem>> {
    sow::resolve(wish, current, &platform(), &Bounds::default())
}

/// A contract that keeps backups 20 to 25 days, in Frankfurt only.
fn bounds() -> Bounds {
    Bounds {
        regulation: "GDPR".to_owned(),
        minimum: Some(RetentionDays::parse(20).unwrap()),
        maximum: Some(RetentionDays::parse(25).unwrap()),
        residency: ["eu-central-1".parse().unwrap()].into(),
        encryption: false,
    }
}

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
    let problems = resolve(&wish, None).unwrap_err();
    for problem in &problems {
        assert!(problem.why.contains("only their retention can be set"), "{problem}");
        assert!(problem.given.is_some(), "{problem}");
    }
    problems.into_iter().map(|problem| problem.field).collect()
}

#[test]
fn nobody_has_to_decide_and_what_was_decided_holds() {
    let any = Bounds::default();
    let defaults = platform_terms(&any);
    assert_eq!(
        (defaults.retention.get(), defaults.schedule.clone()),
        (14, Schedule::Daily)
    );
    assert!(defaults.sources.values().all(|source| *source == ValueSource::Default));
    let platform = ComponentKind::KubernetesPlatform;
    assert_eq!(in_force(platform, None, &any), Some(Scope::In(defaults)));
    assert_eq!(in_force(platform, Some(Scope::Out), &any), Some(Scope::Out));
    assert_eq!(in_force(ComponentKind::Kubernetes, None, &any), None);
}

#[test]
fn a_change_sets_its_retention_and_nothing_else() {
    let scope = resolve(&ScopeWish::In(wish()), None).unwrap();
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
    let scope = resolve(&default, Some(&scope));
    assert_eq!(scope, Ok(Scope::In(platform_terms(&Bounds::default()))));
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

#[test]
fn the_contract_caps_its_default_and_refuses_what_it_does_not_allow() {
    let capped = platform_terms(&bounds());
    assert_eq!(
        (capped.retention.get(), capped.sources["retention_days"]),
        (20, ValueSource::Regulation)
    );
    assert_eq!(capped.sources["schedule"], ValueSource::Default);

    let here = Bounds {
        residency: ["eu-west-1".parse().unwrap()].into(),
        ..bounds()
    };
    let default = ScopeWish::In(TermsWish {
        retention: Wish::TierDefault,
        ..wish()
    });
    assert_eq!(
        sow::resolve(&default, None, &platform(), &here),
        Ok(Scope::In(platform_terms(&here)))
    );

    let problems = sow::resolve(&ScopeWish::In(wish()), None, &platform(), &bounds()).unwrap_err();
    let fields: Vec<_> = problems.into_iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["component", "retention"]);
}
