//! Python of ministack's environment, which has botocore: one document in, one document out.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::AsyncWriteExt as _;

use super::ministack::venv_program;

const WITHIN: Duration = Duration::from_secs(60);

/// A script did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// Python did not start.
    #[error("running Python in ministack's environment")]
    Start(#[source] std::io::Error),
    /// It takes too long.
    #[error("the demo's AWS did not answer within {} s", WITHIN.as_secs())]
    Late,
    /// A call was refused.
    #[error("the demo's AWS refused: {said}")]
    Refused {
        /// The last line of the script's errors.
        said: String,
    },
    /// The answer is not what the script writes.
    #[error("a script of the demo answered something else")]
    Answer(#[source] serde_json::Error),
}

/// Runs `script` with `input` on its standard input and reads its standard output, both JSON. `tools`: the directory
/// with ministack's environment.
///
/// # Errors
/// [`ScriptError`].
pub async fn run<T: DeserializeOwned>(tools: &Path, script: &str, input: &impl Serialize) -> Result<T, ScriptError> {
    let input = serde_json::to_vec(input).expect("strings and numbers are JSON");
    let mut python = tokio::process::Command::new(venv_program(tools, "python"))
        .args(["-c", script])
        .kill_on_drop(true)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(ScriptError::Start)?;
    if let Some(mut stdin) = python.stdin.take() {
        // When the script has ended early, its own words say more than a broken pipe.
        let _ = stdin.write_all(&input).await;
    }
    let output = tokio::time::timeout(WITHIN, python.wait_with_output())
        .await
        .map_err(|_| ScriptError::Late)?
        .map_err(ScriptError::Start)?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let said = errors.trim().lines().last().unwrap_or_default().to_owned();
        return Err(ScriptError::Refused { said });
    }
    serde_json::from_slice(&output.stdout).map_err(ScriptError::Answer)
}
