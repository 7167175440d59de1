//! Issues that leave their repository: transferred or deleted. GitHub offers both in GraphQL only.

use serde_json::{Value, json};

use super::issue;
use super::permission::Permission;
use super::refusal::Refusal;
use super::state::{Gone, Repo};
use super::turn::Turn;
use super::webhook::{Extra, extra};

/// Moves the issue, with its comments and with the labels that the target knows, and says what it is there.
pub(crate) fn transfer(turn: &mut Turn<'_>, from: u64, number: u64, to: u64) -> Result<Value, Refusal> {
    turn.need_to_change(from, Permission::Write)?;
    turn.need_to_change(to, Permission::Write)?;
    let (source, target) = (&turn.state.repos[&from], &turn.state.repos[&to]);
    if from == to || source.owner.id != target.owner.id || (source.private && !target.private) {
        return Err(Refusal::new(422, "The issue cannot be transferred to that repository"));
    }
    let old = source.issues.get(&number).ok_or_else(Refusal::not_found)?;
    let mut new = old.clone();
    new.number = target.next_number();
    new.labels = old
        .labels
        .iter()
        .filter_map(|label| target.label_named(&label.name).cloned())
        .collect();
    new.updated_at = turn.now;
    new.id = turn.state.next_id();
    let arrived = new.number;
    repo(turn, to)?.issues.insert(arrived, new);

    let (old_shown, new_shown) = (shown(turn, from, number), shown(turn, to, arrived));
    let links = turn.links;
    let home = |id| links.repo(&turn.state.repos[&id]);
    let (old_home, new_home) = (home(from), home(to));
    let left = json!({"new_issue": new_shown, "new_repository": new_home});
    issue::announce(turn, from, number, "transferred", extra([("changes", left)]));
    remove(
        turn,
        from,
        number,
        Gone::Transferred {
            repo: to,
            number: arrived,
        },
    )?;
    let came = json!({"old_issue": old_shown, "old_repository": old_home});
    issue::announce(turn, to, arrived, "opened", extra([("changes", came)]));
    Ok(shown(turn, to, arrived))
}

pub(crate) fn delete(turn: &mut Turn<'_>, repo: u64, number: u64) -> Result<(), Refusal> {
    turn.need_to_change(repo, Permission::Admin)?;
    if !turn.state.repos[&repo].issues.contains_key(&number) {
        return Err(Refusal::not_found());
    }
    issue::announce(turn, repo, number, "deleted", Extra::new());
    remove(turn, repo, number, Gone::Deleted)
}

fn remove(turn: &mut Turn<'_>, from: u64, number: u64, why: Gone) -> Result<(), Refusal> {
    let home = repo(turn, from)?;
    home.issues.remove(&number);
    home.gone.insert(number, why);
    Ok(())
}

fn repo<'a>(turn: &'a mut Turn<'_>, id: u64) -> Result<&'a mut Repo, Refusal> {
    turn.state.repos.get_mut(&id).ok_or_else(Refusal::not_found)
}

fn shown(turn: &Turn<'_>, repo: u64, number: u64) -> Value {
    let repo = &turn.state.repos[&repo];
    turn.links.issue(turn.state, repo, &repo.issues[&number])
}
