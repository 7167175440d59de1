//! Who answers for what.

use domain::contract::ServiceLevel;
use domain::duty::{DUTIES, Override, Responsible, matrix};
use jiff::Timestamp;

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = DUTIES.iter().map(|duty| duty.id).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), DUTIES.len());
}

#[test]
fn the_matrix_of_each_level_is_what_people_reviewed() {
    let lines = matrix(ServiceLevel::Baseline, &[])
        .into_iter()
        .zip(matrix(ServiceLevel::DrBc, &[]))
        .map(|(baseline, dr_bc)| {
            let (name, one, other) = (baseline.duty.id, baseline.responsible, dr_bc.responsible);
            format!("{name:<22} {:<9} {}", one.as_str(), other.as_str())
        });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
    configure-mechanisms   provider  provider
    monitor-backups        provider  provider
    correct-failures       provider  provider
    platform-backups       provider  provider
    control-plane          provider  provider
    perform-restores       provider  provider
    define-scope           customer  customer
    state-requirements     customer  customer
    validate-backups       customer  customer
    organise-rehearsals    customer  both
    independent-copies     customer  customer
    persistent-volumes     customer  customer
    check-restore-tests    customer  both
    check-3-2-1            customer  provider
    check-worm             customer  provider
    check-last-run         provider  provider
    check-gap              provider  provider
    check-rds-retention    both      both
    check-calendar         customer  both
    check-checklist        provider  provider
    check-encryption       both      both
    ");
}

#[test]
fn what_was_agreed_with_one_customer_comes_first() {
    let agreed = Override {
        duty: "check-calendar".to_owned(),
        responsible: Responsible::Provider,
        reason: "Part of the pilot.".to_owned(),
        set_by: "mia@provider.example".to_owned(),
        set_at: Timestamp::UNIX_EPOCH,
        revision: 1,
    };
    let all = matrix(ServiceLevel::Baseline, std::slice::from_ref(&agreed));
    let changed: Vec<_> = all.iter().filter(|one| one.agreed.is_some()).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(
        (changed[0].duty.id, changed[0].responsible),
        ("check-calendar", Responsible::Provider)
    );
}
