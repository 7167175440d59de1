//! Backup plans: what AWS takes, keeps and refuses.

use aws_sdk_backup::error::ProvideErrorMetadata;
use aws_sdk_backup::types::builders::BackupRuleInputBuilder;
use aws_sdk_backup::types::{AdvancedBackupSetting, BackupPlanInput, BackupRuleInput, BackupSelection, Lifecycle};
use jiff::{SignedDuration, Timestamp};

use super::vaulted::Vaulted;

pub(super) const DAY: i64 = 86_400;

impl Vaulted {
    /// A little after midnight.
    pub(super) async fn scheduled() -> Self {
        Self::at_midnight(Self::new().await).await
    }

    pub(super) async fn at_midnight(v: Self) -> Self {
        let now = v.account.now().await.as_second();
        v.pass(DAY - now % DAY + 10).await;
        v
    }

    pub(super) async fn pass(&self, seconds: i64) {
        self.account.advance(u32::try_from(seconds).unwrap()).await;
    }

    pub(super) async fn plan(&self, rules: impl IntoIterator<Item = BackupRuleInput>) -> String {
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

    pub(super) async fn select(&self, plan: &str, resource: &str) -> String {
        let made = self
            .backup
            .create_backup_selection()
            .backup_plan_id(plan)
            .backup_selection(self.selection(resource));
        made.send().await.unwrap().selection_id.unwrap()
    }

    async fn refused(&self, rule: BackupRuleInput) -> String {
        let made = self.backup.create_backup_plan().backup_plan(plan("refused", [rule]));
        let refused = made.send().await.unwrap_err();
        assert_eq!(refused.code(), Some("InvalidParameterValueException"));
        refused.message().unwrap().to_owned()
    }
}

pub(super) fn plan(name: &str, rules: impl IntoIterator<Item = BackupRuleInput>) -> BackupPlanInput {
    let rules = Vec::from_iter(rules);
    let plan = BackupPlanInput::builder().backup_plan_name(name).set_rules(Some(rules));
    plan.build().unwrap()
}

/// Every day at five, into `daily`.
pub(super) fn at_five() -> BackupRuleInputBuilder {
    BackupRuleInput::builder()
        .rule_name("five")
        .target_backup_vault_name("daily")
        .schedule_expression("cron(0 5 ? * * *)")
}

pub(super) fn kept(days: i64) -> Lifecycle {
    Lifecycle::builder().delete_after_days(days).build()
}

pub(super) fn moment(at: Option<aws_sdk_backup::primitives::DateTime>) -> Timestamp {
    Timestamp::from_second(at.unwrap().secs()).unwrap()
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

#[tokio::test]
async fn an_arn_of_any_letters_is_answered() {
    let v = Vaulted::new().await;
    let plan = v.plan([at_five().build().unwrap()]).await;
    let made = v.backup.create_backup_selection().backup_plan_id(plan);
    let made = made.backup_selection(v.selection("arn:aws:s3:::é")).send().await;
    assert!(made.is_ok(), "{made:?}");
}
