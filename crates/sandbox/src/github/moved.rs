//! Names that led to a repository or an issue before it moved.

use super::caller::Caller;
use super::permission::Permission;
use super::refusal::Refusal;
use super::state::Gone;
use super::turn::Turn;

/// Refuses a call to a repository's former name: it belongs to the repository's number.
pub(crate) fn check(turn: &Turn<'_>) -> Result<(), Refusal> {
    let Some(name) = turn.asked.repository() else {
        return Ok(());
    };
    if turn.state.repo_named(&name).is_some() {
        return Ok(());
    }
    let moved = turn.state.repo_formerly(&name).filter(|repo| match turn.caller {
        Caller::App => repo.installation.is_some(),
        _ => turn.permission(repo) > Permission::None,
    });
    match moved {
        None => Ok(()),
        Some(repo) => Err(Refusal::moved(
            &turn.asked.method,
            &turn.links.by_number(repo, &turn.asked.rest(3)),
        )),
    }
}

/// Why the issue `number` of `repo` is not there; where it went only to those who may read it there.
pub(crate) fn issue(turn: &Turn<'_>, repo: u64, number: u64) -> Refusal {
    let gone = turn.state.repos.get(&repo).and_then(|repo| repo.gone.get(&number));
    match gone {
        None => Refusal::not_found(),
        Some(Gone::Deleted) => Refusal::new(410, "This issue was deleted"),
        Some(Gone::Transferred { repo, number }) => {
            let there = turn.state.repos.get(repo);
            match there.filter(|repo| turn.permission(repo) > Permission::None) {
                None => Refusal::not_found(),
                Some(repo) => Refusal::moved(
                    &turn.asked.method,
                    &turn
                        .links
                        .by_number(repo, &format!("/issues/{number}{}", turn.asked.rest(5))),
                ),
            }
        }
    }
}
