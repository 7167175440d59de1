//! Labels on issues; a label is made where it is first used.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::state::{Label, Permission};
use super::turn::{Reply, Turn};
use super::{issue, webhook};

/// Label names in each form that GitHub takes.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Names {
    Bare(Vec<Name>),
    Wrapped { labels: Vec<Name> },
}

#[derive(Deserialize)]
#[serde(untagged)]
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
    turn.need(repo, Permission::Triage)?;
    let labels = of_repo(turn, repo, &turn.body()?);
    attach(turn, repo, number, labels)?;
    Ok(shown(turn, repo, number))
}

pub(crate) fn set(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number) = issue::find(turn)?;
    replace(turn, repo, number, &turn.body()?)?;
    Ok(shown(turn, repo, number))
}

pub(crate) fn remove(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let (repo, number) = issue::find(turn)?;
    turn.need(repo, Permission::Triage)?;
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
    turn.need(repo, Permission::Triage)?;
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
        let new = turn.state.next_id();
        let Some(repo) = turn.state.repos.get_mut(&repo) else {
            continue;
        };
        let known = repo
            .labels
            .iter()
            .find(|label| label.name.eq_ignore_ascii_case(name))
            .cloned();
        let label = known.unwrap_or_else(|| {
            let label = Label {
                id: new,
                name: name.to_owned(),
            };
            repo.labels.push(label.clone());
            label
        });
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
    webhook::issue(
        turn,
        repo,
        number,
        action,
        Map::from_iter([("label".to_owned(), shown)]),
    );
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
