//! What people read first.

use std::fmt::Write as _;

use domain::export::{Remaining, Table};
use domain::tenant::Tenant;
use jiff::Timestamp;

use super::unlinked;

/// What the archive is, how to check it, and what stays at the outside.
pub(super) fn text(of: &Tenant, taken_at: Timestamp, remaining: &Remaining, tables: &[Table]) -> String {
    let mut text = format!(
        "{name}: everything that Holdfast knows of you, as it was at {taken_at}.

WHAT IS IN IT

  README.txt            this text
  manifest.json         every file with its rows, its SHA-256 and what its columns mean; what was left out, and why
  inventory.csv         every component, where it is, and what was last observed of it
  scope-of-work.csv     the terms of each component, those in force first
  recovery-points.csv   every copy that was ever seen
  changes.csv           every change that was asked for
  people.csv            who could sign in for you
  contacts.csv          whom the contract names
  acknowledgements.csv  what was signed for you
  out-decisions.csv     what is decided to be without a backup
  holds.csv             what somebody wanted kept
  restores.csv          every restore that was asked for
  what-remains.csv      what stays in your own accounts; what-remains.json has the same for programs
  tables/*.ndjson       the records themselves: {tables} files, one for each table, one JSON object in each line

All times are UTC unless they say otherwise. Passwords, sessions and the text of API tokens are not handed over.
Holdfast opened this archive again after writing it, parsed and counted every file, and compared it with its records
of the same moment, before anybody could download it.

To check it yourself: unzip it, and compare `sha256sum` of each file with manifest.json.

WHAT REMAINS IN YOUR ACCOUNTS

Holdfast deletes nothing there. As it was last observed:
",
        name = of.name,
        tables = tables.len(),
    );
    // Writing to a string cannot fail.
    let mut line = |words: String| _ = writeln!(text, "{words}");
    for component in &remaining.recovery_points {
        let place = match (&component.account, &component.region) {
            (Some(account), Some(region)) => format!(" (account {account}, {region})"),
            _ => String::new(),
        };
        line(format!("\n  {}, {}{place}", component.component, component.environment));
        if let (Some(newest), Some(oldest)) = (component.points.first(), component.points.last()) {
            let count = component.points.len();
            let oldest = oldest.earliest.unwrap_or(oldest.at);
            line(format!(
                "    recovery points: {count}; the newest goes back to {}, the oldest to {oldest}",
                newest.at
            ));
        }
        if let Some(days) = component.retention_days.filter(|days| *days > 0) {
            line(format!(
                "    goes on by itself: AWS makes automated backups and keeps each {days} days, until you change it"
            ));
        }
    }
    if remaining.recovery_points.is_empty() {
        line("\n  No recovery point was observed, and no backup that goes on by itself.".to_owned());
    }
    for made in &remaining.restored {
        line(format!(
            "\n  {} (account {}, {}): an instance {}. Holdfast does not look at it:\n    it is listed as last known, it costs what it costs until you delete it.{}",
            made.name,
            made.account,
            made.region,
            made.known(),
            made.arn.as_ref().map_or_else(String::new, |arn| format!("\n    {arn}"))
        ));
    }
    for tagged in &remaining.tagged {
        let tags: Vec<_> = tagged.tags.keys().map(String::as_str).collect();
        line(format!(
            "\n  {} carries the tags {}, which you can remove.",
            tagged.arn,
            tags.join(", ")
        ));
    }
    for account in &remaining.accounts {
        let (number, id) = (&account.account, &account.external_id);
        line(format!(
            "\n  Account {number}{}: roles that let Holdfast in (external id {id}). Delete them to end its access:",
            unlinked(account.unlinked_at)
        ));
        for role in &account.roles {
            line(format!("    {role}"));
        }
    }
    for repository in &remaining.repositories {
        let (name, installation) = (&repository.full_name, repository.installation_id);
        line(format!(
            "\n  {name}{}: the GitHub App (installation {installation}). Uninstall it to end its access.",
            unlinked(repository.unlinked_at)
        ));
    }
    text
}
