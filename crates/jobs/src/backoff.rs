//! How long to wait before the next attempt.

use std::time::Duration;

const FLOOR: Duration = Duration::from_secs(1);
const CEILING: Duration = Duration::from_secs(300);

/// Evenly spread between 1 s and 2^`attempt` s (at most 5 min), so that what failed together does not return
/// together.
pub(crate) fn delay(attempt: u32) -> Duration {
    rand::random_range(FLOOR..=bound(attempt))
}

fn bound(attempt: u32) -> Duration {
    FLOOR.saturating_mul(2_u32.saturating_pow(attempt)).min(CEILING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_five_minutes() {
        let bounds = [0, 1, 2, 8, 9, 99].map(|attempt| bound(attempt).as_secs());
        assert_eq!(bounds, [1, 2, 4, 256, 300, 300]);
    }

    #[test]
    fn a_retry_is_never_immediate() {
        assert!((0..1000).all(|attempt| (FLOOR..=CEILING).contains(&delay(attempt % 12))));
    }
}
