//! Where each value of a component's terms comes from, the strongest source first.

use domain::component::{AwsPlace, Component, ComponentKind, Environment};
use domain::contract::Bounds;
use domain::id::{ComponentId, TenantId};
use domain::retention::RetentionDays;
use domain::schedule::Schedule;
use domain::scope_change::{FormProblem, ScopeWish, TermsWish, Wish};
use domain::sow::{self, Direction, Location, Scope, Terms, ValueSource, deviations};
use domain::tier::Tier;
use jiff::Timestamp;

fn wish() -> TermsWish {
    TermsWish {
        retention: Wish::TierDefault,
        schedule: Wish::TierDefault,
        backup_window: None,
        tier: None,
        location: None,
    }
}

fn exactly() -> TermsWish {
    TermsWish {
        retention: Wish::Exactly(RetentionDays::parse(35).unwrap()),
        schedule: Wish::Exactly(Schedule::Weekly),
        ..wish()
    }
}

/// In eu-west-1.
fn component() -> Component {
    Component {
        id: ComponentId::at(Timestamp::UNIX_EPOCH),
        tenant: TenantId::at(Timestamp::UNIX_EPOCH),
        name: "prod-pg".to_owned(),
        kind: ComponentKind::RdsInstance,
        environment: Environment::Production,
        workload: None,
        owner: None,
        engine: None,
        version: None,
        size_bytes: None,
        aws: Some(AwsPlace {
            account: "111122223333".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            arn: "arn:aws:rds:eu-west-1:111122223333:db:prod-pg".to_owned(),
        }),
        stated_region: None,
        decommissioned_at: None,
    }
}

fn resolve(wish: &ScopeWish, current: Option<&Scope>) -> Result<Scope, Vec<FormProblem>> {
    sow::resolve(wish, current, &component(), &Bounds::default())
}

/// What an earlier version says: tier 3, 7 days, a window.
fn earlier() -> Scope {
    let wish = TermsWish {
        retention: Wish::Exactly(RetentionDays::parse(7).unwrap()),
        tier: Some(Tier::Tier3),
        backup_window: Some("01:00-02:00".parse().unwrap()),
        location: Some(Location::AnotherAccount),
        ..exactly()
    };
    resolve(&ScopeWish::In(wish), None).unwrap()
}

/// Each value with its source, or what is asked back.
fn shown(wish: TermsWish, current: Option<&Scope>) -> String {
    match resolve(&ScopeWish::In(wish), current) {
        Ok(scope) => {
            let terms = scope.terms().unwrap();
            let source = |field: &str| format!("{:?}", terms.sources[field]).to_lowercase();
            [
                (
                    "tier",
                    terms.tier.map_or("none".to_owned(), |tier| tier.number().to_string()),
                ),
                ("retention_days", terms.retention.get().to_string()),
                ("schedule", terms.schedule.to_string()),
                (
                    "window",
                    terms.window.map_or("none".to_owned(), |window| window.to_string()),
                ),
                ("location", terms.location.as_str().to_owned()),
            ]
            .map(|(field, value)| format!("{field} {value} ({})", source(field)))
            .join(", ")
        }
        Err(problems) => {
            let fields: Vec<_> = problems.into_iter().map(|problem| problem.field).collect();
            format!("asked back: {}", fields.join(", "))
        }
    }
}

#[test]
fn the_change_comes_first_then_the_scope_of_work_then_the_tier() {
    let earlier = earlier();
    let cases = [
        ("exact values, nothing before", exactly(), None),
        ("exact values over an earlier version", exactly(), Some(&earlier)),
        (
            "exact values and a tier of its own",
            TermsWish {
                tier: Some(Tier::Tier1),
                ..exactly()
            },
            Some(&earlier),
        ),
        (
            "defaults of a tier of its own",
            TermsWish {
                tier: Some(Tier::Tier1),
                ..wish()
            },
            Some(&earlier),
        ),
        ("defaults of the earlier tier", wish(), Some(&earlier)),
        ("defaults without any tier", wish(), None),
        ("defaults after being out of scope", wish(), Some(&Scope::Out)),
        (
            "a window and a place of its own",
            TermsWish {
                backup_window: Some("03:00-04:00".parse().unwrap()),
                location: Some(Location::AnotherRegion),
                ..exactly()
            },
            Some(&earlier),
        ),
    ];
    let table = cases.map(|(name, wish, current)| format!("{name}:\n  {}", shown(wish, current)));
    insta::assert_snapshot!(table.join("\n"), @r"
    exact values, nothing before:
      tier none (default), retention_days 35 (change), schedule weekly (change), window none (default), location same-account-and-region (default)
    exact values over an earlier version:
      tier 3 (sow), retention_days 35 (change), schedule weekly (change), window 01:00-02:00 (sow), location another-account (sow)
    exact values and a tier of its own:
      tier 1 (change), retention_days 35 (change), schedule weekly (change), window 01:00-02:00 (sow), location another-account (sow)
    defaults of a tier of its own:
      tier 1 (change), retention_days 30 (tier), schedule continuous (tier), window 01:00-02:00 (sow), location another-account (sow)
    defaults of the earlier tier:
      tier 3 (sow), retention_days 14 (tier), schedule daily (tier), window 01:00-02:00 (sow), location another-account (sow)
    defaults without any tier:
      asked back: retention, frequency
    defaults after being out of scope:
      asked back: retention, frequency
    a window and a place of its own:
      tier 3 (sow), retention_days 35 (change), schedule weekly (change), window 03:00-04:00 (change), location another-region (change)
    ");
}

#[test]
fn a_time_of_day_that_is_asked_for_ends_an_earlier_window_that_does_not_hold_it() {
    let window = |text: &str| {
        let wish = TermsWish {
            schedule: Wish::Exactly(text.parse().unwrap()),
            ..exactly()
        };
        let scope = resolve(&ScopeWish::In(wish), Some(&earlier())).unwrap();
        let terms = scope.terms().unwrap();
        (
            terms.window.map(|window| window.to_string()),
            terms.daily_window().map(|window| window.to_string()),
        )
    };
    let earlier = Some("01:00-02:00".to_owned());
    assert_eq!(window("daily"), (earlier.clone(), earlier.clone()));
    assert_eq!(window("daily at 01:30"), (earlier.clone(), earlier));
    assert_eq!(window("daily at 03:00"), (None, Some("03:00-03:30".to_owned())));
}

#[test]
fn the_tiers_stand_for_what_the_catalogue_says() {
    let said = Tier::ALL.map(|tier| {
        let (rpo, rto) = (tier.rpo().as_mins(), tier.rto().as_mins());
        let archive = tier.archive().map_or(0, |archive| archive.years);
        (rpo, rto, tier.schedule().to_string(), tier.retention().get(), archive)
    });
    let expected = [
        (5, 60, "continuous", 30, 7),
        (60, 240, "hourly", 30, 0),
        (1440, 1440, "daily", 14, 0),
    ];
    assert_eq!(
        said,
        expected.map(|(rpo, rto, schedule, days, years)| (rpo, rto, schedule.to_owned(), days, years))
    );
}

#[test]
fn out_of_scope_needs_no_values() {
    let out = resolve(&ScopeWish::Out, Some(&earlier()));
    assert_eq!(out, Ok(Scope::Out));
}

#[test]
fn what_is_given_up_is_said_and_what_tightens_gives_up_nothing() {
    let scope = |change: fn(&mut Terms)| {
        let mut terms = earlier().terms().unwrap().clone();
        change(&mut terms);
        Scope::In(terms)
    };
    let more = scope(|terms| {
        terms.retention = RetentionDays::parse(8).unwrap();
        terms.schedule = Schedule::Hourly;
        terms.tier = None;
        terms.window = None;
    });
    assert_eq!(earlier().gives_up(&more), [""; 0]);
    assert_eq!(Scope::Out.gives_up(&more), [""; 0]);
    assert_eq!(
        earlier().gives_up(&scope(|terms| terms.tier = Some(Tier::Tier2))),
        [""; 0]
    );

    let fewer_days = scope(|terms| terms.retention = RetentionDays::parse(6).unwrap());
    let nearer = scope(|terms| terms.location = Location::SameAccountAndRegion);
    let tier_2 = scope(|terms| terms.tier = Some(Tier::Tier2));
    let seldom = more.gives_up(&scope(|terms| terms.schedule = Schedule::Weekly));
    for (given_up, named) in [
        (earlier().gives_up(&fewer_days), "7 days to 6 days"),
        (earlier().gives_up(&nearer), "copies"),
        (earlier().gives_up(&Scope::Out), "out of scope"),
        (seldom, "weekly instead of hourly"),
        (
            tier_2.gives_up(&earlier()),
            "tier 2 to tier 3: a restore may take 24 h instead of 4 h",
        ),
    ] {
        assert!(given_up.iter().any(|sentence| sentence.contains(named)), "{given_up:?}");
    }
}

fn agreed(tier: Option<Tier>, days: u16, schedule: Schedule) -> Terms {
    Terms {
        tier,
        retention: RetentionDays::parse(days).unwrap(),
        schedule,
        ..earlier().terms().unwrap().clone()
    }
}

fn said(kind: Option<ComponentKind>, terms: &Terms) -> String {
    let line = |deviation: domain::sow::Deviation| {
        let sign = match deviation.direction {
            Direction::Short => '-',
            Direction::Beyond => '+',
        };
        format!("{sign} {}: {}", deviation.field, deviation.words)
    };
    deviations(kind, terms)
        .into_iter()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn what_is_not_the_tiers_is_said_with_what_follows() {
    use Schedule::{Continuous, Daily, Hourly, Weekly};
    use Tier::{Tier1, Tier2, Tier3};
    let as_it_stands = |tier: Tier| said(None, &agreed(Some(tier), tier.retention().get(), tier.schedule()));
    assert_eq!(
        (as_it_stands(Tier2), as_it_stands(Tier3)),
        (String::new(), String::new())
    );
    insta::assert_snapshot!(as_it_stands(Tier1), @"- archive: Tier 1 stands for a copy of each month that is kept for 7 years as well: no mechanism makes one yet.");
    assert_eq!(said(None, &agreed(None, 1, Weekly)), "");
    insta::assert_snapshot!(said(None, &agreed(Some(Tier2), 14, Daily)), @r"
    - retention_days: Tier 2 stands for 30 days; 14 days were asked for: 16 days less.
    - schedule: Tier 2 stands for hourly; daily was asked for: the objective of 1 h is not met, up to 24 h can be lost. Hourly or more often would meet it.
    ");
    insta::assert_snapshot!(said(None, &agreed(Some(Tier3), 15, Continuous)), @r"
    + retention_days: Tier 3 stands for 14 days; 15 days were asked for: 1 day more.
    + schedule: Tier 3 stands for daily; continuous was asked for: up to 5 min can be lost instead of 24 h.
    ");
    let mut bound = agreed(Some(Tier3), 20, Daily);
    bound
        .sources
        .insert("retention_days".to_owned(), ValueSource::Regulation);
    insta::assert_snapshot!(said(None, &bound), @"+ retention_days: Tier 3 stands for 14 days; the contract's regulation bounds it to 20 days: 6 days more.");
    insta::assert_snapshot!(said(Some(ComponentKind::Kubernetes), &agreed(Some(Tier1), 30, Hourly)), @r"
    - schedule: Tier 1 stands for continuous; hourly was asked for: the objective of 5 min is not met, up to 1 h can be lost. Hourly is the most that can be had of volumes: a database that streams its log, as a component of its own, would meet it.
    - archive: Tier 1 stands for a copy of each month that is kept for 7 years as well: no mechanism makes one yet.
    ");
    insta::assert_snapshot!(said(Some(ComponentKind::SelfManagedDatabase), &agreed(Some(Tier2), 30, Daily)), @"- schedule: Tier 2 stands for hourly; daily was asked for: the objective of 1 h is not met, up to 24 h can be lost. Streaming the database's log (WAL, binlog) would meet it.");
}

fn note(scope: &Scope) -> Option<&str> {
    scope.terms().and_then(|terms| terms.note.as_deref())
}

#[test]
fn a_note_stays_until_a_change_says_another_or_brings_the_terms_to_their_tier() {
    let line = |tier, days| Scope::In(agreed(Some(tier), days, Schedule::Hourly));
    let tier_2 = |days| line(Tier::Tier2, days);
    let short = tier_2(14).explained(" until the archive is moved \n", None);
    assert_eq!(note(&short), Some("until the archive is moved"));
    for (after, said, expected) in [
        (tier_2(7), "", Some("until the archive is moved")),
        (tier_2(7), "  ", Some("until the archive is moved")),
        (tier_2(7), "until May", Some("until May")),
        (tier_2(30), "", None),
        (tier_2(30), "thank you", None),
        (Scope::Out, "gone", None),
    ] {
        let after = after.explained(said, Some(&short));
        assert_eq!(note(&after), expected, "{said:?}");
        let lost = short.loses_note(&after).map(|(before, _)| before);
        assert_eq!(lost, note(&short).filter(|was| expected != Some(*was)), "{said:?}");
    }

    // A roadmap stands beside terms that are the tier's own; it has come true with the tier that it leads to.
    let roadmap = tier_2(30).noted("tier 1 once its WAL is archived");
    for said in ["", "please look at the window"] {
        let moved = tier_2(30).explained(said, Some(&roadmap));
        assert_eq!(note(&moved), Some("tier 1 once its WAL is archived"), "{said:?}");
    }
    let there = Scope::In(agreed(Some(Tier::Tier1), 30, Schedule::Continuous));
    assert_eq!(note(&there.explained("", Some(&roadmap))), None);
    let untiered = Scope::In(agreed(None, 14, Schedule::Hourly));
    assert_eq!(
        note(&untiered.explained("thank you", None)),
        None,
        "it deviates from nothing"
    );
    assert_eq!(note(&tier_2(14).explained("", Some(&Scope::Out))), None);
}

#[test]
fn a_line_without_a_note_is_stored_and_digested_as_it_was_before_there_were_notes() {
    let stored = r#"{"decision":"in","tier":"tier2","frequency":"hourly","retention":30,"window":null,"location":"same-account-and-region","sources":{}}"#;
    let scope: Scope = serde_json::from_str(stored).unwrap();
    assert_eq!(serde_json::to_string(&scope).unwrap(), stored);
}

/// A contract that keeps backups 20 to 25 days, in Ireland only.
fn bounds() -> Bounds {
    Bounds {
        regulation: "GDPR, retention schedule 4".to_owned(),
        minimum: Some(RetentionDays::parse(20).unwrap()),
        maximum: Some(RetentionDays::parse(25).unwrap()),
        residency: ["eu-west-1".parse().unwrap()].into(),
        encryption: true,
    }
}

#[test]
fn regulation_caps_a_default_and_refuses_a_wish() {
    let tier = |tier| {
        let wish = TermsWish {
            tier: Some(tier),
            ..wish()
        };
        let scope = sow::resolve(&ScopeWish::In(wish), None, &component(), &bounds()).unwrap();
        let terms = scope.terms().unwrap();
        (terms.retention.get(), terms.sources["retention_days"])
    };
    assert_eq!(tier(Tier::Tier1), (25, ValueSource::Regulation));
    assert_eq!(tier(Tier::Tier3), (20, ValueSource::Regulation));

    let refused = |days| {
        let wish = TermsWish {
            retention: Wish::Exactly(RetentionDays::parse(days).unwrap()),
            ..exactly()
        };
        sow::resolve(&ScopeWish::In(wish), None, &component(), &bounds()).unwrap_err()
    };
    for (days, given) in [(19, "19 days"), (26, "26 days")] {
        let [problem] = &refused(days)[..] else {
            panic!("one problem")
        };
        assert_eq!(
            (problem.field.as_str(), problem.given.as_deref()),
            ("retention", Some(given))
        );
        assert_eq!(
            problem.why,
            "the contract allows 20 to 25 days (GDPR, retention schedule 4)"
        );
    }
}

#[test]
fn data_stays_where_the_contract_allows() {
    let mut elsewhere = component();
    elsewhere.aws.as_mut().unwrap().region = "us-east-1".parse().unwrap();
    let copy = TermsWish {
        retention: Wish::Exactly(RetentionDays::parse(20).unwrap()),
        location: Some(Location::AnotherRegion),
        ..exactly()
    };
    let fields = |component: &Component, wish: &TermsWish, bounds: &Bounds| -> Vec<String> {
        let resolved = sow::resolve(&ScopeWish::In(wish.clone()), None, component, bounds);
        let problems = resolved.err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    };
    assert_eq!(fields(&component(), &copy, &bounds()), ["location"]);
    assert_eq!(fields(&elsewhere, &copy, &bounds()), ["component", "location"]);
    assert_eq!(fields(&component(), &copy, &Bounds::default()), [""; 0]);
    let two = Bounds {
        residency: ["eu-west-1".parse().unwrap(), "eu-central-1".parse().unwrap()].into(),
        ..bounds()
    };
    assert_eq!(
        fields(&component(), &copy, &two),
        [""; 0],
        "there is another region to copy to"
    );
}

#[test]
fn what_stands_outside_a_new_contract_is_named_and_nothing_else() {
    let wish = TermsWish {
        location: Some(Location::AnotherRegion),
        ..exactly()
    };
    let scope = resolve(&ScopeWish::In(wish), None).unwrap();
    let found: Vec<_> = bounds()
        .conflicts(&component(), &scope, Some(false))
        .into_iter()
        .map(|conflict| {
            format!(
                "{} {} {}: {}",
                conflict.name, conflict.field, conflict.given, conflict.why
            )
        })
        .collect();
    insta::assert_snapshot!(found.join("\n"), @r"
    prod-pg (production) retention_days 35 days: the contract allows 20 to 25 days (GDPR, retention schedule 4)
    prod-pg (production) location another region: the contract keeps data in eu-west-1 only, so there is no other region for a copy (GDPR, retention schedule 4)
    prod-pg (production) encryption unencrypted storage: the contract asks for encryption at rest (GDPR, retention schedule 4)
    ");
    for unproven in [None, Some(true)] {
        let found = bounds().conflicts(&component(), &scope, unproven);
        assert!(
            found.iter().all(|conflict| conflict.field != "encryption"),
            "{unproven:?}"
        );
    }
    assert_eq!(bounds().conflicts(&component(), &Scope::Out, Some(false)), []);
    assert_eq!(Bounds::default().conflicts(&component(), &scope, Some(false)), []);
}
