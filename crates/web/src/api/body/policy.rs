//! A policy and a preset as JSON.

use std::collections::BTreeMap;

use domain::policy::{DESCRIPTION, NAME};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Terms of the provider by name, to start a change from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Policy {
    id: Uuid,
    name: String,
    description: String,
    /// The kinds that it is offered for, such as `rds-instance`; empty: every kind.
    kinds: Vec<&'static str>,
    /// Answers of the change form by field id.
    fields: BTreeMap<String, String>,
    /// Since when it is no longer offered.
    retired_at: Option<Timestamp>,
    changed_by: String,
    changed_at: Timestamp,
    /// Counts the changes; also the `ETag`.
    revision: i64,
}

/// Terms that are built in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preset {
    /// Its name in `?policy=` of the change form.
    id: &'static str,
    name: &'static str,
    description: &'static str,
    /// Where its figures come from.
    source: &'static str,
    /// The kinds that it is offered for; empty: every kind.
    kinds: Vec<&'static str>,
    /// Answers of the change form by field id.
    fields: BTreeMap<String, String>,
}

/// What a policy says.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "name": "Orders and payments", "kinds": ["rds-instance"],
    "fields": { "retention": "35 days", "frequency": "Daily", "backup_window": "03:00-04:00" } }))]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyTerms {
    /// No two that are offered have the same.
    name: String,
    /// When to choose it.
    #[serde(default)]
    description: String,
    /// The kinds that it fits; none: every kind.
    #[serde(default)]
    pub(crate) kinds: Vec<String>,
    /// Answers of the change form by field id: `retention`, `frequency`, `schedule`, `backup_window`, `tier`, `location`.
    fields: BTreeMap<String, String>,
}

impl PolicyTerms {
    /// All answers by field id.
    pub(crate) fn fields(&self) -> BTreeMap<String, String> {
        let mut fields = self.fields.clone();
        fields.insert(NAME.id.to_owned(), self.name.clone());
        fields.insert(DESCRIPTION.id.to_owned(), self.description.clone());
        fields
    }
}

impl From<domain::policy::Policy> for Policy {
    fn from(policy: domain::policy::Policy) -> Self {
        Self {
            id: policy.id.0,
            kinds: policy.body.kinds.iter().map(|kind| kind.as_str()).collect(),
            name: policy.body.name,
            description: policy.body.description,
            fields: policy.body.answers,
            retired_at: policy.retired_at,
            changed_by: policy.changed_by,
            changed_at: policy.changed_at,
            revision: policy.revision,
        }
    }
}

impl From<&domain::policy::Preset> for Preset {
    fn from(preset: &domain::policy::Preset) -> Self {
        Self {
            id: preset.id,
            name: preset.name,
            description: preset.description,
            source: preset.source,
            kinds: preset.kinds.iter().map(|kind| kind.as_str()).collect(),
            fields: preset.answers(),
        }
    }
}
