//! While the platform can't be reached: one row at a time, and longer waits, until a response comes.

use std::time::Duration;

use crate::clock;

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(crate) struct Backoff {
    times: u32,
    until_us: i64,
}

impl Backoff {
    /// A request could not reach the platform.
    pub(crate) fn failed(&mut self) {
        let now = clock::machine_us();
        if now < self.until_us {
            return; // the request was in progress when the first one failed
        }
        let wait = FIRST_WAIT.saturating_mul(1 << self.times.min(10));
        self.until_us = now + clock::micros(wait.min(LONGEST_WAIT));
        self.times += 1;
    }

    /// A response came.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Whether requests fail: one row is sent at a time.
    pub(crate) fn is_active(&self) -> bool {
        self.times > 0
    }

    /// Whether nothing is to be sent for now.
    pub(crate) fn is_waiting(&self) -> bool {
        clock::machine_us() < self.until_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_lasts_until_a_response_comes() {
        let mut backoff = Backoff::default();
        assert!(!backoff.is_active());
        backoff.failed();
        backoff.failed();
        assert!(backoff.is_active() && backoff.is_waiting());
        assert_eq!(backoff.times, 1);
        backoff.reset();
        assert!(!backoff.is_active() && !backoff.is_waiting());
    }
}
