//! Retry or fail is explicit, attempts are bounded, history is kept.

use jiff::ToSpan;
use jobs::Outcome;

use crate::support::{Cluster, How, Journal};

#[tokio::test]
async fn a_failing_job_backs_off_and_gives_up_once() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "a").await;
    let job = journal.enqueue("flaky", How::Retry).await;

    let runner = journal.runner(1);
    let first = runner.run_until_idle(journal.now().await).await.unwrap();
    assert_eq!(first.len(), 1, "the second attempt is not due yet");
    let rest = runner.run_until_idle(journal.now().await + 1.hour()).await.unwrap();

    let reason = |n: u32| format!("attempt {n} was throttled");
    let attempts: Vec<_> = first
        .iter()
        .chain(&rest)
        .map(|ran| (ran.job, ran.attempt, ran.outcome.clone()))
        .collect();
    assert_eq!(
        attempts,
        [
            (job, 1, Outcome::Retried { reason: reason(1) }),
            (job, 2, Outcome::Retried { reason: reason(2) }),
            (job, 3, Outcome::Failed { reason: reason(3) }),
        ]
    );
    assert_eq!(
        journal.read().await,
        [
            "a: started flaky",
            "a: started flaky",
            "a: started flaky",
            "a: gave up (attempt 3 was throttled) flaky"
        ]
    );
    assert_eq!(
        journal.history().await,
        [
            "Failed: attempt 1 was throttled",
            "Failed: attempt 2 was throttled",
            "Killed: attempt 3 was throttled"
        ]
    );
    assert_eq!(
        runner.run_until_idle(journal.now().await + 1.hour()).await.unwrap(),
        [],
        "nothing runs again"
    );
}

#[tokio::test]
async fn a_hopeless_job_gives_up_at_once() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "a").await;
    journal.enqueue("hopeless", How::Fail).await;
    let ran = journal
        .runner(1)
        .run_until_idle(journal.now().await + 1.hour())
        .await
        .unwrap();
    assert_eq!(ran.len(), 1);
    assert_eq!(
        ran[0].outcome,
        Outcome::Failed {
            reason: "no such database".to_owned()
        }
    );
    assert_eq!(
        journal.read().await,
        ["a: started hopeless", "a: gave up (no such database) hopeless"]
    );
}

#[tokio::test]
async fn a_panic_is_a_failed_attempt() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "a").await;
    journal.enqueue("buggy", How::Panic).await;
    let ran = journal
        .runner(1)
        .run_until_idle(journal.now().await + 1.hour())
        .await
        .unwrap();
    assert_eq!(ran.len(), 3);
    assert_eq!(
        ran[2].outcome,
        Outcome::Failed {
            reason: "panicked: a bug in buggy".to_owned()
        }
    );
}

#[tokio::test]
async fn a_failure_that_the_application_cannot_note_is_not_recorded() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "a").await;
    journal.enqueue("hopeless", How::Fail).await;
    sqlx::raw_sql("ALTER TABLE journal ADD CONSTRAINT no_note CHECK (deed NOT LIKE 'gave up%')")
        .execute(&cluster.pool())
        .await
        .unwrap();
    assert!(journal.runner(1).run_until_idle(journal.now().await).await.is_err());
    assert_eq!(
        journal.history().await,
        ["Running"],
        "still held, so it will be taken over"
    );
}
