//! A job commits with its cause, under the application's role.

use jiff::ToSpan;
use jobs::{Outcome, State};
use sqlx::Connection;

use crate::support::{Cluster, How, Journal, Work};

#[tokio::test]
async fn a_job_exists_only_if_its_transaction_commits() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "a").await;
    let mut conn = cluster.pool().acquire().await.unwrap();
    let work = |name: &str| Work {
        name: name.to_owned(),
        how: How::Succeed,
    };

    let mut tx = conn.begin().await.unwrap();
    jobs::enqueue(&mut tx, &work("undone")).await.unwrap();
    tx.rollback().await.unwrap();
    let mut tx = conn.begin().await.unwrap();
    let job = jobs::enqueue(&mut tx, &work("kept")).await.unwrap();
    tx.commit().await.unwrap();

    let waiting = jobs::stats(&mut conn).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].state, waiting[0].count), (State::Waiting, 1));
    let ran = journal.runner(1).run_until_idle(journal.now().await).await.unwrap();
    assert_eq!(ran.len(), 1);
    assert_eq!((ran[0].job, ran[0].attempt, &ran[0].outcome), (job, 1, &Outcome::Done));
    assert_eq!(journal.read().await, ["a: started kept"]);
    assert_eq!(jobs::stats(&mut conn).await.unwrap()[0].state, State::Done);
}

#[tokio::test]
async fn a_job_for_later_waits_for_its_time() {
    let cluster = Cluster::start().await;
    let journal = Journal::new(cluster.pool(), "a").await;
    let mut conn = cluster.pool().acquire().await.unwrap();
    let due = journal.now().await + 1.hour();
    let work = Work {
        name: "later".to_owned(),
        how: How::Succeed,
    };
    jobs::enqueue_at(&mut conn, &work, due).await.unwrap();

    let runner = journal.runner(1);
    assert_eq!(runner.run_until_idle(due - 1.minute()).await.unwrap(), []);
    assert_eq!(runner.run_until_idle(due + 1.second()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_applications_role_runs_jobs_and_forgets_only_what_is_old() {
    let cluster = Cluster::start().await;
    let owner = cluster.pool();
    let _tables = Journal::new(owner.clone(), "owner").await;
    sqlx::raw_sql("CREATE ROLE \"the app\" LOGIN; GRANT ALL ON journal, opened, journal_at_seq TO \"the app\"")
        .execute(&owner)
        .await
        .unwrap();
    jobs::grant(&owner, "the app").await.unwrap();

    let options = (*owner.connect_options()).clone().username("the app");
    let app = sqlx::PgPool::connect_with(options).await.unwrap();
    let journal = Journal::existing(app.clone(), "app");
    journal.enqueue("one", How::Retry).await;
    let ran = journal
        .runner(1)
        .run_until_idle(journal.now().await + 1.hour())
        .await
        .unwrap();
    assert_eq!(ran.len(), 3);
    assert!(sqlx::query("DELETE FROM apalis.jobs").execute(&app).await.is_err());

    // Only what is old, and done sooner than failed.
    journal.enqueue("two", How::Succeed).await;
    journal.runner(1).run_until_idle(journal.now().await).await.unwrap();
    journal.enqueue("open", How::Succeed).await;
    let mut conn = app.acquire().await.unwrap();
    for (age, kept) in [("23 hours", 5), ("25 hours", 4), ("31 days", 1)] {
        let sql = "UPDATE apalis.jobs SET run_at = now() - $1::interval,
                     done_at = CASE WHEN done_at IS NOT NULL THEN now() - $1::interval END";
        sqlx::query(sql).bind(age).execute(&owner).await.unwrap();
        jobs::prune(&mut conn).await.unwrap();
        assert_eq!(journal.history().await.len(), kept, "{age} later");
    }
    assert_eq!(journal.history().await, ["Pending"]);
}
