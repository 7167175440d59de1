//! What a customer of the demo agreed on beyond the summary of its contract: bounds, hours, people, a signature, a hold.

use std::collections::BTreeMap;

use app::contract::Edit;
use app::{Actor, AppError, Cx, acknowledgement, contact, contract, hold, session};
use domain::acknowledgement::Statement;
use domain::contract::{AddendumDraft, Contract, Draft, EscalationStep, HolidayDraft};
use domain::role::Role;
use domain::tenant::Tenant;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::facts::Login;

/// Days until the contract's term ends: before the end of the next quarter, whenever the demo is started.
const TERM_ENDS_IN: i64 = 60;
/// Days until the hold ends, likewise.
const HOLD_ENDS_IN: i64 = 45;

/// Agrees on all of it, each through the use-case that the portal's people have.
///
/// # Errors
/// [`AppError`], with every problem of what is agreed on.
pub async fn complete(
    cx: &Cx,
    slug: &str,
    tokens: &BTreeMap<String, String>,
    logins: &BTreeMap<String, Login>,
) -> Result<(), AppError> {
    let who = |role: Role| match role.is_staff() {
        true => format!("{role}@*"),
        false => format!("{role}@{slug}"),
    };
    let manager = signed_in(cx, &tokens[&who(Role::AccountManager)]).await?;
    let approver = signed_in(cx, &tokens[&who(Role::CustomerApprover)]).await?;
    let tenant = manager.tenant(cx, slug).await?;
    let today = cx.now().to_zoned(TimeZone::UTC).date();

    let edit = Edit {
        contract: agreement(&tenant, today)?,
        valid_from: None,
        note: "Renewed with the data processing agreement.".to_owned(),
        read: None,
        accepted: Default::default(),
    };
    contract::change(cx, &manager, &tenant, edit).await?;
    for card in contacts(slug, |role| logins[&who(role)].email.clone()) {
        contact::add(cx, &manager, tenant.id, &card, None).await?;
    }
    let terms = &tenant.contract.terms_version;
    acknowledgement::sign(cx, &approver, &tenant, Statement::Terms, terms, None).await?;
    hold::ask(cx, &approver, tenant.id, None, &legal_hold(today), None).await?;
    Ok(())
}

async fn signed_in(cx: &Cx, token: &str) -> Result<Actor, AppError> {
    session::authenticate_token(cx, token).await?.ok_or(AppError::NotFound)
}

/// The contract, around the summary that the customer was taken on with.
fn agreement(tenant: &Tenant, today: Date) -> Result<Contract, AppError> {
    let standing = Contract::of_summary(&tenant.contract).map_err(AppError::Invalid)?;
    let step = |name: &str, reach: &str, when: &str| EscalationStep {
        name: name.to_owned(),
        reach: reach.to_owned(),
        when: when.to_owned(),
    };
    let holiday = |(date, name): (Date, &str)| HolidayDraft {
        date: date.to_string(),
        name: name.to_owned(),
    };
    let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let hours = weekdays.map(|day| (day.to_owned(), vec!["08:30-12:30".to_owned(), "13:30-18:00".to_owned()]));
    Contract::parse(&Draft {
        starts: Some(in_days(today, TERM_ENDS_IN - 730).to_string()),
        until: Some(in_days(today, TERM_ENDS_IN).to_string()),
        notice_days: Some(30),
        business_hours: hours.into(),
        holidays: holidays(today).map(holiday).into(),
        urgent_response_minutes: 60,
        escalation: vec![
            step(
                "Engineer on call",
                "+49 30 5550 100",
                "production is down, or no answer in time",
            ),
            step("Service manager", "+49 30 5550 110", "an hour after the engineer"),
            step("Head of operations", "operations@provider.test", "the same day"),
        ],
        regulation: "GDPR, and seven years for what commercial law asks to be kept".to_owned(),
        residency: vec!["eu-west-1".to_owned(), "eu-central-1".to_owned()],
        retention_minimum_days: Some(7),
        retention_maximum_days: Some(2557),
        encryption_required: true,
        addenda: vec![AddendumDraft {
            title: "Data processing agreement".to_owned(),
            date: in_days(today, -200).to_string(),
            reference: "DPA 2026/4".to_owned(),
            text: "Data and backups stay in Ireland and Germany.".to_owned(),
        }],
        ..Draft::from(&standing)
    })
    .map_err(AppError::Invalid)
}

/// The next two on which nobody answers.
fn holidays(today: Date) -> [(Date, &'static str); 2] {
    let year = match today.month() {
        12 => today.year() + 1,
        _ => today.year(),
    };
    [
        (date(year, 12, 25), "Christmas Day"),
        (date(year, 12, 26), "Second day of Christmas"),
    ]
}

/// The answers of each contact; `email` tells as whom somebody signs in.
fn contacts(slug: &str, email: impl Fn(Role) -> String) -> [BTreeMap<String, String>; 3] {
    let card = |fields: &[(&str, &str)]| {
        let pairs = fields
            .iter()
            .map(|(field, answer)| ((*field).to_owned(), (*answer).to_owned()));
        pairs.collect::<BTreeMap<_, _>>()
    };
    let (owner, lead, compliance) = (
        format!("ana.ortiz@{slug}.test"),
        format!("jonas.weber@{slug}.test"),
        format!("mira.kovac@{slug}.test"),
    );
    [
        card(&[
            ("name", "Ana Ortiz"),
            ("email", &owner),
            ("phone", "+49 30 5550 201"),
            ("role", "Contract owner"),
            ("approve", "Yes"),
            ("declare-critical", "Yes"),
            ("signs_in_as", &email(Role::CustomerApprover)),
        ]),
        card(&[
            ("name", "Jonas Weber"),
            ("email", &lead),
            ("phone", "+49 30 5550 202"),
            ("role", "Platform lead"),
            ("request-change", "Yes"),
            ("request-restore", "Yes"),
            ("declare-critical", "Yes"),
            ("signs_in_as", &email(Role::CustomerRequester)),
        ]),
        card(&[
            ("name", "Mira Kovač"),
            ("email", &compliance),
            ("role", "Compliance lead"),
            ("request-restore", "Yes"),
        ]),
    ]
}

/// The answers of a hold on what is billed.
fn legal_hold(today: Date) -> BTreeMap<String, String> {
    let until = in_days(today, HOLD_ENDS_IN).to_string();
    let answers = [
        ("component", "billing-pg"),
        ("environment", "production"),
        ("case", "Dispute 2026/17"),
        ("until", &until),
        (
            "reason",
            "The invoices of last summer are disputed: what was billed has to stay as it was.",
        ),
    ];
    answers
        .map(|(field, answer)| (field.to_owned(), answer.to_owned()))
        .into()
}

fn in_days(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}
