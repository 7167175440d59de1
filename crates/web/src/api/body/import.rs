//! An import as JSON, and what is sent to be imported.

use app::import::Preview;
use domain::digest::Digest;
use domain::onboarding::{Change, Effect, Format, Problem, Warning};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An onboarding document to be imported.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "format": "csv", "signed_by": ["Ana Lima"], "signed_on": "2026-05-01",
    "document": "name,environment,kind,decision,retention,frequency\nreports,analytics,self-managed-database,in,35 days,daily\n",
}))]
#[serde(deny_unknown_fields)]
pub(crate) struct NewImport {
    /// `csv` or `yaml`.
    #[schema(value_type = String)]
    pub(crate) format: Format,
    /// The whole text, 10 MiB at most.
    pub(crate) document: String,
    /// Names of those who signed it; empty: the document says so itself.
    #[serde(default)]
    pub(crate) signed_by: Vec<String>,
    /// The day on which they did; left out: the document says so itself.
    #[schema(value_type = Option<String>)]
    pub(crate) signed_on: Option<Date>,
    /// The `digest` of the dry run: exactly that is imported. Not needed for a dry run.
    #[schema(value_type = Option<String>, pattern = "^[0-9a-f]{64}$")]
    pub(crate) digest: Option<Digest>,
}

/// An onboarding document that was imported.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Import {
    id: Uuid,
    /// 1, 2, 3, … within the customer.
    number: i32,
    /// What was shown before it was imported.
    digest: String,
    /// `csv` or `yaml`.
    format: &'static str,
    signed_by: Vec<String>,
    /// A day.
    signed_on: String,
    imported_by: String,
    imported_at: Timestamp,
    /// Components that entered the inventory.
    new: i32,
    /// Components of which something was learnt or that were decided about.
    changed: i32,
    unchanged: i32,
    /// Of all, those that were decided about.
    decided: i32,
    /// The version of the scope of work that it made; `null`: it decided nothing, and chose no other mechanism.
    sow_version: Option<i32>,
}

/// What importing a document would do. Nothing is imported while `refused` has something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportPreview {
    /// What an import has to name; `null` while something is refused.
    digest: Option<String>,
    /// How many components would enter the inventory.
    new: usize,
    /// Of how many something would be learnt or decided.
    changed: usize,
    unchanged: usize,
    /// How many would be decided about.
    decided: usize,
    signed_by: Vec<String>,
    /// A day.
    signed_on: Option<String>,
    /// What would be new or changed, in the document's order.
    changes: Vec<ImportChange>,
    /// Everything that keeps it from being imported.
    refused: Vec<ImportProblem>,
    /// What is worth knowing, and keeps nothing from being imported.
    warnings: Vec<ImportWarning>,
}

/// Something worth knowing, at its line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportWarning {
    line: usize,
    words: String,
}

/// What importing would do to one component.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportChange {
    /// In the document.
    line: usize,
    name: String,
    environment: &'static str,
    /// `new` or `changed`.
    effect: &'static str,
    /// `in` or `out`; `null`: nothing is decided.
    decision: Option<&'static str>,
    facts: Vec<ImportFact>,
}

/// A value that would be learnt.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportFact {
    column: &'static str,
    /// `null`: it was not stated before.
    before: Option<String>,
    after: String,
}

/// What is refused, at its line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportProblem {
    /// 0: the document as a whole.
    line: usize,
    column: String,
    given: Option<String>,
    /// What is wrong and what is expected.
    why: String,
}

impl From<app::import::Import> for Import {
    fn from(import: app::import::Import) -> Self {
        Self {
            id: import.id.0,
            number: import.number,
            digest: import.digest.to_string(),
            format: import.format.as_str(),
            signed_by: import.signed_by,
            signed_on: import.signed_on.to_string(),
            imported_by: import.by_name,
            imported_at: import.at,
            new: import.added,
            changed: import.changed,
            unchanged: import.unchanged,
            decided: import.decided,
            sow_version: import.sow_version,
        }
    }
}

impl From<Preview> for ImportPreview {
    fn from(preview: Preview) -> Self {
        let comparison = preview.comparison;
        Self {
            digest: preview.digest.map(|digest| digest.to_string()),
            new: comparison.count(Effect::New),
            changed: comparison.count(Effect::Changed),
            unchanged: comparison.unchanged,
            decided: comparison.decided(),
            signed_by: preview.signed_by,
            signed_on: preview.signed_on.map(|day| day.to_string()),
            changes: comparison.changes.into_iter().map(ImportChange::from).collect(),
            refused: comparison.problems.into_iter().map(ImportProblem::from).collect(),
            warnings: comparison
                .warnings
                .into_iter()
                .map(|Warning { line, words }| ImportWarning { line, words })
                .collect(),
        }
    }
}

impl From<Change> for ImportChange {
    fn from(change: Change) -> Self {
        let fact = |fact: domain::onboarding::Fact| ImportFact {
            column: fact.column,
            before: fact.before,
            after: fact.after,
        };
        Self {
            line: change.line,
            environment: change.component.environment.as_str(),
            effect: match change.effect {
                Effect::New => "new",
                Effect::Changed => "changed",
            },
            decision: change
                .decided
                .map(|(scope, _)| if scope.terms().is_some() { "in" } else { "out" }),
            facts: change.facts.into_iter().map(fact).collect(),
            name: change.component.name,
        }
    }
}

impl From<Problem> for ImportProblem {
    fn from(problem: Problem) -> Self {
        Self {
            line: problem.line,
            column: problem.what.field,
            given: problem.what.given,
            why: problem.what.why,
        }
    }
}
