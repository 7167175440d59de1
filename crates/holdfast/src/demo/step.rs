//! Steps that are shown as they happen, each with its proof.

use std::time::{Duration, Instant};

use super::rest::CallError;
use super::script::ScriptError;

const WITHIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(200);

/// Why a step is not proven.
#[derive(Debug, thiserror::Error)]
pub enum Unproven {
    /// Holdfast, GitHub or the sandbox.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The customer's AWS account.
    #[error(transparent)]
    Aws(#[from] ScriptError),
    /// Not yet so, or never: what was found instead.
    #[error("{0}")]
    Otherwise(String),
    /// It did not become so in time.
    #[error("{still}, after {} s", WITHIN.as_secs())]
    Late {
        /// What was found to the end.
        still: String,
    },
    /// It can no longer become so.
    #[error("{0}")]
    Hopeless(String),
}

/// A step of the main job that failed.
#[derive(Debug, thiserror::Error)]
#[error("\"{step}\" failed")]
pub struct StepFailed {
    step: &'static str,
    #[source]
    why: Unproven,
}

/// Does a step and prints its proof; returns what the next steps need.
///
/// # Errors
/// [`StepFailed`].
pub async fn step<T>(
    name: &'static str,
    work: impl Future<Output = Result<(T, String), Unproven>>,
) -> Result<T, StepFailed> {
    let since = Instant::now();
    let done = work.await;
    let seconds = since.elapsed().as_secs_f64();
    match done {
        Ok((value, proof)) => {
            println!("  \u{2713} {seconds:>5.1} s  {proof}");
            Ok(value)
        }
        Err(why) => {
            println!("  \u{2717} {seconds:>5.1} s  {name}");
            Err(StepFailed { step: name, why })
        }
    }
}

/// Asks until it is no longer [`Unproven::Otherwise`], for a minute.
///
/// # Errors
/// [`Unproven`].
pub async fn until<T>(ask: impl AsyncFn() -> Result<T, Unproven>) -> Result<T, Unproven> {
    let since = Instant::now();
    loop {
        match ask().await {
            Err(Unproven::Otherwise(still)) if since.elapsed() >= WITHIN => {
                return Err(Unproven::Late { still });
            }
            Err(Unproven::Otherwise(_)) => tokio::time::sleep(POLL).await,
            answer => return answer,
        }
    }
}

/// Content when it is so.
///
/// # Errors
/// [`Unproven::Otherwise`] with what was found instead.
pub fn prove(so: bool, otherwise: impl FnOnce() -> String) -> Result<(), Unproven> {
    if so {
        Ok(())
    } else {
        Err(Unproven::Otherwise(otherwise()))
    }
}
