//! Places where a test makes the process die as by `kill -9`, before and after each write and outside call.

/// Dies here when the test says so: `FAILPOINTS="<name>=return"`, or `<name>=1*off->return` for the second pass.
/// Without the feature `crash-points` this is nothing.
macro_rules! crash_point {
    ($name:literal) => {
        fail::fail_point!($name, |_| std::process::abort());
    };
}
pub(crate) use crash_point;
