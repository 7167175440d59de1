//! What lies outside, and the words for its failures.

use std::sync::Arc;

use app::{AppError, Cx};
use domain::id::TenantId;
use domain::tenant::TenantScope;
use github::{GitHub, GitHubError, Repository};
use jobs::Failure;
use mechanism::{ApplyError, Mechanism, ObserveError};

/// Everything that a worker reaches. Cheap to clone. It is reached for one tenant at a time, and only as long as that
/// tenant's work goes on: there is no other way out of this type.
#[derive(Clone)]
pub struct Outside {
    aws: Arc<dyn Mechanism>,
    github: Option<GitHub>,
}

/// A repository of a tenant.
pub(crate) struct TenantRepository<'a> {
    cx: &'a Cx,
    tenant: TenantId,
    repository: Repository,
}

impl Outside {
    /// The mechanism for AWS, and the GitHub App; without one, no requests come from GitHub.
    #[must_use]
    pub const fn new(aws: Arc<dyn Mechanism>, github: Option<GitHub>) -> Self {
        Self { aws, github }
    }

    /// AWS, for one call on behalf of a tenant (security.md 12). What it answers is not kept for the next.
    ///
    /// # Errors
    /// When the tenant's work has to stop.
    pub(crate) async fn aws(&self, cx: &Cx, tenant: TenantId) -> Result<&dyn Mechanism, Failure> {
        goes_on(cx, tenant).await?;
        Ok(&*self.aws)
    }

    /// A linked repository of the tenant, reached with its installation's token; `None`: it is not linked any more.
    pub(crate) async fn repository<'a>(
        &self,
        cx: &'a Cx,
        tenant: TenantId,
        repository_id: i64,
    ) -> Result<Option<TenantRepository<'a>>, Failure> {
        let Some(github) = &self.github else { return Ok(None) };
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
        let installation = u64::try_from(linked.installation_id)
            .map_err(|_| Failure::fail("The installation has no valid number."))?;
        let repository = github.repository(installation, name).map_err(github_failure)?;
        Ok(Some(TenantRepository { cx, tenant, repository }))
    }
}

impl TenantRepository<'_> {
    /// The repository, for one call (security.md 12).
    ///
    /// # Errors
    /// When the tenant's work has to stop.
    pub(crate) async fn reach(&self) -> Result<&Repository, Failure> {
        goes_on(self.cx, self.tenant).await?;
        Ok(&self.repository)
    }
}

/// Whether the tenant's work goes on. While it is suspended, the job is put aside; after its end, the job fails.
pub(crate) async fn goes_on(cx: &Cx, id: TenantId) -> Result<(), Failure> {
    let scope = TenantScope::one(id);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    let tenant = store::tenant::get(&mut tx, &scope, id).await.map_err(store_failure)?;
    let lifecycle = tenant.ok_or_else(|| Failure::fail("The customer is gone."))?.lifecycle;
    if lifecycle.ended_at().is_some() {
        return Err(Failure::fail(
            "The customer was offboarded: nothing is done at the outside any more.",
        ));
    }
    match lifecycle.suspension {
        None => Ok(()),
        Some(_) => Err(Failure::retry(
            "The customer is suspended: nothing is done at the outside.",
        )),
    }
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
