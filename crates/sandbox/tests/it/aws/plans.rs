//! Backup plans: what AWS takes and refuses, and what their rules do by themselves.

use aws_sdk_backup::error::ProvideErrorMetadata;
use aws_sdk_backup::types::builders::BackupRuleInputBuilder;
use aws_sdk_backup::types::{
    AdvancedBackupSetting, BackupJob, BackupJobState, BackupPlanInput, BackupRuleInput, BackupSelection, CopyAction,
    Lifecycle,
};
use jiff::{SignedDuration, Timestamp};
use sandbox::Config;

use super::vaulted::{HERE, Vaulted};

const DAY: i64 = 86_400;

impl Vaulted {
    /// A little after midnight.
    async fn scheduled() -> Self {
        Self::at_midnight(Self::new().await).await
    }

    async fn at_midnight(v: Self) -> Self {
        let now = v.account.now().await.as_second();
        v.pass(DAY - now % DAY + 10).await;
        v
    }

    async fn pass(&self, seconds: i64) {
        self.account.advance(u32::try_from(seconds).unwrap()).await;
    }

    async fn plan(&self, rules: impl IntoIterator<Item = BackupRuleInput>) -> String {
        let made = self.backup.create_backup_plan().backup_plan(plan("nightly", rules));
        made.send().await.unwrap().backup_plan_id.unwrap()
    }

    fn selection(&self, resource: &str) -> BackupSelection {
        BackupSelection::builder()
            .selection_name("all")
            .iam_role_arn(self.role())
            .resources(resource)
            .build()
            .unwrap()
    }

    async fn select(&self, plan: &str, resource: &str) -> String {
        let made = self
            .backup
            .create_backup_selection()
            .backup_plan_id(plan)
            .backup_selection(self.selection(resource));
        made.send().await.unwrap().selection_id.unwrap()
    }

    /// Oldest first.
    async fn jobs(&self) -> Vec<BackupJob> {
        let listed = self.backup.list_backup_jobs().send().await.unwrap();
        let mut jobs = listed.backup_jobs.unwrap();
        jobs.reverse();
        jobs
    }

    async fn refused(&self, rule: BackupRuleInput) -> String {
        let made = self.backup.create_backup_plan().backup_plan(plan("refused", [rule]));
        let refused = made.send().await.unwrap_err();
        assert_eq!(refused.code(), Some("InvalidParameterValueException"));
        refused.message().unwrap().to_owned()
    }
}

fn plan(name: &str, rules: impl IntoIterator<Item = BackupRuleInput>) -> BackupPlanInput {
    let rules = Vec::from_iter(rules);
    let plan = BackupPlanInput::builder().backup_plan_name(name).set_rules(Some(rules));
    plan.build().unwrap()
}

/// Every day at five, into `daily`.
fn at_five() -> BackupRuleInputBuilder {
    BackupRuleInput::builder()
        .rule_name("five")
        .target_backup_vault_name("daily")
        .schedule_expression("cron(0 5 ? * * *)")
}

fn kept(days: i64) -> Lifecycle {
    Lifecycle::builder().delete_after_days(days).build()
}

fn moment(at: Option<aws_sdk_backup::primitives::DateTime>) -> Timestamp {
    Timestamp::from_second(at.unwrap().secs()).unwrap()
}

#[tokio::test]
async fn each_run_of_a_leap_over_days_has_its_own_time() {
    let v = Vaulted::scheduled().await;
    let rule = at_five()
        .lifecycle(kept(2))
        .recovery_point_tags("holdfast:tenant", "acme");
    let id = v.plan([rule.build().unwrap()]).await;
    v.select(&id, &v.database()).await;
    v.pass(5 * DAY).await;

    let jobs = v.jobs().await;
    let created: Vec<Timestamp> = jobs.iter().map(|job| moment(job.creation_date)).collect();
    assert_eq!(created.len(), 5);
    for (at, next) in created.iter().zip(&created[1..]) {
        assert_eq!(next.duration_since(*at), SignedDuration::from_hours(24));
    }
    assert!(created[0].to_string().ends_with("T05:00:00Z"), "{created:?}");
    let job = &jobs[4];
    assert_eq!(job.state, Some(BackupJobState::Completed), "{:?}", job.status_message);
    assert_eq!(job.iam_role_arn, Some(v.role()));
    let by = job.created_by.as_ref().unwrap();
    assert_eq!(
        (by.backup_plan_id(), by.backup_plan_name(), by.backup_rule_name()),
        (Some(id.as_str()), Some("nightly"), Some("five"))
    );
    assert_eq!(
        (by.backup_rule_cron(), by.backup_rule_timezone()),
        (Some("cron(0 5 ? * * *)"), Some("Etc/UTC"))
    );
    let plan = v.backup.get_backup_plan().backup_plan_id(&id).send().await.unwrap();
    assert_eq!(moment(plan.last_execution_date), created[4]);

    let points = v
        .backup
        .list_recovery_points_by_backup_vault()
        .backup_vault_name("daily")
        .by_backup_plan_id(&id);
    let points = points.send().await.unwrap().recovery_points.unwrap();
    assert_eq!(points.len(), 2, "two days of retention");
    let tags = v
        .backup
        .list_tags()
        .resource_arn(points[0].recovery_point_arn().unwrap());
    let tags = tags.send().await.unwrap().tags.unwrap();
    assert_eq!(tags["holdfast:tenant"], "acme");
}

#[tokio::test]
async fn a_changed_plan_runs_as_it_is_now_and_a_deleted_one_no_more() {
    let v = Vaulted::scheduled().await;
    let id = v.plan([at_five().build().unwrap()]).await;
    let selection = v.select(&id, &v.database()).await;
    let later = at_five().schedule_expression("cron(0 23 ? * * *)").build().unwrap();
    let changed = v.backup.update_backup_plan().backup_plan_id(&id);
    changed.backup_plan(plan("nightly", [later])).send().await.unwrap();
    v.pass(DAY).await;
    let jobs = v.jobs().await;
    assert_eq!(jobs.len(), 1);
    assert!(moment(jobs[0].creation_date).to_string().ends_with("T23:00:00Z"));

    let delete = v.backup.delete_backup_plan().backup_plan_id(&id);
    let refused = delete.clone().send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidRequestException"));
    assert_eq!(
        refused.message(),
        Some("Related backup plan selections must be deleted prior to backup plan deletion")
    );
    let unselect = v.backup.delete_backup_selection().backup_plan_id(&id);
    unselect.selection_id(selection).send().await.unwrap();
    delete.send().await.unwrap();
    v.pass(3 * DAY).await;
    assert_eq!(v.jobs().await.len(), 1);

    let shown = v.backup.get_backup_plan().backup_plan_id(&id).send().await.unwrap();
    assert!(shown.deletion_date.is_some());
    let list = v.backup.list_backup_plans();
    assert!(list.clone().send().await.unwrap().backup_plans_list().is_empty());
    let all = list.include_deleted(true).send().await.unwrap();
    assert_eq!(all.backup_plans_list().len(), 1);
    let refused = v
        .backup
        .delete_backup_plan()
        .backup_plan_id(&id)
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("ResourceNotFoundException"));
}

#[tokio::test]
async fn each_change_is_a_version_that_stays() {
    let v = Vaulted::scheduled().await;
    let queue = v.listen().await;
    let id = v.plan([at_five().lifecycle(kept(7)).build().unwrap()]).await;
    let first = v.backup.get_backup_plan().backup_plan_id(&id).send().await.unwrap();
    let changed = plan("nightly", [at_five().lifecycle(kept(30)).build().unwrap()]);
    let update = v.backup.update_backup_plan().backup_plan_id(&id);
    let second = update.backup_plan(changed).send().await.unwrap();
    assert_ne!(first.version_id, second.version_id);

    let versions = v.backup.list_backup_plan_versions().backup_plan_id(&id);
    let versions = versions.send().await.unwrap().backup_plan_versions_list.unwrap();
    assert_eq!(versions.len(), 2);
    let old = v.backup.get_backup_plan().backup_plan_id(&id);
    let old = old.version_id(first.version_id.as_ref().unwrap()).send().await.unwrap();
    assert_eq!(old.backup_plan, first.backup_plan);
    let rules = |plan: &aws_sdk_backup::types::BackupPlan| plan.rules()[0].clone();
    let now = v.backup.get_backup_plan().backup_plan_id(&id).send().await.unwrap();
    let (was, is) = (rules(&first.backup_plan.unwrap()), rules(&now.backup_plan.unwrap()));
    assert_eq!(was.lifecycle.unwrap().delete_after_days, Some(7));
    assert_eq!(is.lifecycle.unwrap().delete_after_days, Some(30));
    assert_eq!(
        (is.start_window_minutes, is.completion_window_minutes),
        (Some(480), Some(10_080))
    );
    assert_eq!(was.rule_id, is.rule_id);

    v.backup.delete_backup_plan().backup_plan_id(&id).send().await.unwrap();
    v.pass(1).await;
    let heard = v.heard(&queue, "Backup Plan State Change").await;
    let states: Vec<&str> = heard.iter().map(|detail| detail["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["CREATED", "MODIFIED", "DELETED"]);
    assert_eq!(heard[1]["backupPlanId"], id);
    assert_eq!(heard[1]["versionId"].as_str(), second.version_id.as_deref());
    assert!(heard[1]["modifiedAt"].is_string() && heard[2]["deletionDate"].is_string());
}

#[tokio::test]
async fn the_same_plan_is_made_once() {
    let v = Vaulted::scheduled().await;
    let create = |name: &str| {
        v.backup
            .create_backup_plan()
            .backup_plan(plan(name, [at_five().build().unwrap()]))
    };
    let made = create("nightly").creator_request_id("request-1").send().await.unwrap();
    let again = create("nightly").creator_request_id("request-1").send().await.unwrap();
    assert_eq!(
        (again.backup_plan_id, again.version_id),
        (made.backup_plan_id, made.version_id)
    );
    let refused = create("nightly").send().await.unwrap_err().into_service_error();
    assert_eq!(
        refused.message(),
        Some("Backup plan with the same plan document already exists")
    );
    assert!(refused.is_already_exists_exception());
    create("other").send().await.unwrap();
}

#[tokio::test]
async fn what_aws_refuses_in_a_plan() {
    let v = Vaulted::scheduled().await;
    let no_vault = at_five().target_backup_vault_name("nowhere").build().unwrap();
    assert!(v.refused(no_vault).await.starts_with("Error in rule five : "));
    let often = at_five().schedule_expression("cron(0/30 * ? * * *)").build().unwrap();
    assert!(v.refused(often).await.contains("once an hour"));
    let wrong = at_five().schedule_expression("cron(0 5 * * * *)").build().unwrap();
    assert!(v.refused(wrong).await.contains("Invalid cron expression"));
    let window = at_five().start_window_minutes(30).build().unwrap();
    assert!(v.refused(window).await.contains("at least 60 minutes"));
    let cold = Lifecycle::builder()
        .move_to_cold_storage_after_days(30)
        .delete_after_days(60)
        .build();
    assert!(
        v.refused(at_five().lifecycle(cold).build().unwrap())
            .await
            .contains("90 days")
    );
    let zone = at_five().schedule_expression_timezone("Mars/Olympus").build().unwrap();
    assert!(v.refused(zone).await.contains("Invalid timezone"));
    let name = BackupRuleInput::builder()
        .rule_name("with space")
        .target_backup_vault_name("daily");
    assert!(v.refused(name.build().unwrap()).await.contains("RuleName"));

    let twice = plan("twice", [at_five().build().unwrap(), at_five().build().unwrap()]);
    let refused = v
        .backup
        .create_backup_plan()
        .backup_plan(twice)
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.message(), Some("Duplicate rule name: five"));
    let setting = AdvancedBackupSetting::builder()
        .resource_type("RDS")
        .backup_options("WindowsVSS", "enabled")
        .build();
    let rules = Some(vec![at_five().build().unwrap()]);
    let vss = BackupPlanInput::builder().backup_plan_name("vss").set_rules(rules);
    let vss = vss.advanced_backup_settings(setting).build().unwrap();
    let refused = v.backup.create_backup_plan().backup_plan(vss).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidParameterValueException"));
}

#[tokio::test]
async fn a_selection_comes_and_goes() {
    let v = Vaulted::scheduled().await;
    let id = v.plan([at_five().build().unwrap()]).await;
    let create = || v.backup.create_backup_selection().backup_plan_id(&id);
    let everything = v.selection("*");
    let made = create().backup_selection(everything.clone()).creator_request_id("one");
    let made = made.send().await.unwrap().selection_id.unwrap();
    let again = create().backup_selection(everything.clone()).creator_request_id("one");
    assert_eq!(again.send().await.unwrap().selection_id.unwrap(), made);
    let twin = create().backup_selection(everything).send().await.unwrap_err();
    assert_eq!(twin.code(), Some("AlreadyExistsException"));

    let elsewhere = v.backup.create_backup_selection().backup_plan_id("no-such-plan");
    let refused = elsewhere.backup_selection(v.selection("*")).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidParameterValueException"));

    let nothing = BackupSelection::builder()
        .selection_name("nothing")
        .iam_role_arn(v.role());
    let refused = create()
        .backup_selection(nothing.build().unwrap())
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        refused.message(),
        Some("Invalid backup selection. Either 'ListOfTags' or 'Resources' section must be non-empty.")
    );

    let get = v.backup.get_backup_selection().backup_plan_id(&id).selection_id(&made);
    let shown = get.clone().send().await.unwrap().backup_selection.unwrap();
    assert_eq!(shown.resources(), ["*"]);
    let listed = v
        .backup
        .list_backup_selections()
        .backup_plan_id(&id)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.backup_selections_list()[0].selection_name(), Some("all"));
    let delete = v
        .backup
        .delete_backup_selection()
        .backup_plan_id(&id)
        .selection_id(&made);
    delete.send().await.unwrap();
    assert_eq!(get.send().await.unwrap_err().code(), Some("ResourceNotFoundException"));
}

#[tokio::test]
async fn a_scheduled_job_fails_when_what_it_needs_is_gone_or_a_fault_says_so() {
    let v = Vaulted::scheduled().await;
    let id = v.plan([at_five().build().unwrap()]).await;
    v.select(&id, &v.database()).await;
    v.fail_next("StartBackupJob", "The snapshot failed.", None).await;
    v.pass(DAY).await;
    v.root(("iam", "2010-05-08"), "DeleteRole", &[("RoleName", "backup")])
        .await;
    v.pass(DAY).await;
    let delete = v.backup.delete_backup_vault().backup_vault_name("daily");
    delete.send().await.unwrap();
    v.pass(DAY).await;
    let messages: Vec<String> = v
        .jobs()
        .await
        .into_iter()
        .map(|job| {
            assert_eq!(job.state, Some(BackupJobState::Failed));
            job.status_message.unwrap()
        })
        .collect();
    assert_eq!(
        messages,
        [
            "The snapshot failed.".to_owned(),
            format!("IAM Role {} cannot be assumed by AWS Backup", v.role()),
            format!(
                "Backup job failed because backup vault arn:aws:backup:{HERE}:{}:backup-vault:daily does not exist.",
                v.account.id
            ),
        ]
    );
}

#[tokio::test]
async fn a_job_that_cannot_start_or_complete_within_its_windows_expires() {
    let slow = Config {
        job_seconds: Some(u32::try_from(DAY).unwrap()),
        ..Config::default()
    };
    let v = Vaulted::at_midnight(Vaulted::with(slow).await).await;
    let windows = || at_five().start_window_minutes(60).completion_window_minutes(240);
    let second = windows()
        .rule_name("half-past")
        .schedule_expression("cron(30 5 ? * * *)");
    let id = v.plan([windows().build().unwrap(), second.build().unwrap()]).await;
    v.select(&id, &v.database()).await;
    v.pass(DAY / 2).await;
    let ended: Vec<(Timestamp, Option<BackupJobState>, String)> = v
        .jobs()
        .await
        .into_iter()
        .map(|job| (moment(job.completion_date), job.state, job.status_message.unwrap()))
        .collect();
    let [(first, ..), (second, ..)] = ended.as_slice() else {
        panic!("{ended:?}")
    };
    assert!(first.to_string().ends_with("T09:00:00Z") && second.to_string().ends_with("T06:30:00Z"));
    let said: Vec<_> = ended
        .iter()
        .map(|(_, state, message)| (state.clone(), message.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (Some(BackupJobState::Expired), "Backup job expired before completion."),
            (
                Some(BackupJobState::Expired),
                "Backup job failed because there was a running job for the same resource."
            ),
        ]
    );
}

#[tokio::test]
async fn a_type_that_is_opted_out_is_left_out_of_everything() {
    let v = Vaulted::scheduled().await;
    v.volume().await;
    let settings = v.backup.update_region_settings();
    settings
        .resource_type_opt_in_preference("EBS", false)
        .send()
        .await
        .unwrap();
    let id = v.plan([at_five().build().unwrap()]).await;
    v.select(&id, "*").await;
    v.pass(DAY).await;
    let types: Vec<_> = v
        .jobs()
        .await
        .into_iter()
        .map(|job| job.resource_type.unwrap())
        .collect();
    assert_eq!(types, ["RDS"]);
}

#[tokio::test]
async fn a_continuous_backup_is_one_recovery_point_that_lives_on() {
    let v = Vaulted::scheduled().await;
    let volume = v.volume().await;
    let rule = at_five().enable_continuous_backup(true).lifecycle(kept(7));
    let id = v.plan([rule.build().unwrap()]).await;
    v.select(&id, "*").await;
    v.pass(20 * DAY).await;
    let points = async |resource: &str| {
        let listed = v.backup.list_recovery_points_by_resource().resource_arn(resource);
        listed.send().await.unwrap().recovery_points.unwrap()
    };
    let of_database = points(&v.database()).await;
    assert_eq!(of_database.len(), 1);
    assert!(
        of_database[0]
            .recovery_point_arn()
            .unwrap()
            .contains(":recovery-point:continuous:db-")
    );
    assert_eq!(points(&volume).await.len(), 7, "EBS has snapshots only");
    let database = v.account.root().describe_db_instances().send().await.unwrap();
    assert_eq!(database.db_instances()[0].backup_retention_period(), Some(7));
    let end = v
        .backup
        .list_backup_selections()
        .backup_plan_id(&id)
        .send()
        .await
        .unwrap();
    let end = end.backup_selections_list()[0].selection_id().unwrap();
    let unselect = v.backup.delete_backup_selection().backup_plan_id(&id);
    unselect.selection_id(end).send().await.unwrap();
    v.pass(8 * DAY).await;
    assert!(
        points(&v.database()).await.is_empty(),
        "it ends when nothing prolongs it"
    );
}

#[tokio::test]
async fn a_rule_copies_what_it_backs_up() {
    let v = Vaulted::scheduled().await;
    let far = v.elsewhere(&v.account.id, "eu-central-1");
    far.create_backup_vault().backup_vault_name("far").send().await.unwrap();
    let copy = CopyAction::builder()
        .destination_backup_vault_arn(format!("arn:aws:backup:eu-central-1:{}:backup-vault:far", v.account.id))
        .lifecycle(kept(30));
    let rule = at_five().copy_actions(copy.build().unwrap()).build().unwrap();
    let id = v.plan([rule]).await;
    v.select(&id, &v.database()).await;
    v.pass(DAY).await;
    let points = far.list_recovery_points_by_backup_vault().backup_vault_name("far");
    let points = points.send().await.unwrap().recovery_points.unwrap();
    assert_eq!(points.len(), 1);
    assert_eq!(points[0].lifecycle.as_ref().unwrap().delete_after_days, Some(30));
    let jobs = v.backup.list_copy_jobs().send().await.unwrap().copy_jobs.unwrap();
    assert_eq!(jobs[0].created_by.as_ref().unwrap().backup_plan_id(), Some(id.as_str()));
}

#[tokio::test]
async fn a_plan_can_be_carried_as_json_and_previewed() {
    let v = Vaulted::scheduled().await;
    let id = v.plan([at_five().build().unwrap()]).await;
    let exported = v.backup.export_backup_plan_template().backup_plan_id(&id);
    let json = exported.send().await.unwrap().backup_plan_template_json.unwrap();
    let read = v.backup.get_backup_plan_from_json().backup_plan_template_json(&json);
    let read = read.send().await.unwrap().backup_plan.unwrap();
    assert_eq!((read.backup_plan_name(), read.rules().len()), ("nightly", 1));
    let garbage = v.backup.get_backup_plan_from_json().backup_plan_template_json("{");
    assert_eq!(
        garbage.send().await.unwrap_err().code(),
        Some("InvalidParameterValueException")
    );
    let templates = v.backup.list_backup_plan_templates().send().await.unwrap();
    let template = templates.backup_plan_templates_list()[0]
        .backup_plan_template_id()
        .unwrap();
    let template = v
        .backup
        .get_backup_plan_from_template()
        .backup_plan_template_id(template);
    assert!(
        !template
            .send()
            .await
            .unwrap()
            .backup_plan_document
            .unwrap()
            .rules()
            .is_empty()
    );

    let shown = v
        .backup
        .get_backup_plan()
        .backup_plan_id(&id)
        .max_scheduled_runs_preview(2);
    let runs = shown.send().await.unwrap().scheduled_runs_preview.unwrap();
    let [first, second] = [0, 1].map(|n| moment(runs[n].execution_time));
    assert_eq!(second.duration_since(first), SignedDuration::from_hours(24));
}
