//! What every mechanism promises, as checks that an implementation's tests call with its own outside.

use domain::account::AwsAccount;
use domain::plan::{IdempotencyKey, Step};

use crate::{Authority, Mechanism, Progress};

/// Applying a step twice under one key gives one effect and one receipt, and the effect is then observed.
///
/// # Panics
/// When the promise is broken.
pub async fn applies_once(
    mechanism: &dyn Mechanism,
    account: &AwsAccount,
    authority: &Authority,
    step: &Step,
    key: &IdempotencyKey,
) {
    let before = mechanism
        .progress(account, step, key)
        .await
        .expect("the outside can be read");
    assert_eq!(before, Progress::NotStarted, "nothing is there before the step is made");
    let first = mechanism
        .apply(account, authority, step, key)
        .await
        .expect("the step is made");
    let again = mechanism
        .apply(account, authority, step, key)
        .await
        .expect("made again, the step is no error");
    assert_eq!(
        (&first.key, &first.provider_ref),
        (&again.key, &again.provider_ref),
        "the receipt names the same effect"
    );
    let after = mechanism
        .progress(account, step, key)
        .await
        .expect("the outside can be read");
    assert!(
        !matches!(after, Progress::NotStarted | Progress::Failed { .. }),
        "the effect is there: {after:?}"
    );
}
