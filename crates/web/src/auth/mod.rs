//! Who calls: the session cookie of a person, the bearer token of a program.

mod cookie;
mod door;
pub(crate) mod login;

pub(crate) use door::{Caller, bearer, signed_in};
