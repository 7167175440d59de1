//! Labels on issues; a label is made where it is first used.

use serde::Deserialize;
use serde_json::Value;

use super::permission::Permission;
use super::refusal::Refusal;
use super::state::Label;
use super::turn::{Reply, Turn};
use super::webhook::extra;
use super::{issue, repo_label};

/// Label names in each form that GitHub takes.
#[derive(Deserialize)]
#[serde(untagged, expecting = "an array")]
pub(crate) enum Names {
    Bare(Vec<Name>),
    Wrapped { labels: Vec<Name> },
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a string")]
pub(crate) enum Name {
    Bare(String),
    Wrapped { name: String },
}

impl Default for Names {
    fn default() -> Self {
        Self::Bare(Vec::new())
    }
}

impl Names {
    fn iter(&self) -> impl Iterator<Item = &str> {
        let (Self::Bare(names) | Self::Wrapped { labels: names }) = self;
        names
            .iter()
            .map(|(Name::Bare(name) | Name::Wrapped { name })| name.as_str())
    }
}

pub(crate) fn list(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number) = issue::find(turn)?;
    Ok(shown(turn, repo, number))
}

pub(crate) fn add(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number) = issue::find(turn)?;
    turn.need_to_change(repo, Permission::Triage)?;
    let labels = of_repo(turn, repo, &turn.body_of_any_kind()?);
    attach(turn, repo, number, labels)?;
    Ok(shown(turn, repo, number))
}

pub(crate) fn set(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number) = issue::find(turn)?;
    replace(turn, repo, number, &turn.body_of_any_kind()?)?;
    Ok(shown(turn, repo, number))
}

pub(crate) fn remove(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number) = issue::find(turn)?;
    turn.need_to_change(repo, Permission::Triage)?;
    let name = turn.segment(6).to_owned();
    let labels = &issue::issue(turn, repo, number)?.labels;
    let label = labels
        .iter()
        .find(|label| label.name.eq_ignore_ascii_case(&name))
        .cloned();
    detach(
        turn,
        repo,
        number,
        &label.ok_or_else(|| Refusal::new(404, "Label does not exist"))?,
    )?;
    Ok(shown(turn, repo, number))
}

/// Makes the issue carry exactly these labels.
pub(crate) fn replace(turn: &mut Turn<'_>, repo: u64, number: u64, names: &Names) -> Result<(), Refusal> {
    turn.need_to_change(repo, Permission::Triage)?;
    let wanted = of_repo(turn, repo, names);
    let mut gone = issue::issue(turn, repo, number)?.labels.clone();
    gone.retain(|label| !wanted.iter().any(|wanted| wanted.id == label.id));
    for label in &gone {
        detach(turn, repo, number, label)?;
    }
    attach(turn, repo, number, wanted)
}

/// The repository's labels of these names, each once; unknown ones are made.
pub(crate) fn of_repo(turn: &mut Turn<'_>, repo: u64, names: &Names) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for name in names.iter() {
        let known = turn.state.repos[&repo].label_named(name).cloned();
        let label = known.unwrap_or_else(|| repo_label::make(turn, repo, name.to_owned(), None, None));
        if !labels.iter().any(|other| other.id == label.id) {
            labels.push(label);
        }
    }
    labels
}

fn attach(turn: &mut Turn<'_>, repo: u64, number: u64, labels: Vec<Label>) -> Result<(), Refusal> {
    let now = turn.now;
    for label in labels {
        let issue = issue::issue(turn, repo, number)?;
        if !issue.labels.iter().any(|other| other.id == label.id) {
            issue.labels.push(label.clone());
            issue.updated_at = now;
            announce(turn, repo, number, "labeled", &label);
        }
    }
    Ok(())
}

fn detach(turn: &mut Turn<'_>, repo: u64, number: u64, label: &Label) -> Result<(), Refusal> {
    let now = turn.now;
    let issue = issue::issue(turn, repo, number)?;
    issue.labels.retain(|other| other.id != label.id);
    issue.updated_at = now;
    announce(turn, repo, number, "unlabeled", label);
    Ok(())
}

/// Sends `labeled` or `unlabeled`.
pub(crate) fn announce(turn: &mut Turn<'_>, repo: u64, number: u64, action: &str, label: &Label) {
    let shown = turn.links.label(&turn.state.repos[&repo], label);
    issue::announce(turn, repo, number, action, extra([("label", shown)]));
}

fn shown(turn: &Turn<'_>, repo: u64, number: u64) -> Reply {
    let repo = &turn.state.repos[&repo];
    let labels = repo.issues[&number]
        .labels
        .iter()
        .map(|label| turn.links.label(repo, label))
        .collect();
    Reply::ok(Value::Array(labels))
}
