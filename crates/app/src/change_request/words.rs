//! What Holdfast says on an issue, in Markdown. Nothing of what a customer wrote is repeated unescaped.

use domain::plan::{Severity, ShownPlan};
use domain::scope_change::FormProblem;

/// The problem of an issue whose author may not ask.
pub(super) fn not_entitled(requesters: &[String]) -> FormProblem {
    let whom = match requesters {
        [] => "Ask your provider to name someone who may".to_owned(),
        names => format!("Ask one of: {}", names.join(", ")),
    };
    FormProblem {
        field: "author".to_owned(),
        label: "Who asks".to_owned(),
        given: None,
        why: format!("This GitHub account may not ask for changes here. {whom}."),
    }
}

/// Asks back.
pub(super) fn asked_back(number: i32, missing: &[FormProblem]) -> String {
    let mut text = format!("**Change {number} needs information.** Nothing was planned. Edit the issue to answer:\n");
    for problem in missing {
        text.push_str(&format!("\n- **{}**: {}", inline(&problem.label), inline(&problem.why)));
        if let Some(given) = &problem.given {
            text.push_str(&format!(" Given: {}", code(given)));
        }
    }
    text
}

/// Shows a plan.
pub(super) fn planned(number: i32, shown: &ShownPlan) -> String {
    let mut text = format!("**Change {number} is planned** against the live state and waits for approval.\n");
    if shown.plan.steps.is_empty() {
        text.push_str("\nNothing has to change at AWS.");
    }
    for (index, step) in shown.plan.steps.iter().enumerate() {
        let mark = if step.weakens { " **(gives up protection)**" } else { "" };
        text.push_str(&format!("\n{}. {}{mark}", index + 1, inline(&step.summary())));
    }
    for finding in &shown.plan.findings {
        let word = match finding.severity {
            Severity::Info => "Note",
            Severity::Warning => "Warning",
            Severity::Unmet => "Cannot be met",
        };
        text.push_str(&format!(
            "\n\n> {word}, {}: {}",
            inline(&finding.component_name),
            inline(&finding.message)
        ));
    }
    for (component, from) in &shown.plan.full_from {
        text.push_str(&format!(
            "\n\n> Note, {}: carried out at the time of this plan, the new retention would hold in full from {} on.",
            inline(component),
            from.strftime("%-d %b %Y, %H:%M UTC")
        ));
    }
    text.push_str(&format!(
        "\n\n{} other components in scope stay as they are. Nothing is deleted.\n\nPlan digest: `{}`",
        shown.plan.unchanged, shown.digest
    ));
    text
}

/// Tells the result.
pub(super) fn applied(number: i32, sow_version: i32, done: &[String], approvers: &[String]) -> String {
    let mut text = format!("**Change {number} is applied**, and was observed at AWS afterwards.\n");
    for line in done {
        text.push_str(&format!("\n- {}", inline(line)));
    }
    let approvers: Vec<String> = approvers.iter().map(|name| inline(name)).collect();
    text.push_str(&format!(
        "\n\nScope of work version {sow_version}, approved by {}.",
        approvers.join(", ")
    ));
    text
}

/// Tells an end without a result.
pub(super) fn ended(number: i32, how: &str, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("**Change {number} {how}.** {}", inline(reason)),
        None => format!("**Change {number} {how}.**"),
    }
}

/// Text that Markdown and GitHub's mentions leave alone.
fn inline(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '@' => escaped.push_str("@\u{2060}"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text in a code span, whatever back-ticks it holds.
fn code(text: &str) -> String {
    let one_line: String = text
        .chars()
        .map(|c| if c.is_control() || c == '`' { ' ' } else { c })
        .collect();
    format!("`{}`", one_line.trim())
}
