//! The door to GitHub: webhooks in, issue forms read, comments, labels and states out.
//!
//! A webhook is a hint: verify it ([`webhook::verify`]), read which issue it is about ([`event::Event`]), then
//! GET that issue ([`Repository::issue`]) and act on what it says now. No type of the client library leaves
//! this crate, and nothing here decides who may ask.

mod client;
pub mod comments;
mod error;
pub mod event;
pub mod issue_form;
mod repository;
pub mod webhook;

pub use client::{App, GitHub};
pub use error::GitHubError;
pub use repository::{CloseReason, InvalidName, Issue, IssueState, Repository, RepositoryName, User};
