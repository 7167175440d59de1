//! Values of the domain, and figures, as people say them.

use domain::change_request::Source;
use domain::contract::{ApprovalRule, Priority, ServiceLevel, Side};
use domain::duty::Responsible;
use domain::lifecycle::{Lifecycle, Stage};
use domain::observation::Granularity;
use domain::restore::Urgency;
use domain::role::Role;
use domain::schedule::Schedule;
use domain::sow::Location;
use domain::tier::Tier;
use jiff::SignedDuration;

/// `1 component`, `2 components`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A size in binary units with at most one decimal: `120 GiB`.
pub(crate) fn bytes(size: i64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut unit = 0;
    let mut tenths = size.saturating_mul(10);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths = (tenths + 512) / 1024;
        unit += 1;
    }
    let (whole, rest) = (tenths / 10, tenths % 10);
    if rest == 0 {
        format!("{whole} {}", UNITS[unit])
    } else {
        format!("{whole}.{rest} {}", UNITS[unit])
    }
}

/// Items with commas and a final "and".
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// Markdown's code spans as quoted words, for where no markup is.
pub(crate) fn plain(text: &str) -> String {
    let mut open = false;
    let quote = |letter| match letter {
        '`' => {
            open = !open;
            if open { '“' } else { '”' }
        }
        other => other,
    };
    text.chars().map(quote).collect()
}

/// `5 min`, `1 h`, `24 h`, `7 d`.
pub(crate) fn span(span: SignedDuration) -> String {
    let minutes = span.as_mins();
    match minutes {
        ..60 => format!("{minutes} min"),
        60..=2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

pub(crate) fn schedule(schedule: &Schedule) -> String {
    match schedule {
        Schedule::Continuous => "continuous (point in time)".to_owned(),
        other => other.to_string(),
    }
}

pub(crate) const fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Tier1 => "tier 1",
        Tier::Tier2 => "tier 2",
        Tier::Tier3 => "tier 3",
    }
}

pub(crate) const fn location(location: Location) -> &'static str {
    match location {
        Location::SameAccountAndRegion => "same account and region",
        Location::AnotherRegion => "another region",
        Location::AnotherAccount => "another account",
    }
}

pub(crate) const fn granularity(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::Snapshot => "snapshot",
        Granularity::Continuous => "any moment (point in time)",
    }
}

pub(crate) const fn urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::BusinessHours => "during business hours",
        Urgency::Critical => "critical, round the clock",
    }
}

pub(crate) const fn side(side: Side) -> &'static str {
    match side {
        Side::Customer => "the customer",
        Side::Provider => "the provider",
    }
}

pub(crate) const fn approval_rule(rule: ApprovalRule) -> &'static str {
    match rule {
        ApprovalRule::Provider => "one approver of the provider",
        ApprovalRule::Customer => "one approver of the customer",
        ApprovalRule::Both => "one approver of the customer and one of the provider",
    }
}

pub(crate) const fn service_level(level: ServiceLevel) -> &'static str {
    match level {
        ServiceLevel::Baseline => "Baseline",
        ServiceLevel::DrBc => "Baseline with the DR/BC add-on",
    }
}

pub(crate) const fn responsible(responsible: Responsible) -> &'static str {
    match responsible {
        Responsible::Provider => "the provider",
        Responsible::Customer => "the customer",
        Responsible::Both => "both",
    }
}

pub(crate) const fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::ProductionDown => "Production is down",
        Priority::Urgent => "Urgent",
        Priority::Normal => "Normal",
        Priority::Planned => "Planned",
    }
}

/// How soon a first answer comes; `urgent` is the contract's business time for that.
pub(crate) fn response_target(priority: Priority, urgent: SignedDuration) -> String {
    match priority {
        Priority::ProductionDown => "within 30 minutes, round the clock".to_owned(),
        Priority::Urgent => format!("within {} of business time", minutes(urgent.as_mins())),
        Priority::Normal => "by the end of the next business day".to_owned(),
        Priority::Planned => "best effort".to_owned(),
    }
}

/// `2 hours`, `1 hour 30 minutes`.
fn minutes(minutes: i64) -> String {
    let counted =
        |number: i64, one, many| (number > 0).then(|| format!("{number} {}", if number == 1 { one } else { many }));
    let parts = [
        counted(minutes / 60, "hour", "hours"),
        counted(minutes % 60, "minute", "minutes"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What every backup and restore is subject to (feature A1).
pub(crate) fn subject_to(terms_version: &str) -> String {
    format!(
        "Every backup and restore is subject to the agreement and to the terms and conditions, version {terms_version}."
    )
}

/// How a customer stands, where it is not simply active.
pub(crate) const fn standing(lifecycle: &Lifecycle) -> Option<&'static str> {
    match (&lifecycle.stage, &lifecycle.suspension) {
        (Stage::Offboarded { .. }, _) => Some("offboarded"),
        (_, Some(_)) => Some("suspended"),
        (Stage::Offboarding(_), None) => Some("offboarding"),
        (Stage::Active, None) => None,
    }
}

pub(crate) const fn source(source: Source) -> &'static str {
    match source {
        Source::Github => "GitHub",
        Source::Web => "this portal",
        Source::Api => "the API",
    }
}

pub(crate) const fn role(role: Role) -> &'static str {
    match role {
        Role::CustomerViewer => "Viewer",
        Role::CustomerRequester => "Requester",
        Role::CustomerApprover => "Approver for the customer",
        Role::Engineer => "Engineer",
        Role::Approver => "Approver",
        Role::AccountManager => "Account manager",
        Role::Auditor => "Auditor",
        Role::Admin => "Administrator",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let cases = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (120 << 30, "120 GiB"),
            (2 << 40, "2 TiB"),
        ];
        for (size, words) in cases {
            assert_eq!(bytes(size), words);
        }
    }

    #[test]
    fn spans_are_short() {
        let cases = [(5, "5 min"), (60, "1 h"), (24 * 60, "24 h"), (7 * 24 * 60, "7 d")];
        for (minutes, words) in cases {
            assert_eq!(span(SignedDuration::from_mins(minutes)), words);
        }
    }

    #[test]
    fn response_times_are_said_in_hours_and_minutes() {
        let urgent = |minutes| response_target(Priority::Urgent, SignedDuration::from_mins(minutes));
        assert_eq!(urgent(120), "within 2 hours of business time");
        assert_eq!(urgent(61), "within 1 hour 1 minute of business time");
        assert_eq!(urgent(45), "within 45 minutes of business time");
    }

    #[test]
    fn code_spans_become_quotes() {
        assert_eq!(plain("`35 d` or `tier default`"), "“35 d” or “tier default”");
    }

    #[test]
    fn lists_read_as_sentences() {
        let names = |n: usize| ["a", "b", "c"][..n].iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            [0, 1, 2, 3].map(|n| list(&names(n))),
            ["", "a", "a and b", "a, b and c"]
        );
    }
}
