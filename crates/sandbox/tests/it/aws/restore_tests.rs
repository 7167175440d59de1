//! Restore testing plans.

use aws_sdk_backup::error::ProvideErrorMetadata;
use aws_sdk_backup::types::{
    KeyValue, ProtectedResourceConditions, RestoreDeletionStatus, RestoreJobStatus, RestoreJobsListMember,
    RestoreTestingPlanForCreate, RestoreTestingPlanForUpdate, RestoreTestingRecoveryPointSelection,
    RestoreTestingRecoveryPointSelectionAlgorithm as Algorithm, RestoreTestingRecoveryPointType,
    RestoreTestingSelectionForCreate, RestoreTestingSelectionForUpdate, RestoreValidationStatus,
};

use super::RDS;
use super::vaulted::{EC2, Vaulted};

const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;

fn latest(vaults: &str, days: i32) -> RestoreTestingRecoveryPointSelection {
    RestoreTestingRecoveryPointSelection::builder()
        .algorithm(Algorithm::LatestWithinWindow)
        .include_vaults(vaults)
        .selection_window_days(days)
        .recovery_point_types(RestoreTestingRecoveryPointType::Snapshot)
        .build()
}

impl Vaulted {
    /// The plan `daily`, which runs once a day, for the first time in two hours at the latest; its ARN.
    async fn testing_plan(&self, vaults: &str) -> String {
        let soon = self.account.now().await + jiff::SignedDuration::from_hours(2);
        let plan = RestoreTestingPlanForCreate::builder().restore_testing_plan_name("daily");
        let plan = plan
            .schedule_expression(soon.strftime("cron(0 %-H ? * * *)").to_string())
            .recovery_point_selection(latest(vaults, 30));
        let create = self
            .backup
            .create_restore_testing_plan()
            .restore_testing_plan(plan.build().unwrap());
        create.send().await.unwrap().restore_testing_plan_arn
    }

    async fn select_for_test(&self, kind: &str, arns: &[&str], hours: i32, overrides: &[(&str, &str)]) {
        let selection = RestoreTestingSelectionForCreate::builder().restore_testing_selection_name("all");
        let selection = selection
            .protected_resource_type(kind)
            .iam_role_arn(self.role())
            .validation_window_hours(hours);
        let overrides = overrides
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let selection = selection
            .set_protected_resource_arns(Some(arns.iter().map(|arn| (*arn).to_owned()).collect()))
            .set_restore_metadata_overrides(Some(overrides.collect()));
        let create = self
            .backup
            .create_restore_testing_selection()
            .restore_testing_plan_name("daily");
        create
            .restore_testing_selection(selection.build().unwrap())
            .send()
            .await
            .unwrap();
    }

    /// The restore jobs of a plan, newest first.
    async fn tests(&self, plan: &str) -> Vec<RestoreJobsListMember> {
        let list = self.backup.list_restore_jobs().by_restore_testing_plan_arn(plan);
        list.send().await.unwrap().restore_jobs.unwrap()
    }

    async fn is_there(&self, name: &str) -> bool {
        let a = &self.account;
        let params = [("DBInstanceIdentifier", name)];
        a.post(&a.ministack, &a.id, RDS, "DescribeDBInstances", &params)
            .await
            .is_ok()
    }
}

fn name(arn: &str) -> &str {
    arn.rsplit([':', '/']).next().unwrap()
}

#[tokio::test]
async fn a_plan_restores_the_latest_recovery_point_and_deletes_it_after_its_validation() {
    let v = Vaulted::new().await;
    v.back_up(&v.database()).await;
    v.account.advance(60).await;
    let newest = v.back_up(&v.database()).await;
    let plan = v.testing_plan("*").await;
    v.select_for_test("RDS", &["*"], 4, &[("DBInstanceClass", "db.t3.large")])
        .await;
    v.account.advance(7 * HOUR).await;
    let tests = v.tests(&plan).await;
    assert_eq!(tests.len(), 1, "one recovery point of each resource");
    let test = &tests[0];
    assert_eq!(test.recovery_point_arn.as_ref(), Some(&newest));
    assert_eq!(
        test.created_by.as_ref().unwrap().restore_testing_plan_arn.as_ref(),
        Some(&plan)
    );
    let made = test.created_resource_arn.as_deref().unwrap();
    assert!(name(made).starts_with("awsbackup-restore-test-"), "{made}");
    assert_eq!(test.validation_status, Some(RestoreValidationStatus::TimedOut));
    assert_eq!(test.deletion_status, Some(RestoreDeletionStatus::Successful));
    assert!(!v.is_there(name(made)).await);
    let got = v
        .backup
        .get_restore_testing_plan()
        .restore_testing_plan_name("daily")
        .send()
        .await
        .unwrap();
    assert!(got.restore_testing_plan.unwrap().last_execution_time.is_some());
}

#[tokio::test]
async fn a_validation_result_ends_the_test() {
    let v = Vaulted::new().await;
    v.back_up(&v.database()).await;
    let plan = v.testing_plan("arn:aws:backup:*:*:backup-vault:dai*").await;
    v.select_for_test("RDS", &[&v.database()], 168, &[]).await;
    v.account.advance(DAY).await;
    let test = v.tests(&plan).await.remove(0);
    let id = test.restore_job_id.unwrap();
    assert_eq!(test.status, Some(RestoreJobStatus::Completed));
    assert_eq!(
        (test.validation_status, test.deletion_status),
        (Some(RestoreValidationStatus::Validating), None)
    );
    let made = test.created_resource_arn.unwrap();
    assert!(v.is_there(name(&made)).await);
    let put = || {
        let put = v.backup.put_restore_validation_result().restore_job_id(&id);
        put.validation_status(RestoreValidationStatus::Successful)
            .validation_status_message("12 tables")
            .send()
    };
    put().await.unwrap();
    v.account.advance(5).await;
    let described = v
        .backup
        .describe_restore_job()
        .restore_job_id(&id)
        .send()
        .await
        .unwrap();
    assert_eq!(described.validation_status, Some(RestoreValidationStatus::Successful));
    assert_eq!(described.validation_status_message.as_deref(), Some("12 tables"));
    assert_eq!(described.deletion_status, Some(RestoreDeletionStatus::Successful));
    assert!(!v.is_there(name(&made)).await);
    assert_eq!(put().await.unwrap_err().code(), Some("InvalidRequestException"));
}

#[tokio::test]
async fn vaults_tags_and_age_decide_what_is_tested() {
    let v = Vaulted::new().await;
    let (tagged, other) = (v.volume().await, v.volume().await);
    let tag = [
        ("ResourceId.1", name(&tagged)),
        ("Tag.1.Key", "tier"),
        ("Tag.1.Value", "gold"),
    ];
    v.root(EC2, "CreateTags", &tag).await;
    v.back_up(&tagged).await;
    v.back_up(&other).await;
    let plan = v.testing_plan("*").await;
    let gold = KeyValue::builder()
        .key("aws:ResourceTag/tier")
        .value("gold")
        .build()
        .unwrap();
    let selection = RestoreTestingSelectionForCreate::builder().restore_testing_selection_name("gold");
    let selection = selection
        .protected_resource_type("EBS")
        .iam_role_arn(v.role())
        .protected_resource_arns("*");
    let selection =
        selection.protected_resource_conditions(ProtectedResourceConditions::builder().string_equals(gold).build());
    let create = v
        .backup
        .create_restore_testing_selection()
        .restore_testing_plan_name("daily");
    create
        .restore_testing_selection(selection.build().unwrap())
        .send()
        .await
        .unwrap();
    v.account.advance(DAY).await;
    let tests = v.tests(&plan).await;
    assert_eq!(
        tests
            .iter()
            .map(|test| test.source_resource_arn.as_ref())
            .collect::<Vec<_>>(),
        [Some(&tagged)]
    );

    let update = async |selection| {
        let plan = RestoreTestingPlanForUpdate::builder()
            .recovery_point_selection(selection)
            .build();
        let update = v
            .backup
            .update_restore_testing_plan()
            .restore_testing_plan_name("daily");
        update.restore_testing_plan(plan).send().await.unwrap();
    };
    update(latest("arn:aws:backup:*:*:backup-vault:none", 30)).await;
    v.account.advance(DAY).await;
    assert_eq!(v.tests(&plan).await.len(), 1, "no vault is included");
    update(latest("*", 30)).await;
    v.account.advance(DAY).await;
    assert_eq!(v.tests(&plan).await.len(), 2);
    update(latest("*", 1)).await;
    v.account.advance(DAY).await;
    assert_eq!(v.tests(&plan).await.len(), 2, "the recovery point is older than a day");
}

#[tokio::test]
async fn plans_and_selections_are_kept_as_aws_keeps_them() {
    let v = Vaulted::new().await;
    v.testing_plan("*").await;
    v.select_for_test("RDS", &["*"], 1, &[]).await;
    let again = RestoreTestingPlanForCreate::builder().restore_testing_plan_name("daily");
    let again = again
        .schedule_expression("cron(0 5 ? * * *)")
        .recovery_point_selection(latest("*", 30))
        .build()
        .unwrap();
    let taken = v
        .backup
        .create_restore_testing_plan()
        .restore_testing_plan(again)
        .send()
        .await
        .unwrap_err();
    assert_eq!(taken.code(), Some("AlreadyExistsException"));
    let often = RestoreTestingPlanForCreate::builder().restore_testing_plan_name("often");
    let often = often
        .schedule_expression("cron(0 5 * * *)")
        .recovery_point_selection(latest("*", 30))
        .build()
        .unwrap();
    let refused = v
        .backup
        .create_restore_testing_plan()
        .restore_testing_plan(often)
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("InvalidParameterValueException"));

    let got = v
        .backup
        .get_restore_testing_plan()
        .restore_testing_plan_name("daily")
        .send()
        .await
        .unwrap();
    let got = got.restore_testing_plan.unwrap();
    assert_eq!(
        (
            got.start_window_hours,
            got.recovery_point_selection.unwrap().selection_window_days
        ),
        (24, 30)
    );
    let change = RestoreTestingSelectionForUpdate::builder()
        .validation_window_hours(24)
        .build();
    let update = v
        .backup
        .update_restore_testing_selection()
        .restore_testing_plan_name("daily");
    update
        .restore_testing_selection_name("all")
        .restore_testing_selection(change)
        .send()
        .await
        .unwrap();
    let selection = v
        .backup
        .get_restore_testing_selection()
        .restore_testing_plan_name("daily");
    let selection = selection
        .restore_testing_selection_name("all")
        .send()
        .await
        .unwrap()
        .restore_testing_selection
        .unwrap();
    assert_eq!(
        (selection.validation_window_hours, selection.protected_resource_arns()),
        (24, &["*".to_owned()][..])
    );
    let list = v
        .backup
        .list_restore_testing_selections()
        .restore_testing_plan_name("daily")
        .send()
        .await
        .unwrap();
    assert_eq!(list.restore_testing_selections.len(), 1);
    assert_eq!(
        v.backup
            .list_restore_testing_plans()
            .send()
            .await
            .unwrap()
            .restore_testing_plans
            .len(),
        1
    );

    let delete = || {
        v.backup
            .delete_restore_testing_plan()
            .restore_testing_plan_name("daily")
            .send()
    };
    assert_eq!(
        delete().await.unwrap_err().code(),
        Some("InvalidRequestException"),
        "it has a selection"
    );
    let selection = v
        .backup
        .delete_restore_testing_selection()
        .restore_testing_plan_name("daily");
    selection.restore_testing_selection_name("all").send().await.unwrap();
    delete().await.unwrap();
    let gone = v
        .backup
        .get_restore_testing_plan()
        .restore_testing_plan_name("daily")
        .send()
        .await
        .unwrap_err();
    assert_eq!(gone.code(), Some("ResourceNotFoundException"));
}

#[tokio::test]
async fn the_metadata_of_a_test_can_be_seen_before() {
    let v = Vaulted::new().await;
    let point = v.back_up(&v.database()).await;
    let inferred = v
        .backup
        .get_restore_testing_inferred_metadata()
        .backup_vault_name("daily")
        .recovery_point_arn(&point);
    let inferred = inferred.send().await.unwrap().inferred_metadata;
    assert!(
        inferred["dbInstanceIdentifier"].starts_with("awsbackup-restore-test-"),
        "{inferred:?}"
    );
    assert_eq!(
        (inferred["multiAz"].as_str(), inferred["publiclyAccessible"].as_str()),
        ("false", "false")
    );
}
