//! The rate at which the transfers of a batch start. No I/O.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::InvalidArgument;

/// How much a timer that fires late may catch up.
const SLACK: Duration = Duration::from_millis(20);
/// The slowest rate.
const LONGEST_GAP: Duration = Duration::from_secs(10);
/// The shortest gap between two transfers that is doubled.
const SHORTEST_GAP: Duration = Duration::from_micros(10);

/// Limits how many transfers start per second, fewer once the platform reports a rate limit.
///
/// A rate-limited response stops all starts until the limit clears and doubles the gap between them;
/// each success shortens the gap by a twentieth, down to the requested rate.
#[derive(Debug)]
pub(crate) struct Pace {
    least: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    gap: Duration,
    next: Option<Instant>,
    held_until: Option<Instant>,
    /// Transfers begun since the first one, or since the last rate limit: to measure the real rate.
    since: Option<Instant>,
    turns: u32,
}

impl State {
    fn next_turn(&self, now: Instant) -> Instant {
        let earliest = now.checked_sub(SLACK).unwrap_or(now);
        let next = self.next.map_or(now, |next| next.max(earliest));
        self.held_until.map_or(next, |until| next.max(until))
    }

    fn take(&mut self, at: Instant, now: Instant) {
        self.next = at.checked_add(self.gap).or(Some(at));
        self.since.get_or_insert(now);
        self.turns = self.turns.saturating_add(1);
    }
}

impl Pace {
    /// Whether there may be so many turns a second.
    pub(crate) fn check(rate: f64) -> Result<(), InvalidArgument> {
        if (0.001..=1e6).contains(&rate) {
            return Ok(());
        }
        let reason = format!("must be 0.001 to 1,000,000 per second, got {rate}");
        Err(InvalidArgument::new("rate", reason))
    }

    /// `rate` turns a second, or as many as can be.
    pub(crate) fn new(rate: Option<f64>) -> Self {
        let least = rate.map_or(Duration::ZERO, |rate| {
            Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::MAX)
        });
        Self {
            least,
            state: Mutex::new(State {
                gap: least,
                next: None,
                held_until: None,
                since: None,
                turns: 0,
            }),
        }
    }

    /// Waits for a turn.
    pub(crate) async fn turn(&self) {
        loop {
            let now = Instant::now();
            let at = self.take(now);
            if at <= now {
                return;
            }
            tokio::time::sleep_until(at).await;
            // A turn that was taken before a rate limit is not counted after it.
            if !self.is_held(Instant::now()) {
                return;
            }
        }
    }

    /// Waits for a turn that comes before `latest`; returns false at once if there is none.
    pub(crate) async fn turn_before(&self, latest: Instant) -> bool {
        loop {
            let now = Instant::now();
            let Some(at) = self.take_before(now, latest) else {
                return false;
            };
            if at > now {
                tokio::time::sleep_until(at).await;
            }
            // A turn that was taken before a rate limit is not counted after it.
            if at <= now || !self.is_held(Instant::now()) {
                return true;
            }
        }
    }

    /// Takes the next turn, and returns when it is.
    fn take(&self, now: Instant) -> Instant {
        let mut state = self.lock();
        let at = state.next_turn(now);
        state.take(at, now);
        at
    }

    /// As [`take`](Self::take), but takes none that comes after `latest`.
    fn take_before(&self, now: Instant, latest: Instant) -> Option<Instant> {
        let mut state = self.lock();
        let at = state.next_turn(now);
        (at <= latest).then(|| {
            state.take(at, now);
            at
        })
    }

    fn is_held(&self, now: Instant) -> bool {
        !self.held_for(now).is_zero()
    }

    /// How long nothing may begin yet, because of a limit.
    pub(crate) fn held_for(&self, now: Instant) -> Duration {
        let until = self.lock().held_until;
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// The platform reported a rate limit, and when it clears.
    pub(crate) fn limited(&self, clears: Duration, now: Instant) {
        let mut state = self.lock();
        let until = now.checked_add(clears).unwrap_or(now);
        // Responses to requests that were sent before the limit add nothing.
        let first = state.held_until.is_none_or(|held| held <= now);
        if first {
            let lasted = state.since.map_or(Duration::ZERO, |since| now - since);
            let seen = lasted / state.turns.max(1);
            let gap = state.gap.max(seen).max(SHORTEST_GAP) * 2;
            state.gap = gap.min(LONGEST_GAP).max(self.least);
            state.since = Some(until);
            state.turns = 0;
        }
        state.held_until = state.held_until.max(Some(until));
        state.next = state.next.max(Some(until));
    }

    /// A transfer was made.
    pub(crate) fn succeeded(&self) {
        let mut state = self.lock();
        if state.gap > self.least {
            let shorter = state.gap.mul_f64(0.95);
            let none = self.least.is_zero() && shorter <= SHORTEST_GAP;
            state.gap = if none {
                Duration::ZERO
            } else {
                shorter.max(self.least)
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn turns_come_at_the_requested_rate() {
        let (pace, now) = (Pace::new(Some(4.0)), Instant::now());
        let turns: Vec<_> = (0..9).map(|_| pace.take(now) - now).collect();
        assert_eq!(turns[4], SECOND);
        assert_eq!(turns[8], 2 * SECOND);
    }

    #[test]
    fn without_a_rate_every_turn_is_now() {
        let (pace, now) = (Pace::new(None), Instant::now());
        assert!((0..1000).all(|_| pace.take(now) == now));
    }

    #[test]
    fn unused_time_is_not_saved_up() {
        let (pace, now) = (Pace::new(Some(1.0)), Instant::now());
        pace.take(now);
        let later = now + 60 * SECOND;
        assert!(pace.take(later) <= later);
        assert!(pace.take(later) > later + SECOND / 2);
    }

    #[test]
    fn turn_after_the_latest_is_not_taken() {
        let (pace, now) = (Pace::new(Some(1.0)), Instant::now());
        assert_eq!(pace.take_before(now, now), Some(now));
        for _ in 0..100 {
            assert_eq!(pace.take_before(now, now + SECOND / 2), None);
        }
        assert_eq!(pace.take_before(now, now + SECOND), Some(now + SECOND));
    }

    #[test]
    fn limit_holds_all_until_it_clears() {
        let (pace, now) = (Pace::new(None), Instant::now());
        pace.take(now);
        pace.limited(5 * SECOND, now);
        assert!(pace.is_held(now + 4 * SECOND));
        assert!(pace.take(now + SECOND) >= now + 5 * SECOND);
        assert!(!pace.is_held(now + 5 * SECOND));
    }

    #[test]
    fn limit_longer_than_a_minute_holds_all() {
        let (pace, now) = (Pace::new(None), Instant::now());
        pace.take(now);
        pace.limited(90 * SECOND, now);
        assert!(pace.is_held(now + 89 * SECOND));
        assert!(pace.take(now + 61 * SECOND) >= now + 90 * SECOND);
        assert_eq!(pace.held_for(now + 60 * SECOND), 30 * SECOND);
    }

    #[test]
    fn limit_halves_the_rate_and_successes_bring_it_back() {
        let (pace, now) = (Pace::new(Some(10.0)), Instant::now());
        pace.take(now);
        for _ in 0..8 {
            pace.limited(SECOND, now); // responses to requests in flight: one limit
        }
        let first = pace.take(now + SECOND);
        assert_eq!(pace.take(now + SECOND) - first, Duration::from_millis(200));
        for _ in 0..100 {
            pace.succeeded();
        }
        let (one, other) = (pace.take(now + SECOND), pace.take(now + SECOND));
        assert_eq!(other - one, Duration::from_millis(100));
    }

    #[test]
    fn without_a_rate_a_limit_halves_what_was_seen() {
        let (pace, now) = (Pace::new(None), Instant::now());
        for turn in 0..10 {
            pace.take(now + turn * SECOND / 10);
        }
        pace.limited(Duration::ZERO, now + SECOND);
        let later = now + 2 * SECOND;
        let first = pace.take(later);
        assert_eq!(pace.take(later) - first, Duration::from_millis(200));
        for _ in 0..1000 {
            pace.succeeded();
        }
        assert_eq!(pace.lock().gap, Duration::ZERO);
    }
}
