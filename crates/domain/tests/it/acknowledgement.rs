//! What a customer still has to sign.

use domain::acknowledgement::{Acknowledgement, Standing, Statement, holds_until, owed};
use domain::id::{AcknowledgementId, TenantId};
use jiff::Timestamp;
use jiff::tz::TimeZone;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn signed(statement: Statement, version: &str, when: &str) -> Acknowledgement {
    let zone = TimeZone::get("Europe/Brussels").unwrap();
    Acknowledgement {
        id: AcknowledgementId::at(at(when)),
        tenant: TenantId::at(at(when)),
        statement,
        text_version: version.to_owned(),
        signed_by: "Ana".to_owned(),
        signed_at: at(when),
        until: holds_until(at(when), &zone),
        withdrawn: None,
    }
}

fn standings(signatures: &[Acknowledgement], has_tier_1: bool, now: &str) -> Vec<(Statement, Standing)> {
    let zone = TimeZone::get("Europe/Brussels").unwrap();
    let owed = owed(signatures, "2026-01", has_tier_1, &zone, at(now));
    owed.into_iter().map(|one| (one.statement, one.standing)).collect()
}

#[test]
fn a_signature_holds_for_a_year_of_the_calendar() {
    let zone = TimeZone::get("Europe/Brussels").unwrap();
    assert_eq!(
        holds_until(at("2026-03-28T09:00Z"), &zone),
        at("2027-03-28T09:00+02:00") + jiff::SignedDuration::from_hours(1)
    );
    assert_eq!(holds_until(at("2028-02-29T09:00Z"), &zone), at("2029-02-28T09:00Z"));
}

#[test]
fn the_worst_stands_first() {
    let duties = Statement::Duties.version("");
    let signatures = [
        signed(Statement::Duties, &duties, "2026-01-10T09:00Z"),
        signed(Statement::Terms, "2025-07", "2026-01-10T09:00Z"),
        signed(Statement::IndependentCopies, &duties, "2025-01-10T09:00Z"),
    ];
    assert_eq!(
        standings(&signatures, true, "2026-02-01T09:00Z"),
        [
            (Statement::MonthlyGranularity, Standing::Missing),
            (Statement::IndependentCopies, Standing::Expired),
            (Statement::Terms, Standing::Outdated),
            (Statement::Duties, Standing::Signed),
        ]
    );
    let last = standings(&signatures, false, "2026-11-01T09:00Z");
    assert_eq!(last.len(), 3, "monthly granularity is no matter without tier 1");
    assert_eq!(last[2], (Statement::Duties, Standing::Expiring));
}

#[test]
fn the_last_signature_decides_even_when_it_was_taken_back() {
    let mut taken_back = signed(Statement::Terms, "2026-01", "2026-01-10T09:00Z");
    taken_back.withdrawn = Some((at("2026-01-11T09:00Z"), "Ana".to_owned()));
    let earlier = signed(Statement::Terms, "2026-01", "2026-01-09T09:00Z");
    let later = signed(Statement::Terms, "2026-01", "2026-01-12T09:00Z");
    let standing = |signatures: &[Acknowledgement]| {
        let all = standings(signatures, false, "2026-02-01T09:00Z");
        all.into_iter()
            .find(|(statement, _)| *statement == Statement::Terms)
            .unwrap()
            .1
    };
    assert_eq!(standing(&[taken_back.clone()]), Standing::Missing);
    assert_eq!(
        standing(&[taken_back.clone(), earlier]),
        Standing::Missing,
        "the one before does not come back"
    );
    assert_eq!(standing(&[later, taken_back]), Standing::Signed, "it was signed again");
}

#[test]
fn a_signature_holds_through_its_last_day_where_the_customer_is() {
    let signatures = [signed(Statement::Terms, "2026-01", "2026-01-10T09:00Z")];
    let standing = |now: &str| {
        let all = standings(&signatures, false, now);
        all.into_iter()
            .find(|(statement, _)| *statement == Statement::Terms)
            .unwrap()
            .1
    };
    assert_eq!(
        standing("2027-01-10T22:59:59Z"),
        Standing::Expiring,
        "the day goes on in Brussels"
    );
    assert_eq!(standing("2027-01-10T23:00:00Z"), Standing::Expired);
}
