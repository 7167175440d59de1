//! A change request as JSON, and what is sent about one.

use std::collections::BTreeMap;

use domain::digest::Digest;
use domain::plan::ShownPlan;
use domain::scope_change::{FieldKind, FormProblem, ScopeChangeForm, ScopeWish, Wish, schedule_answers};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Approval;
use super::plan::Plan;

/// A request to change the scope of work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeRequest {
    id: Uuid,
    /// 1, 2, 3, … within the customer.
    number: i32,
    title: String,
    /// `github`, `web` or `api`.
    source: &'static str,
    /// `submitted`, `needs-information`, `planned`, `approved`, `scheduled`, `applying`, `applied`, `failed`,
    /// `rejected`, `withdrawn` or `expired`.
    state: &'static str,
    /// Why it failed or was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The version of the scope of work that it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    sow_version: Option<i32>,
    /// Who asked.
    requester: String,
    /// The answers by field id, in the form's words; empty while they cannot be read.
    fields: BTreeMap<&'static str, String>,
    /// What is asked back.
    missing: Vec<MissingField>,
    /// The plan that stands; `null` before there is one.
    plan: Option<Plan>,
    approvals: Vec<Approval>,
    /// The issue's number, when it came from one.
    github_issue: Option<i64>,
    /// `owner/name`, when it came from an issue.
    github_repository: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Counts the changes; also the `ETag`.
    revision: i64,
}

/// An answer that is missing or not understood.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MissingField {
    /// Id of the field.
    field: String,
    label: String,
    /// The beginning of what was answered.
    given: Option<String>,
    /// What is wrong and what is expected.
    why: String,
}

/// A new change request.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = NewChangeRequest::example)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewChangeRequest {
    /// The answers by field id, in the words of the issue form.
    pub(crate) fields: BTreeMap<String, String>,
}

/// An approval of exactly the plan that was shown.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approve {
    /// `plan.digest` as it was read.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
    pub(crate) plan_digest: Digest,
}

/// A rejection.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "reason": "Not before the migration." }))]
#[serde(deny_unknown_fields)]
pub(crate) struct Reject {
    /// The requester reads it.
    pub(crate) reason: String,
}

impl NewChangeRequest {
    /// The form's own examples: its placeholders and first options.
    fn example() -> serde_json::Value {
        let fields = ScopeChangeForm::FIELDS.iter().filter_map(|field| match field.kind {
            FieldKind::Input { placeholder } => Some((field.id.to_owned(), placeholder.to_owned())),
            FieldKind::Choice { options } => Some((field.id.to_owned(), options.first()?.to_string())),
            FieldKind::Text => None,
        });
        serde_json::json!({ "fields": fields.collect::<BTreeMap<_, _>>() })
    }
}

impl ChangeRequest {
    pub(crate) fn new(request: domain::change_request::ChangeRequest, plan: Option<&ShownPlan>) -> Self {
        use domain::change_request::State;
        let (reason, sow_version, missing) = match &request.state {
            State::Failed { reason } | State::Rejected { reason } => (Some(reason.clone()), None, Vec::new()),
            State::Applied { sow_version, .. } => (None, Some(*sow_version), Vec::new()),
            State::NeedsInformation { missing } => (None, None, missing.iter().map(MissingField::from).collect()),
            _ => (None, None, Vec::new()),
        };
        Self {
            id: request.id.0,
            number: request.number,
            source: request.source.as_str(),
            state: request.state.name(),
            reason,
            sow_version,
            fields: request.form.as_ref().map(fields).unwrap_or_default(),
            missing,
            plan: plan.map(|shown| Plan::new(&shown.plan, &shown.digest, shown.made_at)),
            approvals: request.approvals.iter().map(Approval::from).collect(),
            github_issue: request.issue.as_ref().map(|issue| issue.number),
            github_repository: request.issue.map(|issue| issue.full_name),
            created_at: request.created_at,
            updated_at: request.updated_at,
            revision: request.revision,
            title: request.title,
            requester: request.requester.name,
        }
    }
}

impl From<&FormProblem> for MissingField {
    fn from(problem: &FormProblem) -> Self {
        let FormProblem {
            field,
            label,
            given,
            why,
        } = problem.clone();
        Self {
            field,
            label,
            given,
            why,
        }
    }
}

/// The answers that [`ScopeChangeForm::from_fields`] reads back into the same record.
fn fields(form: &ScopeChangeForm) -> BTreeMap<&'static str, String> {
    let mut fields = BTreeMap::from([
        ("component", form.component.clone()),
        ("environment", form.environment.to_string()),
        ("further_needs", form.further_needs.clone()),
    ]);
    let ScopeWish::In(terms) = &form.scope else {
        fields.insert("scope", "Out of scope".to_owned());
        return fields;
    };
    let retention = match terms.retention {
        Wish::Exactly(days) => days.to_string(),
        Wish::TierDefault => "tier default".to_owned(),
    };
    fields.insert("scope", "In scope".to_owned());
    fields.insert("retention", retention);
    let (frequency, schedule) = schedule_answers(&terms.schedule);
    fields.insert("frequency", frequency.to_owned());
    fields.extend(schedule.map(|schedule| ("schedule", schedule)));
    fields.insert(
        "tier",
        terms
            .tier
            .map_or_else(|| "Keep as it is".to_owned(), |tier| format!("Tier {}", tier.number())),
    );
    fields.insert("location", location(terms.location).to_owned());
    if let Some(window) = terms.backup_window {
        fields.insert("backup_window", window.to_string());
    }
    fields
}

const fn location(location: Option<domain::sow::Location>) -> &'static str {
    use domain::sow::Location;
    match location {
        None => "Keep as it is",
        Some(Location::SameAccountAndRegion) => "Same account and region",
        Some(Location::AnotherRegion) => "Another region",
        Some(Location::AnotherAccount) => "Another account",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every choice of every field, the others at their first, without the times that only the first frequency has.
    fn complete_forms() -> Vec<BTreeMap<String, String>> {
        let options = |kind: FieldKind| match kind {
            FieldKind::Input { placeholder } => vec![placeholder],
            FieldKind::Choice { options } => options.to_vec(),
            FieldKind::Text => vec!["some text"],
        };
        let first: BTreeMap<_, _> = ScopeChangeForm::FIELDS
            .iter()
            .map(|field| (field.id.to_owned(), options(field.kind)[0].to_owned()))
            .collect();
        let mut forms = vec![first.clone()];
        for field in ScopeChangeForm::FIELDS {
            for option in options(field.kind) {
                let mut form = first.clone();
                form.insert(field.id.to_owned(), option.to_owned());
                if field.id == "frequency" {
                    let custom = option.starts_with("Custom").then(|| "every 6 hours".to_owned());
                    form.insert("schedule".to_owned(), custom.unwrap_or_default());
                }
                forms.push(form);
            }
        }
        forms
    }

    #[test]
    fn the_answers_shown_are_the_answers_given() {
        for given in complete_forms() {
            let form = ScopeChangeForm::from_fields(&given).unwrap();
            let shown = fields(&form)
                .into_iter()
                .map(|(id, text)| (id.to_owned(), text))
                .collect();
            assert_eq!(ScopeChangeForm::from_fields(&shown).unwrap(), form, "{given:?}");
        }
    }

    #[test]
    fn what_the_form_does_not_have_is_refused() {
        for body in [
            r#"{"fields": {}, "tenant_id": "x"}"#,
            r#"{"fields": {}, "approved_by": "x"}"#,
            r#"{"title": "x", "fields": {}}"#,
        ] {
            assert!(serde_json::from_str::<NewChangeRequest>(body).is_err(), "{body}");
        }
        assert!(serde_json::from_str::<Approve>(r#"{"plan_digest": "x", "role": "admin"}"#).is_err());
    }
}
