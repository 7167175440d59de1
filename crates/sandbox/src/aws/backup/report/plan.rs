//! Report plans: made, changed, shown, deleted.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::super::rest::{self, Exception};
use super::super::desk::{Desk, Reply, time};
use super::super::tags;
use super::{Channel, FORMATS, ReportPlan, Setting, named, no_plan, tomorrow};

const TEMPLATES: [&str; 6] = [
    "RESOURCE_COMPLIANCE_REPORT",
    "CONTROL_COMPLIANCE_REPORT",
    "BACKUP_JOB_REPORT",
    "COPY_JOB_REPORT",
    "RESTORE_JOB_REPORT",
    "SCAN_JOB_REPORT",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    report_plan_name: Option<String>,
    report_plan_description: Option<String>,
    report_delivery_channel: Option<Channel>,
    report_setting: Option<Setting>,
    #[serde(default)]
    report_plan_tags: BTreeMap<String, String>,
    idempotency_token: Option<String>,
}

pub(crate) fn create(desk: &mut Desk<'_>) -> Reply {
    let asked: Asked = desk.ask.body()?;
    let name = asked
        .report_plan_name
        .ok_or_else(|| Exception::missing_parameter("ReportPlanName"))?;
    check_name(&name)?;
    let channel = asked
        .report_delivery_channel
        .ok_or_else(|| Exception::missing_parameter("ReportDeliveryChannel"))?;
    let setting = asked
        .report_setting
        .ok_or_else(|| Exception::missing_parameter("ReportSetting"))?;
    let channel = checked(channel)?;
    check(&setting, asked.report_plan_description.as_deref())?;
    if let Some(there) = desk.read().report_plans.get(&name) {
        // The same request again gets the same answer.
        if asked.idempotency_token.is_some() && there.token == asked.idempotency_token {
            return Ok(written(there));
        }
        return Err(
            Exception::already_exists(format!("Report plan with name {name} already exists"))
                .with("Arn", there.arn.clone()),
        );
    }
    let (place, now) = (desk.place.clone(), desk.now);
    let plan = ReportPlan {
        arn: place.arn(&format!("report-plan:{name}-{}", uuid::Uuid::new_v4())),
        name: name.clone(),
        description: asked.report_plan_description,
        channel,
        setting,
        token: asked.idempotency_token,
        created: now,
        attempted: None,
        succeeded: None,
    };
    let answer = written(&plan);
    tags::put(desk, &plan.arn, asked.report_plan_tags);
    tomorrow(desk.state, &place, &plan.arn, now);
    desk.region().report_plans.insert(name, plan);
    Ok(answer)
}

pub(crate) fn update(desk: &mut Desk<'_>) -> Reply {
    let name = desk.ask.path("reportPlanName");
    let asked: Asked = desk.ask.body()?;
    let channel = asked.report_delivery_channel.map(checked).transpose()?;
    if let Some(setting) = &asked.report_setting {
        check(setting, asked.report_plan_description.as_deref())?;
    }
    let plan = desk.region().report_plans.get_mut(name).ok_or_else(|| no_plan(name))?;
    plan.description = asked.report_plan_description.or_else(|| plan.description.take());
    plan.channel = channel.unwrap_or_else(|| std::mem::take(&mut plan.channel));
    plan.setting = asked
        .report_setting
        .unwrap_or_else(|| std::mem::take(&mut plan.setting));
    Ok(written(plan))
}

pub(crate) fn describe(desk: &mut Desk<'_>) -> Reply {
    let plan = named(desk.read(), desk.ask.path("reportPlanName"))?;
    Ok(json!({"ReportPlan": plan.shown()}))
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Reply {
    let items = desk.read().report_plans.iter().map(|(name, plan)| (name.clone(), plan));
    let page = rest::page(
        &desk.ask,
        ("MaxResults", "NextToken"),
        "ReportPlans",
        items,
        ReportPlan::shown,
    )?;
    Ok(page.into())
}

pub(crate) fn delete(desk: &mut Desk<'_>) -> Reply {
    let name = desk.ask.path("reportPlanName");
    let plan = desk.region().report_plans.remove(name).ok_or_else(|| no_plan(name))?;
    desk.region().tags.remove(&plan.arn);
    Ok(Value::Null)
}

fn written(plan: &ReportPlan) -> Value {
    json!({
        "ReportPlanName": plan.name,
        "ReportPlanArn": plan.arn,
        "CreationTime": time(plan.created),
    })
}

/// A letter, and then letters, digits and underscores.
fn check_name(name: &str) -> Result<(), Exception> {
    let fits =
        |(place, byte): (usize, u8)| byte.is_ascii_alphabetic() || place > 0 && (byte.is_ascii_digit() || byte == b'_');
    if (1..=256).contains(&name.len()) && name.bytes().enumerate().all(fits) {
        Ok(())
    } else {
        Err(Exception::invalid_parameter(format!("Invalid ReportPlanName: {name}")))
    }
}

fn check(setting: &Setting, description: Option<&str>) -> Result<(), Exception> {
    let template = &setting.report_template;
    if template.is_empty() {
        return Err(Exception::missing_parameter("ReportTemplate"));
    }
    if !TEMPLATES.contains(&template.as_str()) {
        return Err(Exception::invalid_parameter(format!(
            "Invalid ReportTemplate: {template}"
        )));
    }
    if description.is_some_and(|text| text.len() > 1024) {
        return Err(Exception::invalid_parameter(
            "ReportPlanDescription cannot be longer than 1024 characters",
        ));
    }
    Ok(())
}

/// With AWS's format where none was named.
fn checked(mut channel: Channel) -> Result<Channel, Exception> {
    if channel.bucket.is_empty() {
        return Err(Exception::missing_parameter("S3BucketName"));
    }
    if let Some(unknown) = channel
        .formats
        .iter()
        .find(|format| !FORMATS.contains(&format.as_str()))
    {
        return Err(Exception::invalid_parameter(format!(
            "Invalid report format: {unknown}"
        )));
    }
    if channel.formats.is_empty() {
        channel.formats.push("CSV".to_owned());
    }
    Ok(channel)
}
