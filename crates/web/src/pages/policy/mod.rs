//! Policies: the presets that are built in and the provider's own, to start a change from.

pub(crate) mod edit;
mod form;
pub(crate) mod list;
