//! Plans as templates: AWS's own, and those that are carried from one place to another as JSON.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::super::rest::{self, Exception};
use super::super::desk::{Desk, Reply};
use super::document::Document;
use super::named;

/// Id, name, and its rules: name, schedule, days kept.
type Template = (&'static str, &'static str, &'static [(&'static str, &'static str, i64)]);

const DAILY: &str = "cron(0 5 ? * * *)";
const WEEKLY: &str = "cron(0 5 ? * 7 *)";
const MONTHLY: &str = "cron(0 5 1 * ? *)";

const TEMPLATES: [Template; 3] = [
    (
        "87c0c1ef-254d-4180-8fef-2e76a2c38aaa",
        "Daily-35day-Retention",
        &[("DailyBackups", DAILY, 35)],
    ),
    (
        "2b1f9cd8-2a6b-4f7c-9f4f-3c61a0a0a001",
        "Daily-Monthly-1yr-Retention",
        &[("DailyBackups", DAILY, 35), ("MonthlyBackups", MONTHLY, 365)],
    ),
    (
        "6c5e3d0b-51c7-4c51-8a0a-0e6a2d5b7002",
        "Daily-Weekly-Monthly-5yr-Retention",
        &[
            ("DailyBackups", DAILY, 35),
            ("WeeklyBackups", WEEKLY, 90),
            ("MonthlyBackups", MONTHLY, 1825),
        ],
    ),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FromJson {
    backup_plan_template_json: Option<String>,
}

pub(crate) fn export(desk: &mut Desk<'_>) -> Reply {
    let plan = named(desk.read(), desk.ask.path("backupPlanId"))?;
    let template = json!(plan.current.document).to_string();
    Ok(json!({"BackupPlanTemplateJson": template}))
}

pub(crate) fn from_json(desk: &mut Desk<'_>) -> Reply {
    let asked: FromJson = desk.ask.body()?;
    let template = asked
        .backup_plan_template_json
        .ok_or_else(|| Exception::missing_parameter("BackupPlanTemplateJson"))?;
    let document: Document = serde_json::from_str(&template)
        .map_err(|error| Exception::invalid_parameter(format!("Invalid backup plan template: {error}")))?;
    document.check(desk.now)?;
    Ok(json!({"BackupPlan": document}))
}

pub(crate) fn from_template(desk: &mut Desk<'_>) -> Reply {
    let id = desk.ask.path("templateId");
    let template = TEMPLATES.iter().find(|(known, ..)| *known == id);
    let (_, name, rules) =
        template.ok_or_else(|| Exception::not_found(format!("Cannot find Backup plan template with ID {id}")))?;
    let rules: Vec<Value> = rules
        .iter()
        .map(|(name, schedule, days)| {
            json!({
                "RuleName": name,
                "TargetBackupVaultName": "Default",
                "ScheduleExpression": schedule,
                "StartWindowMinutes": 480,
                "CompletionWindowMinutes": 10_080,
                "Lifecycle": {"DeleteAfterDays": days},
            })
        })
        .collect();
    Ok(json!({"BackupPlanDocument": {"BackupPlanName": name, "Rules": rules}}))
}

pub(crate) fn list_templates(desk: &mut Desk<'_>) -> Reply {
    let items = TEMPLATES.iter().map(|(id, name, _)| ((*name).to_owned(), (id, name)));
    let page = rest::page(
        &desk.ask,
        ("maxResults", "nextToken"),
        "BackupPlanTemplatesList",
        items,
        |(id, name)| json!({"BackupPlanTemplateId": id, "BackupPlanTemplateName": name}),
    )?;
    Ok(page.into())
}
