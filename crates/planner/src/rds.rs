//! RDS automated backups: what to set, and what to say.

use std::collections::BTreeMap;

use domain::frequency::Frequency;
use domain::observation::ObservedResource;
use domain::plan::{Severity, StepAction};
use domain::sow::Terms;

/// The actions that bring a resource to its terms, each with whether it weakens what is there.
pub(crate) fn actions(
    terms: &Terms,
    seen: &ObservedResource,
    tags: BTreeMap<String, String>,
) -> Vec<(StepAction, bool)> {
    let mut actions = Vec::new();
    if tags.iter().any(|(key, value)| seen.tags.get(key) != Some(value)) {
        actions.push((StepAction::Tag { tags }, false));
    }
    let (before, after) = (seen.automated_retention_days, terms.retention.get());
    let window_after = terms.window.filter(|window| Some(*window) != seen.window);
    if before != after || window_after.is_some() {
        let action = StepAction::SetAutomatedBackups {
            retention_before: before,
            retention_after: after,
            window_before: seen.window,
            window_after,
        };
        actions.push((action, after < before));
    }
    actions
}

/// What an approver should know about the resource under these terms.
pub(crate) fn findings(terms: &Terms, seen: &ObservedResource) -> Vec<(Severity, String)> {
    let mut findings = Vec::new();
    let (before, after) = (seen.automated_retention_days, terms.retention.get());
    if after < before {
        findings.push((
            Severity::Warning,
            format!("Retention goes down from {before} to {after} days: AWS removes older automated backups at once, and this cannot be undone."),
        ));
    }
    if before > 0 && after > before {
        findings.push((
            Severity::Info,
            format!("Existing recovery points move to the new term; the full {after} days are reached {} days after the change.", after - before),
        ));
    }
    match terms.frequency {
        Frequency::Continuous | Frequency::Daily => {}
        Frequency::Hourly => findings.push((
            Severity::Info,
            "RDS makes one snapshot a day; its point-in-time recovery, at most five minutes behind, meets the hourly objective.".to_owned(),
        )),
        Frequency::Weekly => findings.push((Severity::Info, "RDS makes a snapshot every day, which is more than was asked.".to_owned())),
    }
    if !seen.encrypted {
        findings.push((
            Severity::Warning,
            "The instance is not encrypted, so its backups are not either. RDS cannot encrypt in place: restore an encrypted copy and switch over.".to_owned(),
        ));
    }
    findings
}
