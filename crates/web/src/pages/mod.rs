//! Pages for people: one noun, one file.

pub(crate) mod account;
pub(crate) mod acknowledgement;
pub(crate) mod approvals;
pub(crate) mod attestation;
pub(crate) mod audit;
pub(crate) mod bulk_change;
pub(crate) mod change_request;
pub(crate) mod component;
pub(crate) mod contact;
pub(crate) mod contract;
pub(crate) mod decommission;
pub(crate) mod expiring;
pub(crate) mod export;
pub(crate) mod fleet;
mod frame;
pub(crate) mod github;
pub(crate) mod hold;
pub(crate) mod import;
pub(crate) mod lifecycle;
mod live_csv;
mod once;
pub(crate) mod policy;
pub(crate) mod recovery_point;
pub(crate) mod restore;
pub(crate) mod retention;
pub(crate) mod schedule;
pub(crate) mod service;
pub(crate) mod settings;
pub(crate) mod sow;
pub(crate) mod status;
pub(crate) mod tenant;
pub(crate) mod user;

use serde::Deserialize;
use uuid::Uuid;

use crate::view::Format;

/// Query of a page that follows a form.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct DoneQuery {
    done: Option<String>,
}

/// Query of a long list that can be downloaded.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct PageQuery {
    cursor: Option<Uuid>,
    #[serde(default)]
    format: Format,
}

/// Query of a list that can be downloaded.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct FormatQuery {
    #[serde(default)]
    format: Format,
}
