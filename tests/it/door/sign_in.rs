//! Signing in and out: sessions that rotate and die, and answers that tell nobody who exists.

use std::net::Ipv4Addr;

use app::AppError;
use domain::role::Role;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use jiff::SignedDuration;
use testkit::app::{PASSWORD, email};
use testkit::server::{Answer, Browser, PROXY};
use testkit::{Portal, TestApp};
use uuid::Uuid;

use super::new_change;
use crate::samples::connect;

/// Failed sign-ins of one person or address that are answered before more are refused.
const FAILURES: usize = 10;

async fn is_in(browser: &Browser) -> bool {
    browser.get("/customers").await.status == 200
}

#[tokio::test]
async fn a_sign_in_ends_the_session_that_the_browser_had() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let before = portal.signed_in(Role::Engineer, t.acme()).await;
    assert!(is_in(&before).await);

    let mut after = before.clone();
    let answer = after.sign_in(&email(Role::Engineer, None), PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    assert_ne!(before.cookie, after.cookie);
    assert!(
        is_in(&after).await && !is_in(&before).await,
        "the new one lives, the old one is dead"
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_for_every_copy_of_its_cookie_and_no_other() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let (here, there) = (
        portal.signed_in(Role::Engineer, t.acme()).await,
        portal.signed_in(Role::Engineer, t.acme()).await,
    );
    let copy = here.clone();
    let answer = here.post("/logout", &[]).await;
    assert_eq!((answer.status, answer.location()), (303, "/login"));
    assert!(
        answer.header("set-cookie").contains("Max-Age=0"),
        "{}",
        answer.header("set-cookie")
    );
    assert!(!is_in(&copy).await && is_in(&there).await);
}

#[tokio::test]
async fn a_person_who_is_disabled_is_out_at_once_everywhere() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let acme = t.acme();
    let (one, other) = (
        portal.signed_in(Role::CustomerApprover, acme).await,
        portal.signed_in(Role::CustomerApprover, acme).await,
    );
    let program = portal.api(t.token(Role::CustomerApprover, acme));
    let colleague = portal.signed_in(Role::CustomerViewer, acme).await;
    assert_eq!(program.get("/customers").await.status, 200);

    let address = email(Role::CustomerApprover, Some(acme.tenant.id));
    app::user::disable(&t.cx, &address).await.unwrap();
    assert!(!is_in(&one).await && !is_in(&other).await, "both sessions are dead");
    assert_eq!(program.get("/customers").await.status, 401, "the token is dead");
    let again = portal.browser().sign_in(&address, PASSWORD).await;
    assert_eq!(again.status, 401);
    assert!(is_in(&colleague).await);
}

#[tokio::test]
async fn a_token_opens_the_api_until_its_day_or_until_it_is_revoked() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let address = email(Role::Engineer, None);
    let make = async |name: &str, life| {
        let token = app::user::create_token(&t.cx, &address, name, life).await.unwrap();
        portal.api(&token)
    };
    let (dashboard, inventory, over) = (
        make("dashboard", None).await,
        make("inventory", Some(SignedDuration::from_hours(24))).await,
        make("trial", Some(SignedDuration::ZERO)).await,
    );
    let statuses = async || {
        let [dashboard, inventory, over] = [&dashboard, &inventory, &over].map(|api| api.get("/customers"));
        (dashboard.await.status, inventory.await.status, over.await.status)
    };
    assert_eq!(statuses().await, (200, 200, 401));

    let revoked = app::user::revoke_token(&t.cx, &address, "dashboard").await.unwrap();
    let again = app::user::revoke_token(&t.cx, &address, "dashboard").await.unwrap();
    assert_eq!((revoked, again), (1, 0));
    assert_eq!(statuses().await, (401, 200, 401));

    let nobody = app::user::create_token(&t.cx, "nobody@nowhere.test", "x", None).await;
    assert!(matches!(nobody, Err(AppError::NotFound)), "{nobody:?}");
}

#[tokio::test]
async fn a_new_password_ends_every_session() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let browser = portal.signed_in(Role::Engineer, t.acme()).await;
    let address = email(Role::Engineer, None);
    app::user::reset_password(&t.cx, &address, "another one".into())
        .await
        .unwrap();
    assert!(!is_in(&browser).await);
    assert_eq!(portal.browser().sign_in(&address, "another one").await.status, 303);
}

/// The answer without the e-mail address, which the form repeats.
fn without(answer: Answer, email: &str) -> Answer {
    assert!(answer.body.contains(email), "{}", answer.body);
    let mut answer = Answer {
        body: answer.body.replace(email, "somebody"),
        ..answer
    };
    answer.headers.remove("content-length");
    answer
}

#[tokio::test]
async fn nobody_can_tell_an_unknown_person_from_a_wrong_password_or_a_locked_person() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    // Failures count by address too: each attempt here comes from its own.
    let mut hosts = (1..).map(|host| Ipv4Addr::new(127, 0, 1, host));
    let mut attempt = async |email: &str, password: &str| {
        let mut browser = portal.browser_at(hosts.next().unwrap());
        (browser.sign_in(email, password).await, browser)
    };
    let (known, locked) = (email(Role::Engineer, None), email(Role::Approver, None));
    for _ in 0..FAILURES {
        assert_eq!(attempt(&locked, "wrong").await.0.status, 401);
    }
    let mut answers = Vec::new();
    for (email, password) in [
        ("nobody@nowhere.test", PASSWORD),
        (&known, "wrong"),
        (&locked, "wrong"),
        (&locked, PASSWORD),
    ] {
        let (answer, browser) = attempt(email, password).await;
        assert_eq!((answer.status, browser.cookie), (401, None), "{email}, {password}");
        answers.push(without(answer, email));
    }
    for answer in &answers[1..] {
        assert_eq!(answer.comparable(), answers[0].comparable());
    }
    assert_eq!(
        attempt(&known, PASSWORD).await.0.status,
        303,
        "the others are not locked out"
    );
}

#[tokio::test]
async fn an_address_that_guesses_is_stopped_whoever_it_guesses_at() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let guesser = || portal.browser_at(Ipv4Addr::new(127, 0, 0, 66));
    for person in 0..FAILURES {
        assert_eq!(
            guesser().sign_in(&format!("{person}@nowhere.test"), "x").await.status,
            401
        );
    }
    let known = email(Role::Engineer, None);
    assert_eq!(guesser().sign_in(&known, PASSWORD).await.status, 401);
    assert_eq!(
        portal.browser().sign_in(&known, PASSWORD).await.status,
        303,
        "from elsewhere they get in"
    );
}

#[tokio::test]
async fn behind_a_trusted_proxy_one_who_guesses_locks_out_no_other() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let known = email(Role::Engineer, None);
    let attempt = async |peer: Ipv4Addr, forwarded: &str, email: &str, password: &str| {
        let form = [("email", email), ("password", password)];
        let headers = [("sec-fetch-site", "same-origin"), ("x-forwarded-for", forwarded)];
        portal
            .browser_at(peer)
            .post_from("/login", &form, &headers)
            .await
            .status
    };
    // The proxy adds at the right whom it heard from; what stands left of that, the client made up.
    for n in 0..FAILURES {
        let (claimed, nobody) = (format!("198.51.100.{n}, 192.0.2.66"), format!("{n}@nowhere.test"));
        assert_eq!(attempt(PROXY, &claimed, &nobody, "x").await, 401);
    }
    assert_eq!(
        attempt(PROXY, "198.51.100.99, 192.0.2.66", &known, PASSWORD).await,
        401,
        "the one who guesses is stopped, whatever they claim"
    );
    assert_eq!(attempt(PROXY, "192.0.2.67", &known, PASSWORD).await, 303);

    // A proxy that names nobody is not counted itself.
    for n in 0..FAILURES {
        assert_eq!(
            attempt(PROXY, "unknown", &format!("{n}@elsewhere.test"), "x").await,
            401
        );
    }
    assert_eq!(attempt(PROXY, "unknown", &known, PASSWORD).await, 303);

    // Who is no trusted proxy speaks for themselves only.
    let stranger = Ipv4Addr::new(127, 0, 0, 66);
    for n in 0..FAILURES {
        let (claimed, nobody) = (format!("203.0.113.{n}"), format!("{n}@nowhere.example"));
        assert_eq!(attempt(stranger, &claimed, &nobody, "x").await, 401);
    }
    assert_eq!(attempt(stranger, "203.0.113.99", &known, PASSWORD).await, 401);
}

#[tokio::test]
async fn an_e_mail_address_that_nobody_can_have_is_a_failure_like_any_other() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let guesser = || portal.browser_at(Ipv4Addr::new(127, 0, 0, 67));
    // Kilobytes that do not compress, and one byte more than mail can be sent to.
    let long: String = (0..300).map(|_| Uuid::new_v4().to_string()).collect();
    let addresses = [format!("{long}@nowhere.test"), format!("{}@nowhere.test", &long[..242])];
    let unknown = guesser().sign_in("nobody@nowhere.test", PASSWORD).await;
    let unknown = without(unknown, "nobody@nowhere.test");
    for address in addresses.iter().cycle().take(FAILURES - 1) {
        let answer = without(guesser().sign_in(address, PASSWORD).await, address);
        assert_eq!(answer.comparable(), unknown.comparable());
    }
    let known = email(Role::Engineer, None);
    assert_eq!(
        guesser().sign_in(&known, PASSWORD).await.status,
        401,
        "they were counted"
    );
}

#[tokio::test]
async fn what_no_longer_counts_is_not_kept() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let old = portal.signed_in(Role::Engineer, t.acme()).await;
    portal.browser().sign_in("old@nowhere.test", "x").await;
    let api = portal.api(t.token(Role::CustomerRequester, t.acme()));
    let ask = async |key: &str| {
        let asked = api
            .post_with(
                "/customers/acme/change-requests",
                &new_change(&[]),
                &[("idempotency-key", key)],
            )
            .await;
        asked.json()["number"].clone()
    };
    assert_eq!((ask("key").await, ask("key").await), (1.into(), 1.into()));
    let mut owner = connect(&t.database.owner_url()).await;
    for aged in [
        "UPDATE session SET last_seen_at = last_seen_at - interval '61 minutes'",
        "UPDATE sign_in_failure SET window_started_at = window_started_at - interval '16 minutes'",
        "UPDATE api_idempotency SET created_at = created_at - interval '8 days'",
    ] {
        sqlx::query(aged).execute(&mut owner).await.unwrap();
    }
    let here = portal.signed_in(Role::Engineer, t.acme()).await;
    portal
        .browser_at(Ipv4Addr::new(127, 0, 0, 68))
        .sign_in("new@nowhere.test", "x")
        .await;

    worker::tick(&t.cx, SignedDuration::from_hours(1)).await.unwrap();
    assert!(is_in(&here).await && !is_in(&old).await);
    assert_eq!(
        (ask("key").await, ask("key").await),
        (2.into(), 2.into()),
        "the key is free again"
    );
    let kept: (i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM session), (SELECT count(*) FROM sign_in_failure)")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert_eq!(
        kept,
        (1, 2),
        "a session, and a failure by person and by address: the new ones"
    );
}

#[tokio::test]
async fn sixty_sign_ins_at_once_do_not_stop_the_pages() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let reader = portal.signed_in(Role::Engineer, t.acme()).await;
    let address = email(Role::Approver, None);
    let sign_in = async || portal.browser().sign_in(&address, PASSWORD).await.status;
    let mut running: FuturesUnordered<_> = (0..60).map(|_| sign_in()).collect();
    assert_eq!(running.next().await, Some(303), "they are being worked through");

    let mut done = 1;
    let pages = async {
        (
            reader.get("/healthz").await.status,
            reader.get("/customers/acme").await.status,
        )
    };
    tokio::pin!(pages);
    let answered = loop {
        tokio::select! {
            biased;
            answered = &mut pages => break answered,
            Some(status) = running.next() => { assert_eq!(status, 303); done += 1; }
        }
    };
    assert_eq!(answered, (200, 200));
    assert!(done < 60, "the pages were answered while sign-ins still waited");
    while let Some(status) = running.next().await {
        assert_eq!(status, 303, "each gets its turn");
    }
}
