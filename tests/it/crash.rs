//! A process that is killed at any point leaves each approved intention with one effect.

use domain::change_request::State;
use domain::restore::RestoreRequest;
use domain::role::Role;
use testkit::github::answers;
use testkit::process::{WorkerProcess, eventually};
use testkit::{Customer, TestApp};

/// Dies at `point` while an approved change is carried out; another worker finishes.
async fn change_survives(point: &str) {
    let t = TestApp::new().await;
    let acme = t.acme();
    let issue = t.file_and_plan(acme, &answers(&[])).await;
    t.approve(acme, Role::Approver, &t.request_of(acme, issue).await)
        .await
        .unwrap();
    WorkerProcess::start(&t, point).died().await;

    let _second = WorkerProcess::start(&t, "");
    eventually("the issue is closed", async || {
        issue_is_closed(&t, acme, issue).await.then_some(())
    })
    .await;
    let view = t.request_of(acme, issue).await;
    assert!(
        matches!(view.request.state, State::Applied { sow_version: 1, .. }),
        "{:?}",
        view.request.state
    );
    assert_eq!(t.effects(acme, "ModifyDBInstance").await.len(), 1, "one effect at AWS");
    let comments = t.comments(acme, issue).await;
    assert_eq!(comments.len(), 2, "the plan and the result, each once: {comments:?}");
}

/// Dies at `point` while a new issue is taken over and planned; another worker finishes.
async fn planning_survives(point: &str) {
    let t = TestApp::new().await;
    let acme = t.acme();
    let issue = t
        .file_issue(acme, &acme.requester, &testkit::github::issue_body(&answers(&[])))
        .await;
    t.deliver(acme, issue, "opened").await;
    WorkerProcess::start(&t, point).died().await;

    let _second = WorkerProcess::start(&t, "");
    eventually("the plan is on the issue", async || {
        (!t.comments(acme, issue).await.is_empty()).then_some(())
    })
    .await;
    eventually("no job is left", async || t.is_idle().await.then_some(())).await;
    assert!(matches!(
        t.request_of(acme, issue).await.request.state,
        State::Planned { .. }
    ));
    let comments = t.comments(acme, issue).await;
    assert_eq!(comments.len(), 1, "the plan, once: {comments:?}");
}

/// Dies at `point` while an approved restore is carried out; another worker finishes.
async fn restore_survives(point: &str) {
    let t = TestApp::new().await;
    let acme = t.acme();
    t.protect(acme).await;
    let request = approved_restore(&t, acme).await;
    WorkerProcess::start(&t, point).died().await;

    let _second = WorkerProcess::start(&t, "");
    eventually("the restore is there", async || {
        (t.restore_state(acme, request.id).await == "verifying").then_some(())
    })
    .await;
    eventually("no job is left", async || t.is_idle().await.then_some(())).await;
    assert_eq!(t.restores_at_aws(acme).await, 1, "one restore at AWS");
}

async fn approved_restore(t: &TestApp, customer: &Customer) -> RestoreRequest {
    let request = t.ask_restore(customer).await;
    let engineer = t.actor(Role::Engineer, customer).await;
    app::restore::approve(&t.cx, &engineer, request.id, request.digest)
        .await
        .unwrap()
}

async fn issue_is_closed(t: &TestApp, customer: &Customer, issue: u64) -> bool {
    let path = format!("/repos/{}/issues/{issue}", customer.repository);
    t.github("stranger", reqwest::Method::GET, &path, None).await["state"] == "closed"
}

/// One test for each place of death, so that they run beside each other.
macro_rules! dies_at {
    ($scenario:ident: $($name:ident = $point:literal),+ $(,)?) => {
        mod $scenario {$(
            #[tokio::test]
            async fn $name() {
                super::$scenario($point).await;
            }
        )+}
    };
}

dies_at! { planning_survives:
    before_the_delivery_is_settled = "delivery-before-commit=return",
    after_the_delivery_is_settled = "delivery-after-commit=return",
    before_the_comment = "comment-before-post=return",
    after_the_comment = "comment-after-post=return",
}

dies_at! { change_survives:
    before_it_begins = "apply-before-begin=return",
    after_it_begins = "apply-after-begin=return",
    before_the_first_call = "step-before-call=return",
    after_the_first_call = "step-after-call=return",
    after_the_first_receipt = "step-after-receipt=return",
    before_the_second_call = "step-before-call=1*off->return",
    after_the_second_call = "step-after-call=1*off->return",
    after_the_second_receipt = "step-after-receipt=1*off->return",
    before_it_is_called_applied = "apply-before-finish=return",
    after_it_is_called_applied = "apply-after-finish=return",
}

dies_at! { restore_survives:
    before_it_begins = "restore-before-begin=return",
    after_it_begins = "restore-after-begin=return",
    before_the_call = "step-before-call=return",
    after_the_call = "step-after-call=return",
    after_the_receipt = "step-after-receipt=return",
    before_it_is_handed_over = "restore-before-finish=return",
    after_it_is_handed_over = "restore-after-finish=return",
}
