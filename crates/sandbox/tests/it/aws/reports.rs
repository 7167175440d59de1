//! Reports about jobs, and how many jobs there were.

use aws_sdk_backup::error::ProvideErrorMetadata;
use aws_sdk_backup::types::{AggregationPeriod, BackupJobStatus, ReportDeliveryChannel, ReportJob, ReportSetting};
use serde_json::Value;

use super::vaulted::Vaulted;

const DAY: u32 = 86_400;

impl Vaulted {
    async fn report_plan(&self, bucket: &str) {
        let channel = ReportDeliveryChannel::builder()
            .s3_bucket_name(bucket)
            .s3_key_prefix("audit");
        let channel = channel.formats("CSV").formats("JSON").build().unwrap();
        let setting = ReportSetting::builder().report_template("BACKUP_JOB_REPORT");
        let create = self.backup.create_report_plan().report_plan_name("daily_jobs");
        let create = create
            .report_delivery_channel(channel)
            .report_setting(setting.build().unwrap());
        create.send().await.unwrap();
    }

    /// Starts a report and sees it to its end.
    async fn report(&self) -> ReportJob {
        let start = self.backup.start_report_job().report_plan_name("daily_jobs");
        let id = start.send().await.unwrap().report_job_id.unwrap();
        self.account.advance(10).await;
        let described = self
            .backup
            .describe_report_job()
            .report_job_id(id)
            .send()
            .await
            .unwrap();
        described.report_job.unwrap()
    }

    /// A call of S3 at ministack, as the account's root.
    async fn s3(&self, method: reqwest::Method, path: &str, body: &'static str) -> String {
        let a = &self.account;
        let signed = a.request(&a.ministack, &a.id, ("s3", ""), "", &[]).await;
        let sent = a.http.request(method, format!("{}/{path}", a.ministack));
        let sent = sent.header("authorization", &signed.headers()["authorization"]);
        let sent = sent.header("x-amz-date", &signed.headers()["x-amz-date"]);
        let answer = sent.body(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.text().await.unwrap()
    }
}

#[tokio::test]
async fn a_report_of_the_last_day_is_put_into_the_bucket_each_day_and_when_asked_for() {
    let v = Vaulted::new().await;
    let bucket = format!("reports-{}", v.account.id);
    let here =
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    v.s3(reqwest::Method::PUT, &bucket, here).await;
    v.report_plan(&bucket).await;
    let point = v.back_up(&v.database()).await;

    let done = v.report().await;
    assert_eq!(done.status(), Some("COMPLETED"), "{:?}", done.status_message);
    let keys = done.report_destination.unwrap().s3_keys.unwrap();
    assert_eq!(keys.len(), 2);
    assert!(keys[0].starts_with("audit/Backup/eu-west-1/"), "{keys:?}");
    let csv = v.s3(reqwest::Method::GET, &format!("{bucket}/{}", keys[0]), "").await;
    assert_eq!(csv.lines().count(), 2);
    assert!(csv.contains(&point), "{csv}");
    let json = v.s3(reqwest::Method::GET, &format!("{bucket}/{}", keys[1]), "").await;
    let report: Value = serde_json::from_str(&json).unwrap();
    let row = &report["reportItems"][0];
    assert_eq!(
        (row["jobStatus"].as_str(), row["recoveryPointArn"].as_str()),
        (Some("COMPLETED"), Some(point.as_str()))
    );

    v.account.advance(3 * DAY).await;
    let jobs = v.backup.list_report_jobs().send().await.unwrap().report_jobs.unwrap();
    assert_eq!(jobs.len(), 4, "three days by itself");
    v.backup
        .delete_report_plan()
        .report_plan_name("daily_jobs")
        .send()
        .await
        .unwrap();
    v.account.advance(3 * DAY).await;
    let jobs = v.backup.list_report_jobs().send().await.unwrap().report_jobs.unwrap();
    assert_eq!(jobs.len(), 4);
}

#[tokio::test]
async fn a_report_without_a_bucket_fails_and_says_why() {
    let v = Vaulted::new().await;
    v.report_plan("no-such-bucket").await;
    let failed = v.report().await;
    assert_eq!(failed.status(), Some("FAILED"));
    assert!(failed.status_message().unwrap().contains("NoSuchBucket"), "{failed:?}");
    let plan = v.backup.describe_report_plan().report_plan_name("daily_jobs");
    let plan = plan.send().await.unwrap().report_plan.unwrap();
    assert!(plan.last_attempted_execution_time.is_some() && plan.last_successful_execution_time.is_none());
    let missing = v.backup.describe_report_plan().report_plan_name("other");
    assert_eq!(
        missing.send().await.unwrap_err().code(),
        Some("ResourceNotFoundException")
    );
}

#[tokio::test]
async fn jobs_are_counted_by_state() {
    let v = Vaulted::new().await;
    v.back_up(&v.database()).await;
    v.fail_next("StartBackupJob", "No.", None).await;
    let failing = v.backup.start_backup_job().backup_vault_name("daily");
    let failing = failing.resource_arn(v.database()).iam_role_arn(v.role());
    failing.send().await.unwrap();
    v.account.advance(20).await;
    let count = async |state: BackupJobStatus| {
        let asked = v.backup.list_backup_job_summaries().state(state);
        let listed = asked
            .aggregation_period(AggregationPeriod::FourteenDays)
            .send()
            .await
            .unwrap();
        let counted = listed.backup_job_summaries.unwrap();
        counted.iter().map(|summary| summary.count).collect::<Vec<_>>()
    };
    assert_eq!(count(BackupJobStatus::Failed).await, [1]);
    assert_eq!(count(BackupJobStatus::Any).await, [1, 1]);
    assert_eq!(count(BackupJobStatus::AggregateAll).await.iter().sum::<i32>(), 2);
    assert!(count(BackupJobStatus::Expired).await.is_empty());
}
