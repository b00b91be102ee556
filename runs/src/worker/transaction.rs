//! A worker's transaction, and what the worker does with its result.

use std::time::Duration;

use super::{EndedRow, Ending, IDLE, Observed, Worker};
use crate::attempt::AttemptResult;
use crate::clock;
use crate::error::{Error, ErrorKind};
use crate::ledger::{TransactionResult, WorkerTransaction};
use crate::pace::Pace;
use crate::settings;

/// Rows are looked for this long before a token is free.
const EARLY_US: i64 = 10_000;
/// Rows taken in advance, at most, as a multiple of the concurrency. After a crash they are unknown, too.
const MOST_AHEAD: usize = 4;

impl Observed {
    fn apply(self, pace: &mut Pace, now: i64) {
        pace.accepted(self.accepted, now);
        if let Some(until) = self.limited_until_us {
            let clears = u64::try_from(until - clock::machine_us()).unwrap_or_default();
            pace.limited(Duration::from_micros(clears), self.is_limit_of_calls, now);
        }
    }
}

impl Worker<'_> {
    /// One transaction: writes results, renews the lease, and takes the next rows. Returns whether all is
    /// done.
    pub(super) fn transact(&mut self) -> Result<bool, Error> {
        let asked = clock::machine_us();
        let lease = (asked >= self.renew_us).then_some(self.settings.lease);
        let housekeeping = asked >= self.housekeeping_us;
        // As many as end while the disk is written; with a slow platform hardly any. Forgotten slowly:
        // a disk that stalled once does so again.
        self.ahead = (self.ahead * 15 / 16)
            .max(self.ended.len())
            .min(self.concurrency * MOST_AHEAD);
        let ended: Vec<_> = self
            .ended
            .iter()
            .map(|(attempt, _)| attempt.clone())
            .collect();
        let (rate, workers, busy) = (
            self.settings.rate,
            self.workers,
            self.in_flight.len() + self.waiting.len(),
        );
        let (observed, ahead) = (self.observed, self.ahead);
        let (mut next_us, mut allowed) = (None, self.allowed);
        let mut rule = |pace: &mut Pace, planned: usize, now: i64| {
            observed.apply(pace, now);
            allowed = pace.in_flight(rate, workers);
            // Those ahead are not in progress: a limit that is met puts them back.
            let room = allowed.saturating_add(ahead).saturating_sub(busy);
            let tokens = pace.take(planned.min(room), rate, now);
            next_us = tokens.next_us;
            tokens.at_us
        };
        let given = WorkerTransaction {
            worker: self.id,
            lease,
            ended: &ended,
            want: self.free(),
            deadline_ms: self.settings.deadline_ms,
            housekeeping,
        };
        let ledger = self.ledger.as_mut();
        let missing = || Error::new(ErrorKind::Unreachable, "run: the ledger is not open");
        let result = ledger.ok_or_else(missing)?.transact(&given, &mut rule)?;
        self.allowed = allowed;
        self.observed = Observed::default();
        self.report();
        if result.lease_lost {
            // Rows in progress may be `unknown` by now; their results correct that.
            self.put_back_waiting();
            self.register()?;
        } else if lease.is_some() {
            self.leased(asked);
        }
        self.after(result, housekeeping, next_us)
    }

    fn after(
        &mut self,
        result: TransactionResult,
        housekeeping: bool,
        next_us: Option<i64>,
    ) -> Result<bool, Error> {
        let offset = result.local_us - result.now_us;
        let (took, now) = (result.taken.len(), clock::machine_us());
        if let Some(workers) = result.workers {
            self.workers = workers.max(1);
        }
        for taken in result.taken {
            self.waiting.push_back((taken.at_us + offset, taken));
        }
        if housekeeping {
            let every = (self.settings.lease / 4).min(Duration::from_secs(1));
            self.housekeeping_us = now + clock::micros(every);
            let settings = self.ledger()?.settings();
            if settings.is_ok_and(|all| settings::is_stopped(&all)) && self.ending.is_none() {
                self.end(Ending::Stopped);
            }
        }
        if result.is_past_deadline && result.planned && self.ending.is_none() {
            let message = "the run's deadline passed before the row was sent";
            self.ledger()?.end_planned(message)?;
        }
        let is_mine = !self.in_flight.is_empty() || !self.waiting.is_empty();
        let is_idle = !is_mine && self.ended.is_empty();
        if self.ending.is_some() {
            return Ok(is_idle);
        }
        let nothing_left = !result.planned || result.is_past_deadline;
        if is_idle && nothing_left && !result.sending {
            return Ok(true);
        }
        self.look_us = match (next_us, took) {
            // A little early, so that no token's time passes unused.
            (Some(next), _) => next + offset - EARLY_US,
            (None, 0) => now + clock::micros(IDLE),
            (None, _) => 0,
        };
        if took == 0 {
            self.look_us = self.look_us.max(now + 10_000);
        }
        Ok(false)
    }

    /// Reports results that are on disk now.
    fn report(&mut self) {
        for (attempt, call_id) in std::mem::take(&mut self.ended) {
            let AttemptResult {
                state,
                kind,
                message,
                new_call_id,
                ..
            } = attempt.result;
            if state.is_final() {
                (self.each)(&EndedRow {
                    number: attempt.row,
                    call_id,
                    state,
                    error_kind: kind,
                    message,
                    new_call_id,
                });
            }
        }
    }
}
