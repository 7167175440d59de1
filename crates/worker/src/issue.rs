//! An issue as it is now, taken over into the records.

use app::change_request::IssueAsRead;
use app::{AppError, Cx};
use domain::change_request::IssueRef;
use domain::id::TenantId;
use domain::scope_change::{FormProblem, normalise};
use github::issue_form::{self, FormKind};
use github::{GitHubError, Issue, IssueState};
use jobs::Failure;

use crate::outside::{Outside, app_failure, github_failure, goes_on};

/// Reads the issue and takes it over: a webhook is a hint, GitHub's answer is what counts.
pub(crate) async fn refresh(
    cx: &Cx,
    outside: &Outside,
    tenant: TenantId,
    repository_id: i64,
    number: i64,
) -> Result<(), Failure> {
    goes_on(cx, tenant).await?;
    let Some(read) = read(cx, outside, tenant, repository_id, number).await? else {
        return Ok(());
    };
    match app::change_request::from_issue(cx, tenant, &read).await {
        Ok(_) => Ok(()),
        // Two deliveries of a new issue at the same time: the other one made the request.
        Err(AppError::Store(store::StoreError::Exists { constraint })) => {
            Err(Failure::retry(format!("{constraint} was made at the same time")))
        }
        Err(error) => Err(app_failure(error)),
    }
}

/// The issue as it is now; `None`: it is gone, has no author any more, or is a pull request.
pub(crate) async fn read(
    cx: &Cx,
    outside: &Outside,
    tenant: TenantId,
    repository_id: i64,
    number: i64,
) -> Result<Option<IssueAsRead>, Failure> {
    let Some(repository) = outside.repository(cx, tenant, repository_id).await? else {
        return Ok(None);
    };
    let wanted = u64::try_from(number).map_err(|_| Failure::fail("The issue has no valid number."))?;
    let issue = match repository.reach().await?.issue(wanted).await {
        Ok(issue) => issue,
        Err(GitHubError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(github_failure(error)),
    };
    Ok(as_read(repository_id, number, issue))
}

fn as_read(repository_id: i64, number: i64, issue: Issue) -> Option<IssueAsRead> {
    let author = issue.user.filter(|_| !issue.is_pull_request)?;
    let asked = match issue_form::recognise(&issue.body) {
        FormKind::ScopeChange => issue_form::scope_change(&issue.body),
        FormKind::RestoreRequest => Err(vec![another_form(
            "This is a restore request. Restores are asked for in the portal, on your page Restores, where the \
             recovery points are listed. Ask there and close this issue.",
        )]),
        FormKind::FreeForm => Err(vec![another_form(
            "This issue was not filed with the scope change form, so nothing could be read without guessing. \
             Edit it to carry the form's headings and answers, or close it and file the form.",
        )]),
    };
    Some(IssueAsRead {
        issue: IssueRef {
            repository_id,
            full_name: issue.repository,
            number,
        },
        title: normalise(&issue.title),
        body: issue.body,
        author_id: i64::try_from(author.id).ok()?,
        author_login: author.login,
        open: issue.state == IssueState::Open,
        asked,
    })
}

fn another_form(why: &str) -> FormProblem {
    FormProblem {
        field: "form".to_owned(),
        label: "Form".to_owned(),
        given: None,
        why: why.to_owned(),
    }
}
