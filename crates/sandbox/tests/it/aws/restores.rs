//! Restores from recovery points.

use aws_sdk_backup::error::ProvideErrorMetadata;
use aws_sdk_backup::operation::describe_restore_job::DescribeRestoreJobOutput;
use aws_sdk_backup::operation::start_restore_job::builders::StartRestoreJobFluentBuilder;
use aws_sdk_backup::types::RestoreJobStatus;
use serde_json::{Value, json};

use super::RDS;
use super::vaulted::{EC2, HERE, Vaulted};

impl Vaulted {
    fn restore(&self, point: &str, metadata: &[(&str, &str)]) -> StartRestoreJobFluentBuilder {
        let start = self
            .backup
            .start_restore_job()
            .recovery_point_arn(point)
            .iam_role_arn(self.role());
        let metadata = metadata
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        start.set_metadata(Some(metadata.collect()))
    }

    async fn restore_job(&self, id: &str) -> DescribeRestoreJobOutput {
        self.backup
            .describe_restore_job()
            .restore_job_id(id)
            .send()
            .await
            .unwrap()
    }

    async fn restored(&self, point: &str, metadata: &[(&str, &str)]) -> DescribeRestoreJobOutput {
        let started = self.restore(point, metadata).send().await.unwrap();
        self.account.advance(10).await;
        self.restore_job(&started.restore_job_id.unwrap()).await
    }

    /// The code and message with which a restore is refused at once.
    async fn restore_refused(&self, point: &str, metadata: &[(&str, &str)]) -> (String, String) {
        let refused = self.restore(point, metadata).send().await.unwrap_err();
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        (text(refused.code()), text(refused.message()))
    }
}

#[tokio::test]
async fn a_database_is_creating_until_its_restore_is_done() {
    let v = Vaulted::new().await;
    let point = v.back_up(&v.database()).await;
    let metadata = v
        .backup
        .get_recovery_point_restore_metadata()
        .backup_vault_name("daily")
        .recovery_point_arn(&point);
    let metadata = metadata.send().await.unwrap().restore_metadata.unwrap();
    assert_eq!(
        (metadata["Engine"].as_str(), metadata["DBInstanceIdentifier"].as_str()),
        ("postgres", "prod-pg")
    );

    let start = v.restore(
        &point,
        &[("DBInstanceIdentifier", "restored"), ("DBInstanceClass", "db.t3.large")],
    );
    let id = start.resource_type("RDS").send().await.unwrap().restore_job_id.unwrap();
    assert_eq!(v.restore_job(&id).await.status, Some(RestoreJobStatus::Pending));
    v.account.advance(1).await;
    let job = v.restore_job(&id).await;
    assert_eq!(
        (job.status, job.percent_done.as_deref()),
        (Some(RestoreJobStatus::Running), Some("0.00%"))
    );
    assert_eq!(job.expected_completion_time_minutes, Some(1));
    assert_eq!(v.account.status("restored").await, "creating");
    v.account.advance(3).await;
    let job = v.restore_job(&id).await;
    assert_eq!(
        (job.status, job.percent_done.as_deref()),
        (Some(RestoreJobStatus::Completed), Some("100.00%"))
    );
    assert_eq!(job.created_resource_arn, Some(v.account.arn("restored")));
    assert_eq!(job.source_resource_arn, Some(v.database()));
    assert_eq!(v.account.status("restored").await, "available");
    let instance = v
        .root(RDS, "DescribeDBInstances", &[("DBInstanceIdentifier", "restored")])
        .await;
    assert!(
        instance.contains("<DBInstanceClass>db.t3.large</DBInstanceClass>"),
        "{instance}"
    );
    let point = v
        .backup
        .describe_recovery_point()
        .backup_vault_name("daily")
        .recovery_point_arn(point);
    assert!(point.send().await.unwrap().last_restore_time.is_some());
    let kept = v
        .backup
        .get_restore_job_metadata()
        .restore_job_id(id)
        .send()
        .await
        .unwrap();
    assert_eq!(kept.metadata.unwrap()["DBInstanceClass"], "db.t3.large");
}

#[tokio::test]
async fn a_target_that_exists_already_fails_the_job() {
    let v = Vaulted::new().await;
    let point = v.back_up(&v.database()).await;
    let job = v.restored(&point, &[("DBInstanceIdentifier", "prod-pg")]).await;
    assert_eq!(
        (job.status, job.created_resource_arn),
        (Some(RestoreJobStatus::Failed), None)
    );
    let message = job.status_message.unwrap();
    assert!(
        message.contains("already exists") && message.contains("Error Code: DBInstanceAlreadyExists"),
        "{message}"
    );
}

#[tokio::test]
async fn a_volume_comes_back_with_its_tags() {
    let v = Vaulted::new().await;
    let volume = v.volume().await;
    let tag = [
        ("ResourceId.1", volume.rsplit('/').next().unwrap()),
        ("Tag.1.Key", "team"),
        ("Tag.1.Value", "data"),
    ];
    v.root(EC2, "CreateTags", &tag).await;
    let point = v.back_up(&volume).await;
    let start = v.restore(&point, &[("encrypted", "false"), ("availabilityZone", "eu-west-1b")]);
    let start = start.copy_source_tags_to_restored_resource(true).send().await.unwrap();
    v.account.advance(10).await;
    let made = v
        .restore_job(&start.restore_job_id.unwrap())
        .await
        .created_resource_arn
        .unwrap();
    assert_ne!(made, volume);
    let found = v
        .root(
            EC2,
            "DescribeVolumes",
            &[("VolumeId.1", made.rsplit('/').next().unwrap())],
        )
        .await;
    for expected in ["<size>4</size>", "<availabilityZone>eu-west-1b<", "<key>team</key>"] {
        assert!(found.contains(expected), "{expected}: {found}");
    }
}

#[tokio::test]
async fn machines_tables_file_systems_and_buckets_come_back() {
    let v = Vaulted::new().await;
    let machine = v.root(EC2, "RunInstances", &[("InstanceType", "t3.small")]).await;
    let machine = machine.split_once("<instanceId>").unwrap().1.split_once('<').unwrap().0;
    let machine = v
        .back_up(&format!("arn:aws:ec2:{HERE}:{}:instance/{machine}", v.account.id))
        .await;
    let made = v
        .restored(&machine, &[("InstanceType", "t3.micro")])
        .await
        .created_resource_arn
        .unwrap();
    let found = v
        .root(
            EC2,
            "DescribeInstances",
            &[("InstanceId.1", made.rsplit('/').next().unwrap())],
        )
        .await;
    assert!(found.contains("<instanceType>t3.micro</instanceType>"), "{found}");

    let table = json!({"TableName": "orders", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]});
    v.json("dynamodb", "DynamoDB_20120810.CreateTable", table).await;
    let item = json!({"TableName": "orders", "Item": {"id": {"S": "1"}}});
    v.json("dynamodb", "DynamoDB_20120810.PutItem", item).await;
    let point = v
        .back_up(&format!("arn:aws:dynamodb:{HERE}:{}:table/orders", v.account.id))
        .await;
    let made = v
        .restored(&point, &[("targetTableName", "orders-2")])
        .await
        .created_resource_arn
        .unwrap();
    assert!(made.ends_with(":table/orders-2"), "{made}");
    let items = v
        .json("dynamodb", "DynamoDB_20120810.Scan", json!({"TableName": "orders-2"}))
        .await;
    assert_eq!(items["Count"], 1);

    let system = v
        .rest(
            "elasticfilesystem",
            "POST",
            "/2015-02-01/file-systems",
            json!({"CreationToken": v.account.id}),
        )
        .await;
    let system: Value = serde_json::from_str(&system).unwrap();
    let point = v.back_up(system["FileSystemArn"].as_str().unwrap()).await;
    let mut metadata = vec![
        ("file-system-id", system["FileSystemId"].as_str().unwrap()),
        ("newFileSystem", "true"),
        ("Encrypted", "true"),
        ("PerformanceMode", "generalPurpose"),
    ];
    let job = v.restored(&point, &metadata).await;
    assert_eq!(
        job.status,
        Some(RestoreJobStatus::Failed),
        "AWS misses the token only when the job runs"
    );
    let token = format!("{}-restored", v.account.id);
    metadata.push(("CreationToken", &token));
    let made = v.restored(&point, &metadata).await.created_resource_arn.unwrap();
    assert_ne!(system["FileSystemArn"], made.as_str());

    let bucket = format!("data-{}", v.account.id);
    let location =
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    v.rest("s3", "PUT", &format!("/{bucket}"), location).await;
    let point = v.back_up(&format!("arn:aws:s3:::{bucket}")).await;
    let target = format!("{bucket}-2");
    let job = v.restored(&point, &[("DestinationBucketName", &target)]).await;
    assert_eq!(job.status, Some(RestoreJobStatus::Failed), "there is no such bucket");
    let job = v
        .restored(&point, &[("DestinationBucketName", &target), ("NewBucket", "true")])
        .await;
    assert_eq!(job.created_resource_arn, Some(format!("arn:aws:s3:::{target}")));
    v.rest("s3", "GET", &format!("/{target}"), "").await;
}

#[tokio::test]
async fn a_cluster_comes_back() {
    let v = Vaulted::new().await;
    let params = [
        ("DBClusterIdentifier", "shop"),
        ("Engine", "aurora-postgresql"),
        ("MasterUsername", "postgres"),
        ("MasterUserPassword", "not-a-secret"),
    ];
    v.root(RDS, "CreateDBCluster", &params).await;
    let arn = |name: &str| format!("arn:aws:rds:{HERE}:{}:cluster:{name}", v.account.id);
    let point = v.back_up(&arn("shop")).await;
    assert_eq!(v.restore_refused(&point, &[]).await.0, "InvalidParameterValueException");
    let job = v.restored(&point, &[("DBClusterIdentifier", "shop-2")]).await;
    assert_eq!(
        (job.status_message, job.created_resource_arn),
        (None, Some(arn("shop-2")))
    );
    v.root(RDS, "DescribeDBClusters", &[("DBClusterIdentifier", "shop-2")])
        .await;
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_refused_at_once() {
    let v = Vaulted::new().await;
    let database = v.back_up(&v.database()).await;
    let volume = v.back_up(&v.volume().await).await;
    type Metadata<'a> = &'a [(&'a str, &'a str)];
    let cases: [(&str, Metadata<'_>, &str); 6] = [
        (&database, &[], "DBInstanceIdentifier"),
        (&database, &[("DBInstanceIdentifier", "1-db")], "not a valid identifier"),
        (
            &database,
            &[("DBInstanceIdentifier", "db"), ("RestoreTime", "2026-11-21T00:00:00Z")],
            "continuous",
        ),
        (&volume, &[("availabilityZone", "eu-west-1a")], "encrypted"),
        (&volume, &[("encrypted", "false")], "availabilityZone"),
        (
            &volume,
            &[
                ("encrypted", "false"),
                ("availabilityZone", "eu-west-1a"),
                ("kmsKeyId", "k"),
            ],
            "kmsKeyId",
        ),
    ];
    for (point, metadata, about) in cases {
        let (code, message) = v.restore_refused(point, metadata).await;
        assert_eq!(code, "InvalidParameterValueException");
        assert!(message.contains(about), "{message}");
    }
    assert_eq!(
        v.restore_refused("arn:aws:rds:eu-west-1:1:snapshot:x", &[]).await.0,
        "ResourceNotFoundException"
    );
    let other = v
        .restore(&database, &[("DBInstanceIdentifier", "db")])
        .resource_type("EBS")
        .send()
        .await
        .unwrap_err();
    assert_eq!(other.code(), Some("InvalidParameterValueException"));
    let nobody = v
        .restore(&database, &[("DBInstanceIdentifier", "db")])
        .set_iam_role_arn(None)
        .send()
        .await
        .unwrap_err();
    assert_eq!(nobody.code(), Some("MissingParameterValueException"));
}

#[tokio::test]
async fn a_restore_can_fail_or_be_aborted_is_listed_and_heard_of() {
    let v = Vaulted::new().await;
    let queue = v.listen().await;
    let point = v.back_up(&v.database()).await;
    v.fail_next("StartRestoreJob", "no capacity", None).await;
    let failed = v.restored(&point, &[("DBInstanceIdentifier", "one")]).await;
    assert_eq!(
        (failed.status, failed.status_message.as_deref()),
        (Some(RestoreJobStatus::Failed), Some("no capacity"))
    );
    v.fail_next("StartRestoreJob", "stopped", Some("ABORTED")).await;
    let aborted = v.restored(&point, &[("DBInstanceIdentifier", "two")]).await;
    assert_eq!(aborted.status, Some(RestoreJobStatus::Aborted));
    let start = async || {
        let start = v
            .restore(&point, &[("DBInstanceIdentifier", "three")])
            .idempotency_token("once");
        start.send().await.unwrap().restore_job_id
    };
    assert_eq!(start().await, start().await);
    v.account.advance(10).await;
    let listed = async |status| {
        let list = v.backup.list_restore_jobs().by_status(status).by_resource_type("RDS");
        list.send().await.unwrap().restore_jobs().len()
    };
    assert_eq!(listed(RestoreJobStatus::Completed).await, 1);
    assert_eq!(listed(RestoreJobStatus::Aborted).await, 1);
    let of = v
        .backup
        .list_restore_jobs_by_protected_resource()
        .resource_arn(v.database())
        .send()
        .await
        .unwrap();
    assert_eq!(of.restore_jobs().len(), 3);
    let heard = v.heard(&queue, "Restore Job State Change").await;
    let states: Vec<&str> = heard.iter().map(|detail| detail["status"].as_str().unwrap()).collect();
    assert_eq!(
        states,
        [
            "PENDING",
            "RUNNING",
            "FAILED",
            "PENDING",
            "RUNNING",
            "ABORTED",
            "PENDING",
            "RUNNING",
            "COMPLETED"
        ]
    );
    assert_eq!(heard[8]["createdResourceArn"], v.account.arn("three"));
}
