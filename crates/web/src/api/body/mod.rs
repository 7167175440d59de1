//! The JSON of the API: what outside programs rely on, so it has types of its own.

pub(crate) mod acknowledgement;
pub(crate) mod attestation;
pub(crate) mod bulk_change;
pub(crate) mod change_request;
pub(crate) mod component;
pub(crate) mod contact;
pub(crate) mod contract;
pub(crate) mod decommission;
pub(crate) mod hold;
pub(crate) mod import;
pub(crate) mod lifecycle;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod restore;
pub(crate) mod retention;
pub(crate) mod schedule;
pub(crate) mod service;
pub(crate) mod sow;
pub(crate) mod tenant;
pub(crate) mod user;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// At most 50.
    pub(crate) items: Vec<T>,
    /// Give it as `cursor` for the next page; `null`: this is the last.
    pub(crate) next: Option<String>,
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// The `next` of the page before.
    pub(crate) cursor: Option<Uuid>,
}

impl<T> List<T> {
    /// A list that is never longer than a page.
    pub(crate) const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// One side's agreement to one plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Approval {
    /// `customer` or `provider`.
    side: &'static str,
    /// Who.
    by: String,
    /// The digest that was shown.
    plan_digest: String,
    at: Timestamp,
}

impl From<&domain::change_request::Approval> for Approval {
    fn from(approval: &domain::change_request::Approval) -> Self {
        Self {
            side: approval.side.as_str(),
            by: approval.name.clone(),
            plan_digest: approval.digest.to_string(),
            at: approval.at,
        }
    }
}
