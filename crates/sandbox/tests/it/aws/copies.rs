//! Copies of recovery points.

use aws_sdk_backup::Client;
use aws_sdk_backup::error::ProvideErrorMetadata;
use aws_sdk_backup::types::{CopyJob, CopyJobState, Lifecycle};
use serde_json::json;

use super::RDS;
use super::vaulted::{EC2, HERE, Vaulted};

const THERE: &str = "us-east-1";

impl Vaulted {
    async fn vault(&self, backup: &Client, account: &str, region: &str, key: Option<&str>) -> String {
        let create = backup.create_backup_vault().backup_vault_name("copies");
        let create = create.set_encryption_key_arn(key.map(str::to_owned));
        create.send().await.unwrap();
        format!("arn:aws:backup:{region}:{account}:backup-vault:copies")
    }

    async fn copy(&self, point: &str, destination: &str, days: Option<i64>) -> String {
        let copy = self.backup.start_copy_job().recovery_point_arn(point);
        let copy = copy
            .source_backup_vault_name("daily")
            .destination_backup_vault_arn(destination);
        let lifecycle = days.map(|days| Lifecycle::builder().delete_after_days(days).build());
        let copy = copy.iam_role_arn(self.role()).set_lifecycle(lifecycle);
        copy.send().await.unwrap().copy_job_id.unwrap()
    }

    async fn copy_job(&self, id: &str) -> CopyJob {
        let described = self.backup.describe_copy_job().copy_job_id(id).send().await.unwrap();
        described.copy_job.unwrap()
    }

    async fn copied(&self, point: &str, destination: &str, days: Option<i64>) -> CopyJob {
        let id = self.copy(point, destination, days).await;
        self.account.advance(10).await;
        self.copy_job(&id).await
    }
}

fn other_account() -> String {
    format!("{:012}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000)
}

fn ended(job: &CopyJob) -> (&CopyJobState, Option<&str>) {
    (job.state.as_ref().unwrap(), job.status_message.as_deref())
}

#[tokio::test]
async fn a_copy_goes_to_another_region_and_lives_as_long_as_it_was_told() {
    let v = Vaulted::new().await;
    let point = v.back_up(&v.database()).await;
    let there = v.elsewhere(&v.account.id, THERE);
    let vault = v.vault(&there, &v.account.id, THERE, None).await;
    let id = v.copy(&point, &vault, Some(30)).await;
    assert_eq!(v.copy_job(&id).await.state, Some(CopyJobState::Created));
    v.account.advance(1).await;
    assert_eq!(v.copy_job(&id).await.state, Some(CopyJobState::Running));
    v.account.advance(3).await;
    let job = v.copy_job(&id).await;
    assert_eq!(ended(&job), (&CopyJobState::Completed, None));
    assert_eq!(job.source_recovery_point_arn.as_deref(), Some(point.as_str()));
    assert_eq!(job.resource_type.as_deref(), Some("RDS"));

    let copy = job.destination_recovery_point_arn.unwrap();
    let described = there
        .describe_recovery_point()
        .backup_vault_name("copies")
        .recovery_point_arn(&copy);
    let described = described.send().await.unwrap();
    let original = v
        .backup
        .describe_recovery_point()
        .backup_vault_name("daily")
        .recovery_point_arn(&point);
    let original = original.send().await.unwrap();
    assert_eq!(
        described.creation_date, original.creation_date,
        "a copy is as old as its original"
    );
    assert_eq!(described.lifecycle.unwrap().delete_after_days, Some(30));
    assert!(
        described
            .source_backup_vault_arn
            .unwrap()
            .ends_with(":backup-vault:daily")
    );
    let tags = there.list_tags().resource_arn(&copy).send().await.unwrap();
    assert_eq!(tags.tags.unwrap()["team"], "data");
    v.account.advance(31 * 86_400).await;
    let gone = there
        .describe_recovery_point()
        .backup_vault_name("copies")
        .recovery_point_arn(&copy);
    assert_eq!(gone.send().await.unwrap_err().code(), Some("ResourceNotFoundException"));
}

#[tokio::test]
async fn the_copy_is_really_there() {
    let v = Vaulted::new().await;
    let there = v.elsewhere(&v.account.id, HERE);
    let vault = v.vault(&there, &v.account.id, HERE, None).await;
    let database = v.back_up(&v.database()).await;
    let copy = v
        .copied(&database, &vault, None)
        .await
        .destination_recovery_point_arn
        .unwrap();
    let name = copy.split_once(":snapshot:").unwrap().1;
    let snapshots = v
        .root(RDS, "DescribeDBSnapshots", &[("DBSnapshotIdentifier", name)])
        .await;
    assert!(snapshots.contains("<Engine>postgres</Engine>"), "{snapshots}");
    let instances = v.root(RDS, "DescribeDBInstances", &[]).await;
    assert_eq!(
        instances.matches("<DBInstanceIdentifier>").count(),
        1,
        "nothing else is left over"
    );

    let volume = v.back_up(&v.volume().await).await;
    let copy = v
        .copied(&volume, &vault, None)
        .await
        .destination_recovery_point_arn
        .unwrap();
    let snapshot = copy.rsplit('/').next().unwrap();
    assert_ne!(copy, volume);
    v.root(EC2, "DescribeSnapshots", &[("SnapshotId.1", snapshot)]).await;
}

#[tokio::test]
async fn another_account_takes_a_copy_only_where_its_policy_says_so() {
    let v = Vaulted::new().await;
    let point = v.back_up(&v.volume().await).await;
    let other = other_account();
    let there = v.elsewhere(&other, HERE);
    let denied = Some("Access Denied trying to call AWS Backup service");
    let nowhere = format!("arn:aws:backup:{HERE}:{other}:backup-vault:none");
    assert_eq!(
        ended(&v.copied(&point, &nowhere, None).await),
        (&CopyJobState::Failed, denied)
    );
    let key = format!("arn:aws:kms:{HERE}:{other}:key/own");
    let vault = v.vault(&there, &other, HERE, Some(&key)).await;
    assert_eq!(
        ended(&v.copied(&point, &vault, None).await),
        (&CopyJobState::Failed, denied)
    );

    let put = async |account: &str| {
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "backup:CopyIntoBackupVault",
            "Resource": "*", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}}]});
        let put = there
            .put_backup_vault_access_policy()
            .backup_vault_name("copies")
            .policy(policy.to_string());
        put.send().await.unwrap();
    };
    put("123456789012").await;
    assert_eq!(
        ended(&v.copied(&point, &vault, None).await),
        (&CopyJobState::Failed, denied)
    );
    put(&v.account.id).await;
    let job = v.copied(&point, &vault, None).await;
    assert_eq!(ended(&job), (&CopyJobState::Completed, None));
    assert_eq!(job.destination_encryption_key_arn, Some(key));
    let database = v.back_up(&v.database()).await;
    let shared = Some("Snapshots encrypted with the AWS managed key can't be shared. Specify another snapshot.");
    assert_eq!(
        ended(&v.copied(&database, &vault, None).await),
        (&CopyJobState::Failed, shared)
    );
}

#[tokio::test]
async fn a_locked_vault_takes_no_copy_that_is_kept_too_short() {
    let v = Vaulted::new().await;
    let point = v.back_up(&v.database()).await;
    let there = v.elsewhere(&v.account.id, THERE);
    let vault = v.vault(&there, &v.account.id, THERE, None).await;
    let lock = there
        .put_backup_vault_lock_configuration()
        .backup_vault_name("copies")
        .min_retention_days(30);
    lock.send().await.unwrap();
    let message = "Copy job failed. The retention specified in the job is not within the range specified for the target Backup Vault.";
    assert_eq!(
        ended(&v.copied(&point, &vault, Some(7)).await),
        (&CopyJobState::Failed, Some(message))
    );
    assert_eq!(
        v.copied(&point, &vault, Some(30)).await.state,
        Some(CopyJobState::Completed)
    );
}

#[tokio::test]
async fn one_copy_of_a_resource_runs_at_a_time() {
    let v = Vaulted::new().await;
    let point = v.back_up(&v.database()).await;
    let vault = v.vault(&v.backup, &v.account.id, HERE, None).await;
    let (first, second) = (v.copy(&point, &vault, None).await, v.copy(&point, &vault, None).await);
    v.account.advance(1).await;
    let states = [v.copy_job(&first).await.state, v.copy_job(&second).await.state];
    assert!(
        states.contains(&Some(CopyJobState::Running)) && states.contains(&Some(CopyJobState::Created)),
        "{states:?}"
    );
    v.account.advance(20).await;
    assert_eq!(v.copy_job(&first).await.state, Some(CopyJobState::Completed));
    assert_eq!(v.copy_job(&second).await.state, Some(CopyJobState::Completed));
}

#[tokio::test]
async fn a_copy_can_fail_or_be_partial_and_is_heard_of() {
    let v = Vaulted::new().await;
    let queue = v.listen().await;
    let point = v.back_up(&v.database()).await;
    let vault = v.vault(&v.backup, &v.account.id, HERE, None).await;
    v.fail_next("StartCopyJob", "no room", None).await;
    assert_eq!(
        ended(&v.copied(&point, &vault, None).await),
        (&CopyJobState::Failed, Some("no room"))
    );
    v.fail_next("StartCopyJob", "two objects are missing", Some("PARTIAL"))
        .await;
    let partial = v.copied(&point, &vault, None).await;
    assert_eq!(
        ended(&partial),
        (&CopyJobState::Partial, Some("two objects are missing"))
    );
    assert!(partial.destination_recovery_point_arn.is_some());
    let heard = v.heard(&queue, "Copy Job State Change").await;
    let states: Vec<&str> = heard.iter().map(|detail| detail["state"].as_str().unwrap()).collect();
    assert_eq!(
        states,
        ["CREATED", "RUNNING", "FAILED", "CREATED", "RUNNING", "PARTIAL"]
    );
    assert_eq!(heard[5]["destinationBackupVaultArn"], vault);
}

#[tokio::test]
async fn what_cannot_be_copied_is_refused_at_once_and_a_repeated_call_starts_one_job() {
    let v = Vaulted::new().await;
    let point = v.back_up(&v.database()).await;
    let vault = v.vault(&v.backup, &v.account.id, HERE, None).await;
    let start = || {
        v.backup
            .start_copy_job()
            .iam_role_arn(v.role())
            .source_backup_vault_name("daily")
    };
    let refused = start()
        .recovery_point_arn("arn:aws:rds:eu-west-1:1:snapshot:none")
        .destination_backup_vault_arn(&vault);
    assert_eq!(
        refused.send().await.unwrap_err().code(),
        Some("ResourceNotFoundException")
    );
    let refused = start()
        .recovery_point_arn(&point)
        .destination_backup_vault_arn("copies");
    assert_eq!(
        refused.send().await.unwrap_err().code(),
        Some("InvalidParameterValueException")
    );
    let own = vault.replace("copies", "daily");
    let refused = start().recovery_point_arn(&point).destination_backup_vault_arn(own);
    assert_eq!(
        refused.send().await.unwrap_err().code(),
        Some("InvalidRequestException")
    );

    let again = async || {
        let start = start().recovery_point_arn(&point).destination_backup_vault_arn(&vault);
        start.idempotency_token("once").send().await.unwrap().copy_job_id
    };
    assert_eq!(again().await, again().await);
    v.account.advance(10).await;
    let listed = async |state: CopyJobState, destination: &str| {
        let list = v
            .backup
            .list_copy_jobs()
            .by_state(state)
            .by_destination_vault_arn(destination);
        list.by_source_recovery_point_arn(&point)
            .by_resource_arn(v.database())
            .send()
            .await
            .unwrap()
            .copy_jobs()
            .len()
    };
    assert_eq!(listed(CopyJobState::Completed, &vault).await, 1);
    assert_eq!(listed(CopyJobState::Failed, &vault).await, 0);
    assert_eq!(
        listed(CopyJobState::Completed, "arn:aws:backup:eu-west-1:1:backup-vault:x").await,
        0
    );
}
