//! What the rules of backup plans do by themselves.

use aws_sdk_backup::error::ProvideErrorMetadata;
use aws_sdk_backup::types::{BackupJob, BackupJobState, CopyAction};
use jiff::{SignedDuration, Timestamp};
use sandbox::Config;

use super::plans::{DAY, at_five, kept, moment, plan};
use super::vaulted::{HERE, Vaulted};

impl Vaulted {
    /// Oldest first.
    async fn jobs(&self) -> Vec<BackupJob> {
        let listed = self.backup.list_backup_jobs().send().await.unwrap();
        let mut jobs = listed.backup_jobs.unwrap();
        jobs.reverse();
        jobs
    }
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
