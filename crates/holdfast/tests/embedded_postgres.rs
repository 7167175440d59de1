//! The private Postgres cluster: who gets in, what survives a kill, who may share it. Needs PostgreSQL's programs.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use holdfast::embedded_postgres::{DatabaseError, EmbeddedPostgres, EmbeddedPostgresError, Options};
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;

const KEPT: Options = Options {
    fresh: false,
    fast_tests: true,
};

/// A directory that user postgres can enter, as `/tmp` is.
fn open_dir() -> TempDir {
    dir_with_mode(0o755)
}

fn dir_with_mode(mode: u32) -> TempDir {
    let permissions = std::fs::Permissions::from_mode(mode);
    tempfile::Builder::new()
        .permissions(permissions)
        .tempdir()
        .expect("a temporary directory")
}

/// What a role gets to see: rows, or the server's refusal.
fn sql(url: &SecretString, statement: &str) -> Result<String, String> {
    let psql = Command::new("psql")
        .args(["-XAtq", url.expose_secret(), "-c", statement])
        .output()
        .expect("psql runs");
    let said = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
    if psql.status.success() {
        Ok(said(psql.stdout))
    } else {
        Err(said(psql.stderr))
    }
}

#[tokio::test]
async fn the_apps_role_owns_nothing_and_the_superuser_cannot_sign_in() {
    let dir = open_dir();
    let postgres = EmbeddedPostgres::start(dir.path(), KEPT).await.expect("starts");
    postgres
        .server()
        .create_database("portal", None)
        .await
        .expect("created");

    let owner = postgres.owner_url("portal");
    sql(&owner, "CREATE TABLE public.secret (); CREATE EXTENSION hstore").expect("the owner makes tables");
    let role = "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user";
    assert_eq!(sql(&owner, role).as_deref(), Ok("f|t|t|f"));

    let app = postgres.app_url("portal");
    assert_eq!(sql(&app, role).as_deref(), Ok("f|f|f|f"));
    assert!(
        sql(&app, "SELECT * FROM public.secret")
            .expect_err("refused")
            .contains("permission denied")
    );
    assert!(
        sql(&app, "TRUNCATE public.secret")
            .expect_err("refused")
            .contains("permission denied")
    );
    assert!(
        sql(&app, "CREATE TABLE public.mine ()")
            .expect_err("refused")
            .contains("permission denied")
    );

    let superuser = app.expose_secret().replacen("holdfast_app", "postgres", 1).into();
    assert!(
        sql(&superuser, "SELECT 1")
            .expect_err("refused")
            .contains("no pg_hba.conf entry")
    );
    let wrong = app
        .expose_secret()
        .replacen("holdfast_app:", "holdfast_app:x", 1)
        .into();
    assert!(
        sql(&wrong, "SELECT 1")
            .expect_err("refused")
            .contains("password authentication failed")
    );
    postgres.stop().await;
}

#[tokio::test]
async fn a_database_is_a_copy_of_its_template_and_can_be_dropped_while_in_use() {
    let dir = open_dir();
    let postgres = EmbeddedPostgres::start(dir.path(), KEPT).await.expect("starts");
    let server = postgres.server();
    server.create_database("template", None).await.expect("created");
    sql(
        &postgres.owner_url("template"),
        "CREATE TABLE migrated AS SELECT 42 AS answer",
    )
    .expect("made");

    server.create_database("copy", Some("template")).await.expect("copied");
    assert_eq!(
        sql(&postgres.owner_url("copy"), "SELECT answer FROM migrated").as_deref(),
        Ok("42")
    );
    let again = server.create_database("copy", None).await.expect_err("it exists");
    assert!(matches!(again, DatabaseError::Exists { .. }), "{again}");

    let app = postgres.app_url("copy");
    let busy = std::thread::spawn(move || sql(&app, "SELECT pg_sleep(600)"));
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'copy' AND usename = 'holdfast_app'";
    eventually("the session is there", || {
        sql(&postgres.owner_url("template"), sessions).as_deref() == Ok("1")
    });
    server.drop_database("copy").await.expect("dropped");
    assert!(busy.join().expect("no panic").is_err(), "the session was ended");
    server
        .drop_database("copy")
        .await
        .expect("dropping what is not there is no error");
    postgres.stop().await;
}

#[tokio::test]
async fn one_holdfast_at_a_time_and_a_restart_keeps_the_data() {
    let dir = open_dir();
    let first = EmbeddedPostgres::start(dir.path(), KEPT).await.expect("starts");
    first.server().create_database("portal", None).await.expect("created");
    let second = EmbeddedPostgres::start(dir.path(), KEPT).await.expect_err("in use");
    assert!(matches!(second, EmbeddedPostgresError::InUse { .. }), "{second}");
    let old_password = first.app_url("portal");
    first.stop().await;

    let again = EmbeddedPostgres::start(dir.path(), KEPT).await.expect("starts again");
    assert_eq!(sql(&again.app_url("portal"), "SELECT 'here'").as_deref(), Ok("here"));
    assert_ne!(old_password.expose_secret(), again.app_url("portal").expose_secret());
    again.stop().await;

    let fresh = EmbeddedPostgres::start(dir.path(), Options { fresh: true, ..KEPT })
        .await
        .expect("starts anew");
    assert!(
        sql(&fresh.app_url("portal"), "SELECT 1")
            .expect_err("gone")
            .contains("does not exist")
    );
    fresh.stop().await;
}

#[tokio::test]
async fn a_killed_holdfast_takes_its_postgres_along_and_the_next_one_finds_the_data() {
    let dir = open_dir();
    let postgres = killed_holdfast(dir.path());
    eventually("Postgres is gone", || !Path::new(&format!("/proc/{postgres}")).exists());

    let next = EmbeddedPostgres::start(dir.path(), KEPT).await.expect("starts");
    assert_eq!(sql(&next.app_url("portal"), "SELECT 'here'").as_deref(), Ok("here"));
    next.stop().await;
}

/// A power cut leaves the pid file behind; its pid belongs to somebody else by now, who must be left alone.
#[tokio::test]
async fn a_stale_pid_file_that_names_another_process_is_no_obstacle() {
    let dir = open_dir();
    EmbeddedPostgres::start(dir.path(), KEPT)
        .await
        .expect("starts")
        .stop()
        .await;
    let stale = dir.path().join("postgres/data/postmaster.pid");
    std::fs::write(&stale, format!("{}\n", std::process::id())).expect("written");

    EmbeddedPostgres::start(dir.path(), KEPT)
        .await
        .expect("starts")
        .stop()
        .await;
}

#[tokio::test]
async fn a_cluster_that_was_made_half_way_is_made_anew() {
    let dir = open_dir();
    EmbeddedPostgres::start(dir.path(), KEPT)
        .await
        .expect("starts")
        .stop()
        .await;
    std::fs::remove_file(dir.path().join("postgres/version")).expect("there was one");
    std::fs::remove_file(dir.path().join("postgres/data/PG_VERSION")).expect("there was one");

    EmbeddedPostgres::start(dir.path(), KEPT)
        .await
        .expect("starts")
        .stop()
        .await;
}

/// Only root needs another user for Postgres; for anybody else the directory is good as it is.
#[tokio::test]
async fn where_user_postgres_cannot_enter_the_cluster_lives_elsewhere_and_says_so() {
    let private = dir_with_mode(0o700);
    let postgres = EmbeddedPostgres::start(private.path(), KEPT).await.expect("starts");
    let used = postgres.dir().to_owned();
    let root = nix::unistd::Uid::effective().is_root();
    assert_eq!(used.starts_with("/var/tmp"), root, "{}", used.display());
    assert_eq!(used.starts_with(private.path()), !root, "{}", used.display());
    postgres.stop().await;
    std::fs::remove_dir_all(used).expect("removed");
}

/// Starts this test's binary as a Holdfast of its own, kills it with SIGKILL, and says what its Postgres' pid was.
fn killed_holdfast(dir: &Path) -> i32 {
    let mut holdfast = Command::new(std::env::current_exe().expect("a path"))
        .args(["--exact", "holdfast_to_be_killed", "--ignored", "--nocapture"])
        .env("DIR", dir)
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let output = BufReader::new(holdfast.stdout.take().expect("piped"));
    let postgres = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("pid ").map(str::to_owned));
    holdfast.kill().expect("killed");
    holdfast.wait().expect("reaped");
    postgres.expect("it started").parse().expect("a pid")
}

#[tokio::test]
#[ignore = "the process that another test starts and kills"]
async fn holdfast_to_be_killed() {
    let dir = std::env::var_os("DIR").expect("DIR");
    let postgres = EmbeddedPostgres::start(Path::new(&dir), KEPT).await.expect("starts");
    postgres
        .server()
        .create_database("portal", None)
        .await
        .expect("created");
    println!("\npid {}", postgres.pid().expect("it runs"));
    std::future::pending().await
}

/// Asks until it is so; half a minute is far more than any of these takes.
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "not within 30 s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
