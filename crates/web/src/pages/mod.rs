//! Pages for people: one noun, one file.

mod change_request;
mod restore;
