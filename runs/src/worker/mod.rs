//! One worker: takes rows, sends them, and records their outcomes.
//!
//! Everything happens on one thread; requests run on the threads of the background client, and end
//! in a channel. The results that have come and the rows that are taken next go to disk in one
//! transaction: the slower the disk, the more rows a transaction has.

mod recovery;
mod request_queue;
mod transaction;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use calltransfer::{Request, Transferred, background};

use crate::attempt::{self, AttemptResult, EarlierAttempts, Signal};
use crate::backoff::Backoff;
use crate::clock;
use crate::error::{Error, ErrorKind};
use crate::lease::Lease;
use crate::ledger::{self, EndedAttempt, Ledger, TakenRow};
use crate::place::Place;
use crate::settings::Settings;
use request_queue::{Done, ReadyRequest, RequestQueue};

/// The longest wait, after which a stop is noticed.
const LONGEST_WAIT: Duration = Duration::from_millis(50);
/// How often rows are looked for if there are none to take.
const IDLE: Duration = Duration::from_millis(100);
/// How long further results are waited for, so that they share a transaction.
const LINGER: Duration = Duration::from_millis(2);

/// A row whose end is on disk.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EndedRow {
    /// Its number in the run.
    pub number: i64,
    /// The call.
    pub call_id: String,
    /// Where the row is now: a final state.
    pub state: crate::State,
    /// The kind of the error, as `rate_limited`.
    pub error_kind: Option<&'static str>,
    /// The message of the error, without numbers.
    pub message: Option<String>,
    /// The new call, if the platform named it.
    pub new_call_id: Option<String>,
}

pub(crate) struct Worker<'r> {
    place: &'r Place,
    settings: &'r Settings,
    queue: Arc<RequestQueue>,
    concurrency: usize,
    /// How many requests the pace allows while no limit of the account is known.
    allowed: usize,
    /// Rows that are taken in advance, so that there is a next one while the disk is written.
    ahead: usize,
    name: String,
    stop: Arc<AtomicBool>,
    each: &'r mut dyn FnMut(&EndedRow),

    ledger: Option<Box<dyn Ledger>>,
    id: i64,
    lease: Lease,
    receiver: Receiver<Done>,
    /// Rows whose requests are in progress or ready, by number.
    in_flight: HashMap<i64, InFlight>,
    /// Rows that were taken and may not be sent yet, each with the local time of its token.
    waiting: VecDeque<(i64, TakenRow)>,
    /// Attempts that have ended and are not known to be on disk, with their calls.
    ended: Vec<(EndedAttempt, String)>,
    observed: Observed,
    backoff: Backoff,
    workers: i64,
    renew_us: i64,
    housekeeping_us: i64,
    /// When rows are looked for next.
    look_us: i64,
    /// Why the work ends, once no request is in progress.
    ending: Option<Ending>,
}

struct InFlight {
    attempt: i64,
    tries: i64,
    earlier: EarlierAttempts,
    call_id: String,
}

/// What responses showed about the platform's limits since the last transaction.
#[derive(Debug, Clone, Copy, Default)]
struct Observed {
    accepted: i64,
    /// When a limit clears, by the local clock.
    limited_until_us: Option<i64>,
    is_limit_of_calls: bool,
}

enum Ending {
    Stopped,
    Failed(Error),
}

impl<'r> Worker<'r> {
    pub(crate) fn new(
        place: &'r Place,
        settings: &'r Settings,
        client: background::Client,
        concurrency: usize,
        name: String,
        stop: Arc<AtomicBool>,
        each: &'r mut dyn FnMut(&EndedRow),
    ) -> Self {
        let (sender, receiver) = channel();
        Self {
            place,
            settings,
            queue: RequestQueue::new(client, sender),
            concurrency,
            allowed: 1,
            ahead: 0,
            name,
            stop,
            each,
            ledger: None,
            id: 0,
            lease: Lease::default(),
            receiver,
            in_flight: HashMap::new(),
            waiting: VecDeque::new(),
            ended: Vec::new(),
            observed: Observed::default(),
            backoff: Backoff::default(),
            workers: 1,
            renew_us: 0,
            housekeeping_us: 0,
            look_us: 0,
            ending: None,
        }
    }

    /// Works until no row is left to send, or until it is stopped.
    pub(crate) fn run(mut self) -> Result<(), Error> {
        if let Err(error) = self.begin() {
            self.recover(error)?;
        }
        loop {
            if self.stop.load(Ordering::Acquire) && self.ending.is_none() {
                self.end(Ending::Stopped);
            }
            if self
                .ledger
                .as_ref()
                .is_none_or(|ledger| !ledger.is_connected())
            {
                let message = format!("run: the connection to {} was lost", self.place);
                self.recover(Error::new(ErrorKind::Unreachable, message))?;
            }
            self.begin_due_rows();
            if self.is_transaction_due() {
                match self.transact() {
                    Ok(true) => break,
                    Ok(false) => {}
                    Err(error) => self.recover(error)?,
                }
            }
            self.wait();
        }
        self.unregister();
        match self.ending.take() {
            Some(Ending::Failed(error)) => Err(error),
            _ => Ok(()),
        }
    }

    fn begin(&mut self) -> Result<(), Error> {
        self.ledger = Some(ledger::open(self.place, false)?);
        self.register()
    }

    fn ledger(&mut self) -> Result<&mut Box<dyn Ledger>, Error> {
        let missing = || Error::new(ErrorKind::Unreachable, "run: the ledger is not open");
        self.ledger.as_mut().ok_or_else(missing)
    }

    fn register(&mut self) -> Result<(), Error> {
        let lease = self.settings.lease;
        // Requests of an earlier lease, whose rows may be `unknown` by now, are never permitted again.
        self.lease.close();
        self.lease = Lease::default();
        let asked = clock::machine_us();
        let name = self.name.clone();
        self.id = self.ledger()?.register(&name, lease)?;
        self.leased(asked);
        Ok(())
    }

    fn leased(&mut self, asked: i64) {
        self.renew_us = asked + clock::micros(self.settings.lease / 3);
        if self.ending.is_none() {
            self.lease.renewed(asked, self.settings.lease);
        }
    }

    /// Begins no more rows; those in progress end.
    fn end(&mut self, ending: Ending) {
        self.lease.close();
        self.ending.get_or_insert(ending);
        self.put_back_waiting();
    }

    fn put_back_waiting(&mut self) {
        for row in self.queue.take_back() {
            if let Some(in_flight) = self.in_flight.remove(&row) {
                self.push_ended(row, in_flight, attempt::not_begun());
            }
        }
        for (_, taken) in std::mem::take(&mut self.waiting) {
            let ended = EndedAttempt {
                row: taken.row,
                attempt: taken.attempt,
                result: attempt::not_begun(),
            };
            self.ended.push((ended, taken.request.call_id));
        }
    }

    /// Most requests that may be in progress.
    fn limit(&self) -> usize {
        match self.backoff.is_active() {
            true => 1,
            false => self.concurrency.min(self.allowed),
        }
    }

    /// How many rows may be taken.
    fn free(&self) -> usize {
        if self.ending.is_some() || self.backoff.is_waiting() {
            return 0;
        }
        let allowed = match self.backoff.is_active() {
            true => 1,
            false => self.concurrency + self.ahead,
        };
        allowed.saturating_sub(self.in_flight.len() + self.waiting.len())
    }

    fn is_transaction_due(&self) -> bool {
        let now = clock::machine_us();
        !self.ended.is_empty()
            || now >= self.renew_us
            || self.observed.limited_until_us.is_some()
            || (now >= self.look_us && (self.free() > 0 || self.ending.is_some()))
    }

    fn begin_due_rows(&mut self) {
        let now = clock::machine_us();
        while self.waiting.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, taken)) = self.waiting.pop_front() {
                self.ready(taken);
            }
        }
        self.queue.begin(self.limit());
    }

    /// The row is `sending` on disk.
    fn ready(&mut self, taken: TakenRow) {
        let row = taken.row;
        let in_flight = InFlight {
            attempt: taken.attempt,
            tries: taken.tries,
            earlier: taken.earlier,
            call_id: taken.request.call_id.clone(),
        };
        let config = self.queue.client().config();
        match Request::transfer(config, taken.request.transfer()) {
            Ok(request) => {
                self.in_flight.insert(row, in_flight);
                let permit = self.lease.permit();
                self.queue.add(ReadyRequest {
                    row,
                    request,
                    permit,
                });
            }
            Err(error) => self.push_ended(row, in_flight, attempt::invalid(&error)),
        }
    }

    fn completed(&mut self, row: i64, result: Result<Transferred, calltransfer::Error>) {
        let Some(in_flight) = self.in_flight.remove(&row) else {
            return;
        };
        let message = result.as_ref().err().map(ToString::to_string);
        let max_tries = match self.settings.deadline_ms {
            Some(_) => i64::MAX,
            None => self.settings.max_attempts,
        };
        let (ended, signal) = attempt::classify(result, in_flight.tries, max_tries);
        match signal {
            Signal::Accepted => {
                self.observed.accepted += 1;
                self.backoff.reset();
            }
            Signal::Limited { clears, of_calls } => {
                self.observed.is_limit_of_calls |= of_calls;
                let until = clock::machine_us().saturating_add(clock::micros(clears));
                self.observed.limited_until_us = self.observed.limited_until_us.max(Some(until));
                self.put_back_waiting();
            }
            Signal::Unreachable => {
                self.backoff.failed();
                self.put_back_waiting();
            }
            Signal::Account => {
                let message = message.unwrap_or_default();
                let error = Error::new(ErrorKind::Account, format!("account: {message}"));
                self.end(Ending::Failed(error));
            }
            Signal::None => {}
        }
        self.push_ended(row, in_flight, ended);
    }

    fn push_ended(&mut self, row: i64, in_flight: InFlight, result: AttemptResult) {
        let ended = EndedAttempt {
            row,
            attempt: in_flight.attempt,
            result: AttemptResult {
                state: in_flight.earlier.with_last(result.state),
                ..result
            },
        };
        self.ended.push((ended, in_flight.call_id));
    }

    /// Waits for results, but not longer than until the next transaction or row is due.
    fn wait(&mut self) {
        let now = clock::machine_us();
        let mut until = now + clock::micros(LONGEST_WAIT);
        until = until.min(self.renew_us);
        if let Some((at, _)) = self.waiting.front() {
            until = until.min(*at);
        }
        if self.free() > 0 || self.ending.is_some() {
            until = until.min(self.look_us);
        }
        if !self.ended.is_empty() {
            until = now;
        }
        let wait = u64::try_from(until - now).unwrap_or_default();
        match self.receiver.recv_timeout(Duration::from_micros(wait)) {
            Ok((row, result)) => self.completed(row, result),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
        // Results that come at the same time share a transaction.
        let begin = Instant::now();
        while self.ended.len() < (self.concurrency + self.ahead) / 2 && !self.in_flight.is_empty() {
            let Some(left) = LINGER.checked_sub(begin.elapsed()) else {
                break;
            };
            match self.receiver.recv_timeout(left) {
                Ok((row, result)) => self.completed(row, result),
                Err(_) => break,
            }
        }
        while let Ok((row, result)) = self.receiver.try_recv() {
            self.completed(row, result);
        }
    }

    /// Gives up the lease. None of its rows is `sending`, so an error is ignored: the lease expires.
    fn unregister(&mut self) {
        let id = self.id;
        if let Some(ledger) = &mut self.ledger {
            let _ = ledger.unregister(id);
        }
    }
}

impl Drop for Worker<'_> {
    /// Also if the program's own function panicked: without a worker no row is begun.
    fn drop(&mut self) {
        self.lease.close();
        self.queue.take_back();
    }
}
