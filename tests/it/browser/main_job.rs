//! The main job as people do it (design of the drive: `tests/browser/main_job.mjs`).

use std::time::Duration;

use domain::role::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::app::{PASSWORD, email};
use testkit::github::{answers, issue_body};
use testkit::{Customer, Portal, TestApp};
use tokio_util::sync::CancellationToken;

use super::drive;

/// The drive takes a third of it on two idle cores.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_approve_and_restore_in_a_browser_and_see_it_happen() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    for customer in &t.customers {
        t.file_issue(customer, &customer.requester, &issue_body(&answers(&[])))
            .await;
    }
    t.webhooks_sent().await;
    t.run_jobs().await;

    let stop = CancellationToken::new();
    let settings = worker::Settings {
        concurrency: 2,
        observe_interval: SignedDuration::from_hours(1),
    };
    let working = tokio::spawn(worker::run(t.cx.clone(), t.outside.clone(), settings, stop.clone()));
    drive("main_job.mjs", &world(&portal, &t), PATIENCE).await;
    stop.cancel();
    working.await.unwrap();
    t.run_jobs().await;

    for customer in &t.customers {
        assert_eq!(
            t.effects(customer, "ModifyDBInstance").await.len(),
            1,
            "{}",
            customer.tenant.slug
        );
    }
    assert_eq!(t.restores_at_aws(t.acme()).await, 1);
    assert_eq!(t.restores_at_aws(t.globex()).await, 0);
}

/// Acme's people have scripts, globex' do not.
fn world(portal: &Portal, t: &TestApp) -> Value {
    let person = |role, customer: &Customer| email(role, Some(customer.tenant.id));
    json!({
        "url": portal.url,
        "password": PASSWORD,
        "approver": email(Role::Approver, None),
        "engineer": email(Role::Engineer, None),
        "requester": person(Role::CustomerRequester, t.acme()),
        "secondApprover": person(Role::CustomerApprover, t.globex()),
    })
}
