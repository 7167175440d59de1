//! The main job: an issue becomes a live backup, and a backup becomes a restore.

use app::AppError;
use app::sow::{AsOf, LineFilter};
use domain::change_request::{Refused, State};
use domain::id::ComponentId;
use domain::protection::ProtectionState;
use domain::role::Role;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use testkit::TestApp;
use testkit::github::{answers, issue_body};

#[tokio::test]
async fn an_issue_becomes_live_backups_and_a_new_version_of_the_scope_of_work() {
    let t = TestApp::new().await;
    let acme = t.acme();
    let issue = t.file_and_plan(acme, &answers(&[])).await;
    let planned = t.request_of(acme, issue).await;
    assert!(
        matches!(planned.request.state, State::Planned { .. }),
        "{:?}",
        planned.request.state
    );
    let plan = planned.plan.clone().unwrap();
    assert!(
        t.comments(acme, issue).await[0].contains(&plan.digest.to_string()),
        "the comment names the digest"
    );
    assert!(
        t.effects(acme, "ModifyDBInstance").await.is_empty(),
        "nothing is changed before the approval"
    );

    t.approve(acme, Role::Approver, &planned).await.unwrap();
    t.run_jobs().await;
    let applied = t.request_of(acme, issue).await;
    assert!(
        matches!(applied.request.state, State::Applied { sow_version: 1, .. }),
        "{:?}",
        applied.request.state
    );
    assert_eq!(t.effects(acme, "ModifyDBInstance").await.len(), 1);
    let of_issue = t
        .github(
            "stranger",
            Method::GET,
            &format!("/repos/{}/issues/{issue}", acme.repository),
            None,
        )
        .await;
    assert_eq!(of_issue["state"], "closed");
    assert_eq!(of_issue["labels"][0]["name"], "holdfast:applied");

    let viewer = t.actor(Role::CustomerViewer, acme).await;
    let found = app::sow::version(&t.cx, &viewer, &acme.tenant, AsOf::Newest)
        .await
        .unwrap();
    let version = found.unwrap().sow;
    let everything = LineFilter::default();
    let lines = app::sow::batch(&t.cx, &viewer, acme.tenant.id, 1, true, &everything, None)
        .await
        .unwrap();
    assert_eq!(
        (version.change_request, version.approved_by.len()),
        (Some(applied.request.id), 1)
    );
    assert_eq!(lines[0].item.scope.terms().unwrap().retention.get(), 35);
    let components = app::status::whole(&t.cx, &viewer, acme.tenant.id).await.unwrap();
    let reading = components[0].status.observed.clone().unwrap();
    assert_eq!(
        reading.retention_days,
        Some(35),
        "the status shows what was observed after the change"
    );
}

#[tokio::test]
async fn a_restore_is_made_once_under_a_new_name_and_closed_by_the_customer() {
    let t = TestApp::new().await;
    let acme = t.acme();
    t.protect(acme).await;
    let request = t.ask_restore(acme).await;
    let requester = t.actor(Role::CustomerRequester, acme).await;
    let refused = app::restore::approve(&t.cx, &requester, request.id, request.digest).await;
    assert!(matches!(refused, Err(AppError::Forbidden(_))), "{refused:?}");
    let engineer = t.actor(Role::Engineer, acme).await;
    app::restore::approve(&t.cx, &engineer, request.id, request.digest)
        .await
        .unwrap();
    t.run_jobs().await;

    assert_eq!(t.restore_state(acme, request.id).await, "verifying");
    assert_eq!(t.restores_at_aws(acme).await, 1);
    app::restore::verify(&t.cx, &requester, request.id).await.unwrap();
    assert_eq!(t.restore_state(acme, request.id).await, "closed");
}

#[tokio::test]
async fn a_plan_that_changed_since_it_was_shown_cannot_be_approved() {
    let t = TestApp::new().await;
    let acme = t.acme();
    let issue = t.file_and_plan(acme, &answers(&[])).await;
    let shown = t.request_of(acme, issue).await;
    t.edit_issue(acme, issue, &issue_body(&answers(&[("retention", "7 days")])))
        .await;
    t.deliver(acme, issue, "edited").await;
    t.run_jobs().await;
    let refused = t.approve(acme, Role::Approver, &shown).await;
    assert!(
        matches!(refused, Err(AppError::Refused(Refused::PlanChanged))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_edit_after_the_approval_that_no_webhook_told_of_voids_it() {
    let t = TestApp::new().await;
    let acme = t.acme();
    let issue = t.file_and_plan(acme, &answers(&[])).await;
    t.approve(acme, Role::Approver, &t.request_of(acme, issue).await)
        .await
        .unwrap();
    t.edit_issue(acme, issue, &issue_body(&answers(&[("retention", "7 days")])))
        .await;
    t.run_jobs().await;
    let view = t.request_of(acme, issue).await;
    assert!(
        matches!(view.request.state, State::Planned { .. }),
        "{:?}",
        view.request.state
    );
    assert!(view.request.approvals.is_empty());
    assert!(t.effects(acme, "ModifyDBInstance").await.is_empty());
}

#[tokio::test]
async fn where_the_contract_asks_both_sides_neither_is_enough() {
    let t = TestApp::new().await;
    let globex = t.globex();
    let issue = t.file_and_plan(globex, &answers(&[])).await;
    let view = t.request_of(globex, issue).await;
    t.approve(globex, Role::Approver, &view).await.unwrap();
    t.run_jobs().await;
    assert!(matches!(
        t.request_of(globex, issue).await.request.state,
        State::Planned { .. }
    ));
    assert!(t.effects(globex, "ModifyDBInstance").await.is_empty());
    t.approve(globex, Role::CustomerApprover, &view).await.unwrap();
    t.run_jobs().await;
    assert!(matches!(
        t.request_of(globex, issue).await.request.state,
        State::Applied { .. }
    ));
}

#[tokio::test]
async fn an_incomplete_issue_is_asked_back_with_what_is_missing_and_planned_once_it_is_complete() {
    let t = TestApp::new().await;
    let acme = t.acme();
    let issue = t.file_and_plan(acme, &answers(&[("retention", "")])).await;
    let view = t.request_of(acme, issue).await;
    let State::NeedsInformation { missing } = &view.request.state else {
        panic!("{:?}", view.request.state)
    };
    assert_eq!(
        missing.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(),
        ["retention"]
    );
    assert!(t.comments(acme, issue).await[0].contains("Retention"));
    t.edit_issue(acme, issue, &issue_body(&answers(&[]))).await;
    t.deliver(acme, issue, "edited").await;
    t.run_jobs().await;
    assert!(matches!(
        t.request_of(acme, issue).await.request.state,
        State::Planned { .. }
    ));
}

#[tokio::test]
async fn who_may_not_ask_is_told_whom_to_ask_and_nothing_is_planned() {
    let t = TestApp::new().await;
    let acme = t.acme();
    let issue = t.file_issue(acme, "stranger", &issue_body(&answers(&[]))).await;
    t.deliver(acme, issue, "opened").await;
    t.run_jobs().await;
    let view = t.request_of(acme, issue).await;
    assert!(matches!(view.request.state, State::NeedsInformation { .. }) && view.plan.is_none());
    assert!(t.comments(acme, issue).await[0].contains("acme-dev"));
}

#[tokio::test]
async fn leaving_the_scope_of_work_gives_up_protection_though_nothing_changes_at_aws() {
    let t = TestApp::new().await;
    let acme = t.acme();
    t.protect(acme).await;
    let out = t
        .file_and_plan(
            acme,
            &answers(&[("scope", "Out of scope"), ("further_needs", "It is rebuilt.")]),
        )
        .await;
    let view = t.request_of(acme, out).await;
    assert!(view.plan.as_ref().unwrap().plan.steps.is_empty());
    let refused = t.approve(acme, Role::Engineer, &view).await;
    assert!(matches!(refused, Err(AppError::Forbidden(_))), "{refused:?}");
    t.approve(acme, Role::Approver, &view).await.unwrap();
}

#[tokio::test]
async fn what_does_not_exist_at_aws_is_asked_back_and_never_called_applied() {
    let t = TestApp::new().await;
    let acme = t.acme();
    let mut ghost = acme.prod_pg.clone();
    (ghost.id, ghost.name) = (ComponentId::at(t.cx.now()), "ghost-pg".to_owned());
    ghost.aws.as_mut().unwrap().arn.push_str("-ghost");
    let engineer = t.actor(Role::Engineer, acme).await;
    let linked = app::account::list(&t.cx, &engineer, acme.tenant.id, None)
        .await
        .unwrap()
        .items;
    let mut tx = t.cx.db.begin(engineer.scope()).await.unwrap();
    let account = Some(linked[0].account.id);
    store::component::insert(&mut tx, &ghost, account).await.unwrap();
    tx.commit().await.unwrap();

    let issue = t.file_and_plan(acme, &answers(&[("component", "ghost-pg")])).await;
    let view = t.request_of(acme, issue).await;
    let State::NeedsInformation { missing } = &view.request.state else {
        panic!("{:?}", view.request.state)
    };
    assert!(missing[0].why.contains("does not exist at AWS"), "{}", missing[0].why);
}

#[tokio::test]
async fn what_goes_out_of_scope_keeps_its_recovery_points() {
    let t = TestApp::new().await;
    let acme = t.acme();
    t.protect(acme).await;
    let out = t
        .file_and_plan(
            acme,
            &answers(&[("scope", "Out of scope"), ("further_needs", "It is rebuilt.")]),
        )
        .await;
    let view = t.request_of(acme, out).await;
    assert!(view.plan.as_ref().unwrap().plan.steps.is_empty());
    t.approve(acme, Role::Approver, &view).await.unwrap();
    t.run_jobs().await;
    assert!(matches!(
        t.request_of(acme, out).await.request.state,
        State::Applied { sow_version: 2, .. }
    ));
    assert_eq!(
        t.effects(acme, "ModifyDBInstance").await.len(),
        1,
        "only the first change touched the database"
    );
}

#[tokio::test]
async fn throttling_is_retried_and_ends_in_one_effect_or_in_words() {
    let t = TestApp::new().await;
    let acme = t.acme();
    let throttle =
        |times: u32| json!({ "service": "rds", "operation": "ModifyDBInstance", "times": times, "kind": "throttle" });
    let issue = t.file_and_plan(acme, &answers(&[])).await;
    t.approve(acme, Role::Approver, &t.request_of(acme, issue).await)
        .await
        .unwrap();
    t.fault(throttle(2)).await;
    t.run_jobs().await;
    assert!(matches!(
        t.request_of(acme, issue).await.request.state,
        State::Applied { .. }
    ));
    assert_eq!(t.effects(acme, "ModifyDBInstance").await.len(), 1);

    let again = t.file_and_plan(acme, &answers(&[("retention", "20 days")])).await;
    t.approve(acme, Role::Approver, &t.request_of(acme, again).await)
        .await
        .unwrap();
    t.fault(throttle(1000)).await;
    t.run_jobs().await;
    let view = t.request_of(acme, again).await;
    assert!(
        matches!(&view.request.state, State::Failed { reason } if !reason.is_empty()),
        "{:?}",
        view.request.state
    );
    assert_eq!(t.effects(acme, "ModifyDBInstance").await.len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_lost_is_no_second_restore() {
    let t = TestApp::new().await;
    let acme = t.acme();
    t.protect(acme).await;
    let request = t.ask_restore(acme).await;
    let engineer = t.actor(Role::Engineer, acme).await;
    app::restore::approve(&t.cx, &engineer, request.id, request.digest)
        .await
        .unwrap();
    for operation in ["RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceToPointInTime"] {
        t.fault(json!({ "service": "rds", "operation": operation, "times": 1, "kind": "lost-response" }))
            .await;
    }
    t.run_jobs().await;
    assert_eq!(t.restore_state(acme, request.id).await, "verifying");
    assert_eq!(t.restores_at_aws(acme).await, 1);
}

#[tokio::test]
async fn garbage_is_never_taken_for_success() {
    let t = TestApp::new().await;
    let acme = t.acme();
    t.fault(json!({ "service": "rds", "operation": "DescribeDBInstances", "times": 1000, "kind": "garbage" }))
        .await;
    let issue = t.file_and_plan(acme, &answers(&[])).await;
    let view = t.request_of(acme, issue).await;
    assert!(
        matches!(view.request.state, State::Failed { .. }),
        "{:?}",
        view.request.state
    );
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_told_to_the_customer_and_planned_once_it_is_mended() {
    let t = TestApp::new().await;
    let acme = t.acme();
    t.fault(json!({ "service": "sts", "operation": "AssumeRole", "times": 1000, "kind": "access-denied" }))
        .await;
    let issue = t.file_and_plan(acme, &answers(&[])).await;
    let view = t.request_of(acme, issue).await;
    let State::NeedsInformation { missing } = &view.request.state else {
        panic!("{:?}", view.request.state)
    };
    assert_eq!(missing[0].field, "aws_access");
    assert!(missing[0].why.contains("role/holdfast/observe"), "{}", missing[0].why);
    let engineer = t.actor(Role::Engineer, acme).await;
    let accounts = app::account::list(&t.cx, &engineer, acme.tenant.id, None)
        .await
        .unwrap()
        .items;
    assert!(accounts[0].problem.is_some(), "the account's page says it too");

    t.heal().await;
    app::change_request::plan_again(&t.cx, &engineer, view.request.id)
        .await
        .unwrap();
    t.run_jobs().await;
    assert!(matches!(
        t.request_of(acme, issue).await.request.state,
        State::Planned { .. }
    ));
}

#[tokio::test]
async fn what_nobody_observed_for_half_an_hour_is_unknown() {
    let t = TestApp::new().await;
    let acme = t.acme();
    t.protect(acme).await;
    let viewer = t.actor(Role::CustomerViewer, acme).await;
    let now = app::status::whole(&t.cx, &viewer, acme.tenant.id).await.unwrap();
    assert_eq!(now[0].protection, Some(ProtectionState::Protected), "{}", now[0].why);
    let later = t.cx.now() + SignedDuration::from_mins(31);
    let judged = app::status::judge(now[0].status.clone(), later);
    assert_eq!(judged.protection, Some(ProtectionState::Unknown));
}
