//! Rate limits: of requests per second, and of new calls in ten seconds.

use std::collections::HashMap;

/// New calls are counted over ten seconds: this allows a burst, and limits the average.
const CALLS_WINDOW_MS: i64 = 10_000;
const REQUESTS_WINDOW_MS: i64 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    Requests,
    Calls,
}

/// The use of each limit, in windows that begin with the first use.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    windows: HashMap<(What, String), Window>,
}

#[derive(Debug)]
struct Window {
    begun_ms: i64,
    used: u32,
}

impl Limits {
    /// Counts a request; if the limit is reached, the error is the time when it clears.
    pub(crate) fn request(&mut self, user: &str, a_second: u32, now: i64) -> Result<(), i64> {
        self.take(
            (What::Requests, user.to_owned()),
            a_second,
            REQUESTS_WINDOW_MS,
            now,
        )
    }

    /// Counts a new call; if the limit is reached, the error is the time when it clears.
    pub(crate) fn call(&mut self, user: &str, a_second: u32, now: i64) -> Result<(), i64> {
        let in_ten = a_second.saturating_mul(10);
        self.take((What::Calls, user.to_owned()), in_ten, CALLS_WINDOW_MS, now)
    }

    fn take(
        &mut self,
        key: (What, String),
        allowed: u32,
        length: i64,
        now: i64,
    ) -> Result<(), i64> {
        let window = self.windows.entry(key).or_insert(Window {
            begun_ms: now,
            used: 0,
        });
        let ends = window.begun_ms + length;
        // The wall clock may be set back.
        if now >= ends || now < window.begun_ms {
            *window = Window {
                begun_ms: now,
                used: 0,
            };
        } else if window.used >= allowed {
            return Err(ends);
        }
        window.used += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_allows_its_limit_and_reports_when_it_ends() {
        let mut limits = Limits::default();
        for _ in 0..2 {
            assert_eq!(limits.request("u", 2, 5_000), Ok(()));
        }
        assert_eq!(limits.request("u", 2, 5_999), Err(6_000));
        assert_eq!(limits.request("another", 2, 5_999), Ok(()));
        assert_eq!(limits.request("u", 2, 6_000), Ok(()));
    }

    #[test]
    fn new_calls_are_counted_over_ten_seconds() {
        let mut limits = Limits::default();
        for _ in 0..10 {
            assert_eq!(limits.call("u", 1, 0), Ok(()));
        }
        assert_eq!(limits.call("u", 1, 9_999), Err(10_000));
        assert_eq!(limits.call("u", 1, 10_000), Ok(()));
    }

    #[test]
    fn clock_set_back_blocks_no_requests() {
        let mut limits = Limits::default();
        assert_eq!(limits.request("u", 1, 9_000), Ok(()));
        assert_eq!(limits.request("u", 1, 1_000), Ok(()));
    }
}
