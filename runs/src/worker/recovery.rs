//! What a worker does when its ledger fails.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Worker;
use crate::error::{Error, Unwritten};
use crate::ledger::{self, EndedAttempt};
use crate::ledger_wait::LedgerWait;

impl Worker<'_> {
    /// The ledger failed: nothing is sent until it is reachable and the lease is renewed. Results that
    /// come meanwhile are kept.
    pub(super) fn recover(&mut self, first: Error) -> Result<(), Error> {
        self.lease.close();
        let mut waiting = LedgerWait::new();
        let mut error = first;
        loop {
            let is_over = waiting.is_over(&error) || self.stop.load(Ordering::Acquire);
            if is_over && self.in_flight.is_empty() {
                // One more try, for results that came since.
                return self.reopen().map_err(|_| self.give_up(error));
            }
            self.collect(waiting.next_pause());
            if !is_over {
                match self.reopen() {
                    Ok(()) => return Ok(()),
                    Err(again) => error = again,
                }
            }
        }
    }

    /// Takes results that come within this time.
    fn collect(&mut self, time: Duration) {
        let begin = Instant::now();
        while let Some(left) = time.checked_sub(begin.elapsed()) {
            match self.receiver.recv_timeout(left) {
                Ok((row, result)) => self.completed(row, result),
                Err(_) => break,
            }
        }
    }

    /// Opens the ledger again, and writes what is known.
    fn reopen(&mut self) -> Result<(), Error> {
        self.put_back_waiting();
        self.ledger = None;
        let mut ledger = ledger::open(self.place, false)?;
        let ended = self.ended.iter();
        let ended = ended.map(|(attempt, _)| (attempt.row, attempt.attempt));
        let in_flight = self.in_flight.iter();
        let in_flight = in_flight.map(|(row, in_flight)| (*row, in_flight.attempt));
        let known = in_flight.chain(ended).collect();
        ledger.release(self.id, &known)?;
        self.ledger = Some(ledger);
        // This writes the results, and renews the lease or takes a new one.
        self.renew_us = 0;
        self.transact().map(drop)
    }

    fn give_up(&self, error: Error) -> Error {
        let unwritten = |(attempt, call_id): &(EndedAttempt, String)| {
            attempt.result.state.is_final().then(|| Unwritten {
                call_id: call_id.clone(),
                state: attempt.result.state,
                new_call_id: attempt.result.new_call_id.clone(),
            })
        };
        error.with_unwritten(self.ended.iter().filter_map(unwritten).collect())
    }
}
