//! When a call can have begun that a transfer made: times of the platform's own clock.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::clock::since_boot;
use crate::error::{ClockReading, SentTimes, SentTransfer};

/// By how much two clocks of the platform may differ: the one that writes `Date`, and the one that
/// writes when calls begin.
pub(super) const MARGIN: Duration = Duration::from_secs(2);
/// `Date` is cut to the second.
const SECOND: i64 = 1000;

/// Milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) from: i64,
    pub(super) to: i64,
}

/// Where a time lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum When {
    Before,
    Within,
    After,
}

impl Window {
    /// `None` where that can't be known: the platform does not say its time, or clocks contradict each
    /// other. `now` is what the check itself has read.
    pub(super) fn of(sent: &SentTransfer, now: Option<ClockReading>) -> Option<Self> {
        let (now, times) = (now?, sent.times?);
        let began = Bounds::of(now, times.began);
        let ended = Bounds::of(now, times.ended);
        // Both clocks are good to a ten-thousandth.
        let age = now.received.saturating_sub(times.began);
        let margin = ms(MARGIN + age / 10_000);
        let (mut from, mut to) = (began.from, ended.to);
        match sent.seen {
            Some(then) => {
                let then_began = Bounds::of(then, times.began);
                if began.from > then_began.to + margin || then_began.from > began.to + margin {
                    return None;
                }
                from = from.max(then_began.from);
                to = to.min(Bounds::of(then, times.ended).to);
            }
            None if is_contradicted(sent, times) => return None,
            None => {}
        }
        Some(Self {
            from: from - margin,
            to: to.max(from) + margin,
        })
    }

    pub(super) fn place(&self, time: Timestamp) -> When {
        match time.as_millisecond() {
            time if time < self.from => When::Before,
            time if time > self.to => When::After,
            _ => When::Within,
        }
    }
}

/// What the platform's clock showed at a moment of this machine, at least and at most.
struct Bounds {
    from: i64,
    to: i64,
}

impl Bounds {
    fn of(reading: ClockReading, moment: Duration) -> Self {
        let (date, moment) = (ms(reading.date), ms(moment));
        Self {
            from: date + moment - ms(reading.received),
            to: date + SECOND + moment - ms(reading.sent),
        }
    }
}

/// Whether this machine's two clocks differ: the wall clock was set, or the machine was suspended and the
/// other clock did not count that. Used if there is no earlier reading of the platform's clock.
fn is_contradicted(sent: &SentTransfer, times: SentTimes) -> bool {
    let Some(ended) = sent.ended_wall else {
        return false;
    };
    let by_boot = ms(since_boot().saturating_sub(times.ended));
    let by_wall = match SystemTime::now().duration_since(ended) {
        Ok(passed) => ms(passed),
        Err(back) => -ms(back.duration()),
    };
    (by_wall - by_boot).abs() > ms(MARGIN)
}

pub(super) fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOT: Duration = Duration::from_secs(1_000);

    fn sent(seen: Option<ClockReading>) -> SentTransfer {
        SentTransfer {
            call_id: "c-1".to_owned(),
            targets: Box::default(),
            caller_id: None,
            times: Some(SentTimes {
                began: BOOT,
                ended: BOOT + Duration::from_secs(1),
            }),
            ended_wall: None,
            number: 0,
            others: std::sync::Arc::default(),
            seen,
        }
    }

    /// The platform's clock shows `date` seconds, so many seconds after the beginning.
    fn reading(date: u64, after: i64) -> ClockReading {
        let at = BOOT.as_millis() as i64 + after * 1000;
        let at = Duration::from_millis(at as u64);
        ClockReading {
            date: Duration::from_secs(date),
            sent: at,
            received: at,
        }
    }

    #[test]
    fn window_is_by_the_platforms_clock() {
        let window = Window::of(&sent(None), Some(reading(5_010, 10)));
        let expected = Window {
            from: 4_998_000 - 1,
            to: 5_004_000 + 1,
        };
        assert_eq!(window, Some(expected));
    }

    #[test]
    fn earlier_reading_makes_the_window_no_wider() {
        let seen = Some(reading(4_999, -1));
        let window = Window::of(&sent(seen), Some(reading(5_010, 10)));
        assert!(window.is_some_and(|window| window.from >= 4_997_999 && window.to <= 5_004_001));
    }

    #[test]
    fn platforms_clock_that_jumped_gives_no_window() {
        for jumped in [5_010 + 3_600, 5_010 - 3_600] {
            let seen = Some(reading(4_999, -1));
            assert_eq!(Window::of(&sent(seen), Some(reading(jumped, 10))), None);
        }
        assert_eq!(Window::of(&sent(None), None), None);
    }

    #[test]
    fn wall_clock_that_was_set_gives_no_window_without_an_earlier_reading() {
        let now = since_boot();
        let mut sent = sent(None);
        sent.times = Some(SentTimes {
            began: now,
            ended: now,
        });
        let reading = ClockReading {
            date: Duration::from_secs(5_000),
            sent: now,
            received: now,
        };
        sent.ended_wall = Some(SystemTime::now());
        assert!(Window::of(&sent, Some(reading)).is_some());
        for set in [Duration::from_secs(3_600), Duration::from_secs(60)] {
            sent.ended_wall = SystemTime::now().checked_sub(set);
            assert_eq!(Window::of(&sent, Some(reading)), None);
            sent.ended_wall = SystemTime::now().checked_add(set);
            assert_eq!(Window::of(&sent, Some(reading)), None);
        }
        sent.seen = Some(reading);
        assert!(Window::of(&sent, Some(reading)).is_some());
    }
}
