//! The first half: an issue becomes live backups.

use std::collections::BTreeMap;

use domain::scope_change::{BACKUP_WINDOW, FieldKind, RETENTION, ScopeChangeForm};
use serde_json::{Value, json};

use super::super::customers::PROD_PG;
use super::super::owner::Instance;
use super::super::rest::Rest;
use super::super::step::{StepFailed, Unproven, prove, step, until};
use super::{APPROVER, Stage, in_state, list, short, text};

/// Less than the form's placeholder says, so that a visitor who files it as it stands changes something.
const RETENTION_DAYS: u16 = 30;
/// Another than the window that AWS has given the instance.
const WINDOW: &str = "01:30-02:30";

/// What an account's owner sees at AWS, by instance.
type AtAws = BTreeMap<String, Instance>;

/// Files the issue, approves what Holdfast plans, and looks at the results.
pub(super) async fn run(stage: &Stage<'_>) -> Result<(), StepFailed> {
    let job = Change::new(stage);
    let before = step("Looking at the customer's AWS account", job.look()).await?;
    let issue = step("Filing the issue", job.file()).await?;
    let request = step("From webhook to change request", job.arrived(issue)).await?;
    let request = step("The plan", job.planned(issue, &request)).await?;
    step("The approval", job.approve(&request)).await?;
    step("The change at AWS", job.applied(&request, &before)).await?;
    step("The result on the issue", job.told(issue)).await?;
    step("The scope of work", job.recorded(&request)).await?;
    step("The status page", job.shown()).await
}

struct Change<'a> {
    stage: &'a Stage<'a>,
    /// Login of the customer's person.
    login: &'a str,
    github: Rest,
    api: Rest,
}

impl<'a> Change<'a> {
    fn new(stage: &'a Stage<'a>) -> Self {
        let first = stage.facts.github_tokens.first_key_value();
        let (login, token) = first.expect("each customer of the demo has a GitHub login");
        Self {
            stage,
            login,
            github: Rest::new(&stage.facts.github_url, token),
            api: stage.api(APPROVER),
        }
    }

    async fn look(&self) -> Result<(AtAws, String), Unproven> {
        let account = self.stage.account();
        let seen = self.stage.owner_of(account).instances().await?;
        let days = seen.get(PROD_PG).map(|one| one.backup_retention_period);
        prove(days == Some(0), || format!("{PROD_PG} is kept {days:?} days"))?;
        let proof = format!(
            "AWS account {account} has {} databases; {PROD_PG} has no backups",
            seen.len()
        );
        Ok((seen, proof))
    }

    async fn file(&self) -> Result<(i64, String), Unproven> {
        let repository = &self.stage.customer().github_repo;
        let issue = json!({ "title": format!("Scope change: {PROD_PG}"), "body": issue_body() });
        let made = self.github.post(&format!("/repos/{repository}/issues"), &issue).await?;
        let number = made["number"].as_i64();
        let number = number.ok_or_else(|| Unproven::Hopeless(format!("GitHub made {made}")))?;
        let proof = format!(
            "{} filed {repository}#{number}: {PROD_PG} in scope, {RETENTION_DAYS} days",
            self.login
        );
        Ok((number, proof))
    }

    /// The request that the webhook made; Holdfast's comment stands on the issue.
    async fn arrived(&self, issue: i64) -> Result<(Value, String), Unproven> {
        let path = self.stage.path(&format!("/change-requests?github_issue={issue}"));
        let request = until(async || {
            let found = self.api.get(&path).await?;
            let found = list(&found["items"]).first().cloned();
            found.ok_or_else(|| Unproven::Otherwise("the issue has made no change request".to_owned()))
        });
        let request = request.await?;
        let comment = until(async || self.newest_comment(issue, "").await).await?;
        let author = text(&comment, "/user/login");
        let proof = format!(
            "The webhook made change {} of it, and {author} answered on the issue",
            request["number"]
        );
        Ok((request, proof))
    }

    /// The request with its plan, whose digest the comment names too.
    async fn planned(&self, issue: i64, request: &Value) -> Result<(Value, String), Unproven> {
        let planned = until(async || {
            let request = self.request(request).await?;
            in_state(&request, "planned").map(|()| request)
        });
        let planned = planned.await?;
        let digest = text(&planned, "/plan/digest");
        until(async || self.newest_comment(issue, digest).await).await?;
        let steps = list(&planned["plan"]["steps"])
            .iter()
            .map(|step| text(step, "/summary"));
        let steps: Vec<_> = steps.collect();
        let proof = format!(
            "Plan {} in the API and in the comment alike: {}",
            short(digest),
            steps.join("; ")
        );
        Ok((planned, proof))
    }

    async fn approve(&self, request: &Value) -> Result<((), String), Unproven> {
        let browser = self.stage.browser(APPROVER).await?;
        let page = self.stage.path(&format!("/changes/{}", request["number"]));
        let digest = text(request, "/plan/digest");
        let html = browser.page(&page).await?;
        prove(html.contains(digest), || {
            format!("{page} does not show the digest {digest}")
        })?;
        browser
            .send(&format!("{page}/approve"), &[("plan_digest", digest)])
            .await?;
        let approved = self.request(request).await?;
        let approval = &approved["approvals"][0];
        prove(approval["plan_digest"] == digest, || {
            format!("the approvals are {}", approved["approvals"])
        })?;
        let proof = format!(
            "{} signed in, saw plan {} and approved exactly that",
            text(approval, "/by"),
            short(digest)
        );
        Ok(((), proof))
    }

    /// Asked at AWS as the account's owner, not in Holdfast's records.
    async fn applied(&self, request: &Value, before: &AtAws) -> Result<((), String), Unproven> {
        until(async || in_state(&self.request(request).await?, "applied")).await?;
        let mut after = self.stage.owner_of(self.stage.account()).instances().await?;
        let database = after.remove(PROD_PG);
        let database = database.ok_or_else(|| Unproven::Hopeless(format!("{PROD_PG} is gone at AWS")))?;
        let tenant = self.stage.customer().id.to_string();
        let as_agreed = database.backup_retention_period == RETENTION_DAYS
            && database.preferred_backup_window == WINDOW
            && database.tag("holdfast:tenant") == Some(&tenant);
        prove(as_agreed, || format!("AWS has {database:?}"))?;
        let mut others = before.clone();
        others.remove(PROD_PG);
        prove(after == others, || {
            format!("other databases changed from {others:?} to {after:?}")
        })?;
        let proof = format!(
            "AWS itself says: {PROD_PG} is kept {RETENTION_DAYS} days, window {WINDOW}, tagged; the {} other databases are untouched",
            others.len()
        );
        Ok(((), proof))
    }

    async fn told(&self, issue: i64) -> Result<((), String), Unproven> {
        until(async || self.newest_comment(issue, "is applied").await).await?;
        let shown = until(async || {
            let shown = self.github.get(&self.issue_path(issue)).await?;
            let state = text(&shown, "/state");
            prove(state == "closed", || format!("the issue is {state}")).map(|()| shown.clone())
        });
        let shown = shown.await?;
        let label = text(&shown, "/labels/0/name");
        let proof = format!(
            "{}#{issue} has the result and is closed, labelled {label}",
            self.stage.customer().github_repo
        );
        Ok(((), proof))
    }

    async fn recorded(&self, request: &Value) -> Result<((), String), Unproven> {
        let request = self.request(request).await?;
        let versions = self.api.get(&self.stage.path("/sow-versions")).await?;
        let newest = &versions["items"][0];
        let approvers: Vec<_> = list(&request["approvals"]).iter().map(|one| &one["by"]).collect();
        let named: Vec<_> = list(&newest["approved_by"]).iter().collect();
        let names_both = newest["change_request_id"] == request["id"]
            && newest["version"] == request["sow_version"]
            && named == approvers;
        prove(names_both, || format!("the newest version is {newest}"))?;
        let proof = format!(
            "Scope of work version {} names change {} and who approved it: {}",
            newest["version"],
            request["number"],
            text(newest, "/approved_by/0")
        );
        Ok(((), proof))
    }

    /// The customer's own viewer sees contracted and effective retention alike.
    async fn shown(&self) -> Result<((), String), Unproven> {
        let browser = self.stage.browser(&self.stage.own("customer-viewer")).await?;
        let days = format!("{RETENTION_DAYS} days");
        until(async || {
            let html = browser.page(&self.stage.path("")).await?;
            let row = html.split("</tr>").find(|row| row.contains(&format!(">{PROD_PG}<")));
            let told = row.map_or(0, |row| row.matches(&days).count());
            prove(told >= 2, || {
                format!("the status page tells {days} {told} times, not as contracted and as effective")
            })
        })
        .await?;
        let proof = format!("The customer's status page shows {PROD_PG}: {days} contracted, {days} effective");
        Ok(((), proof))
    }

    async fn request(&self, request: &Value) -> Result<Value, Unproven> {
        let path = format!("/change-requests/{}", text(request, "/id"));
        Ok(self.api.get(&path).await?)
    }

    fn issue_path(&self, issue: i64) -> String {
        format!("/repos/{}/issues/{issue}", self.stage.customer().github_repo)
    }

    /// The newest comment on the issue that says so.
    async fn newest_comment(&self, issue: i64, saying: &str) -> Result<Value, Unproven> {
        let comments = self.github.get(&format!("{}/comments", self.issue_path(issue))).await?;
        let mut newest_first = list(&comments).iter().rev();
        let found = newest_first.find(|comment| text(comment, "/body").contains(saying));
        found
            .cloned()
            .ok_or_else(|| Unproven::Otherwise(format!("no comment on the issue says \"{saying}\"")))
    }
}

/// What GitHub makes of the form when it is filled with its placeholders and first options, but for two answers.
fn issue_body() -> String {
    let days = format!("{RETENTION_DAYS} days");
    let answered = ScopeChangeForm::FIELDS.map(|field| {
        let answer = match field.kind {
            _ if field.id == RETENTION.id => &days,
            _ if field.id == BACKUP_WINDOW.id => WINDOW,
            FieldKind::Input { placeholder } => placeholder,
            FieldKind::Choice { options } => options[0],
            FieldKind::Text => "_No response_",
        };
        format!("### {}\n\n{answer}\n", field.label)
    });
    answered.join("\n")
}
