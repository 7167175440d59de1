//! What a call that the sandbox serves itself has to be allowed. Pure.

use serde_json::Value;

use super::queue::Place;
use super::request::Call;
use super::rest::Ask;

/// An action on a resource, under conditions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Permission {
    /// `service:Operation`.
    pub(crate) action: String,
    /// ARN, or `*`.
    pub(crate) resource: String,
    /// Condition keys with their values.
    pub(crate) context: Vec<(String, String)>,
    /// ARN of the role that the call hands to the service.
    pub(crate) passes: Option<String>,
}

impl Permission {
    /// What `call` needs; `place` is the caller's.
    ///
    /// Source: Service Authorization Reference, "Actions, resources, and condition keys" of AWS Backup and of Data Lifecycle Manager.
    pub(crate) fn of(call: &Call, place: &Place) -> Self {
        let asked = Ask::new(call).described();
        let text = |name: &str| asked[name].as_str();
        let resource = match call.service.as_str() {
            "dlm" => match text("policyId") {
                Some(id) => arn(place, "dlm", &format!("policy/{id}")),
                None => text("resourceArn").unwrap_or("*").to_owned(),
            },
            _ => backup_resource(&call.operation, &asked, place),
        };
        let passes = text("IamRoleArn")
            .or_else(|| asked["BackupSelection"]["IamRoleArn"].as_str())
            .or_else(|| asked["RestoreTestingSelection"]["IamRoleArn"].as_str())
            .or_else(|| text("ExecutionRoleArn"));
        Self {
            action: format!("{}:{}", call.service, call.operation),
            resource,
            context: context(&asked, place),
            passes: passes.map(str::to_owned),
        }
    }
}

fn arn(place: &Place, service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{}:{}:{resource}", place.region, place.account)
}

fn backup_resource(operation: &str, asked: &Value, place: &Place) -> String {
    let text = |name: &str| asked[name].as_str();
    // A recovery point is a resource of its own, whatever service it is made of.
    if let Some(point) = text("recoveryPointArn").or_else(|| text("RecoveryPointArn")) {
        return point.to_owned();
    }
    if let Some(vault) = text("backupVaultName").or_else(|| text("BackupVaultName")) {
        return arn(place, "backup", &format!("backup-vault:{vault}"));
    }
    if let Some(plan) = text("backupPlanId") {
        return arn(place, "backup", &format!("backup-plan:{plan}"));
    }
    if let Some(plan) = text("RestoreTestingPlanName") {
        return arn(place, "backup", &format!("restore-testing-plan:{plan}-*"));
    }
    if let Some(plan) = text("reportPlanName") {
        return arn(place, "backup", &format!("report-plan:{plan}-*"));
    }
    if let Some(hold) = text("legalHoldId") {
        return arn(place, "backup", &format!("legal-hold:{hold}"));
    }
    if operation.ends_with("Tags") || operation.ends_with("TagResource") || operation == "UntagResource" {
        return text("resourceArn").unwrap_or("*").to_owned();
    }
    match operation {
        "CreateBackupPlan" => arn(place, "backup", "backup-plan:*"),
        "CreateLegalHold" => arn(place, "backup", "legal-hold:*"),
        "CreateReportPlan" => arn(place, "backup", "report-plan:*"),
        "CreateRestoreTestingPlan" => arn(place, "backup", "restore-testing-plan:*"),
        _ => "*".to_owned(),
    }
}

fn context(asked: &Value, place: &Place) -> Vec<(String, String)> {
    let mut context = vec![("aws:RequestedRegion".to_owned(), place.region.clone())];
    for (member, key) in [
        ("MinRetentionDays", "backup:MinRetentionDays"),
        ("MaxRetentionDays", "backup:MaxRetentionDays"),
        ("ChangeableForDays", "backup:ChangeableForDays"),
        ("DestinationBackupVaultArn", "backup:CopyTargets"),
    ] {
        match &asked[member] {
            Value::Number(number) => context.push((key.to_owned(), number.to_string())),
            Value::String(text) => context.push((key.to_owned(), text.clone())),
            _ => {}
        }
    }
    let rules = asked["BackupPlan"]["Rules"].as_array().into_iter().flatten();
    let copies = rules.flat_map(|rule| rule["CopyActions"].as_array().into_iter().flatten());
    let targets = copies.filter_map(|copy| copy["DestinationBackupVaultArn"].as_str());
    context.extend(targets.map(|target| ("backup:CopyTargets".to_owned(), target.to_owned())));
    for member in ["BackupVaultTags", "BackupPlanTags", "RecoveryPointTags", "Tags"] {
        for (tag, value) in asked[member].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            context.push((format!("aws:RequestTag/{tag}"), value.to_owned()));
            context.push(("aws:TagKeys".to_owned(), tag.clone()));
        }
    }
    context
}
