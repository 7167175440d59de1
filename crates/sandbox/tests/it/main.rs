//! What tests and the demo rely on, seen from outside over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod aws;
mod cluster;
mod control;
mod github;
mod github_app;
mod github_fault;
mod github_hold;
mod github_http;
mod github_move;
mod github_rate;
mod github_schema;
mod github_webhook;
mod support;
mod velero;
