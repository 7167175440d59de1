//! RDS automated backups: what to set, and what to say.

use std::collections::BTreeMap;

use domain::hold::Held;
use domain::observation::ObservedResource;
use domain::plan::{Severity, StepAction};
use domain::recovery_point::is_automated;
use domain::schedule::Schedule;
use domain::sow::Terms;
use domain::window::BackupWindow;
use jiff::{SignedDuration, Timestamp};

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
pub(crate) fn findings(terms: &Terms, seen: &ObservedResource, held: &[Held]) -> Vec<(Severity, String)> {
    let mut findings = Vec::new();
    let (before, after) = (seen.automated_retention_days, terms.retention.get());
    if after < before {
        findings.push((
            Severity::Warning,
            format!("Retention goes down from {before} to {after} days: AWS removes older automated backups at once, and this cannot be undone."),
        ));
        findings.extend(removed_under_hold(after, held).map(|message| (Severity::Warning, message)));
    }
    if before > 0 && after > before {
        findings.push((
            Severity::Info,
            "Existing recovery points move to the new term: none keeps its old expiry.".to_owned(),
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

/// What a shorter retention takes away although somebody wants it kept. Snapshots that AWS does not remove are not meant.
fn removed_under_hold(after: u16, held: &[Held]) -> Option<String> {
    let named = held.iter().filter_map(|held| match &held.point {
        None => Some(format!("all its recovery points (hold {})", held.number)),
        Some(point) if is_automated(point) => Some(format!("{point} (hold {})", held.number)),
        Some(_) => None,
    });
    let named: Vec<_> = named.collect();
    let plural = if named.len() == 1 { "is" } else { "are" };
    (!named.is_empty()).then(|| {
        format!(
            "{} {plural} under hold, and no mechanism enforces a hold on automated backups: what is older than {after} days goes all the same.",
            named.join(", ")
        )
    })
}

/// From when the new retention holds in full, were it set `at` this moment; `None` where it is not longer. Automated
/// backups that are there already count.
pub(crate) fn full_from(terms: &Terms, seen: &ObservedResource, at: Timestamp) -> Option<Timestamp> {
    let (before, after) = (seen.automated_retention_days, terms.retention.get());
    if after <= before {
        return None;
    }
    let automated = seen.recovery_points.iter();
    let oldest = automated
        .filter(|point| point.available && is_automated(&point.provider_id))
        .map(|point| point.earliest.unwrap_or(point.at))
        .min();
    let full = SignedDuration::from_hours(24 * i64::from(after));
    oldest.unwrap_or(at).checked_add(full).ok().map(|full| full.max(at))
}

/// A time of day outside the window that was asked for.
fn contradiction(schedule: &Schedule, window: Option<BackupWindow>) -> Option<(Severity, String)> {
    let (time, window) = (schedule.daily_in_utc()?, window?);
    let why = format!(
        "The schedule says {schedule}, which is outside the backup window {window} UTC that was asked for: the window is set. To have the time, ask again for one that holds it, or for none."
    );
    (!window.contains(time)).then_some((Severity::Warning, why))
}
