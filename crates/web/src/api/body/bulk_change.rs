//! A bulk change as JSON, and what is sent about one.

use std::collections::BTreeMap;

use app::bulk_change::{Approved, ItemView, Listed, View};
use domain::digest::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::change_request::MissingField;

/// One wish for many components.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBulkChange {
    /// Ids of 1 to 500 components.
    #[schema(min_items = 1, max_items = 500)]
    pub(crate) components: Vec<Uuid>,
    /// The answers that all of them share, by field id, in the words of the issue form; without `component` and `environment`.
    pub(crate) fields: BTreeMap<String, String>,
}

/// Approvals of exactly the plans that were read.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "approvals": [] }))]
#[serde(deny_unknown_fields)]
pub(crate) struct ApproveMany {
    /// Those that only tighten; 500 at most.
    #[schema(max_items = 500)]
    pub(crate) approvals: Vec<ApproveOne>,
}

/// An approval of exactly the plan that was read.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApproveOne {
    /// The change request.
    pub(crate) change_request_id: Uuid,
    /// `plan_digest` as it was read.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
    pub(crate) plan_digest: Digest,
}

/// A bulk change in the list of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedBulkChange {
    /// 1, 2, 3, … within the customer.
    number: i32,
    requester: String,
    created_at: Timestamp,
    /// For how many components.
    components: i64,
    /// How many of them were refused, so that nothing was asked for.
    refused: i64,
}

/// A bulk change, with each of its requests as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkChange {
    id: Uuid,
    /// 1, 2, 3, … within the customer.
    number: i32,
    requester: String,
    /// The answers that all its components share.
    fields: BTreeMap<String, String>,
    created_at: Timestamp,
    /// How many items are in which state; `refused`: no request was made.
    states: BTreeMap<&'static str, usize>,
    items: Vec<BulkItem>,
}

/// What became of one component.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkItem {
    component_id: Uuid,
    component: String,
    environment: &'static str,
    /// `refused`, or the state of the change request.
    state: &'static str,
    /// `null` when it was refused.
    change_request_id: Option<Uuid>,
    /// Of the change request.
    number: Option<i32>,
    /// What an approval has to name; `null` before there is a plan.
    plan_digest: Option<String>,
    /// Whether the plan gives up protection, so that it is approved by itself only.
    weakens: Option<bool>,
    /// Why there is no request.
    problems: Vec<MissingField>,
}

/// What became of one approval.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApprovalResult {
    change_request_id: Uuid,
    approved: bool,
    /// The state that it is in by now; `null` when it was not approved.
    state: Option<&'static str>,
    /// Why it was not approved.
    why: Option<String>,
}

impl From<Listed> for ListedBulkChange {
    fn from(listed: Listed) -> Self {
        Self {
            number: listed.number,
            requester: listed.requester,
            created_at: listed.created_at,
            components: listed.components,
            refused: listed.refused,
        }
    }
}

impl From<View> for BulkChange {
    fn from(view: View) -> Self {
        let items: Vec<_> = view.items.into_iter().map(BulkItem::from).collect();
        let mut states = BTreeMap::new();
        for item in &items {
            *states.entry(item.state).or_default() += 1;
        }
        Self {
            id: view.bulk.id.0,
            number: view.bulk.number,
            requester: view.bulk.requester.name,
            fields: view.bulk.fields,
            created_at: view.bulk.created_at,
            states,
            items,
        }
    }
}

impl From<ItemView> for BulkItem {
    fn from(item: ItemView) -> Self {
        let (asked, problems) = match &item.result {
            Ok(asked) => (Some(asked), Vec::new()),
            Err(problems) => (None, problems.iter().map(MissingField::from).collect()),
        };
        let plan = asked.and_then(|asked| asked.request.state.plan());
        Self {
            component_id: item.component.id.0,
            environment: item.component.environment.as_str(),
            state: asked.map_or("refused", |asked| asked.request.state.name()),
            change_request_id: asked.map(|asked| asked.request.id.0),
            number: asked.map(|asked| asked.request.number),
            plan_digest: plan.map(|plan| plan.digest.to_string()),
            weakens: plan.map(|plan| plan.weakens),
            problems,
            component: item.component.name,
        }
    }
}

impl From<Approved> for ApprovalResult {
    fn from(approved: Approved) -> Self {
        Self {
            change_request_id: approved.request.0,
            approved: approved.result.is_ok(),
            state: approved.result.as_ref().ok().copied(),
            why: approved.result.err(),
        }
    }
}
