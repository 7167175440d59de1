//! RDS automated backups: what to set, and what to say.

use std::collections::BTreeMap;

use domain::observation::ObservedResource;
use domain::plan::{Severity, StepAction};
use domain::schedule::Schedule;
use domain::sow::Terms;
use domain::window::BackupWindow;

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
    let window_after = window_after(terms, seen);
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

/// The window to set. A window that was asked for is set exactly; of one that only the schedule's time of day stands for,
/// the beginning has to be right.
fn window_after(terms: &Terms, seen: &ObservedResource) -> Option<BackupWindow> {
    let wanted = terms.daily_window()?;
    let begins_right = match (terms.window, terms.schedule.daily_in_utc()) {
        (None, Some(time)) => seen.window.is_some_and(|window| window.begins_at(time)),
        _ => false,
    };
    (!begins_right && seen.window != Some(wanted)).then_some(wanted)
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
    match &terms.schedule {
        Schedule::Continuous | Schedule::Daily => {}
        Schedule::Hourly => findings.push((
            Severity::Info,
            "RDS makes one snapshot a day; its point-in-time recovery, at most five minutes behind, meets the hourly objective.".to_owned(),
        )),
        Schedule::Weekly => findings.push((Severity::Info, "RDS makes a snapshot every day, which is more than was asked.".to_owned())),
        timed @ Schedule::Timed(_) => findings.extend(contradiction(timed, terms.window)),
    }
    if !seen.encrypted {
        findings.push((
            Severity::Warning,
            "The instance is not encrypted, so its backups are not either. RDS cannot encrypt in place: restore an encrypted copy and switch over.".to_owned(),
        ));
    }
    findings
}

/// A time of day outside the window that was asked for.
fn contradiction(schedule: &Schedule, window: Option<BackupWindow>) -> Option<(Severity, String)> {
    let (time, window) = (schedule.daily_in_utc()?, window?);
    let why = format!(
        "The schedule says {schedule}, which is outside the backup window {window} UTC that was asked for: the window is set. To have the time, ask again for one that holds it, or for none."
    );
    (!window.contains(time)).then_some((Severity::Warning, why))
}
