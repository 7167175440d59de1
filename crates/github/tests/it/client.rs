//! What the client does at GitHub.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use github::{App, CloseReason, GitHub, GitHubError, IssueState, Repository};
use serde_json::json;

use crate::stub::{Shared, answer, repository, start};

#[tokio::test]
async fn an_installation_asks_for_its_token_once() {
    let (stub, github) = start().await;
    for installation in [7, 7, 8] {
        let repository = github
            .clone()
            .repository(installation, "acme/backups".parse().unwrap())
            .unwrap();
        assert_eq!(repository.id().await.unwrap(), 42);
        repository.issue(1).await.unwrap();
    }
    assert_eq!(stub.lock().unwrap().tokens, ["t7", "t8"]);
}

#[tokio::test]
async fn the_app_learns_its_name_or_why_github_does_not_know_it() {
    let (stub, github) = start().await;
    assert_eq!(github.app_name().await.unwrap(), "Holdfast at Acme");
    let next = |status, message| {
        stub.lock()
            .unwrap()
            .next
            .push_back(answer(status, &json!({"message": message})))
    };
    next(404, "Integration not found");
    assert!(matches!(github.app_name().await, Err(GitHubError::NotFound(_))));
    next(401, "A JSON web token could not be decoded");
    assert!(matches!(github.app_name().await, Err(GitHubError::Denied(_))));
}

#[tokio::test]
async fn an_issue_is_read_also_where_its_repository_moved_to() {
    let (stub, repository) = repository().await;
    let moved = Response::builder()
        .status(301)
        .header("location", "/_github/repositories/42/issues/1");
    stub.lock()
        .unwrap()
        .next
        .push_back(moved.body(Body::from("{}")).unwrap());
    let issue = repository.issue(1).await.unwrap();
    assert_eq!(
        (issue.repository.as_str(), issue.number, issue.body.as_str()),
        ("acme/backups", 1, "")
    );
    assert_eq!(
        (issue.state, issue.user.map(|user| user.id)),
        (IssueState::Open, Some(7))
    );
}

#[tokio::test]
async fn a_comment_is_posted_once_and_keeps_its_mark() {
    let (stub, repository) = repository().await;
    stub.lock().unwrap().comments = (1..=150).map(|id| (id, "chatter".to_owned())).collect();
    let (first, second) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    assert_eq!(repository.ensure_comment(1, first, "planned").await.unwrap(), 151);
    assert_eq!(repository.ensure_comment(1, first, "planned").await.unwrap(), 151);
    assert_eq!(repository.ensure_comment(1, second, "applied").await.unwrap(), 152);
    let stub = stub.lock().unwrap();
    assert_eq!(stub.comments.len(), 152);
    assert_eq!(stub.comments[150].1, format!("planned\n\n<!-- holdfast:{first} -->"));
}

#[tokio::test]
async fn a_comment_whose_answer_was_lost_is_not_posted_again() {
    let (stub, repository) = repository().await;
    let marker = uuid::Uuid::from_u128(1);
    stub.lock().unwrap().loses_posts = true;
    let lost = repository.ensure_comment(1, marker, "planned").await.unwrap_err();
    assert!(matches!(lost, GitHubError::Unavailable(_)) && lost.is_transient());
    stub.lock().unwrap().loses_posts = false;
    assert_eq!(repository.ensure_comment(1, marker, "planned").await.unwrap(), 1);
    assert_eq!(stub.lock().unwrap().comments.len(), 1);
}

#[tokio::test]
async fn only_our_labels_are_changed() {
    let (stub, repository) = repository().await;
    stub.lock().unwrap().labels = ["bug", "holdfast:needs information", "holdfast:a/b"]
        .map(str::to_owned)
        .into();
    for _ in 0..2 {
        repository
            .set_labels_with_prefix(1, "holdfast:", &["holdfast:planned"])
            .await
            .unwrap();
        assert_eq!(
            stub.lock().unwrap().labels,
            ["bug", "holdfast:planned"].map(str::to_owned).into()
        );
    }
}

#[tokio::test]
async fn an_issue_is_closed_with_a_reason() {
    let (stub, repository) = repository().await;
    for (reason, words) in [
        (CloseReason::Completed, "completed"),
        (CloseReason::NotPlanned, "not_planned"),
    ] {
        repository.close(1, reason).await.unwrap();
        assert_eq!(stub.lock().unwrap().state, ("closed".to_owned(), json!(words)));
    }
}

#[tokio::test]
async fn an_error_says_what_to_do_about_it() {
    use GitHubError as E;
    let (stub, repository) = repository().await;
    let date = ("date", "Sat, 21 Nov 2026 10:00:00 GMT");
    type Case = (
        u16,
        &'static [(&'static str, &'static str)],
        &'static str,
        fn(&E) -> bool,
    );
    let wait = |error: &E| match error {
        E::RateLimited { retry_after } => retry_after.as_secs(),
        other => panic!("{other:?}"),
    };
    let cases: [Case; 10] = [
        (404, &[], "{}", |e| matches!(e, E::NotFound(_))),
        (410, &[], "{}", |e| matches!(e, E::NotFound(_))),
        (
            403,
            &[],
            r#"{"message":"Resource not accessible by integration"}"#,
            |e| matches!(e, E::Denied(_)),
        ),
        (422, &[], "{}", |e| matches!(e, E::Refused { status: 422, .. })),
        (500, &[], "<html>", |e| matches!(e, E::Unavailable(_))),
        (503, &[], "", |e| matches!(e, E::Unavailable(_))),
        (200, &[], r#"{"id": 42"#, |e| matches!(e, E::Garbage(_))),
        (200, &[], r#"{"id": null}"#, |e| matches!(e, E::Garbage(_))),
        (200, &[], "", |e| matches!(e, E::Garbage(_))),
        (304, &[], "", |e| matches!(e, E::Garbage(_))),
    ];
    for (status, headers, body, expected) in cases {
        let error = ask(&stub, &repository, status, headers, body).await;
        assert!(expected(&error), "{status} {body}: {error:?}");
    }
    for (status, headers, body, seconds) in [
        (429, &[("retry-after", "30")][..], "{}", 30),
        (403, &[("retry-after", "99999")], "{}", 3600),
        (
            403,
            &[
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "1795255500"),
                date,
            ],
            "{}",
            300,
        ),
        (403, &[("x-ratelimit-remaining", "0")], "{}", 60),
        (
            403,
            &[],
            r#"{"message":"You have exceeded a secondary rate limit."}"#,
            60,
        ),
    ] {
        assert_eq!(
            wait(&ask(&stub, &repository, status, headers, body).await),
            seconds,
            "{status} {headers:?}"
        );
    }
}

async fn ask(stub: &Shared, repository: &Repository, status: u16, headers: &[(&str, &str)], body: &str) -> GitHubError {
    let mut next = Response::builder().status(status);
    for (name, value) in headers {
        next = next.header(*name, *value);
    }
    stub.lock()
        .unwrap()
        .next
        .push_back(next.body(Body::from(body.to_owned())).unwrap());
    repository.id().await.unwrap_err()
}

#[tokio::test]
async fn a_token_that_was_revoked_is_renewed_once() {
    let (stub, repository) = repository().await;
    repository.id().await.unwrap();
    stub.lock()
        .unwrap()
        .next
        .push_back(answer(401, &json!({"message": "Bad credentials"})));
    assert_eq!(repository.id().await.unwrap(), 42);
    assert_eq!(stub.lock().unwrap().tokens, ["t7", "t7"]);
    stub.lock()
        .unwrap()
        .next
        .extend([answer(401, &json!({})), answer(401, &json!({}))]);
    assert!(matches!(repository.id().await, Err(GitHubError::Denied(_))));
}

#[tokio::test(start_paused = true)]
async fn a_github_that_does_not_answer_is_given_up_after_ten_seconds() {
    let (stub, repository) = repository().await;
    stub.lock().unwrap().hangs = true;
    let before = tokio::time::Instant::now();
    assert!(matches!(repository.id().await, Err(GitHubError::Unavailable(_))));
    assert!(before.elapsed() <= Duration::from_secs(11));
}

#[tokio::test]
async fn settings_that_cannot_work_are_told_apart() {
    let app = App {
        id: 1,
        private_key: "no key".into(),
        base_url: "http://127.0.0.1:1/".parse().unwrap(),
    };
    assert!(matches!(GitHub::new(&app).err(), Some(GitHubError::Settings(_))));
    let app = App {
        private_key: include_str!("app-key.pem").into(),
        ..app
    };
    let repository = GitHub::new(&app)
        .unwrap()
        .repository(7, "acme/backups".parse().unwrap())
        .unwrap();
    assert!(
        matches!(repository.id().await, Err(GitHubError::Unavailable(_))),
        "nobody listens there"
    );
    for name in [
        "acme",
        "acme/",
        "/x",
        "acme/../x",
        "acme/..",
        "acme/x?y",
        "acme/x/y",
        "acme/\u{202e}x",
    ] {
        assert!(name.parse::<github::RepositoryName>().is_err(), "{name}");
    }
}
