//! One wish for many components (feature K124): each gets an ordinary change request of its own, or hears why not.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::change_request::Requester;
use crate::id::{BulkChangeId, ChangeRequestId, ComponentId, TenantId};
use crate::scope_change::{Field, FormProblem, ScopeChangeForm};

/// The most components of one bulk change.
pub const MAX_COMPONENTS: usize = 500;

/// One wish for many components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkChange {
    /// Its id.
    pub id: BulkChangeId,
    /// Whose it is.
    pub tenant: TenantId,
    /// 1, 2, 3, … within the tenant.
    pub number: i32,
    /// Who asked.
    pub requester: Requester,
    /// The answers that all components share, by field id.
    pub fields: BTreeMap<String, String>,
    /// When it was asked.
    pub created_at: Timestamp,
    /// What became of each component, in the order of asking.
    pub items: Vec<Item>,
}

/// What became of one component when it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The component.
    pub component: ComponentId,
    /// Its change request, or why there is none.
    pub result: Result<ChangeRequestId, Vec<FormProblem>>,
}

/// The questions that all components of a bulk change share: those of the scope change, but which component.
pub fn fields() -> Vec<Field> {
    ScopeChangeForm::FIELDS
        .into_iter()
        .filter(|field| !is_of_one(field.id))
        .collect()
}

/// Whether a field says which component is meant.
#[must_use]
pub fn is_of_one(field: &str) -> bool {
    field == crate::scope_change::COMPONENT.id || field == crate::scope_change::ENVIRONMENT.id
}
