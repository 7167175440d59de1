//! What a version changed, and which version supplied each value: for any history of changes.

use domain::component::{Component, ComponentKind, Environment};
use domain::contract::Bounds;
use domain::id::{ComponentId, TenantId};
use domain::retention::RetentionDays;
use domain::schedule::Schedule;
use domain::scope_change::{FormProblem, ScopeWish, TermsWish, Wish};
use domain::sow::{
    self, Line, LineChange, Location, MechanismChoice, MechanismName, Scope, Terms, ValueSource, diff, origins,
};
use domain::tier::Tier;
use jiff::Timestamp;
use proptest::prelude::*;

/// What the wish makes of an RDS instance's line where the contract bounds nothing.
fn resolve(wish: &ScopeWish, current: Option<&Scope>) -> Result<Scope, Vec<FormProblem>> {
    let component = Component {
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
        aws: None,
        stated_region: None,
        decommissioned_at: None,
    };
    sow::resolve(wish, current, &component, &Bounds::default())
}

fn choice(mechanism: MechanismName) -> MechanismChoice {
    MechanismChoice {
        mechanism,
        reason: "because".to_owned(),
    }
}

/// The fields that differ, `field before -> after`.
fn said(before: Option<&Line>, after: Option<&Line>) -> (LineChange, Vec<String>) {
    let found = diff(before, after);
    let word = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let fields = found.fields.into_iter();
    let fields = fields.map(|change| format!("{} {} -> {}", change.field, word(change.before), word(change.after)));
    (found.change, fields.collect())
}

fn agreed(days: u16) -> Line {
    let wish = TermsWish {
        retention: Wish::Exactly(RetentionDays::parse(days).unwrap()),
        schedule: Wish::Exactly(Schedule::Daily),
        backup_window: "03:00-04:00".parse().ok(),
        tier: Some(Tier::Tier2),
        location: None,
    };
    let scope = resolve(&ScopeWish::In(wish), None).unwrap();
    (scope, choice(MechanismName::NativeRds))
}

#[test]
fn a_diff_names_each_field_with_both_values() {
    let out = (Scope::Out, choice(MechanismName::None));
    let longer = said(Some(&agreed(7)), Some(&agreed(35)));
    assert_eq!(longer, (LineChange::Changed, vec!["retention_days 7 -> 35".to_owned()]));

    let (change, fields) = said(None, Some(&agreed(7)));
    assert_eq!(change, LineChange::Added);
    insta::assert_snapshot!(fields.join("\n"), @r"
    decision - -> in
    retention_days - -> 7
    schedule - -> daily
    window - -> 03:00-04:00
    tier - -> 2
    location - -> same-account-and-region
    mechanism - -> native:rds
    ");
    let (change, fields) = said(Some(&agreed(7)), Some(&out));
    assert_eq!(
        (change, fields[0].as_str(), fields.len()),
        (LineChange::Changed, "decision in -> out", 7)
    );
    let removed = said(Some(&out), None);
    let fields = ["decision out -> -", "mechanism none -> -"].map(str::to_owned);
    assert_eq!(removed, (LineChange::Removed, fields.to_vec()));
}

#[test]
fn what_was_decided_again_as_it_was_differs_in_nothing() {
    assert_eq!(
        said(Some(&agreed(7)), Some(&agreed(7))),
        (LineChange::Changed, Vec::new())
    );
}

fn any_wish() -> impl Strategy<Value = ScopeWish> {
    let retention = prop_oneof![
        Just(Wish::TierDefault),
        (1..=3650_u16).prop_map(|days| Wish::Exactly(RetentionDays::parse(days).unwrap())),
    ];
    let schedules = [
        Schedule::Continuous,
        Schedule::Hourly,
        Schedule::Daily,
        Schedule::Weekly,
    ];
    let schedule = prop_oneof![
        Just(Wish::TierDefault),
        prop::sample::select(schedules.to_vec()).prop_map(Wish::Exactly),
    ];
    let window = prop::option::of(prop::sample::select(vec!["01:00-02:00", "23:30-00:30"]));
    let tier = prop::option::of(prop::sample::select(vec![Tier::Tier1, Tier::Tier2, Tier::Tier3]));
    let locations = [
        Location::SameAccountAndRegion,
        Location::AnotherRegion,
        Location::AnotherAccount,
    ];
    let location = prop::option::of(prop::sample::select(locations.to_vec()));
    let terms =
        (retention, schedule, window, tier, location).prop_map(|(retention, schedule, window, tier, location)| {
            ScopeWish::In(TermsWish {
                retention,
                schedule,
                backup_window: window.map(|window| window.parse().unwrap()),
                tier,
                location,
            })
        });
    prop_oneof![1 => Just(ScopeWish::Out), 6 => terms]
}

/// Each field's value as text.
fn values(terms: &Terms) -> [(&'static str, String); 5] {
    [
        ("retention_days", terms.retention.get().to_string()),
        ("schedule", terms.schedule.to_string()),
        ("tier", format!("{:?}", terms.tier)),
        ("window", format!("{:?}", terms.window)),
        ("location", format!("{:?}", terms.location)),
    ]
}

/// What a source says of a field, where it says anything. An own reckoning: it does not ask [`resolve`].
fn says(source: ValueSource, field: &str, wish: &TermsWish, before: Option<&Terms>) -> Option<String> {
    let asked_of_tier = match field {
        "retention_days" => wish.retention == Wish::TierDefault,
        "schedule" => wish.schedule == Wish::TierDefault,
        _ => false,
    };
    let kept = before.map(|before| values(before).into_iter().find(|(name, _)| *name == field).unwrap().1);
    let tier = wish.tier.or(before.and_then(|before| before.tier));
    match (source, field) {
        (ValueSource::Change, "retention_days") => match wish.retention {
            Wish::Exactly(days) => Some(days.get().to_string()),
            Wish::TierDefault => None,
        },
        (ValueSource::Change, "schedule") => match &wish.schedule {
            Wish::Exactly(schedule) => Some(schedule.to_string()),
            Wish::TierDefault => None,
        },
        (ValueSource::Change, "tier") => wish.tier.map(|tier| format!("{:?}", Some(tier))),
        (ValueSource::Change, "window") => wish.backup_window.map(|window| format!("{:?}", Some(window))),
        (ValueSource::Change, "location") => wish.location.map(|location| format!("{location:?}")),
        // Retention and schedule are asked for each time: no earlier version answers for them.
        (ValueSource::Sow, "retention_days" | "schedule") => None,
        (ValueSource::Sow, _) => kept.filter(|value| value != "None"),
        (ValueSource::Tier, "retention_days") if asked_of_tier => tier.map(|tier| tier.retention().get().to_string()),
        (ValueSource::Tier, "schedule") if asked_of_tier => tier.map(|tier| tier.schedule().to_string()),
        (ValueSource::Default, "tier" | "window") => Some("None".to_owned()),
        (ValueSource::Default, "location") => Some("SameAccountAndRegion".to_owned()),
        _ => None,
    }
}

proptest! {
    #[test]
    fn the_recorded_source_is_the_strongest_that_says_anything(wishes in prop::collection::vec(any_wish(), 1..6)) {
        let strongest_first = [ValueSource::Change, ValueSource::Sow, ValueSource::Tier, ValueSource::Default];
        let mut current: Option<Scope> = None;
        for wish in &wishes {
            let Ok(scope) = resolve(wish, current.as_ref()) else { continue };
            if let (ScopeWish::In(wish), Scope::In(terms)) = (wish, &scope) {
                let before = current.as_ref().and_then(Scope::terms);
                for (field, value) in values(terms) {
                    let found = strongest_first.into_iter().find_map(|source| Some((source, says(source, field, wish, before)?)));
                    prop_assert_eq!(found, Some((terms.sources[field], value)), "{}", field);
                }
            }
            current = Some(scope);
        }
    }

    #[test]
    fn the_version_that_supplied_a_value_has_it_and_all_since_kept_it(wishes in prop::collection::vec(any_wish(), 1..8)) {
        let mut history: Vec<(i32, Scope)> = Vec::new();
        for (index, wish) in wishes.iter().enumerate() {
            let before = history.last().map(|(_, scope)| scope);
            if let Ok(scope) = resolve(wish, before) {
                history.push((i32::try_from(index).unwrap() + 1, scope));
            }
        }
        let lines: Vec<_> = history.iter().map(|(version, scope)| (*version, scope)).collect();
        let found = origins(&lines);
        let Some((newest, Scope::In(terms))) = lines.last() else {
            prop_assert!(found.is_empty());
            return Ok(());
        };
        for (field, value) in values(terms) {
            let origin = found[field];
            prop_assert_eq!(origin.source, terms.sources[field]);
            prop_assert_eq!(origin.version == *newest, origin.source != ValueSource::Sow, "{}", field);
            let since = lines.iter().filter(|(version, _)| *version >= origin.version);
            for (index, (_, scope)) in since.enumerate() {
                let line = scope.terms().expect("it has been in scope since");
                let kept = values(line).into_iter().find(|(name, _)| *name == field).unwrap().1;
                prop_assert_eq!(&kept, &value, "{}", field);
                prop_assert_eq!(line.sources[field] == ValueSource::Sow, index > 0, "{}", field);
            }
        }
    }
}
