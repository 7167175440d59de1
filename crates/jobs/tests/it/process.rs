//! Workers that are killed or halted in the middle of a job.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::support::{Cluster, How, Journal, Process, eventually, serve_as_process};

#[tokio::test]
#[ignore = "the process that the other tests start and kill"]
async fn runs_jobs_until_killed() {
    serve_as_process().await;
}

#[tokio::test]
async fn the_job_of_a_killed_worker_is_done_by_another_within_ten_seconds() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "test").await;
    let victim = Process::start(&cluster, "victim");
    journal.enqueue("one", How::WaitThenCall).await;
    journal.wait_for("victim: started one", Duration::from_secs(20)).await;
    let (stop, other) = Journal::start(journal.of("other").runner(1));

    victim.signal(Signal::SIGKILL);
    let killed = Instant::now();
    journal.wait_for("other: started one", Duration::from_secs(10)).await;
    println!("taken over after {:?}", killed.elapsed());
    journal.of("other").open("one").await;
    journal.wait_until_idle(Duration::from_secs(10)).await;

    assert_eq!(
        journal.read().await,
        ["victim: started one", "other: started one", "other: called one"]
    );
    stop.cancel();
    other.await.unwrap();
}

#[tokio::test]
async fn a_halted_worker_may_neither_call_nor_acknowledge_when_it_wakes() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "test").await;
    let stale = Process::start(&cluster, "stale");
    journal.enqueue("one", How::WaitThenCall).await;
    journal.wait_for("stale: started one", Duration::from_secs(20)).await;
    let (stop, other) = Journal::start(journal.of("other").runner(1));

    stale.signal(Signal::SIGSTOP);
    journal.wait_for("other: started one", Duration::from_secs(10)).await;
    stale.signal(Signal::SIGCONT);
    journal.of("stale").open("one").await;
    journal
        .wait_for("stale: may not call one", Duration::from_secs(10))
        .await;
    // It runs one job at once: when it starts the next, it has tried to acknowledge the first.
    journal.enqueue("two", How::Succeed).await;
    journal.wait_for("stale: started two", Duration::from_secs(10)).await;
    eventually("two is done", Duration::from_secs(10), || async {
        journal.history().await[1] == "Done"
    })
    .await;
    let one = journal.history().await.swap_remove(0);
    assert_eq!(
        one, "Running: Re-enqueued due to worker heartbeat timeout.",
        "what the stale worker said of it is not recorded"
    );

    journal.of("other").open("one").await;
    journal.wait_for("other: called one", Duration::from_secs(10)).await;
    journal.wait_until_idle(Duration::from_secs(10)).await;
    stop.cancel();
    other.await.unwrap();
}

#[tokio::test]
async fn a_job_that_kills_its_workers_runs_out_of_attempts() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "test").await;
    journal.enqueue("deadly", How::WaitThenCall).await;
    for attempt in 1..=3 {
        let name = format!("victim {attempt}");
        let victim = Process::start(&cluster, &name);
        journal
            .wait_for(&format!("{name}: started deadly"), Duration::from_secs(20))
            .await;
        victim.signal(Signal::SIGKILL);
    }
    let (stop, other) = Journal::start(journal.of("other").runner(1));
    let gave_up = "other: gave up (the workers that ran it stopped or died, and no attempts are left) deadly";
    journal.wait_for(gave_up, Duration::from_secs(10)).await;
    journal.wait_until_idle(Duration::from_secs(10)).await;
    stop.cancel();
    other.await.unwrap();
}
