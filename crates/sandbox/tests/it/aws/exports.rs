//! Exports of snapshots.

use aws_sdk_rds::Client;

use super::{Account, code};

async fn export(a: &Account, client: &Client, id: &str, snapshot: &str) -> Result<String, String> {
    let start = client.start_export_task().export_task_identifier(id);
    let start = start.source_arn(format!("arn:aws:rds:eu-west-1:{}:snapshot:{snapshot}", a.id));
    let start = start.s3_bucket_name("archive").kms_key_id("alias/own");
    let started = start
        .iam_role_arn(format!("arn:aws:iam::{}:role/export", a.id))
        .send()
        .await;
    match started {
        Ok(started) => Ok(started.status().unwrap().to_owned()),
        refused => Err(code(refused)),
    }
}

async fn status(client: &Client, id: &str) -> (String, i32) {
    let described = client
        .describe_export_tasks()
        .export_task_identifier(id)
        .send()
        .await
        .unwrap();
    let task = &described.export_tasks()[0];
    (task.status().unwrap().to_owned(), task.percent_progress().unwrap())
}

#[tokio::test]
async fn an_export_starts_proceeds_and_completes() {
    let a = Account::new().await;
    let client = a.root();
    a.snapshot("by-hand").await;
    assert_eq!(
        export(&a, &client, "e", "nothing").await.unwrap_err(),
        "DBSnapshotNotFound"
    );
    assert_eq!(export(&a, &client, "e", "by-hand").await.unwrap(), "STARTING");
    assert_eq!(
        export(&a, &client, "e", "by-hand").await.unwrap_err(),
        "ExportTaskAlreadyExists"
    );
    a.advance(3).await;
    assert_eq!(status(&client, "e").await.0, "IN_PROGRESS");
    a.advance(3).await;
    assert_eq!(status(&client, "e").await, ("COMPLETE".to_owned(), 100));
    let cancel = client.cancel_export_task().export_task_identifier("e").send().await;
    assert_eq!(code(cancel), "InvalidExportTaskStateFault");
    let unknown = client.describe_export_tasks().export_task_identifier("f").send().await;
    assert_eq!(code(unknown), "ExportTaskNotFound");
}

#[tokio::test]
async fn an_export_is_cancelled_or_fails() {
    let a = Account::new().await;
    let client = a.root();
    a.snapshot("by-hand").await;
    export(&a, &client, "stopped", "by-hand").await.unwrap();
    let cancelled = client
        .cancel_export_task()
        .export_task_identifier("stopped")
        .send()
        .await
        .unwrap();
    assert_eq!(cancelled.status(), Some("CANCELED"));
    a.fault("StartExportTask", "job-failed", "The bucket is full.").await;
    export(&a, &client, "failing", "by-hand").await.unwrap();
    a.advance(6).await;
    let failed = client
        .describe_export_tasks()
        .export_task_identifier("failing")
        .send()
        .await
        .unwrap();
    let failed = &failed.export_tasks()[0];
    assert_eq!(
        (failed.status(), failed.failure_cause()),
        (Some("FAILED"), Some("The bucket is full."))
    );
    assert_eq!(status(&client, "stopped").await.0, "CANCELED");
    let events = client.describe_events().duration(5).send().await.unwrap();
    let told: Vec<&str> = events.events().iter().filter_map(|event| event.message()).collect();
    assert!(told.contains(&"The snapshot export task failed"), "{told:?}");
    assert!(!told.contains(&"The snapshot export task completed"), "{told:?}");
}
