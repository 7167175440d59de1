//! Who may do what, faults, and what is not offered.

use aws_sdk_rds::error::ProvideErrorMetadata;
use serde_json::{Value, json};

use super::{Account, PORTAL, RDS};

#[tokio::test]
async fn ministack_authorises_and_the_log_says_who_asked() {
    let a = Account::new().await;
    let reader = a.session(&["rds:Describe*"], &["*"]).await;
    reader.describe_db_instances().send().await.unwrap();
    let modify = reader
        .modify_db_instance()
        .db_instance_identifier("prod-pg")
        .backup_retention_period(7);
    assert_eq!(modify.send().await.unwrap_err().code(), Some("AccessDenied"));
    let path = format!("/calls?tenant={}&op=ModifyDBInstance", a.id);
    let denied = a.control(reqwest::Method::GET, &path, Value::Null).await["items"][0].clone();
    assert_eq!(
        denied["principal"],
        format!("arn:aws:sts::{}:assumed-role/portal/holdfast", a.id)
    );
    assert_eq!(
        (&denied["status"], &denied["error"], &denied["effect"]),
        (&json!(403), &json!("AccessDenied"), &json!(false))
    );
    let assumed = a.control(reqwest::Method::GET, "/calls?service=sts", Value::Null).await["items"][0].clone();
    assert_eq!(
        (&assumed["account"], &assumed["request"]["CallerAccount"]),
        (&json!(a.id), &json!(PORTAL))
    );
    assert_eq!(
        (
            &assumed["request"]["SourceIdentity"],
            &assumed["request"]["ExternalIdGiven"]
        ),
        (&json!("change-1"), &json!(true))
    );
    assert_eq!(
        assumed["request"]["Policy"]["Statement"][0]["Action"],
        json!(["rds:Describe*"])
    );
    assert_eq!(assumed["request"]["ExternalId"], Value::Null);
}

#[tokio::test]
async fn faults_take_the_protocols_shape() {
    let a = Account::new().await;
    for (kind, code) in [
        ("throttle", Some("Throttling")),
        ("error", Some("InternalFailure")),
        ("access-denied", Some("AccessDenied")),
    ] {
        a.control(
            reqwest::Method::POST,
            "/faults",
            json!({"service": "rds", "kind": kind}),
        )
        .await;
        assert_eq!(a.root().describe_db_instances().send().await.unwrap_err().code(), code);
    }
    a.control(
        reqwest::Method::POST,
        "/faults",
        json!({"service": "rds", "kind": "garbage"}),
    )
    .await;
    // Raw, because the SDK takes such a document for an empty list.
    let garbage = a
        .post(&a.running.url, &a.id, RDS, "DescribeDBInstances", &[])
        .await
        .unwrap();
    assert!(
        garbage.starts_with("<DescribeDBInstancesResponse>") && !garbage.contains("</"),
        "{garbage}"
    );
    a.control(
        reqwest::Method::POST,
        "/faults",
        json!({"service": "rds", "kind": "lost-response"}),
    )
    .await;
    assert_eq!(a.root().describe_db_instances().send().await.unwrap_err().code(), None);
    a.root().describe_db_instances().send().await.unwrap();
}

#[tokio::test]
async fn a_service_that_is_not_offered_is_refused_by_name() {
    let a = Account::new().await;
    let refused = a
        .post(&a.running.url, &a.id, ("ssm", "2014-11-06"), "DescribeDocument", &[])
        .await
        .unwrap_err();
    assert!(refused.contains("ssm:DescribeDocument"), "{refused}");
}
