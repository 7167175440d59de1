//! Report jobs: started, followed, delivered.

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::super::super::ministack::Ministack;
use super::super::super::rest::{self, Exception};
use super::super::Backup;
use super::super::desk::{Desk, Reply, present, time};
use super::super::job::LISTED_FOR;
use super::super::state::{Place, State, Task};
use super::{DAY, content, named};

/// A job that was accepted starts after so long.
const UNTIL_RUNNING: SignedDuration = SignedDuration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Created,
    Running,
    Completed,
    Failed,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct ReportJob {
    id: String,
    /// Name of its plan.
    plan: String,
    plan_arn: String,
    template: String,
    stage: Stage,
    message: Option<String>,
    created: Timestamp,
    ended: Option<Timestamp>,
    bucket: String,
    /// What was delivered.
    keys: Vec<String>,
    token: Option<String>,
}

impl ReportJob {
    fn shown(&self) -> Value {
        present(json!({
            "ReportJobId": self.id,
            "ReportPlanArn": self.plan_arn,
            "ReportTemplate": self.template,
            "CreationTime": time(self.created),
            "CompletionTime": self.ended.map(time),
            "Status": self.stage.name(),
            "StatusMessage": self.message,
            "ReportDestination": {"S3BucketName": self.bucket, "S3Keys": self.keys},
        }))
    }
}

pub(crate) fn start_job(desk: &mut Desk<'_>) -> Reply {
    let name = desk.ask.path("reportPlanName");
    named(desk.read(), name)?;
    let asked: Value = desk.ask.body()?;
    let token = asked["IdempotencyToken"].as_str().map(str::to_owned);
    let mut jobs = desk.read().report_jobs.values();
    let again = jobs.find(|job| token.is_some() && job.token == token && job.plan == name);
    if let Some(there) = again {
        return Ok(json!({"ReportJobId": there.id}));
    }
    let (place, now) = (desk.place.clone(), desk.now);
    let id = accept(desk.state, &place, name, now).ok_or_else(|| super::no_plan(name))?;
    if let Some(job) = desk.region().report_jobs.get_mut(&id) {
        job.token = token;
    }
    Ok(json!({"ReportJobId": id}))
}

/// Makes the job, which goes its way from here; its id, or `None` where the plan is not there.
pub(super) fn accept(state: &mut State, place: &Place, name: &str, now: Timestamp) -> Option<String> {
    let region = state.region(place);
    let plan = region.report_plans.get_mut(name)?;
    plan.attempted = Some(now);
    let job = ReportJob {
        id: uuid::Uuid::new_v4().to_string(),
        plan: plan.name.clone(),
        plan_arn: plan.arn.clone(),
        template: plan.setting.report_template.clone(),
        stage: Stage::Created,
        message: None,
        created: now,
        ended: None,
        bucket: plan.channel.bucket.clone(),
        keys: Vec::new(),
        token: None,
    };
    let id = job.id.clone();
    region.report_jobs.insert(id.clone(), job);
    state.plan(now + UNTIL_RUNNING, place, Task::ReportJob(id.clone()));
    Some(id)
}

pub(crate) fn describe_job(desk: &mut Desk<'_>) -> Reply {
    let id = desk.ask.path("reportJobId");
    let job = desk.read().report_jobs.get(id);
    let job = job.ok_or_else(|| Exception::not_found(format!("Cannot find report job with ID {id}")))?;
    Ok(json!({"ReportJob": job.shown()}))
}

pub(crate) fn list_jobs(desk: &mut Desk<'_>) -> Reply {
    let ask = &desk.ask;
    let moment = |name: &str| {
        let parsed = ask.query(name).map(str::parse::<Timestamp>).transpose();
        parsed.map_err(|_| Exception::invalid_parameter(format!("Invalid value for {name}")))
    };
    let (after, before) = (moment("CreationAfter")?, moment("CreationBefore")?);
    let (plan, status) = (ask.query("ReportPlanName"), ask.query("Status"));
    let wanted = |job: &&ReportJob| {
        plan.is_none_or(|plan| job.plan == plan)
            && status.is_none_or(|status| job.stage.name() == status)
            && after.is_none_or(|after| job.created > after)
            && before.is_none_or(|before| job.created < before)
    };
    let jobs = desk.read().report_jobs.values().filter(wanted);
    let items = jobs.map(|job| (rest::newest_first(job.created, &job.id), job));
    let page = rest::page(ask, ("MaxResults", "NextToken"), "ReportJobs", items, ReportJob::shown)?;
    Ok(page.into())
}

/// Takes the job's next step: it runs, delivers, and is listed for a while.
pub(crate) async fn deliver(backup: &Backup, ministack: Option<&Ministack>, place: &Place, id: &str, at: Timestamp) {
    let Some(job) = backup.lock().read(place).report_jobs.get(id).cloned() else {
        return;
    };
    match job.stage {
        Stage::Created => {
            let mut state = backup.lock();
            set(
                &mut state,
                place,
                ReportJob {
                    stage: Stage::Running,
                    ..job
                },
            );
            state.plan(at + backup.jobs_take, place, Task::ReportJob(id.to_owned()));
        }
        Stage::Running => {
            let put = put(backup, ministack, place, &job, at).await;
            let mut state = backup.lock();
            let plan = state.region(place).report_plans.get_mut(&job.plan);
            if let (Some(plan), Ok(_)) = (plan, &put) {
                plan.succeeded = Some(at);
            }
            let (stage, message, keys) = match put {
                Ok(keys) => (Stage::Completed, None, keys),
                Err(message) => (Stage::Failed, Some(message), Vec::new()),
            };
            let ended = Some(at);
            set(
                &mut state,
                place,
                ReportJob {
                    stage,
                    message,
                    keys,
                    ended,
                    ..job
                },
            );
            state.plan(at + LISTED_FOR, place, Task::ReportJob(id.to_owned()));
        }
        Stage::Completed | Stage::Failed => {
            backup.lock().region(place).report_jobs.remove(id);
        }
    }
}

fn set(state: &mut State, place: &Place, job: ReportJob) {
    state.region(place).report_jobs.insert(job.id.clone(), job);
}

/// Writes the report into its bucket, once in each format; the keys.
async fn put(
    backup: &Backup,
    ministack: Option<&Ministack>,
    place: &Place,
    job: &ReportJob,
    at: Timestamp,
) -> Result<Vec<String>, String> {
    let failed = |code: &str| format!("Failed to deliver the report to the S3 bucket {}: {code}", job.bucket);
    let ministack = ministack.ok_or_else(|| failed("ServiceUnavailable"))?;
    let (channel, rows) = {
        let state = backup.lock();
        let region = state.read(place);
        let plan = region.report_plans.get(&job.plan);
        let plan = plan.ok_or_else(|| failed("the report plan was deleted"))?;
        let period = (job.created - DAY, job.created);
        (
            plan.channel.clone(),
            content::rows(region, place, &job.template, period),
        )
    };
    let from = (place.account.as_str(), place.region.as_str(), "s3");
    let folder = channel.prefix.map(|prefix| format!("{}/", prefix.trim_matches('/')));
    let mut keys = Vec::new();
    for format in channel.formats {
        let (ending, body) = match format.as_str() {
            "JSON" => ("json", json!({"reportItems": rows}).to_string()),
            _ => ("csv", content::csv(&rows)),
        };
        let key = format!(
            "{}Backup/{}/{}/{}-{}.{ending}",
            folder.as_deref().unwrap_or_default(),
            place.region,
            at.strftime("%Y/%m/%d"),
            job.plan,
            job.id
        );
        let path: Vec<String> = [job.bucket.as_str()]
            .into_iter()
            .chain(key.split('/'))
            .map(encoded)
            .collect();
        let path = format!("/{}", path.join("/"));
        let sent = ministack.rest_as_root(from, Method::PUT, &path, body);
        sent.await
            .map_err(|refusal| failed(&refusal.into_answer().error_code().unwrap_or_default()))?;
        keys.push(key);
    }
    Ok(keys)
}

fn encoded(segment: &str) -> String {
    const KEPT: percent_encoding::AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(segment, &KEPT).to_string()
}
