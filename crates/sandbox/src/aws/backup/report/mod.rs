//! Reports about jobs, delivered to a bucket every day and when asked for.
//!
//! | AWS | Here |
//! |---|---|
//! | A report plan is deployed for a while | at once |
//! | Reports arrive between 01:00 and 05:00 UTC | at 01:00 |
//! | Of the accounts and regions that the plan names | of its own |
//! | Compliance and scans are reported on | those reports have no rows |

mod content;
mod job;
mod plan;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use self::job::{ReportJob, deliver, describe_job, list_jobs, start_job};
pub(crate) use self::plan::{create, delete, describe, list, update};
use super::super::rest::Exception;
use super::desk::{midnight, present, time};
use super::state::{Place, Region, State, Task};

/// Reports are made at this time of the day, UTC.
const AT: SignedDuration = SignedDuration::from_hours(1);

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug)]
pub(crate) struct ReportPlan {
    name: String,
    pub(crate) arn: String,
    description: Option<String>,
    channel: Channel,
    setting: Setting,
    token: Option<String>,
    created: Timestamp,
    attempted: Option<Timestamp>,
    succeeded: Option<Timestamp>,
}

/// Where a report goes, and as what.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Channel {
    #[serde(rename = "S3BucketName")]
    bucket: String,
    #[serde(rename = "S3KeyPrefix", skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(rename = "Formats")]
    /// Of [`FORMATS`].
    formats: Vec<String>,
}

const FORMATS: [&str; 2] = ["CSV", "JSON"];

/// What a report is about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Setting {
    report_template: String,
    /// Accounts, regions, frameworks: kept as they were given.
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

impl ReportPlan {
    fn shown(&self) -> Value {
        present(json!({
            "ReportPlanArn": self.arn,
            "ReportPlanName": self.name,
            "ReportPlanDescription": self.description,
            "ReportSetting": self.setting,
            "ReportDeliveryChannel": self.channel,
            "DeploymentStatus": "COMPLETED",
            "CreationTime": time(self.created),
            "LastAttemptedExecutionTime": self.attempted.map(time),
            "LastSuccessfulExecutionTime": self.succeeded.map(time),
        }))
    }
}

/// # Errors
/// `ResourceNotFoundException`.
fn named<'a>(region: &'a Region, name: &str) -> Result<&'a ReportPlan, Exception> {
    region.report_plans.get(name).ok_or_else(|| no_plan(name))
}

fn no_plan(name: &str) -> Exception {
    Exception::not_found(format!("Cannot find report plan with name {name}"))
}

/// Plans the first report after a moment; `arn` is the plan's.
fn tomorrow(state: &mut State, place: &Place, arn: &str, after: Timestamp) {
    let today = midnight(after) + AT;
    let at = if today > after { today } else { today + DAY };
    state.plan(at, place, Task::Report(arn.to_owned()));
}

/// Makes the day's report, unless its plan is gone.
pub(crate) fn every_day(state: &mut State, place: &Place, arn: &str, at: Timestamp) {
    let mut plans = state.read(place).report_plans.values();
    let Some(name) = plans.find(|plan| plan.arn == arn).map(|plan| plan.name.clone()) else {
        return;
    };
    job::accept(state, place, &name, at);
    tomorrow(state, place, arn, at);
}
