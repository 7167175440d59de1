//! The portal as people use it, in Debian's Chromium: the main job, and every page there is. What each page has to pass
//! stands in `tests/browser/page.mjs`.

mod every_page;
mod main_job;

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

/// Lets people in a browser do what the script says. Another half of `patience` is for slower machines.
async fn drive(script: &str, world: &Value, patience: Duration) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(script);
    let mut node = Command::new("node");
    node.arg(script)
        .arg(world.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let done = timeout(patience, node.output()).await.expect("the browser hangs");
    let done = done.expect("node is missing: run `make test`, which installs it");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    println!("{}", String::from_utf8_lossy(&done.stdout));
}
