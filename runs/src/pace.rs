//! How fast the rows of a run are sent: one schedule for all its workers. No I/O.
//!
//! The state is stored in the ledger and changed in the same transaction in which a worker takes
//! rows. With a rate, tokens lie evenly on a time line and are taken from it in small blocks.
//! Without one, few requests go out at first, and more with each that is accepted; the first rate
//! limit shows what the account allows, and from there on tokens lie evenly, too.

use std::time::Duration;

const SECOND: f64 = 1e6;
/// Tokens are taken up to this far ahead. If a worker dies, its rows that have tokens become unknown.
const AHEAD_US: i64 = 25_000;
/// Unused tokens of at most this time before now may still be taken.
const CREDIT_US: i64 = 50_000;
/// Time added to the wait that a limit names, so that the limit has cleared for sure.
const GUARD_US: i64 = 10_000;
/// Share by which the measured rate grows per second without a limit.
const GROWTH: f64 = 0.01;
/// Requests per second that are added to it per second, so that it recovers from a low rate.
const GROWTH_PER_SECOND: f64 = 0.05;
/// The lowest measured rate, in requests per second.
const LEAST_FOUND: f64 = 0.5;
/// If fewer than 1/10 of the earlier requests succeeded since the last limit, it is the same limit.
const SAME_LIMIT: i64 = 10;
/// Requests in progress at first, in all workers, while no limit is known.
const FIRST_IN_FLIGHT: i64 = 2;
/// Accepted requests after which one more may be in progress.
const ACCEPTED_PER_EXTRA_REQUEST: i64 = 48;
/// The period over which the platform counts new calls; its refusal does not name it.
const CALLS_WINDOW_US: i64 = 10_000_000;
/// The period begins when the first request arrives, which is later than it was sent.
const CALLS_GUARD_US: i64 = 100_000;
/// After a limit one request per this time is sent, until one is accepted.
const PROBE_US: i64 = 100_000;

/// The state that all workers share. Times are microseconds of the ledger's clock.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Pace {
    /// The rate that the limits showed, in requests per second; 0 if none was met.
    pub(crate) found: f64,
    /// When `found` changed last.
    pub(crate) found_us: i64,
    /// The next free token.
    pub(crate) next_us: i64,
    /// Nothing is sent before this time.
    pub(crate) held_us: i64,
    /// Since when `accepted` counts.
    pub(crate) since_us: i64,
    /// Requests that were accepted since then.
    pub(crate) accepted: i64,
    /// The same two for the time before the last limit.
    pub(crate) since_before_us: i64,
    pub(crate) accepted_before: i64,
    /// All accepted requests of the run.
    pub(crate) total: i64,
    /// The start of the machine that the times count from.
    pub(crate) boot: String,
}

/// Tokens for rows, in the order of the rows.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tokens {
    /// When each row may be sent.
    pub(crate) at_us: Vec<i64>,
    /// When the next token is free, if there were too few.
    pub(crate) next_us: Option<i64>,
}

impl Pace {
    /// The state as it is valid now: times of an earlier start of the machine are forgotten.
    pub(crate) fn of_boot(self, boot: &str) -> Self {
        if self.boot == boot {
            return self;
        }
        Self {
            found: self.found,
            total: self.total,
            boot: boot.to_owned(),
            ..Self::default()
        }
    }

    /// `number` more requests were accepted.
    pub(crate) fn accepted(&mut self, number: i64, now: i64) {
        self.total += number;
        if now >= self.held_us || self.since_before_us == 0 {
            self.accepted += number;
            return;
        }
        // They were in progress when the limit was met, perhaps by another worker.
        self.accepted_before += number;
        let seen = rate_of(self.accepted_before, self.since_us - self.since_before_us);
        self.found = self.found.max(seen);
    }

    /// The platform reported a rate limit, and when it clears. `of_calls`: it is the limit of new calls,
    /// whose time the platform doesn't report.
    pub(crate) fn limited(&mut self, clears: Duration, of_calls: bool, now: i64) {
        let clears = i64::try_from(clears.as_micros()).unwrap_or(i64::MAX / 4);
        let mut until = now.saturating_add(clears).saturating_add(GUARD_US);
        // Hardly any request was accepted since the last limit: it had not cleared yet.
        let is_same = self.accepted * SAME_LIMIT < self.accepted_before;
        if of_calls && !is_same && self.since_us > 0 {
            until = until.max(self.since_us + CALLS_WINDOW_US + CALLS_GUARD_US);
        }
        let is_new = self.held_us <= now;
        self.held_us = self.held_us.max(until);
        self.next_us = self.next_us.max(until);
        if !is_new {
            return; // a response to a request from before the hold says nothing new
        }
        let mut begun = match self.since_us {
            0 => now,
            since => since,
        };
        let mut number = self.accepted;
        if is_same {
            begun = self.since_before_us;
            number += self.accepted_before;
        }
        let seen = rate_of(number, until - begun);
        self.found = match self.found {
            0.0 => seen,
            found if is_same => seen.min(found),
            // Someone else may use the account: a single limit halves the rate at most.
            found => seen.clamp(found / 2.0, found),
        };
        self.found = self.found.max(LEAST_FOUND);
        self.found_us = until;
        self.since_before_us = begun;
        self.accepted_before = number;
        self.since_us = until;
        self.accepted = 0;
    }

    /// Tokens for up to `want` rows that could be sent now.
    pub(crate) fn take(&mut self, want: usize, given: Option<f64>, now: i64) -> Tokens {
        if now < self.held_us {
            let next_us = Some(self.held_us);
            return Tokens {
                next_us,
                ..Tokens::default()
            };
        }
        if want > 0 && self.since_us == 0 {
            self.since_us = now;
        }
        let Some(rate) = self.rate(given, now) else {
            return Tokens {
                at_us: vec![now; want],
                next_us: None,
            };
        };
        #[allow(clippy::cast_possible_truncation, reason = "at most 1,000 s")]
        let gap = ((SECOND / rate) as i64).max(1);
        // One request finds out whether the limit has cleared, not as many as there are tokens.
        let is_probe = self.found > 0.0 && self.accepted == 0;
        let (want, gap) = match is_probe {
            true => (want.min(1), gap.max(PROBE_US)),
            false => (want, gap),
        };
        let mut tokens = Tokens::default();
        let mut next = self.next_us.max(now - CREDIT_US);
        while next <= now + AHEAD_US && tokens.at_us.len() < want {
            tokens.at_us.push(next);
            next += gap;
        }
        if !tokens.at_us.is_empty() {
            self.next_us = next;
        }
        tokens.next_us = (is_probe || tokens.at_us.len() < want).then_some(next);
        tokens
    }

    /// How many requests each of `workers` may have in progress while no limit is known.
    pub(crate) fn in_flight(&self, given: Option<f64>, workers: i64) -> usize {
        if given.is_some() || self.found > 0.0 {
            return usize::MAX;
        }
        let all = FIRST_IN_FLIGHT + self.total / ACCEPTED_PER_EXTRA_REQUEST;
        usize::try_from((all / workers.max(1)).max(1)).unwrap_or(1)
    }

    /// Requests per second that are allowed now; `None` without a limit.
    pub(crate) fn rate(&mut self, given: Option<f64>, now: i64) -> Option<f64> {
        if self.found > 0.0 {
            #[allow(clippy::cast_precision_loss, reason = "times are small")]
            let quiet = (now - self.found_us).max(0) as f64 / SECOND;
            // In whole seconds, so that the state doesn't change with each transaction.
            if quiet >= 1.0 {
                let quiet = quiet.min(60.0);
                self.found = self.found * (1.0 + GROWTH).powf(quiet) + GROWTH_PER_SECOND * quiet;
                self.found_us = now;
            }
        }
        match (given, self.found > 0.0) {
            (Some(given), true) => Some(given.min(self.found)),
            (Some(given), false) => Some(given),
            (None, true) => Some(self.found),
            (None, false) => None,
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts and times are small")]
fn rate_of(number: i64, span_us: i64) -> f64 {
    number.max(1) as f64 * SECOND / span_us.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000;
    const START: i64 = 50 * S;

    /// Takes tokens as a worker does for `seconds`, and counts them.
    fn drain(pace: &mut Pace, rate: Option<f64>, from: i64, seconds: i64) -> Vec<i64> {
        let mut sent = Vec::new();
        let mut now = from;
        while now < from + seconds * S {
            sent.extend(pace.take(1000, rate, now).at_us);
            now += 20_000;
        }
        sent
    }

    #[test]
    fn tokens_lie_evenly_and_not_beyond_the_rate() {
        let mut pace = Pace::default();
        let sent = drain(&mut pace, Some(20.0), START, 10);
        assert!((200..=203).contains(&sent.len()), "{}", sent.len());
        assert!(sent.windows(2).all(|two| two[1] - two[0] == S / 20));
    }

    #[test]
    fn unused_time_is_hardly_saved_up() {
        let mut pace = Pace::default();
        pace.take(1, Some(20.0), START);
        let tokens = pace.take(1000, Some(20.0), START + 60 * S);
        assert!(tokens.at_us.len() <= 4, "{tokens:?}");
    }

    #[test]
    fn limit_holds_all_and_shows_the_rate() {
        let mut pace = Pace::default();
        assert_eq!(pace.take(20, None, START).at_us.len(), 20);
        pace.accepted(20, START);
        pace.limited(Duration::from_millis(700), false, START + 300_000);
        let held = pace.take(20, None, START + 400_000);
        assert_eq!((held.at_us.len(), held.next_us), (0, Some(pace.held_us)));
        assert!((19.0..21.0).contains(&pace.found), "{}", pace.found);
        // A second response from before the hold changes nothing.
        let before = pace.clone();
        pace.limited(Duration::from_millis(100), false, START + 310_000);
        assert_eq!(pace, before);
        let cleared = pace.held_us;
        assert_eq!(pace.take(20, None, cleared).at_us.len(), 1);
        pace.accepted(1, cleared);
        let sent = drain(&mut pace, None, cleared, 10);
        assert!((195..=212).contains(&sent.len()), "{}", sent.len());
    }

    #[test]
    fn limit_that_had_not_cleared_counts_with_the_one_before() {
        let mut pace = Pace::default();
        pace.take(200, None, START);
        pace.accepted(200, START);
        let mut now = START + S;
        // The platform names no time, so that each hold is a second.
        while now < START + 10 * S {
            pace.limited(Duration::from_secs(1), false, now);
            now = pace.held_us;
        }
        assert!((17.0..21.0).contains(&pace.found), "{}", pace.found);
    }

    #[test]
    fn limit_of_calls_clears_after_ten_seconds() {
        let mut pace = Pace::default();
        pace.take(200, None, START);
        pace.accepted(195, START + S);
        pace.limited(Duration::from_secs(1), true, START + S);
        assert_eq!(pace.held_us, START + CALLS_WINDOW_US + CALLS_GUARD_US);
        // Of another worker, which had not reported them.
        pace.accepted(5, START + S + 1);
        assert!((19.7..20.1).contains(&pace.found), "{}", pace.found);
    }

    #[test]
    fn found_rate_is_never_above_the_given_one() {
        let mut pace = Pace::default();
        pace.take(1, Some(5.0), START);
        pace.accepted(100, START);
        pace.limited(Duration::from_secs(1), false, START);
        assert_eq!(pace.rate(Some(5.0), START + S), Some(5.0));
    }

    #[test]
    fn few_requests_are_in_progress_until_many_were_accepted() {
        let mut pace = Pace::default();
        assert_eq!(pace.in_flight(None, 1), 2);
        assert_eq!(pace.in_flight(None, 8), 1);
        pace.accepted(480, START);
        assert_eq!(pace.in_flight(None, 1), 12);
        assert_eq!(pace.in_flight(Some(1.0), 1), usize::MAX);
    }

    #[test]
    fn times_of_an_earlier_start_are_forgotten() {
        let pace = Pace {
            held_us: i64::MAX,
            found: 20.0,
            boot: "a".to_owned(),
            ..Pace::default()
        };
        let pace = pace.of_boot("b");
        assert_eq!((pace.held_us, pace.found), (0, 20.0));
    }
}
