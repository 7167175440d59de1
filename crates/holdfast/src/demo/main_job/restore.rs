//! The second half: a restore from the backups that the first half made.

use serde_json::{Value, json};

use super::super::customers::PROD_PG;
use super::super::rest::Rest;
use super::super::step::{StepFailed, Unproven, prove, step, until};
use super::{APPROVER, Stage, in_state, list, short, text};

/// What would start a second database.
const RESTORES: [&str; 2] = ["RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceToPointInTime"];

/// Asks for the restore as the customer, approves it as the provider, and lets the customer confirm.
pub(super) async fn run(stage: &Stage<'_>) -> Result<(), StepFailed> {
    let requester = stage.own("customer-requester");
    let job = Restore {
        stage,
        api: stage.api(&requester),
    };
    let point = step("A recovery point", job.observed()).await?;
    let request = step("Asking for the restore", job.ask(&point)).await?;
    step("The approval of the restore", job.approve(&request)).await?;
    step("The restore at AWS", job.restored(&request)).await?;
    step("The customer's word", job.confirm(&request)).await
}

struct Restore<'a> {
    stage: &'a Stage<'a>,
    api: Rest,
}

impl Restore<'_> {
    /// The newest recovery point of the database.
    async fn observed(&self) -> Result<(Value, String), Unproven> {
        let path = self.stage.path("/recovery-points");
        let point = until(async || {
            let points = self.api.get(&path).await?;
            let ours = list(&points["items"])
                .iter()
                .filter(|point| point["component"] == PROD_PG);
            let newest = ours.max_by_key(|point| text(point, "/at").to_owned()).cloned();
            newest.ok_or_else(|| Unproven::Otherwise(format!("no recovery point of {PROD_PG} was observed")))
        });
        let point = point.await?;
        let proof = format!(
            "Holdfast observed a recovery point of {PROD_PG}, of {}",
            text(&point, "/at")
        );
        Ok((point, proof))
    }

    async fn ask(&self, point: &Value) -> Result<(Value, String), Unproven> {
        let asked = json!({
            "component_id": point["component_id"],
            "urgency": "critical",
            "reason": "A deploy dropped a column; we need it back to compare.",
        });
        let request = self.api.post(&self.stage.path("/restore-requests"), &asked).await?;
        let proof = format!(
            "{} asked for restore {} from the last available recovery point, as {}",
            text(&request, "/requester"),
            request["number"],
            text(&request, "/target")
        );
        Ok((request, proof))
    }

    async fn approve(&self, request: &Value) -> Result<((), String), Unproven> {
        let browser = self.stage.browser(APPROVER).await?;
        let page = self.stage.path(&format!("/restores/{}", request["number"]));
        let digest = text(request, "/plan/digest");
        let html = browser.page(&page).await?;
        prove(html.contains(digest), || {
            format!("{page} does not show the digest {digest}")
        })?;
        browser
            .send(&format!("{page}/approve"), &[("plan_digest", digest)])
            .await?;
        let request = self.request(request).await?;
        let by = text(&request, "/approvals/0/by");
        let other = !by.is_empty() && by != text(&request, "/requester");
        prove(other, || format!("the approvals are {}", request["approvals"]))?;
        let proof = format!(
            "{by}, who did not ask for it, approved exactly what was shown ({})",
            short(digest)
        );
        Ok(((), proof))
    }

    /// The copy exists at AWS, and the calls that came there made no other.
    async fn restored(&self, request: &Value) -> Result<((), String), Unproven> {
        until(async || in_state(&self.request(request).await?, "verifying")).await?;
        let (account, target) = (self.stage.account(), text(request, "/target"));
        let at_aws = self.stage.owner_of(account).instances().await?;
        prove(at_aws.contains_key(target) && at_aws.contains_key(PROD_PG), || {
            format!("AWS has {:?}", at_aws.keys())
        })?;
        let (sandbox, mut made) = (Rest::open(&self.stage.facts.sandbox_url), 0);
        for operation in RESTORES {
            let path = format!("/_sandbox/calls?tenant={account}&service=rds&op={operation}");
            let calls = sandbox.get(&path).await?;
            made += list(&calls["items"])
                .iter()
                .filter(|call| call["effect"] == true)
                .count();
        }
        prove(made == 1, || format!("{made} restores were made at AWS"))?;
        let proof = format!("AWS has {target} beside {PROD_PG}; its log shows one restore");
        Ok(((), proof))
    }

    async fn confirm(&self, request: &Value) -> Result<((), String), Unproven> {
        let path = format!("/restore-requests/{}/verify", text(request, "/id"));
        self.api.post(&path, &json!({})).await?;
        in_state(&self.request(request).await?, "closed")?;
        let proof = format!(
            "The customer confirmed the data; restore {} is closed",
            request["number"]
        );
        Ok(((), proof))
    }

    async fn request(&self, request: &Value) -> Result<Value, Unproven> {
        let path = format!("/restore-requests/{}", text(request, "/id"));
        Ok(self.api.get(&path).await?)
    }
}
