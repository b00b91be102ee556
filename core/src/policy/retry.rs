//! Whether to retry, and how long to wait before. No I/O.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::error::{Error, Repeat};

/// The first back-off is random below this, each further one below twice the last.
const BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);
/// How long a call takes to be set up, roughly.
const SETUP: std::ops::Range<u64> = 250..2000;
/// Spreads many waiting callers, so that they don't all send at the same time.
const SPREAD: u64 = 50;

/// How long to wait before the next attempt, or `None` if there must be none.
///
/// `attempts` were made; `left` is what remains of the deadline.
pub(crate) fn wait(
    error: &Error,
    attempts: u32,
    max_retries: u32,
    left: Duration,
) -> Option<Duration> {
    if attempts > max_retries || !error.is_safe_to_repeat() {
        return None;
    }
    let wait = match error.repeat() {
        Repeat::Never => return None,
        Repeat::Backoff => {
            let doubled = BACKOFF.saturating_mul(1 << attempts.saturating_sub(1).min(8));
            random_below(doubled.min(LONGEST_BACKOFF))
        }
        Repeat::After(clears) => clears + Duration::from_millis(fastrand::u64(..SPREAD)),
        Repeat::Soon => Duration::from_millis(fastrand::u64(SETUP)),
    };
    (wait < left).then_some(wait)
}

fn random_below(limit: Duration) -> Duration {
    limit.mul_f64(fastrand::f64())
}

/// A client's budget of retries, so that a failing platform doesn't get too many requests: each
/// retry costs 10 points, each success gives 1 back.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

impl Budget {
    const FULL: u32 = 100;
    const PRICE: u32 = 10;
    const REFUND: u32 = 1;

    pub(crate) fn new() -> Self {
        Self(AtomicU32::new(Self::FULL))
    }

    /// Pays for one more attempt, if it can.
    pub(crate) fn pay(&self) -> bool {
        let pay = |tokens: u32| tokens.checked_sub(Self::PRICE);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay)
            .is_ok()
    }

    /// Takes note of a success.
    pub(crate) fn refund(&self) {
        let refund = |tokens: u32| (tokens < Self::FULL).then(|| tokens + Self::REFUND);
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, refund);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, Outcome};

    const PLENTY: Duration = Duration::from_secs(100);

    fn error(outcome: Outcome, repeat: Repeat) -> Error {
        Error::new(ErrorKind::Unavailable, outcome, "x").repeatable(repeat)
    }

    #[test]
    fn unknown_outcome_is_never_repeated() {
        for repeat in [Repeat::Backoff, Repeat::Soon, Repeat::After(Duration::ZERO)] {
            assert_eq!(wait(&error(Outcome::Unknown, repeat), 1, 9, PLENTY), None);
        }
    }

    #[test]
    fn number_of_attempts_is_limited() {
        let error = error(Outcome::NotSent, Repeat::Backoff);
        assert!(wait(&error, 1, 2, PLENTY).is_some());
        assert!(wait(&error, 2, 2, PLENTY).is_some());
        assert_eq!(wait(&error, 3, 2, PLENTY), None);
        assert_eq!(wait(&error, 1, 0, PLENTY), None);
    }

    #[test]
    fn wait_past_the_deadline_is_not_begun() {
        let error = error(Outcome::NotApplied, Repeat::After(Duration::from_secs(5)));
        assert_eq!(wait(&error, 1, 2, Duration::from_secs(5)), None);
        assert!(wait(&error, 1, 2, Duration::from_secs(6)).is_some());
    }

    #[test]
    fn waits_stay_in_their_ranges() {
        for _ in 0..1000 {
            let backoff = wait(&error(Outcome::NotSent, Repeat::Backoff), 2, 9, PLENTY);
            assert!(backoff.is_some_and(|w| w < BACKOFF * 2));
            let soon = wait(&error(Outcome::NotApplied, Repeat::Soon), 1, 9, PLENTY);
            assert!(soon.is_some_and(|w| (250..2000).contains(&w.as_millis())));
        }
    }

    #[test]
    fn budget_runs_out_and_recovers_with_successes() {
        let budget = Budget::new();
        assert_eq!((0..20).filter(|_| budget.pay()).count(), 10);
        for _ in 0..9 {
            budget.refund();
        }
        assert!(!budget.pay());
        budget.refund();
        assert!(budget.pay());
    }
}
