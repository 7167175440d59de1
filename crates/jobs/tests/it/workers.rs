//! Several workers, and a Postgres that goes away.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jobs::HEARTBEAT;
use sqlx::Connection;

use crate::support::{Cluster, How, Journal, Work, eventually};

#[tokio::test]
async fn two_workers_share_the_load_and_no_job_runs_twice() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "test").await;
    let workers = ["a", "b"].map(|name| Journal::start(journal.of(name).runner(1)));
    // Each holds one of these until both have started, so both work.
    journal.enqueue("x", How::WaitThenCall).await;
    journal.enqueue("y", How::WaitThenCall).await;
    eventually("both started", Duration::from_secs(20), || async {
        journal.read().await.len() == 2
    })
    .await;
    let started: BTreeSet<char> = journal
        .read()
        .await
        .iter()
        .filter_map(|line| line.chars().next())
        .collect();
    assert_eq!(started, BTreeSet::from(['a', 'b']));

    for number in 0..60 {
        journal.enqueue(&number.to_string(), How::Succeed).await;
    }
    for process in ["a", "b"] {
        journal.of(process).open("x").await;
        journal.of(process).open("y").await;
    }
    journal.wait_until_idle(Duration::from_secs(30)).await;

    let deeds = journal.read().await;
    let started: Vec<&str> = deeds
        .iter()
        .filter_map(|line| line.split_once(": started "))
        .map(|deed| deed.1)
        .collect();
    let distinct: BTreeSet<&str> = started.iter().copied().collect();
    assert_eq!((started.len(), distinct.len()), (62, 62));
    for (stop, worker) in workers {
        stop.cancel();
        worker.await.unwrap();
    }
}

#[tokio::test]
async fn workers_come_back_after_postgres_crashes() {
    let mut cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "test").await;
    let (stop, worker) = Journal::start(journal.of("a").runner(2));
    journal.enqueue("in flight", How::WaitThenCall).await;
    journal.wait_for("a: started in flight", Duration::from_secs(10)).await;

    cluster.crash();
    cluster.resume().await;
    journal.enqueue("after", How::Succeed).await;
    journal.wait_for("a: started after", Duration::from_secs(15)).await;
    journal.of("a").open("in flight").await;
    journal.wait_until_idle(Duration::from_secs(15)).await;

    assert_eq!(
        journal.read().await,
        ["a: started in flight", "a: started after", "a: called in flight"]
    );
    assert_eq!(journal.history().await, ["Done", "Done"]);
    stop.cancel();
    worker.await.unwrap();
}

#[tokio::test]
async fn a_new_job_does_not_wait_for_the_next_poll() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "test").await;
    let (stop, worker) = Journal::start(journal.of("a").runner(1));
    journal.enqueue("first", How::Succeed).await;
    journal.wait_until_idle(Duration::from_secs(10)).await;

    let began = Instant::now();
    let rounds = 10;
    for round in 0..rounds {
        journal.enqueue(&round.to_string(), How::Succeed).await;
        journal.wait_until_idle(Duration::from_secs(10)).await;
    }
    // Polled, nearly each round would wait for a tick.
    assert!(
        began.elapsed() < rounds * HEARTBEAT / 2,
        "{rounds} rounds took {:?}",
        began.elapsed()
    );
    stop.cancel();
    worker.await.unwrap();
}

#[tokio::test]
async fn a_row_that_was_claimed_without_our_knowing_is_put_back() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "test").await;
    let (stop, worker) = Journal::start(journal.of("a").runner(1));
    journal.enqueue("first", How::Succeed).await;
    journal.wait_for("a: started first", Duration::from_secs(10)).await;

    // As when the connection breaks between the commit of a claim and its answer.
    let mut conn = cluster.pool().acquire().await.unwrap();
    let mut tx = conn.begin().await.unwrap();
    let work = Work {
        name: "lost".to_owned(),
        how: How::Succeed,
    };
    jobs::enqueue(&mut tx, &work).await.unwrap();
    sqlx::query(
        "UPDATE apalis.jobs SET status = 'Running', lock_by = (SELECT id FROM apalis.workers) WHERE lock_by IS NULL",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();

    journal.wait_for("a: started lost", Duration::from_secs(10)).await;
    stop.cancel();
    worker.await.unwrap();
}
