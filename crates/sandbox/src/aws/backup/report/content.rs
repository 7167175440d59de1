//! What reports say. Pure.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::copy::CopyJob;
use super::super::job::BackupJob;
use super::super::restore::RestoreJob;
use super::super::state::{Place, Region};

/// One row for each job that was created or ended in the period.
pub(super) fn rows(region: &Region, place: &Place, template: &str, period: (Timestamp, Timestamp)) -> Vec<Value> {
    let within = |at: Timestamp| period.0 < at && at <= period.1;
    let wanted = |created: Timestamp, ended: Option<Timestamp>| within(created) || ended.is_some_and(within);
    let mut found: Vec<(Timestamp, Value)> = match template {
        "BACKUP_JOB_REPORT" => region
            .backup_jobs
            .values()
            .filter(|job| wanted(job.created, job.ended))
            .map(|job| (job.created, of_backup(&job.shown(place), job)))
            .collect(),
        "COPY_JOB_REPORT" => region
            .copy_jobs
            .values()
            .filter(|job| wanted(job.created, job.ended))
            .map(|job| (job.created, of_copy(&job.shown(place), job)))
            .collect(),
        "RESTORE_JOB_REPORT" => region
            .restore_jobs
            .values()
            .filter(|job| wanted(job.created, job.ended))
            .map(|job| (job.created, of_restore(&job.shown(place), job)))
            .collect(),
        _ => Vec::new(),
    };
    found.sort_by_key(|(created, _)| *created);
    let common = json!({
        "reportTimePeriod": format!("{} - {}", period.0, period.1),
        "accountId": place.account,
        "region": place.region,
    });
    let with = |row: Value| {
        let both = [&common, &row].into_iter().filter_map(Value::as_object).cloned();
        Value::Object(both.flatten().collect())
    };
    found.into_iter().map(|(_, row)| with(row)).collect()
}

fn of_backup(shown: &Value, job: &BackupJob) -> Value {
    json!({
        "backupJobId": job.id,
        "jobStatus": shown["State"],
        "statusMessage": shown["StatusMessage"],
        "resourceType": shown["ResourceType"],
        "resourceArn": shown["ResourceArn"],
        "backupPlanArn": shown["CreatedBy"]["BackupPlanArn"],
        "backupRuleId": shown["CreatedBy"]["BackupRuleId"],
        "creationDate": job.created.to_string(),
        "completionDate": job.ended.map(|at| at.to_string()),
        "recoveryPointArn": shown["RecoveryPointArn"],
        "jobRunTime": run_time(job.created, job.ended),
        "backupSizeInBytes": shown["BackupSizeInBytes"],
        "backupVaultName": shown["BackupVaultName"],
        "backupVaultArn": shown["BackupVaultArn"],
        "iamRoleArn": shown["IamRoleArn"],
    })
}

fn of_copy(shown: &Value, job: &CopyJob) -> Value {
    json!({
        "copyJobId": job.id,
        "jobStatus": shown["State"],
        "statusMessage": shown["StatusMessage"],
        "resourceType": shown["ResourceType"],
        "resourceArn": shown["ResourceArn"],
        "backupPlanArn": shown["CreatedBy"]["BackupPlanArn"],
        "backupRuleId": shown["CreatedBy"]["BackupRuleId"],
        "creationDate": job.created.to_string(),
        "completionDate": job.ended.map(|at| at.to_string()),
        "sourceRecoveryPointArn": shown["SourceRecoveryPointArn"],
        "destinationRecoveryPointArn": shown["DestinationRecoveryPointArn"],
        "sourceBackupVaultArn": shown["SourceBackupVaultArn"],
        "destinationBackupVaultArn": shown["DestinationBackupVaultArn"],
        "jobRunTime": run_time(job.created, job.ended),
        "backupSizeInBytes": shown["BackupSizeInBytes"],
        "iamRoleArn": shown["IamRoleArn"],
    })
}

fn of_restore(shown: &Value, job: &RestoreJob) -> Value {
    json!({
        "restoreJobId": job.id,
        "jobStatus": shown["Status"],
        "statusMessage": shown["StatusMessage"],
        "resourceType": shown["ResourceType"],
        "creationDate": job.created.to_string(),
        "completionDate": job.ended.map(|at| at.to_string()),
        "recoveryPointArn": shown["RecoveryPointArn"],
        "createdResourceArn": shown["CreatedResourceArn"],
        "jobRunTime": run_time(job.created, job.ended),
        "backupSizeInBytes": shown["BackupSizeInBytes"],
        "iamRoleArn": shown["IamRoleArn"],
    })
}

/// `00:03:29`; empty while it runs.
fn run_time(created: Timestamp, ended: Option<Timestamp>) -> String {
    ended.map_or_else(String::new, |ended| {
        let seconds = ended.duration_since(created).as_secs();
        format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    })
}

/// The rows under a line of their names; nothing where there are none.
pub(super) fn csv(rows: &[Value]) -> String {
    let rows: Vec<&Map<String, Value>> = rows.iter().filter_map(Value::as_object).collect();
    let head = rows.first().map(|first| line(first.keys().map(|name| json!(name))));
    let body = rows.iter().map(|row| line(row.values().cloned()));
    head.into_iter().chain(body).collect()
}

fn line(cells: impl Iterator<Item = Value>) -> String {
    let cells: Vec<String> = cells
        .map(|cell| match cell {
            Value::Null => String::new(),
            Value::String(text) => quoted(&text),
            other => other.to_string(),
        })
        .collect();
    cells.join(",") + "\r\n"
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_quotes_what_needs_it() {
        let rows = [json!({"a": "1,2", "b": null}), json!({"a": "say \"no\"", "b": 3})];
        assert_eq!(csv(&rows), "a,b\r\n\"1,2\",\r\n\"say \"\"no\"\"\",3\r\n");
        assert_eq!(csv(&[]), "");
    }
}
