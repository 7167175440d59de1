//! The front against programs that we did not write: botocore's models, boto3, moto (`tests/witness`).

use std::path::PathBuf;
use std::process::Stdio;

use sandbox::Config;
use tokio::process::Command;

#[tokio::test]
async fn programs_that_we_did_not_write_find_nothing() {
    let ministack = std::env::var("HOLDFAST_TEST_MINISTACK").expect(
        "HOLDFAST_TEST_MINISTACK names no ministack (started with AUTH=true): run `make test`, which starts one",
    );
    let crate_dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let tools = std::env::var_os("HOLDFAST_TOOLS_DIR").map_or_else(|| crate_dir.join("../../.tools"), PathBuf::from);
    let python = tools.join("witness-venv/bin/python");
    assert!(
        python.is_file(),
        "{} is missing: run `make test`, which installs it",
        python.display()
    );
    let config = Config {
        ministack: Some(ministack.parse().unwrap()),
        ..Config::default()
    };
    let running = sandbox::start(config).await.unwrap();
    let done = Command::new(python)
        .args([
            "-B",
            "-m",
            "witness",
            "--sandbox",
            &running.url,
            "--ministack",
            &ministack,
        ])
        .current_dir(crate_dir.join("tests"))
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    println!("{said}");
}
