//! What tests and the demo rely on, seen from outside over HTTP.

mod aws;
mod control;
mod github;
mod github_app;
mod github_schema;
mod github_webhook;
mod support;
