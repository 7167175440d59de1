//! Which job has which body, what becomes of it while its customer is suspended, and of its noun when it is given up.

use app::Cx;
use app::work::{AnyWork, ExecuteRestore, GithubWork, Work};
use domain::tenant::TenantScope;
use jobs::{BoxError, Connection, Failure, Handler, Lease};

use crate::outside::app_failure;
use crate::{Outside, apply, delivery, export, issue, plan, reconcile, restore, sync};

/// Runs [`Work`].
pub struct WorkHandler {
    cx: Cx,
    outside: Outside,
}

/// Runs [`GithubWork`].
pub struct GithubHandler {
    cx: Cx,
    outside: Outside,
}

/// Runs [`ExecuteRestore`].
pub struct RestoreHandler {
    cx: Cx,
    outside: Outside,
}

impl WorkHandler {
    /// A handler for one process.
    #[must_use]
    pub const fn new(cx: Cx, outside: Outside) -> Self {
        Self { cx, outside }
    }
}

impl GithubHandler {
    /// A handler for one process.
    #[must_use]
    pub const fn new(cx: Cx, outside: Outside) -> Self {
        Self { cx, outside }
    }
}

impl RestoreHandler {
    /// A handler for one process.
    #[must_use]
    pub const fn new(cx: Cx, outside: Outside) -> Self {
        Self { cx, outside }
    }
}

impl Handler for WorkHandler {
    type Payload = Work;

    async fn run(&self, work: Work, lease: Lease) -> Result<(), Failure> {
        let Self { cx, outside } = self;
        let done = match work.clone() {
            Work::ProcessDelivery { delivery } => delivery::process(cx, &delivery).await,
            Work::PlanChange { tenant, change } => plan::plan(cx, outside, tenant, change).await,
            Work::ApplyChange { tenant, change } => apply::apply(cx, outside, tenant, change, &lease).await,
            Work::Reconcile { tenant, scope } => reconcile::reconcile(cx, outside, tenant, scope).await,
            Work::MakeExport { tenant, export } => export::make(cx, tenant, export, &lease).await,
        };
        or_held(cx, AnyWork::Work(work), done).await
    }

    async fn exhausted(&self, conn: &mut Connection, work: Work, reason: &str) -> Result<(), BoxError> {
        let cx = &self.cx;
        match work {
            Work::ProcessDelivery { delivery } => {
                app::inbox::settle(cx, conn, &delivery, app::inbox::Outcome::Failed, Some(reason)).await?;
            }
            Work::PlanChange { tenant, change } => {
                store::enter(conn, &TenantScope::one(tenant)).await?;
                app::change_request::fail_planning(cx, conn, tenant, change, reason).await?;
            }
            Work::ApplyChange { tenant, change } => {
                store::enter(conn, &TenantScope::one(tenant)).await?;
                app::change_request::fail(cx, conn, tenant, change, reason).await?;
            }
            Work::Reconcile { tenant, scope } => {
                store::enter(conn, &TenantScope::one(tenant)).await?;
                store::account::release(conn, tenant, scope, None, Some(reason), cx.now()).await?;
            }
            Work::MakeExport { tenant, export } => {
                store::enter(conn, &TenantScope::one(tenant)).await?;
                app::export::fail(cx, conn, tenant, export, reason).await?;
            }
        }
        Ok(())
    }
}

impl Handler for GithubHandler {
    type Payload = GithubWork;

    async fn run(&self, work: GithubWork, lease: Lease) -> Result<(), Failure> {
        let Self { cx, outside } = self;
        let done = match work.clone() {
            GithubWork::RefreshIssue {
                tenant,
                repository_id,
                issue,
            } => issue::refresh(cx, outside, tenant, repository_id, issue).await,
            GithubWork::SyncIssue { tenant, change } => sync::sync(cx, outside, tenant, change, &lease).await,
        };
        or_held(cx, AnyWork::Github(work), done).await
    }

    /// The records are right; the issue is behind until the next change of the request or the issue.
    async fn exhausted(&self, _: &mut Connection, work: GithubWork, reason: &str) -> Result<(), BoxError> {
        let (GithubWork::RefreshIssue { tenant, .. } | GithubWork::SyncIssue { tenant, .. }) = work;
        tracing::error!(tenant.id = %tenant, reason, "Gave up on GitHub for now");
        Ok(())
    }
}

impl Handler for RestoreHandler {
    type Payload = ExecuteRestore;

    async fn run(&self, work: ExecuteRestore, lease: Lease) -> Result<(), Failure> {
        let done = restore::execute(&self.cx, &self.outside, work.tenant, work.restore, &lease).await;
        or_held(&self.cx, AnyWork::Restore(work), done).await
    }

    async fn exhausted(&self, conn: &mut Connection, work: ExecuteRestore, reason: &str) -> Result<(), BoxError> {
        store::enter(conn, &TenantScope::one(work.tenant)).await?;
        app::restore::fail(&self.cx, conn, work.tenant, work.restore, reason).await?;
        Ok(())
    }
}

/// What did not succeed while its tenant is suspended has not failed: the job is put aside, and queued again when the
/// tenant is resumed.
async fn or_held(cx: &Cx, work: AnyWork, done: Result<(), Failure>) -> Result<(), Failure> {
    let (Err(failure), Some(tenant)) = (&done, work.reaches_out_for()) else {
        return done;
    };
    if app::lifecycle::hold(cx, tenant, &work).await.map_err(app_failure)? {
        tracing::info!(tenant.id = %tenant, ?failure, "Put a job aside: the customer is suspended");
        return Ok(());
    }
    done
}
