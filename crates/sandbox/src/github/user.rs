//! Users.

use super::caller::Caller;
use super::refusal::Refusal;
use super::turn::{Reply, Turn};

pub(crate) fn authenticated(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    match turn.caller {
        Caller::User(id) => turn
            .state
            .users
            .get(&id)
            .map(|user| Reply::ok(turn.links.profile(user)).modified(user.created_at))
            .ok_or_else(Refusal::not_found),
        Caller::App | Caller::Installation(_) => Err(Refusal::not_for_integrations()),
    }
}

pub(crate) fn by_login(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let user = turn.state.user_named(turn.segment(1)).ok_or_else(Refusal::not_found)?;
    Ok(Reply::ok(turn.links.profile(user)).modified(user.created_at))
}
