//! The JSON API against schemathesis, a program that we did not write: it reads our description of each operation,
//! sends what fits it and what does not, and finds fault with every answer that the description does not allow.

mod examples;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use domain::role::Role;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

use self::examples::Examples;
use crate::door::Scene;
use crate::door::routes::cases;

/// It takes a quarter of it on two idle cores.
const PATIENCE: Duration = Duration::from_secs(120);

/// What fits each operation and what does not, then calls that follow from each other.
const EVERYTHING: &str = "examples,coverage,fuzzing,stateful";
/// What fits, and each way not to fit.
const EACH_ONCE: &str = "examples,coverage";

#[tokio::test]
async fn finds_nothing_as_an_engineer() {
    judge(Role::Engineer, EVERYTHING).await;
}

#[tokio::test]
async fn finds_nothing_as_an_approver() {
    judge(Role::Approver, EACH_ONCE).await;
}

#[tokio::test]
async fn finds_nothing_as_an_admin() {
    judge(Role::Admin, EACH_ONCE).await;
}

#[tokio::test]
async fn finds_nothing_as_a_customers_requester() {
    judge(Role::CustomerRequester, EVERYTHING).await;
}

/// Lets it call every operation with the token of that role, and looks at how far it came.
async fn judge(role: Role, phases: &str) {
    let scene = Scene::new().await;
    let mut document = scene.portal.api("").get("/openapi.json").await.json();
    Examples::of(&scene).await.write_into(&mut document);
    let called = run(&scene, role, phases, &document).await;

    let described: BTreeSet<String> = operations(&document).collect();
    let tried: BTreeSet<String> = called
        .keys()
        .filter(|name| described.contains(*name))
        .cloned()
        .collect();
    assert_eq!(tried, described, "every operation is called");
    for case in cases().iter().filter(|case| case.is_api()) {
        let statuses = &called[&case.name()];
        let succeeds = statuses.iter().any(|status| (200..300).contains(status));
        assert_eq!(
            succeeds,
            case.is_allowed(role),
            "{}: {role} got {statuses:?}; what it needs to succeed stands in schemathesis/examples.rs",
            case.name()
        );
    }
}

/// Such as `GET /api/v1/customers`.
fn operations(document: &Value) -> impl Iterator<Item = String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, _)| format!("{} {path}", method.to_uppercase()))
    })
}

/// The statuses that each operation gave.
///
/// # Panics
/// When it finds anything: says what it said.
async fn run(scene: &Scene, role: Role, phases: &str, document: &Value) -> BTreeMap<String, BTreeSet<u64>> {
    let files = TempDir::new().unwrap();
    let description = files.path().join("openapi.json");
    std::fs::write(&description, document.to_string()).unwrap();
    let report = files.path().join("report.ndjson");
    let program = holdfast::demo::tools().join("schemathesis-venv/bin/schemathesis");
    assert!(
        program.is_file(),
        "{} is missing: run `make test`, which installs it",
        program.display()
    );
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemathesis/schemathesis.toml");
    let mut judge = Command::new(program);
    judge
        .arg("--config-file")
        .arg(settings)
        .arg("run")
        .arg(&description)
        .args(["--url", &scene.portal.url, "--phases", phases, "--report-ndjson-path"])
        .arg(&report)
        .env("TOKEN", scene.t.token(role, scene.t.acme()))
        .current_dir(files.path())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let done = timeout(PATIENCE, judge.output())
        .await
        .expect("schemathesis hangs")
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    println!("{said}");
    statuses(&std::fs::read_to_string(report).unwrap())
}

/// Reads the report: one event a line.
fn statuses(report: &str) -> BTreeMap<String, BTreeSet<u64>> {
    let mut statuses: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for line in report.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let recorded = &event["ScenarioFinished"]["recorder"];
        for (id, call) in recorded["interactions"].as_object().into_iter().flatten() {
            let case = &recorded["cases"][id]["value"];
            let (Some(method), Some(path)) = (case["method"].as_str(), case["path"].as_str()) else {
                continue;
            };
            let given = call["response"]["status_code"].as_u64();
            statuses.entry(format!("{method} {path}")).or_default().extend(given);
        }
    }
    statuses
}
