//! What RDS tells about what happened.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::SourceType;
use serde_json::{Value, json};

use super::{Account, code};

async fn messages(client: &Client, kind: SourceType) -> Vec<String> {
    let described = client.describe_events().source_type(kind).duration(14 * 24 * 60).send();
    let described = described.await.unwrap();
    let messages = described.events().iter().filter_map(|event| event.message());
    messages.map(str::to_owned).collect()
}

#[tokio::test]
async fn snapshots_and_instances_tell_what_happens_to_them() {
    let a = Account::new().await;
    let client = a.root();
    a.snapshot("by-hand").await;
    a.retain(1).await;
    client
        .delete_db_snapshot()
        .db_snapshot_identifier("by-hand")
        .send()
        .await
        .unwrap();
    assert_eq!(
        messages(&client, SourceType::DbSnapshot).await,
        [
            "Creating manual snapshot",
            "Manual snapshot created",
            "Creating automated snapshot",
            "Automated snapshot created",
            "Deleted user snapshot"
        ]
    );
    assert_eq!(
        messages(&client, SourceType::DbInstance).await,
        [
            "DB instance created",
            "Backing up DB instance",
            "Finished DB Instance backup",
            "Enabled automated backups",
            "Backing up DB instance",
            "Finished DB Instance backup"
        ]
    );
    let backup = client
        .describe_events()
        .event_categories("backup")
        .send()
        .await
        .unwrap();
    assert_eq!(backup.events().len(), 4);
    let unknown_type = client.describe_events().source_identifier("prod-pg").send().await;
    assert_eq!(code(unknown_type), "InvalidParameterCombination");
    a.advance(15 * 86_400).await;
    assert!(
        !messages(&client, SourceType::DbInstance)
            .await
            .contains(&"DB instance created".to_owned())
    );
}

#[tokio::test]
async fn a_due_snapshot_that_fails_is_told_and_the_next_one_is_taken() {
    let a = Account::new().await;
    a.retain(3).await;
    a.fault("AutomatedBackup", "job-failed", "The instance could not be reached.")
        .await;
    a.advance(2 * 86_400).await;
    let listed = a
        .root()
        .describe_db_snapshots()
        .snapshot_type("automated")
        .send()
        .await
        .unwrap();
    let states: Vec<&str> = listed
        .db_snapshots()
        .iter()
        .filter_map(|snapshot| snapshot.status())
        .collect();
    assert_eq!(states, ["available", "failed", "available"]);
    let told = messages(&a.root(), SourceType::DbSnapshot).await;
    assert!(
        told.contains(&"The instance could not be reached.".to_owned()),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_queue_hears_of_a_snapshot_by_way_of_the_accounts_rule() {
    let a = Account::new().await;
    let queue = format!("arn:aws:sqs:eu-west-1:{}:heard", a.id);
    a.json("sqs", "AmazonSQS.CreateQueue", json!({"QueueName": "heard"}))
        .await;
    let pattern = json!({"source": ["aws.rds"], "detail": {"EventID": ["RDS-EVENT-0042"]}});
    let rule = json!({"Name": "snapshots", "EventPattern": pattern.to_string()});
    a.json("events", "AWSEvents.PutRule", rule).await;
    let targets = json!({"Rule": "snapshots", "Targets": [{"Id": "1", "Arn": queue}]});
    a.json("events", "AWSEvents.PutTargets", targets).await;
    a.snapshot("by-hand").await;
    a.advance(1).await;
    let url = format!("{}/{}/heard", a.ministack, a.id);
    let received = a
        .json("sqs", "AmazonSQS.ReceiveMessage", json!({"QueueUrl": url}))
        .await;
    let body = received["Messages"][0]["Body"].as_str().unwrap();
    let event: Value = serde_json::from_str(body).unwrap();
    let arn = format!("arn:aws:rds:eu-west-1:{}:snapshot:by-hand", a.id);
    assert_eq!(
        (&event["detail-type"], &event["resources"][0]),
        (&json!("RDS DB Snapshot Event"), &json!(arn))
    );
    assert_eq!(
        (&event["detail"]["SourceType"], &event["detail"]["Message"]),
        (&json!("SNAPSHOT"), &json!("Manual snapshot created"))
    );
}
