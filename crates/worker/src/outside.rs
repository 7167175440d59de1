//! What lies outside, and the words for its failures.

use std::sync::Arc;

use app::{AppError, Cx};
use domain::id::TenantId;
use domain::tenant::{Tenant, TenantScope};
use github::{GitHub, GitHubError, Repository};
use jobs::Failure;
use mechanism::{ApplyError, Mechanism, ObserveError};

/// Everything that a worker reaches. Cheap to clone.
#[derive(Clone)]
pub struct Outside {
    /// The mechanism for AWS.
    pub aws: Arc<dyn Mechanism>,
    /// The GitHub App; `None`: no requests come from GitHub.
    pub github: Option<GitHub>,
}

/// The tenant, unless its queued work has to stop (security.md 12).
pub(crate) async fn active_tenant(cx: &Cx, id: TenantId) -> Result<Tenant, Failure> {
    let scope = TenantScope::one(id);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    let tenant = store::tenant::get(&mut tx, &scope, id).await.map_err(store_failure)?;
    match tenant {
        Some(tenant) if !tenant.suspended => Ok(tenant),
        Some(_) => Err(Failure::fail(
            "The customer is suspended: nothing is done at the outside.",
        )),
        None => Err(Failure::fail("The customer is gone.")),
    }
}

/// A repository of the tenant, reached with its installation's token.
pub(crate) async fn repository(
    cx: &Cx,
    outside: &Outside,
    tenant: TenantId,
    repository_id: i64,
) -> Result<Option<Repository>, Failure> {
    let Some(github) = &outside.github else { return Ok(None) };
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    let linked = store::github::list(&mut tx, &scope).await.map_err(store_failure)?;
    let Some(linked) = linked.into_iter().find(|one| one.repository_id == repository_id) else {
        return Ok(None);
    };
    let name = linked
        .full_name
        .parse()
        .map_err(|error: github::InvalidName| Failure::fail(error.to_string()))?;
    let installation =
        u64::try_from(linked.installation_id).map_err(|_| Failure::fail("The installation has no valid number."))?;
    github.repository(installation, name).map(Some).map_err(github_failure)
}

pub(crate) fn store_failure(error: store::StoreError) -> Failure {
    app_failure(AppError::from(error))
}

/// The database or the queue may be back in a moment; anything else stays as it is.
pub(crate) fn app_failure(error: AppError) -> Failure {
    match &error {
        AppError::Store(_) | AppError::Jobs(_) | AppError::Conflict | AppError::Busy { .. } => {
            Failure::retry(chain(&error))
        }
        _ => Failure::fail(chain(&error)),
    }
}

pub(crate) fn github_failure(error: GitHubError) -> Failure {
    match &error {
        GitHubError::RateLimited { retry_after } => Failure::Retry {
            reason: chain(&error),
            after: Some(*retry_after),
        },
        other if other.is_transient() => Failure::retry(chain(&error)),
        _ => Failure::fail(chain(&error)),
    }
}

pub(crate) fn observe_failure(error: &ObserveError) -> Failure {
    match error {
        ObserveError::Unavailable { .. } => Failure::retry(error.to_string()),
        ObserveError::Denied { .. } | ObserveError::Refused { .. } => Failure::fail(error.to_string()),
    }
}

pub(crate) fn apply_failure(error: &ApplyError) -> Failure {
    match error {
        ApplyError::Unsure { .. } => Failure::retry(error.to_string()),
        ApplyError::Rejected { .. } => Failure::fail(error.to_string()),
    }
}

/// The error and its causes, for the log and the job's history.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
