//! The labels that a repository has.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::page;
use super::permission::Permission;
use super::refusal::Refusal;
use super::state::Label;
use super::turn::{Reply, Turn};
use super::webhook::{self, Extra, extra};

/// The colour of a label that nobody chose one for.
const COLOR: &str = "ededed";

pub(crate) fn list(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let repo = &turn.state.repos[&turn.repo()?];
    let (labels, link) = page::of(turn, repo.labels.iter().collect());
    let shown = labels.into_iter().map(|label| turn.links.label(repo, label)).collect();
    Ok(Reply::ok(Value::Array(shown)).with_link(link))
}

pub(crate) fn get(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, label) = find(turn)?;
    Ok(Reply::ok(turn.links.label(&turn.state.repos[&repo], &label)))
}

#[derive(Deserialize)]
struct New {
    name: String,
    color: Option<String>,
    description: Option<String>,
}

pub(crate) fn create(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let repo = turn.repo()?;
    turn.need_to_change(repo, Permission::Write)?;
    let new: New = turn.body()?;
    let name = free_name(turn, repo, new.name)?;
    let color = new.color.map(checked_color).transpose()?;
    let label = make(turn, repo, name, color, new.description);
    Ok(Reply::created(turn.links.label(&turn.state.repos[&repo], &label)))
}

/// Adds a label and sends the event.
pub(crate) fn make(
    turn: &mut Turn<'_>,
    repo: u64,
    name: String,
    color: Option<String>,
    description: Option<String>,
) -> Label {
    let label = Label {
        id: turn.state.next_id(),
        name,
        color: color.unwrap_or_else(|| COLOR.to_owned()),
        description,
    };
    if let Some(repo) = turn.state.repos.get_mut(&repo) {
        repo.labels.push(label.clone());
    }
    announce(turn, repo, "created", &label, Extra::new());
    label
}

#[derive(Deserialize)]
struct Change {
    new_name: Option<String>,
    color: Option<String>,
    description: Option<String>,
}

/// On every issue that carries it too; what stays the same is no event.
pub(crate) fn update(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, old) = find(turn)?;
    turn.need_to_change(repo, Permission::Write)?;
    let change: Change = turn.body()?;
    let mut new = old.clone();
    if let Some(name) = change.new_name.filter(|name| *name != old.name) {
        new.name = match name.eq_ignore_ascii_case(&old.name) {
            true => name,
            false => free_name(turn, repo, name)?,
        };
    }
    if let Some(color) = change.color {
        new.color = checked_color(color)?;
    }
    new.description = change.description.or(new.description);

    let mut changes = Map::new();
    for (field, from, to) in [
        ("name", Some(&old.name), Some(&new.name)),
        ("color", Some(&old.color), Some(&new.color)),
        ("description", old.description.as_ref(), new.description.as_ref()),
    ] {
        if from != to {
            changes.insert(field.to_owned(), json!({"from": from.map_or("", String::as_str)}));
        }
    }
    if !changes.is_empty() {
        replace(turn, repo, &new);
        announce(turn, repo, "edited", &new, extra([("changes", Value::Object(changes))]));
    }
    Ok(Reply::ok(turn.links.label(&turn.state.repos[&repo], &new)))
}

pub(crate) fn delete(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (id, label) = find(turn)?;
    turn.need_to_change(id, Permission::Write)?;
    if let Some(repo) = turn.state.repos.get_mut(&id) {
        repo.labels.retain(|other| other.id != label.id);
        for issue in repo.issues.values_mut() {
            issue.labels.retain(|other| other.id != label.id);
        }
    }
    announce(turn, id, "deleted", &label, Extra::new());
    Ok(Reply::no_content())
}

/// Puts the label in place of the one with its id.
fn replace(turn: &mut Turn<'_>, repo: u64, label: &Label) {
    let Some(repo) = turn.state.repos.get_mut(&repo) else {
        return;
    };
    let on_issues = repo.issues.values_mut().flat_map(|issue| &mut issue.labels);
    for other in on_issues.chain(&mut repo.labels) {
        if other.id == label.id {
            other.clone_from(label);
        }
    }
}

/// Repository and label of `repos/{owner}/{name}/labels/{label}`.
fn find(turn: &Turn<'_>) -> Result<(u64, Label), Refusal> {
    let repo = turn.repo()?;
    let label = turn.state.repos[&repo].label_named(turn.segment(4)).cloned();
    label.map(|label| (repo, label)).ok_or_else(Refusal::not_found)
}

fn free_name(turn: &Turn<'_>, repo: u64, name: String) -> Result<String, Refusal> {
    match name.trim().is_empty() {
        true => Err(Refusal::invalid("Label", "name", "missing_field")),
        false if turn.state.repos[&repo].label_named(&name).is_some() => {
            Err(Refusal::invalid("Label", "name", "already_exists"))
        }
        false => Ok(name),
    }
}

fn checked_color(color: String) -> Result<String, Refusal> {
    match color.len() == 6 && color.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        true => Ok(color),
        false => Err(Refusal::invalid("Label", "color", "invalid")),
    }
}

fn announce(turn: &mut Turn<'_>, repo: u64, action: &str, label: &Label, more: Extra) {
    let mut fields = extra([("label", turn.links.label(&turn.state.repos[&repo], label))]);
    fields.extend(more);
    webhook::about_repo(turn, repo, "label", action, fields);
}
