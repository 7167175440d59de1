//! A plan as the approver reads it: what would change, and what was found on the way.

use domain::digest::Digest;
use domain::plan::{Finding, Plan, Severity, Step, StepAction};
use domain::window::BackupWindow;
use jiff::Timestamp;

use super::{Moment, words};

/// A plan with the digest that an approval is bound to.
#[derive(Debug, Clone)]
pub(crate) struct PlanView {
    pub(crate) digest: Digest,
    pub(crate) made: Moment,
    pub(crate) steps: Vec<StepView>,
    pub(crate) findings: Vec<FindingView>,
    /// Names of the components of which protection is given up.
    pub(crate) gives_up: Vec<String>,
    /// What stays as it is, in a sentence.
    pub(crate) unchanged: String,
}

/// One step.
#[derive(Debug, Clone)]
pub(crate) struct StepView {
    /// `+` adds, `~` changes.
    pub(crate) sign: char,
    pub(crate) class: &'static str,
    pub(crate) component: String,
    pub(crate) changes: Vec<ChangeView>,
    /// Where it is done, and under which of the customer's roles.
    pub(crate) place: String,
    pub(crate) arn: String,
    pub(crate) weakens: bool,
}

/// One value that a step sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangeView {
    pub(crate) what: &'static str,
    pub(crate) before: Option<String>,
    pub(crate) after: String,
}

/// A finding as a note.
#[derive(Debug, Clone)]
pub(crate) struct FindingView {
    pub(crate) class: &'static str,
    pub(crate) component: String,
    pub(crate) message: String,
}

impl PlanView {
    pub(crate) fn new(plan: &Plan, digest: Digest, made_at: Timestamp) -> Self {
        let unchanged = match plan.unchanged {
            0 => "Nothing is deleted.".to_owned(),
            n => format!(
                "{} as they are. Nothing is deleted.",
                words::count(n, "other component stays", "other components stay")
            ),
        };
        Self {
            digest,
            made: made_at.into(),
            steps: plan.steps.iter().map(StepView::new).collect(),
            findings: plan.findings.iter().map(FindingView::new).collect(),
            gives_up: plan.gives_up.clone(),
            unchanged,
        }
    }

    /// What an approver compares: eight digits in two groups.
    pub(crate) fn short(&self) -> String {
        let short = self.digest.short();
        format!("{} {}", &short[..4], &short[4..])
    }
}

impl StepView {
    fn new(step: &Step) -> Self {
        let (sign, class, changes) = match &step.action {
            StepAction::Tag { .. } => (
                '+',
                "add",
                vec![change("marked as", None, "managed under the scope of work")],
            ),
            StepAction::SetAutomatedBackups {
                retention_before,
                retention_after,
                window_before,
                window_after,
            } => {
                let sign = if *retention_before == 0 {
                    ('+', "add")
                } else {
                    ('~', "change")
                };
                (
                    sign.0,
                    sign.1,
                    automated_backups(*retention_before, *retention_after, *window_before, *window_after),
                )
            }
            StepAction::RestoreSnapshot { snapshot, target, .. } => (
                '+',
                "add",
                vec![change("restored as", None, target), change("from", None, snapshot)],
            ),
            StepAction::RestorePointInTime { to, target, .. } => {
                let moment = to.strftime("%-d %b %Y, %H:%M:%S UTC").to_string();
                (
                    '+',
                    "add",
                    vec![change("restored as", None, target), change("as of", None, moment)],
                )
            }
        };
        Self {
            sign,
            class,
            component: step.component_name.clone(),
            changes,
            place: format!(
                "account {}, {}, under the role “{}”",
                step.account,
                step.region,
                step.action.role().as_str()
            ),
            arn: step.arn.clone(),
            weakens: step.weakens,
        }
    }
}

fn automated_backups(
    days_before: u16,
    days_after: u16,
    window_before: Option<BackupWindow>,
    window_after: Option<BackupWindow>,
) -> Vec<ChangeView> {
    let days = |days: u16| {
        if days == 0 {
            "off".to_owned()
        } else {
            words::count(days.into(), "day", "days")
        }
    };
    let retention =
        (days_before != days_after).then(|| change("automated backups", Some(days(days_before)), days(days_after)));
    let window = window_after.filter(|after| Some(*after) != window_before);
    let window = window.map(|after| change("window (UTC)", window_before.map(|w| w.to_string()), after.to_string()));
    retention.into_iter().chain(window).collect()
}

fn change(what: &'static str, before: Option<String>, after: impl Into<String>) -> ChangeView {
    ChangeView {
        what,
        before,
        after: after.into(),
    }
}

impl FindingView {
    pub(crate) fn new(finding: &Finding) -> Self {
        let class = match finding.severity {
            Severity::Info => "",
            Severity::Warning => "warn",
            Severity::Unmet => "bad",
        };
        Self {
            class,
            component: finding.component_name.clone(),
            message: finding.message.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_shown() {
        let window: BackupWindow = "03:00-04:00".parse().unwrap();
        assert_eq!(
            automated_backups(7, 35, Some(window), Some(window)),
            [change("automated backups", Some("7 days".to_owned()), "35 days")]
        );
        assert_eq!(automated_backups(0, 1, None, Some(window)).len(), 2);
    }
}
