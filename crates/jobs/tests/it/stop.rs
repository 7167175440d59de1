//! Stopping with grace.

use std::time::Duration;

use jobs::{HEARTBEAT, LEASE};

use crate::support::{Cluster, How, Journal};

#[tokio::test]
async fn a_job_that_outlives_the_stop_signal_runs_once() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "test").await;
    let (stop, leaving) = Journal::start(journal.of("leaving").runner(2));
    journal.enqueue("short", How::WaitThenCall).await;
    journal.enqueue("long", How::WaitThenCall).await;
    journal
        .wait_for("leaving: started short", Duration::from_secs(10))
        .await;
    journal.wait_for("leaving: started long", Duration::from_secs(10)).await;

    stop.cancel();
    let (stop, staying) = Journal::start(journal.of("staying").runner(2));
    journal.of("leaving").open("short").await;
    // Long enough for the other worker to take over whatever has no heartbeat or acknowledgement.
    tokio::time::sleep(LEASE + 2 * HEARTBEAT).await;
    journal.of("leaving").open("long").await;
    leaving.await.unwrap();

    let mut deeds = journal.read().await;
    deeds.sort();
    assert_eq!(
        deeds,
        [
            "leaving: called long",
            "leaving: called short",
            "leaving: started long",
            "leaving: started short"
        ]
    );
    assert_eq!(journal.history().await, ["Done", "Done"]);
    stop.cancel();
    staying.await.unwrap();
}

#[tokio::test]
async fn what_does_not_end_in_time_is_handed_over_before_its_lease_runs_out() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "test").await;
    let leaving = journal.of("leaving").runner(1).drain_within(Duration::from_millis(100));
    let (stop, leaving) = Journal::start(leaving);
    journal.enqueue("long", How::WaitThenCall).await;
    journal.wait_for("leaving: started long", Duration::from_secs(10)).await;

    stop.cancel();
    leaving.await.unwrap();
    let (stop, staying) = Journal::start(journal.of("staying").runner(1));
    journal.wait_for("staying: started long", LEASE - HEARTBEAT).await;
    journal.of("staying").open("long").await;
    journal.wait_until_idle(Duration::from_secs(10)).await;
    assert_eq!(
        journal.read().await,
        ["leaving: started long", "staying: started long", "staying: called long"]
    );
    stop.cancel();
    staying.await.unwrap();
}
