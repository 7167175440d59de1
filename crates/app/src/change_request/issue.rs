//! Asking by a GitHub issue: the same record as by any other door.

use domain::change_request::{ChangeRequest, IssueRef, Requester, Source, State};
use domain::digest::Digest;
use domain::id::{ChangeRequestId, TenantId};
use domain::scope_change::{FormProblem, ScopeChangeForm};
use domain::tenant::TenantScope;
use serde_json::json;
use store::{Connection, Tx};

use super::{progress, submit, words};
use crate::work::{GithubWork, Work};
use crate::{AppError, By, Cx, audit};

/// An issue as it was read a moment ago.
#[derive(Debug, Clone)]
pub struct IssueAsRead {
    /// Which.
    pub issue: IssueRef,
    /// Its title.
    pub title: String,
    /// Its body, raw.
    pub body: String,
    /// Number of the GitHub account that filed it.
    pub author_id: i64,
    /// That account's login.
    pub author_login: String,
    /// Whether it is open.
    pub open: bool,
    /// What its body asks for, or what is missing.
    pub asked: Result<ScopeChangeForm, Vec<FormProblem>>,
}

/// What an issue made of the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// A new or changed request; its plan follows.
    Changed(ChangeRequestId),
    /// Nothing new.
    Unchanged,
}

/// Takes over an issue as it is now: a new request, an edit of one, or its closing by hand.
///
/// # Errors
/// [`AppError::Store`].
pub async fn from_issue(cx: &Cx, tenant: TenantId, read: &IssueAsRead) -> Result<Taken, AppError> {
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let entitled = store::github::entitlement(&mut tx, tenant, read.author_id).await?;
    let Some(entitled) = entitled.filter(|entitled| entitled.may_request) else {
        let names = store::github::requesters(&mut tx, tenant)
            .await?
            .into_iter()
            .map(|one| one.login)
            .collect::<Vec<_>>();
        return refuse(cx, tx, tenant, read, words::not_entitled(&names)).await;
    };
    let requester = Requester {
        user: entitled.user,
        name: read.author_login.clone(),
    };
    let by = By {
        user: entitled.user,
        name: format!("{} (GitHub)", read.author_login),
    };
    let digest = digest(read);
    let known =
        store::change_request::lock_by_issue(&mut tx, tenant, read.issue.repository_id, read.issue.number).await?;
    let taken = match known {
        Some(request)
            if !read.open && !request.state.is_final() && !matches!(request.state, State::Applying { .. }) =>
        {
            let mut request = request.withdraw(cx.now())?;
            store::change_request::save(&mut tx, &mut request).await?;
            audit::record(
                cx,
                &mut tx,
                &by,
                tenant,
                "change-request.withdrawn",
                request.id.0,
                json!({ "issue": "closed" }),
            )
            .await?;
            jobs::enqueue(
                &mut tx,
                &GithubWork::SyncIssue {
                    tenant,
                    change: request.id,
                },
            )
            .await?;
            Taken::Changed(request.id)
        }
        Some(request)
            if !read.open
                || request.request_digest == digest
                || request.state.is_final()
                || matches!(request.state, State::Applying { .. }) =>
        {
            note_new_name(&mut tx, request, read).await?;
            Taken::Unchanged
        }
        Some(request) => {
            let mut request = request.edited(read.title.clone(), read.asked.clone().ok(), digest, cx.now())?;
            request.requester = requester;
            store::change_request::save(&mut tx, &mut request).await?;
            audit::record(
                cx,
                &mut tx,
                &by,
                tenant,
                "change-request.edited",
                request.id.0,
                json!({ "digest": digest }),
            )
            .await?;
            follow_up(cx, &mut tx, request, read).await?
        }
        None if !read.open => Taken::Unchanged,
        None => {
            let request = new_request(cx, &mut tx, tenant, read, requester, digest).await?;
            submit::insert(cx, &mut tx, &by, &request).await?;
            follow_up(cx, &mut tx, request, read).await?
        }
    };
    commit(tx, taken).await
}

/// Answers an issue whose author may not ask: "needs information", with whom to ask. Nothing is planned.
async fn refuse(
    cx: &Cx,
    mut tx: Tx,
    tenant: TenantId,
    read: &IssueAsRead,
    why: FormProblem,
) -> Result<Taken, AppError> {
    let digest = digest(read);
    let known =
        store::change_request::lock_by_issue(&mut tx, tenant, read.issue.repository_id, read.issue.number).await?;
    if known.is_some() || !read.open {
        return commit(tx, Taken::Unchanged).await;
    }
    let requester = Requester {
        user: None,
        name: read.author_login.clone(),
    };
    let mut request = new_request(cx, &mut tx, tenant, read, requester, digest).await?;
    request.form = None;
    store::change_request::insert(&mut tx, &request).await?;
    progress::ask_back_in(cx, &mut tx, request.clone(), vec![why]).await?;
    commit(tx, Taken::Changed(request.id)).await
}

/// What the request is known by: its raw title and body, and who wrote it.
fn digest(read: &IssueAsRead) -> Digest {
    Digest::of(&(&read.title, &read.body, read.author_id))
}

async fn new_request(
    cx: &Cx,
    tx: &mut Connection,
    tenant: TenantId,
    read: &IssueAsRead,
    requester: Requester,
    digest: Digest,
) -> Result<ChangeRequest, AppError> {
    let now = cx.now();
    Ok(ChangeRequest {
        id: ChangeRequestId::at(now),
        tenant,
        number: store::tenant::next_number(tx, tenant, "change").await?,
        title: read.title.clone(),
        source: Source::Github,
        issue: Some(read.issue.clone()),
        requester,
        form: read.asked.clone().ok(),
        resolved: None,
        request_digest: digest,
        state: State::Submitted,
        approvals: Vec::new(),
        created_at: now,
        updated_at: now,
        revision: 1,
    })
}

/// Asks back what the body lacks; a complete one is planned by the job that its storing caused.
async fn follow_up(
    cx: &Cx,
    tx: &mut Connection,
    request: ChangeRequest,
    read: &IssueAsRead,
) -> Result<Taken, AppError> {
    let id = request.id;
    match &read.asked {
        Err(missing) => progress::ask_back_in(cx, tx, request, missing.clone()).await?,
        Ok(_) => {
            jobs::enqueue(
                tx,
                &Work::PlanChange {
                    tenant: request.tenant,
                    change: id,
                },
            )
            .await?;
        }
    }
    Ok(Taken::Changed(id))
}

/// A repository that was renamed or an issue that moved with it keeps its request.
async fn note_new_name(tx: &mut Connection, mut request: ChangeRequest, read: &IssueAsRead) -> Result<(), AppError> {
    if request.issue.as_ref() != Some(&read.issue) {
        request.issue = Some(read.issue.clone());
        store::change_request::save(tx, &mut request).await?;
    }
    Ok(())
}

async fn commit(tx: Tx, taken: Taken) -> Result<Taken, AppError> {
    tx.commit().await?;
    Ok(taken)
}
