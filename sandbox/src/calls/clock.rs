//! The time of the sandbox: a clock of its own, to the millisecond.

use std::time::Instant;

use jiff::Timestamp;

use crate::timestamp::{at, wall_ms};

/// How time passes for the calls of a sandbox.
///
/// The life of calls follows it, and so does the `Date` of responses. Rate limits, callback timeouts and
/// the request log go by the wall clock, as the client at the other end does.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Clock {
    /// Nothing takes time: a leg that will be answered is answered before the response to the
    /// request is sent. Limits, such as `callTimeout`, are reached only when time is advanced.
    Instant,
    /// Time passes by itself, faster than the wall clock by this factor: 1 is real time.
    Running(f64),
    /// Time stands still until it is advanced.
    Stepped,
}

impl Clock {
    /// The greatest factor.
    pub(crate) const FASTEST: f64 = 100_000.0;

    /// The word in the admin interface: `instant`, `running` or `stepped`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Instant => "instant",
            Self::Running(_) => "running",
            Self::Stepped => "stepped",
        }
    }

    pub(crate) fn is_allowed(self) -> bool {
        match self {
            Self::Running(factor) => factor > 0.0 && factor <= Self::FASTEST,
            Self::Instant | Self::Stepped => true,
        }
    }
}

/// The clock of a sandbox, in UNIX milliseconds.
#[derive(Debug)]
pub(crate) struct Time {
    kind: Clock,
    /// The time when it was last set.
    base: i64,
    set: Instant,
    /// The latest time that was set: it never goes back.
    latest: i64,
    /// The time while a request is served, which takes no time.
    held: Option<i64>,
}

impl Time {
    pub(crate) fn new(kind: Clock) -> Self {
        let base = wall_ms();
        Self {
            kind,
            base,
            set: Instant::now(),
            latest: base,
            held: None,
        }
    }

    pub(crate) fn kind(&self) -> Clock {
        self.kind
    }

    /// Shows the same time until it is released.
    pub(crate) fn hold(&mut self) {
        self.held = Some(self.ms());
    }

    pub(crate) fn release(&mut self) {
        self.held = None;
    }

    /// Now, in UNIX milliseconds.
    pub(crate) fn ms(&self) -> i64 {
        if let Some(held) = self.held {
            return held.max(self.latest);
        }
        let passed = match self.kind {
            Clock::Stepped => 0,
            Clock::Instant => millis(self.set.elapsed().as_secs_f64() * 1000.0),
            Clock::Running(factor) => millis(self.set.elapsed().as_secs_f64() * 1000.0 * factor),
        };
        self.base.saturating_add(passed).max(self.latest)
    }

    pub(crate) fn now(&self) -> Timestamp {
        at(self.ms())
    }

    /// Changes how time passes from now on; the time itself does not change.
    pub(crate) fn change(&mut self, kind: Clock) {
        self.set_to(self.ms());
        self.kind = kind;
    }

    /// Continues from a later time; an earlier one changes nothing.
    pub(crate) fn set_to(&mut self, ms: i64) {
        self.base = ms.max(self.ms());
        self.latest = self.base;
        self.set = Instant::now();
    }

    /// How long a running clock takes to reach this time.
    pub(crate) fn until(&self, ms: i64) -> Option<std::time::Duration> {
        match self.kind {
            Clock::Running(factor) => {
                let left = u32::try_from((ms - self.ms()).max(0)).unwrap_or(u32::MAX);
                Some(std::time::Duration::from_secs_f64(
                    f64::from(left) / 1000.0 / factor,
                ))
            }
            Clock::Instant | Clock::Stepped => None,
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a float that is too large becomes the largest number"
)]
fn millis(ms: f64) -> i64 {
    ms as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stepped_clock_stands_still_and_never_goes_back() {
        let mut time = Time::new(Clock::Stepped);
        let begun = time.ms();
        assert_eq!(time.ms(), begun);
        time.set_to(begun + 1500);
        time.set_to(begun);
        assert_eq!(time.ms(), begun + 1500);
    }

    #[test]
    fn clock_that_changes_its_pace_shows_the_same_time() {
        let mut time = Time::new(Clock::Running(1000.0));
        std::thread::sleep(std::time::Duration::from_millis(2));
        let before = time.ms();
        time.change(Clock::Stepped);
        assert!(time.ms() >= before);
        let stopped = time.ms();
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert_eq!(time.ms(), stopped);
    }

    #[test]
    fn held_clock_continues_only_when_set() {
        let mut time = Time::new(Clock::Running(1000.0));
        time.hold();
        let held = time.ms();
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert_eq!(time.ms(), held);
        time.set_to(held + 5_000);
        assert_eq!(time.ms(), held + 5_000);
        time.release();
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(time.ms() > held + 5_000);
    }

    #[test]
    fn pace_is_a_number_above_zero() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(!Clock::Running(bad).is_allowed(), "{bad}");
        }
        assert!(Clock::Running(0.5).is_allowed());
    }
}
