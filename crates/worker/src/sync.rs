//! The issue in step with its request: comments posted once, our label, open or closed.

use std::time::Duration;

use app::Cx;
use domain::change_request::{ChangeRequest, State};
use domain::id::{ChangeRequestId, TenantId};
use domain::tenant::TenantScope;
use github::CloseReason;
use jobs::{Failure, Lease};

use crate::crash::crash_point;
use crate::outside::{Outside, github_failure, goes_on, store_failure};

const LABELS: &str = "holdfast:";

/// Posts what is owed, in order, then label and state.
pub(crate) async fn sync(
    cx: &Cx,
    outside: &Outside,
    tenant: TenantId,
    id: ChangeRequestId,
    lease: &Lease,
) -> Result<(), Failure> {
    goes_on(cx, tenant).await?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    let request = store::change_request::get(&mut tx, &scope, id)
        .await
        .map_err(store_failure)?;
    drop(tx);
    let Some((request, issue)) = request.and_then(|request| request.issue.clone().map(|issue| (request, issue))) else {
        return Ok(());
    };
    let Some(repository) = outside.repository(cx, tenant, issue.repository_id).await? else {
        return Ok(());
    };
    // GitHub gives comments no key: two at once would both find that theirs is missing, and post it.
    let Some(held) = store::lock::try_hold(&cx.db, &format!("issue/{id}"))
        .await
        .map_err(store_failure)?
    else {
        return Err(Failure::Retry {
            reason: "another job is at this issue".to_owned(),
            after: Some(Duration::from_secs(1)),
        });
    };
    let owed = {
        let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
        store::comment::owed(&mut tx, tenant, id).await.map_err(store_failure)?
    };
    let number = u64::try_from(issue.number).map_err(|_| Failure::fail("The issue has no valid number."))?;
    for comment in owed {
        let repository = repository.reach().await?;
        lease.check().await?;
        crash_point!("comment-before-post");
        let posted = repository
            .ensure_comment(number, comment.id.0, &comment.body)
            .await
            .map_err(github_failure)?;
        crash_point!("comment-after-post");
        let posted = i64::try_from(posted).map_err(|_| Failure::fail("The comment has no valid number."))?;
        let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
        store::comment::posted(&mut tx, tenant, comment.id, posted)
            .await
            .map_err(store_failure)?;
        tx.commit().await.map_err(store_failure)?;
    }
    let labelled = repository.reach().await?;
    lease.check().await?;
    let label = format!("{LABELS}{}", request.state.name());
    labelled
        .set_labels_with_prefix(number, LABELS, &[&label])
        .await
        .map_err(github_failure)?;
    if let Some(reason) = close_reason(&request) {
        let closed = repository.reach().await?.close(number, reason).await;
        closed.map_err(github_failure)?;
    }
    held.release().await.map_err(store_failure)
}

/// A failed request stays open: somebody has to look.
const fn close_reason(request: &ChangeRequest) -> Option<CloseReason> {
    match request.state {
        State::Applied { .. } => Some(CloseReason::Completed),
        State::Rejected { .. } | State::Withdrawn | State::Expired => Some(CloseReason::NotPlanned),
        _ => None,
    }
}
