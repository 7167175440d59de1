//! Runs a command in a world of its own: a Postgres server with a migrated template, ministack, and a sandbox in front of it.
//!
//! `with-world cargo nextest run …`; its exit code is the command's. Everything ends with it, also when it is killed.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};

use holdfast::child;
use holdfast::database;
use holdfast::demo::{self, ministack::Ministack};
use holdfast::embedded_postgres::{EmbeddedPostgres, Options};
use holdfast::telemetry::chain;
use nix::sys::signal::Signal;
use secrecy::ExposeSecret as _;
use testkit::env;
use testkit::postgres::TEMPLATE;
use tokio::signal::unix::{SignalKind, signal};

type Error = Box<dyn std::error::Error>;

// One thread: the kernel ends the command when the thread that started it ends, and this one lives as long as we do.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let Some(program) = args.next() else {
        eprintln!("usage: with-world <command> [arguments]");
        return ExitCode::from(2);
    };
    match run(program, args.collect()).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("with-world: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(program: OsString, args: Vec<OsString>) -> Result<u8, Error> {
    // User postgres must be able to enter it.
    let dir = tempfile::Builder::new()
        .prefix("holdfast-test-")
        .permissions(std::fs::Permissions::from_mode(0o755))
        .tempdir()?;
    let postgres = EmbeddedPostgres::start(
        dir.path(),
        Options {
            fresh: true,
            fast_tests: true,
        },
    )
    .await?;
    postgres.server().create_database(TEMPLATE, None).await?;
    database::migrate(&postgres.owner_url(TEMPLATE).into()).await?;
    let ministack = Ministack::start(&demo::tools(), dir.path()).await?;
    let front = sandbox::start(sandbox::Config {
        ministack: Some(ministack.url().parse()?),
        ..sandbox::Config::default()
    })
    .await?;

    let mut command = tokio::process::Command::from(child::command(program, Signal::SIGTERM, None));
    command
        .args(args)
        .env(env::POSTGRES_OWNER, postgres.server().owner_server().expose_secret())
        .env(env::POSTGRES_APP, postgres.server().app_server().expose_secret())
        .env(env::MINISTACK, ministack.url())
        .env(env::AWS_FRONT, &front.url);
    let status = until_interrupted(command.spawn()?).await?;

    front.shutdown().await;
    ministack.stop().await;
    postgres.stop().await;
    Ok(code(status))
}

/// Waits for the command. A SIGTERM is handed on; a Ctrl-C in the terminal reaches the command by itself.
async fn until_interrupted(mut command: tokio::process::Child) -> std::io::Result<ExitStatus> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    loop {
        tokio::select! {
            status = command.wait() => return status,
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {
                if let Some(pid) = command.id() {
                    // Gone since: the loop sees it.
                    let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.cast_signed()), Signal::SIGTERM);
                }
            }
        }
    }
}

/// As a shell says it: 128 and the signal for a command that was killed.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
