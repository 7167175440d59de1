//! One wish for many components: choosing them, what became of each, and what was asked for before.

pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod show;
